//! A custom resource that may not be readable.

use super::slim::{Object, TemplateFacts};
use super::workload::told;
use crate::api;
use kube::Resource;
use kube::core::ObjectMeta;
use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt::Debug;

const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Drops what no pass reads: thousands of these objects are held.
pub trait Trim {
    fn trim(&mut self) {}
}

impl Trim for api::ModelRelease {}
impl Trim for api::GovernancePolicy {}
impl Trim for api::GateConfig {}
impl Trim for api::ReleaseApproval {}
impl Trim for api::ReleaseAction {}

impl Trim for api::GateRun {
    /// Who replays a decision reads the policies from the API server.
    fn trim(&mut self) {
        self.spec.compiled = String::new();
    }
}

impl Trim for api::AdmittedRevision {
    /// Whoever makes pods of it again reads it from the API server. What tells it from others stays.
    fn trim(&mut self) {
        let mut template = self.spec.template.take();
        let facts = TemplateFacts::read(&mut template).ok();
        self.spec.template = facts.and_then(|facts| told(&facts).ok()).map_or(Value::Null, Value::String);
    }
}

/// An object as it is stored. One that no longer fits its type, as after an upgrade, is kept with
/// the reason, for it to be seen and to block: left out, it would look as if it were not there.
#[derive(Clone, Debug)]
pub enum Lenient<K> {
    Readable(K),
    Unreadable { meta: Box<ObjectMeta>, error: String, about: Box<About> },
}

/// Whom a record that cannot be read concerns, as far as it says that.
#[derive(Clone, Debug, Default)]
pub struct About {
    release: Option<String>,
    target: Option<String>,
    target_uid: Option<String>,
}

impl About {
    fn of(object: &Value) -> Self {
        let text = |path: &str| object.pointer(path)?.as_str().map(|text| super::slim::bounded(text.to_owned(), 253));
        let label = || {
            let labels = object.pointer("/metadata/labels")?;
            labels.get(api::labels::RELEASE)?.as_str().map(|text| super::slim::bounded(text.to_owned(), 253))
        };
        Self {
            release: text("/spec/releaseName").or_else(label),
            target: text("/spec/target/name"),
            target_uid: text("/spec/target/uid"),
        }
    }
}

impl<K> Lenient<K> {
    /// The object, or what is wrong with it.
    pub fn read(&self) -> Result<&K, &str> {
        match self {
            Self::Readable(object) => Ok(object),
            Self::Unreadable { error, .. } => Err(error),
        }
    }

    /// Whether one that cannot be read may be about a release: where it does not say, it may.
    pub fn may_concern(&self, release: &str) -> bool {
        match self {
            Self::Readable(_) => false,
            Self::Unreadable { about, .. } => about.release.as_ref().is_none_or(|named| named == release),
        }
    }

    /// The same about a workload; of one that is gone, its UID is empty.
    pub fn may_be_of(&self, uid: &str, name: &str) -> bool {
        match self {
            Self::Readable(_) => false,
            Self::Unreadable { about, .. } if uid.is_empty() => about.target.as_ref().is_none_or(|named| named == name),
            Self::Unreadable { about, .. } => about.target_uid.as_ref().is_none_or(|named| named == uid),
        }
    }
}

impl<'de, K: DeserializeOwned + Trim> Deserialize<'de> for Lenient<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut value = Value::deserialize(deserializer)?;
        if let Some(meta) = value.get_mut("metadata").and_then(Value::as_object_mut) {
            meta.remove("managedFields");
            if let Some(annotations) = meta.get_mut("annotations").and_then(Value::as_object_mut) {
                annotations.remove(LAST_APPLIED);
            }
        }
        match K::deserialize(&value) {
            Ok(mut object) => {
                object.trim();
                Ok(Self::Readable(object))
            }
            Err(error) => {
                let about = Box::new(About::of(&value));
                let meta = value.get_mut("metadata").map(Value::take).unwrap_or_default();
                Ok(Self::Unreadable {
                    meta: Box::deserialize(meta).map_err(serde::de::Error::custom)?,
                    error: super::slim::bounded(error.to_string(), 512),
                    about,
                })
            }
        }
    }
}

impl<K> Object for Lenient<K>
where
    K: Resource<DynamicType = ()> + Clone + Debug + Send + Sync + 'static,
{
    fn path() -> String {
        K::url_path(&(), None)
    }
    fn namespace(&self) -> &str {
        self.meta().namespace.as_deref().unwrap_or_default()
    }
    fn name(&self) -> &str {
        self.meta().name.as_deref().unwrap_or_default()
    }
    fn uid(&self) -> &str {
        self.meta().uid.as_deref().unwrap_or_default()
    }
    fn resource_version(&self) -> &str {
        self.meta().resource_version.as_deref().unwrap_or_default()
    }
    fn is_terminating(&self) -> bool {
        self.meta().deletion_timestamp.is_some()
    }
}

impl<K: Resource> Resource for Lenient<K> {
    type DynamicType = K::DynamicType;
    type Scope = K::Scope;
    fn kind(dt: &Self::DynamicType) -> Cow<'_, str> {
        K::kind(dt)
    }
    fn group(dt: &Self::DynamicType) -> Cow<'_, str> {
        K::group(dt)
    }
    fn version(dt: &Self::DynamicType) -> Cow<'_, str> {
        K::version(dt)
    }
    fn plural(dt: &Self::DynamicType) -> Cow<'_, str> {
        K::plural(dt)
    }
    fn meta(&self) -> &ObjectMeta {
        match self {
            Self::Readable(object) => object.meta(),
            Self::Unreadable { meta, .. } => meta,
        }
    }
    fn meta_mut(&mut self) -> &mut ObjectMeta {
        match self {
            Self::Readable(object) => object.meta_mut(),
            Self::Unreadable { meta, .. } => meta,
        }
    }
}
