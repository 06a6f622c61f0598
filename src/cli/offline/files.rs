//! Manifests as the API server would hold them: read from files, refused for what it would refuse, and put into the
//! operator's own cache.

use super::error::FileError;
use super::object::{as_stored, content, held, strict, unprintable};
use super::schema;
use super::yaml::{self, Document};
use crate::api;
use crate::cluster::lenient::Lenient;
use crate::cluster::slim;
use crate::cluster::world::{Kept, World};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// A manifest file holds at most this many bytes: an API server takes objects up to 3 MiB.
pub(super) const MAX_FILE: u64 = 64 << 20;
/// A folder holds at most this many manifests.
pub(super) const MAX_FILES: usize = 1000;
/// Longest name of an object, in bytes.
pub(super) const MAX_NAME: usize = 253;
const DEFAULT_NAMESPACE: &str = "default";

/// A release, and the file it stands in.
#[derive(Debug, Clone)]
pub struct Found {
    pub namespace: String,
    pub name: String,
    pub file: String,
}

/// What the files hold.
pub struct Files {
    pub world: World,
    /// Every ModelRelease, in the order of the files.
    pub releases: Vec<Found>,
    pub policies: Vec<api::GovernancePolicy>,
    /// Content of ConfigMaps by namespace, name and key.
    pub content: BTreeMap<(String, String, String), Vec<u8>>,
    /// Kind and name of what plays no part in a verdict.
    pub passed_over: Vec<String>,
    /// Namespaces that were supposed.
    pub(super) supposed: BTreeSet<String>,
    namespace: String,
    /// Group, kind, namespace and name.
    seen: BTreeSet<[String; 4]>,
}

impl Files {
    /// Reads files and folders, `-` for the standard input. Objects without a namespace are in `namespace`.
    pub fn read(paths: &[PathBuf], namespace: Option<&str>) -> Result<Self, FileError> {
        let mut files = Self {
            world: World::new(|_, _| {}),
            releases: Vec::new(),
            policies: Vec::new(),
            content: BTreeMap::new(),
            passed_over: Vec::new(),
            namespace: namespace.unwrap_or(DEFAULT_NAMESPACE).to_owned(),
            supposed: BTreeSet::new(),
            seen: BTreeSet::new(),
        };
        for path in paths {
            if path.is_dir() {
                for path in manifests(path)? {
                    files.take_file(&path)?;
                }
            } else {
                files.take_file(path)?;
            }
        }
        Ok(files)
    }

    /// What was read and plays no part, in a sentence.
    pub fn note(&self) -> Option<String> {
        let first = self.passed_over.first()?;
        Some(format!("{} objects play no part in the verdict, such as {first}", self.passed_over.len()))
    }

    fn take_file(&mut self, path: &Path) -> Result<(), FileError> {
        let shown = path.display().to_string();
        let documents = yaml::documents(&text(path, &shown)?);
        let documents = documents.map_err(|why| FileError::NotManifest(shown.clone(), why))?;
        documents.into_iter().try_for_each(|Document(object)| self.take(&shown, object))
    }

