//! Manifests as the API server would hold them: read from files, checked for fields that do not exist,
//! and put into the operator's own cache.

use crate::api::{self, labels};
use crate::cluster::lenient::Lenient;
use crate::cluster::slim;
use crate::cluster::world::{Kept, World};
use crate::policy::finding::{clean, is_printable};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// A manifest file holds at most this many bytes: an API server takes objects up to 3 MiB.
const MAX_FILE: u64 = 64 << 20;
/// At most this many files of a folder are read.
const MAX_FILES: usize = 1000;
/// Longest name of an object, in bytes.
const MAX_NAME: usize = 253;
const DEFAULT_NAMESPACE: &str = "default";

#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("{0} cannot be read: {1}")]
    Unreadable(String, String),
    #[error("{0} has more than {MAX_FILE} bytes")]
    TooLarge(String),
    #[error("folder {0} holds no manifest (.yaml, .yml or .json), or more than {MAX_FILES}")]
    Folder(String),
    #[error("{0} is not a manifest: {1}")]
    NotManifest(String, String),
    #[error("{file}: {object}: there is no field {field}; kubectl explain shows the fields")]
    UnknownField { file: String, object: String, field: String },
    #[error("{file}: {object}: {problem}")]
    Unfit { file: String, object: String, problem: String },
    #[error("{file}: {object} is there twice")]
    Twice { file: String, object: String },
}

/// What the files hold.
pub struct Files {
    pub world: World,
    /// Namespace and name of every ModelRelease, in the order of the files.
    pub releases: Vec<(String, String)>,
    pub policies: Vec<api::GovernancePolicy>,
    /// Content of ConfigMaps by namespace, name and key.
    pub content: BTreeMap<(String, String, String), Vec<u8>>,
    /// Kind and name of what plays no part in a verdict.
    pub passed_over: Vec<String>,
    namespace: String,
    seen: BTreeSet<(String, String, String)>,
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

    fn take_file(&mut self, path: &Path) -> Result<(), FileError> {
        let shown = path.display().to_string();
        for object in documents(&shown, &text(path, &shown)?)? {
            self.take(&shown, object)?;
        }
        Ok(())
    }

    fn take(&mut self, file: &str, mut object: Value) -> Result<(), FileError> {
        let field = |object: &Value, pointer: &str| object.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let not_manifest = |why: &str| FileError::NotManifest(file.to_owned(), why.to_owned());
        let (version, kind) = field(&object, "/apiVersion").zip(field(&object, "/kind")).ok_or_else(|| {
            not_manifest("every document needs apiVersion and kind; give evidence with --evidence NAME=FILE")
        })?;
        if kind == "List" || kind.ends_with("List") && object.get("items").is_some() {
            let items = object.get_mut("items").map(Value::take);
            for item in items.as_ref().and_then(Value::as_array).into_iter().flatten() {
                self.take(file, item.clone())?;
            }
            return Ok(());
        }
        let name = field(&object, "/metadata/name").ok_or_else(|| not_manifest("metadata.name is missing"))?;
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
        let place = (kind.clone(), namespace.clone(), name.clone());
        if !self.seen.insert(place) {
            return Err(FileError::Twice { file: file.to_owned(), object: shown.clone() });
        }
        match (version.as_str(), kind.as_str()) {
            ("modelgate.dev/v1alpha1", "ModelRelease") => {
                let release: api::ModelRelease = strict(file, &shown, object)?;
                self.releases.push((namespace, name));
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
                _ => return Err(unfit(format!("{version} has no such kind"))),
            },
            (_, _) => self.passed_over.push(shown),
        }
        Ok(())
    }

    fn show<K: Kept + DeserializeOwned>(&mut self, object: Value) -> Result<(), String> {
        self.world.show(K::deserialize(object).map_err(|error| error.to_string())?);
        Ok(())
    }

    /// Makes what a verdict needs and the files do not say: a namespace that every policy selects, and a
    /// Deployment that names the release's model. What the files say stands.
    pub fn suppose(&mut self, namespace: &str, name: &str, labels: &BTreeMap<String, String>) -> Result<(), FileError> {
        let supposed = |problem: String| FileError::Unfit {
            file: "--namespace-label".to_owned(),
            object: format!("Namespace {namespace}"),
            problem,
        };
        if self.world.namespaces.named(namespace).is_none() {
            let mut all = BTreeMap::from([(labels::ENFORCEMENT.to_owned(), "enforce".to_owned())]);
            all.extend(labels.clone());
            let mut object = json!({"metadata": {"labels": all}});
            as_stored(&mut object, "Namespace", "", namespace);
            self.show::<slim::Namespace>(object).map_err(supposed)?;
            if labels.is_empty() {
                for policy in &mut self.policies {
                    policy.spec.match_.namespace_selector = api::LabelSelector::default();
                }
            }
        } else if !labels.is_empty() {
            return Err(supposed("the files hold this Namespace: give its labels there or here, not both".to_owned()));
        }
        for policy in &self.policies {
            self.world.show(Lenient::Readable(policy.clone()));
        }
        let target = self.world.releases.get(namespace, name).and_then(|release| {
            let spec = &release.read().ok()?.spec;
            Some((spec.target_ref.name.to_string(), spec.model.digest.to_string()))
        });
        let Some((deployment, model)) = target else { return Ok(()) };
        if self.world.deployments.get(namespace, &deployment).is_none() {
            let image = format!("supposed@sha256:{}", "0".repeat(64));
            let mut object = json!({
                "spec": {
                    "selector": {"matchLabels": {"app": deployment}},
                    "template": {
                        "metadata": {"labels": {"app": deployment}, "annotations": {labels::MODEL_DIGEST: model}},
                        "spec": {"containers": [{"name": "model", "image": image}]},
                    },
                },
            });
            as_stored(&mut object, "Deployment", namespace, &deployment);
            self.show::<slim::Deployment>(held(object)).map_err(supposed)?;
        }
        Ok(())
    }
}