    fn take(&mut self, file: &str, mut object: Value) -> Result<(), FileError> {
        let field = |object: &Value, pointer: &str| object.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let not_manifest = |why: &str| FileError::NotManifest(file.to_owned(), why.to_owned());
        let (version, kind) = field(&object, "/apiVersion").zip(field(&object, "/kind")).ok_or_else(|| {
            not_manifest("every document needs apiVersion and kind; give evidence with --evidence NAME=FILE")
        })?;
        if kind == "List" || kind.ends_with("List") && object.get("items").is_some() {
            let Some(Value::Array(items)) = object.get_mut("items").map(Value::take) else {
                return Err(not_manifest("a List needs items, as a list of objects"));
            };
            return items.into_iter().try_for_each(|item| self.take(file, item));
        }
        let generated = || Some(format!("{}{}", field(&object, "/metadata/generateName")?, self.seen.len()));
        let name = field(&object, "/metadata/name").or_else(generated);
        let name = name.ok_or_else(|| not_manifest("metadata.name is missing"))?;
        // An API server takes no other; what is told about the object is safe to show then.
        let plain = |text: &str| text.len() <= MAX_NAME && text.bytes().all(|byte| byte.is_ascii_graphic());
        let namespace = field(&object, "/metadata/namespace");
        if ![Some(&version), Some(&kind), Some(&name), namespace.as_ref()].into_iter().flatten().all(|text| plain(text))
        {
            return Err(not_manifest("apiVersion, kind, metadata.name or metadata.namespace is no name"));
        }
        let shown = format!("{kind} {name}");
        let cluster_wide = matches!(kind.as_str(), "GovernancePolicy" | "GateConfig" | "Namespace");
        let namespace = match cluster_wide {
            true => String::new(),
            false => namespace.unwrap_or_else(|| self.namespace.clone()),
        };
        let unfit = |problem: String| FileError::Unfit { file: file.to_owned(), object: shown.clone(), problem };
        if version.starts_with("modelgate.dev/")
            && let Some((place, c)) = unprintable(&object)
        {
            return Err(unfit(format!("{place} holds {c:?}, which a terminal or a log would not show as it is")));
        }
        as_stored(&mut object, &kind, &namespace, &name);
        let group = version.split_once('/').map_or("", |(group, _)| group).to_owned();
        if !self.seen.insert([group, kind.clone(), namespace.clone(), name.clone()]) {
            return Err(FileError::Twice { file: file.to_owned(), object: shown.clone() });
        }
        if version == "modelgate.dev/v1alpha1" {
            let problems = schema::problems(&kind, &mut object);
            if !problems.is_empty() {
                return Err(FileError::Refused { file: file.to_owned(), object: shown, problems });
            }
        }
        match (version.as_str(), kind.as_str()) {
            ("modelgate.dev/v1alpha1", "ModelRelease") => {
                let release: api::ModelRelease = strict(file, &shown, object)?;
                self.releases.push(Found { namespace, name, file: file.to_owned() });
                self.world.show(Lenient::Readable(release));
            }
            ("modelgate.dev/v1alpha1", "GovernancePolicy") => self.policies.push(strict(file, &shown, object)?),
            ("modelgate.dev/v1alpha1", "GateConfig") => {
                self.world.show(Lenient::<api::GateConfig>::Readable(strict(file, &shown, object)?));
            }
            ("modelgate.dev/v1alpha1", "AdmittedRevision") => {
                self.world.show(Lenient::<api::AdmittedRevision>::Readable(strict(file, &shown, object)?));
            }
            ("v1", "Namespace") => self.show::<slim::Namespace>(object).map_err(unfit)?,
            ("v1", "ConfigMap") => {
                for (key, bytes) in content(&object).map_err(&unfit)? {
                    self.content.insert((namespace.clone(), name.clone(), key), bytes);
                }
                self.show::<slim::ConfigMap>(object).map_err(unfit)?;
            }
            ("apps/v1", "Deployment") => self.show::<slim::Deployment>(held(object)).map_err(unfit)?,
            (version, _) if version.starts_with("modelgate.dev/") => match kind.as_str() {
                "GateRun" | "ReleaseApproval" | "ReleaseAction" => self.passed_over.push(shown),
                _ => {
                    return Err(unfit(format!(
                        "{version} has no such kind; write modelgate.dev/v1alpha1 and one of its kinds"
                    )));
                }
            },
            // It would count as absent, and something would be supposed for it.
            (version, "ModelRelease" | "GovernancePolicy" | "GateConfig" | "AdmittedRevision") => {
                return Err(unfit(format!("apiVersion is {version}: write modelgate.dev/v1alpha1")));
            }
            ("extensions/v1beta1" | "apps/v1beta1" | "apps/v1beta2", "Deployment") => {
                return Err(unfit(format!("apiVersion is {version}: write apps/v1")));
            }
            (_, _) => self.passed_over.push(shown),
        }
        Ok(())
    }

    pub(super) fn show<K: Kept + DeserializeOwned>(&mut self, object: Value) -> Result<(), String> {
        self.world.show(K::deserialize(object).map_err(|error| error.to_string())?);
        Ok(())
    }
}

fn manifests(folder: &Path) -> Result<Vec<PathBuf>, FileError> {
    let shown = folder.display().to_string();
    let unreadable = |error: std::io::Error| FileError::Unreadable(shown.clone(), error.to_string());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let is_manifest =
            path.extension().and_then(|e| e.to_str()).is_some_and(|e| matches!(e, "yaml" | "yml" | "json"));
        if is_manifest && path.is_file() {
            found.push(path);
        }
        if found.len() > MAX_FILES {
            return Err(FileError::TooManyManifests(shown));
        }
    }
    found.sort();
    if found.is_empty() { Err(FileError::NoManifest(shown)) } else { Ok(found) }
}

/// The text of a file, bounded.
pub fn text(path: &Path, shown: &str) -> Result<String, FileError> {
    let unreadable = |error: std::io::Error| FileError::Unreadable(shown.to_owned(), error.to_string());
    let mut text = String::new();
    let source: Box<dyn Read> = match shown {
        "-" => Box::new(std::io::stdin()),
        _ => Box::new(fs::File::open(path).map_err(unreadable)?),
    };
    source.take(MAX_FILE + 1).read_to_string(&mut text).map_err(unreadable)?;
    if text.len() as u64 > MAX_FILE { Err(FileError::TooLarge(shown.to_owned())) } else { Ok(text) }
}