fn manifests(folder: &Path) -> Result<Vec<PathBuf>, FileError> {
    let shown = folder.display().to_string();
    let unreadable = |error: std::io::Error| FileError::Unreadable(shown.clone(), error.to_string());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)?.take(10 * MAX_FILES) {
        let path = entry.map_err(unreadable)?.path();
        let is_manifest =
            path.extension().and_then(|e| e.to_str()).is_some_and(|e| matches!(e, "yaml" | "yml" | "json"));
        if is_manifest && path.is_file() {
            found.push(path);
        }
    }
    found.sort();
    if found.is_empty() || found.len() > MAX_FILES { Err(FileError::Folder(shown)) } else { Ok(found) }
}

fn text(path: &Path, shown: &str) -> Result<String, FileError> {
    let unreadable = |error: std::io::Error| FileError::Unreadable(shown.to_owned(), error.to_string());
    let mut text = String::new();
    let source: Box<dyn Read> = match shown {
        "-" => Box::new(std::io::stdin()),
        _ => Box::new(fs::File::open(path).map_err(unreadable)?),
    };
    source.take(MAX_FILE + 1).read_to_string(&mut text).map_err(unreadable)?;
    if text.len() as u64 > MAX_FILE { Err(FileError::TooLarge(shown.to_owned())) } else { Ok(text) }
}

/// The YAML documents of a file (JSON is YAML too), without empty ones.
pub fn documents(shown: &str, text: &str) -> Result<Vec<Value>, FileError> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_depth: 64, max_nodes: 1_000_000, max_aliases: 1000, max_documents: 10_000 },
    };
    let parsed: Vec<Value> = serde_saphyr::from_multiple_with_options(text, options).map_err(|error| {
        let why = error.to_string().lines().next().unwrap_or_default().to_owned();
        FileError::NotManifest(shown.to_owned(), why)
    })?;
    Ok(parsed.into_iter().filter(|document| !document.is_null()).collect())
}

/// The object as the API server would have stored it: with a UID, a generation and a time.
fn as_stored(object: &mut Value, kind: &str, namespace: &str, name: &str) {
    let Some(fields) = object.as_object_mut() else { return };
    let meta = fields.entry("metadata").or_insert_with(|| json!({}));
    let Some(meta) = meta.as_object_mut() else { return };
    meta.insert("name".to_owned(), name.into());
    if !namespace.is_empty() {
        meta.insert("namespace".to_owned(), namespace.into());
    }
    meta.remove("resourceVersion");
    let uid = format!("{}-{namespace}-{name}", kind.to_lowercase());
    for (field, value) in
        [("uid", json!(uid)), ("generation", json!(1)), ("creationTimestamp", json!("1970-01-01T00:00:00Z"))]
    {
        if meta.get(field).is_none_or(Value::is_null) {
            meta.insert(field.to_owned(), value);
        }
    }
}

/// The Deployment as the API server holds one that is not admitted yet.
fn held(mut deployment: Value) -> Value {
    if let Some(spec) = deployment.get_mut("spec").and_then(Value::as_object_mut) {
        spec.insert("paused".to_owned(), true.into());
    }
    if let Some(annotations) = deployment.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut) {
        annotations.remove(labels::ADMITTED);
    }
    deployment
}

/// Where a text stands that holds a character which is neither shown nor an end of a line, and which one.
fn unprintable(object: &Value) -> Option<(String, char)> {
    let strange = |text: &str| text.chars().find(|c| !matches!(c, '\n' | '\r' | '\t') && !is_printable(*c));
    let mut open = vec![(String::new(), object)];
    while let Some((place, value)) = open.pop() {
        match value {
            Value::String(text) => {
                if let Some(c) = strange(text) {
                    return Some((place, c));
                }
            }
            Value::Array(items) => {
                open.extend(items.iter().enumerate().map(|(at, item)| (format!("{place}/{at}"), item)));
            }
            Value::Object(fields) => {
                for (key, value) in fields {
                    if let Some(c) = strange(key) {
                        return Some((format!("a field of {place}/"), c));
                    }
                    open.push((format!("{place}/{}", clean(key, MAX_NAME)), value));
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    None
}

/// The object, if it has no field that its kind does not know: a misspelt bound must not vanish.
fn strict<K: DeserializeOwned>(file: &str, shown: &str, object: Value) -> Result<K, FileError> {
    let mut unknown = None;
    let read = serde_ignored::deserialize(object, |path| {
        let path = path.to_string();
        // The type itself says these.
        if path != "apiVersion" && path != "kind" {
            unknown.get_or_insert(path);
        }
    });
    match (unknown, read) {
        (Some(field), _) => Err(FileError::UnknownField {
            file: file.to_owned(),
            object: shown.to_owned(),
            field: field.replace(".?", ""),
        }),
        (None, Ok(object)) => Ok(object),
        (None, Err(error)) => {
            Err(FileError::Unfit { file: file.to_owned(), object: shown.to_owned(), problem: error.to_string() })
        }
    }
}

fn content(object: &Value) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let map: k8s_openapi::api::core::v1::ConfigMap =
        serde_json::from_value(object.clone()).map_err(|error| error.to_string())?;
    let texts = map.data.into_iter().flatten().map(|(key, value)| (key, value.into_bytes()));
    let bytes = map.binary_data.into_iter().flatten().map(|(key, value)| (key, value.0));
    Ok(texts.chain(bytes).collect())
}
