//! Metadata without what no decision reads: managed fields, foreign annotations, other owners.

use super::compact::{Words, words_where};
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference, Time};
use serde::{Deserialize, Deserializer};

/// Annotations with these prefixes are kept.
const KEPT: [&str; 2] = ["modelgate.dev/", "deployment.kubernetes.io/"];

/// Metadata of a slim object: names, versions, times, finalizers, all labels, the annotations of
/// Modelgate and of the Deployment controller, and the controlling owner.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(from = "Wire")]
pub struct SlimMeta {
    name: Box<str>,
    namespace: Box<str>,
    uid: Box<str>,
    resource_version: Box<str>,
    generation: i64,
    labels: Words,
    annotations: Words,
    finalizers: Box<[Box<str>]>,
    created: Option<Timestamp>,
    deleted: Option<Timestamp>,
    owner: Option<Box<[Box<str>; 3]>>,
}

/// The object that controls another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner<'a> {
    pub kind: &'a str,
    pub name: &'a str,
    pub uid: &'a str,
}

impl SlimMeta {
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Empty for an object that lives in no namespace.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    pub fn uid(&self) -> &str {
        &self.uid
    }

    pub fn resource_version(&self) -> &str {
        &self.resource_version
    }

    /// 0 for kinds that the API server does not count generations of.
    pub fn generation(&self) -> i64 {
        self.generation
    }

    pub fn label(&self, key: &str) -> Option<&str> {
        self.labels.get(key)
    }

    pub fn labels(&self) -> impl Iterator<Item = (&str, &str)> {
        self.labels.iter()
    }

    /// An annotation that starts with `modelgate.dev/` or `deployment.kubernetes.io/`.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.annotations.get(key)
    }

    pub fn annotations(&self) -> impl Iterator<Item = (&str, &str)> {
        self.annotations.iter()
    }

    pub fn finalizers(&self) -> &[Box<str>] {
        &self.finalizers
    }

    pub fn created(&self) -> Option<Timestamp> {
        self.created
    }

    pub fn is_terminating(&self) -> bool {
        self.deleted.is_some()
    }

    /// When the object was or will be removed, grace included.
    pub fn deletion_timestamp(&self) -> Option<Timestamp> {
        self.deleted
    }

    /// The controlling owner. None for an orphan, and for an object that is owned but not controlled.
    pub fn owner(&self) -> Option<Owner<'_>> {
        let [kind, name, uid] = self.owner.as_deref()?;
        Some(Owner { kind, name, uid })
    }

    pub fn is_owned_by(&self, uid: &str) -> bool {
        self.owner().is_some_and(|owner| owner.uid == uid)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    #[serde(default)]
    name: Box<str>,
    #[serde(default)]
    namespace: Box<str>,
    #[serde(default)]
    uid: Box<str>,
    #[serde(default)]
    resource_version: Box<str>,
    #[serde(default)]
    generation: i64,
    #[serde(default)]
    labels: Words,
    // The last applied configuration alone is as large as its object.
    #[serde(default, deserialize_with = "kept_annotations")]
    annotations: Words,
    finalizers: Option<Box<[Box<str>]>>,
    creation_timestamp: Option<Time>,
    deletion_timestamp: Option<Time>,
    owner_references: Option<Vec<OwnerReference>>,
}

fn kept_annotations<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Words, D::Error> {
    words_where(deserializer, is_kept)
}

fn is_kept(annotation: &str) -> bool {
    KEPT.iter().any(|prefix| annotation.starts_with(prefix))
}

impl From<Wire> for SlimMeta {
    fn from(wire: Wire) -> Self {
        Self {
            name: wire.name,
            namespace: wire.namespace,
            uid: wire.uid,
            resource_version: wire.resource_version,
            generation: wire.generation,
            labels: wire.labels,
            annotations: wire.annotations,
            finalizers: wire.finalizers.unwrap_or_default(),
            created: wire.creation_timestamp.map(|time| time.0),
            deleted: wire.deletion_timestamp.map(|time| time.0),
            owner: controller(wire.owner_references),
        }
    }
}

impl From<ObjectMeta> for SlimMeta {
    fn from(meta: ObjectMeta) -> Self {
        let boxed = |text: Option<String>| text.unwrap_or_default().into_boxed_str();
        let pairs = |(key, value): (String, String)| (key.into_boxed_str(), value.into_boxed_str());
        let annotations = meta.annotations.into_iter().flatten().filter(|(key, _)| is_kept(key));
        Self {
            name: boxed(meta.name),
            namespace: boxed(meta.namespace),
            uid: boxed(meta.uid),
            resource_version: boxed(meta.resource_version),
            generation: meta.generation.unwrap_or_default(),
            labels: meta.labels.into_iter().flatten().map(pairs).collect(),
            annotations: annotations.map(pairs).collect(),
            finalizers: meta.finalizers.into_iter().flatten().map(String::into_boxed_str).collect(),
            created: meta.creation_timestamp.map(|time| time.0),
            deleted: meta.deletion_timestamp.map(|time| time.0),
            owner: controller(meta.owner_references),
        }
    }
}

fn controller(owners: Option<Vec<OwnerReference>>) -> Option<Box<[Box<str>; 3]>> {
    let owner = owners.into_iter().flatten().find(|owner| owner.controller == Some(true))?;
    Some(Box::new([owner.kind.into(), owner.name.into(), owner.uid.into()]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keeps_only_what_decisions_read() {
        let meta: SlimMeta = serde_json::from_value(json!({
            "name": "m", "namespace": "n", "uid": "u", "resourceVersion": "7", "generation": 3,
            "labels": {"a": "b"},
            "annotations": {
                "kubectl.kubernetes.io/last-applied-configuration": "{}",
                "modelgate.dev/admitted": "sha256:x",
                "deployment.kubernetes.io/revision": "4"
            },
            "creationTimestamp": "2026-11-24T00:00:00Z",
            "managedFields": [{"manager": "kubectl"}],
            "ownerReferences": [
                {"apiVersion": "v1", "kind": "Other", "name": "o", "uid": "1"},
                {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d", "uid": "2", "controller": true}
            ]
        }))
        .unwrap();
        assert_eq!((meta.name(), meta.namespace(), meta.uid()), ("m", "n", "u"));
        assert_eq!((meta.resource_version(), meta.generation()), ("7", 3));
        assert_eq!(meta.label("a"), Some("b"));
        assert_eq!(meta.annotation("modelgate.dev/admitted"), Some("sha256:x"));
        assert_eq!(meta.annotation("deployment.kubernetes.io/revision"), Some("4"));
        assert_eq!(meta.annotations().count(), 2);
        assert_eq!(meta.owner(), Some(Owner { kind: "Deployment", name: "d", uid: "2" }));
        assert!(meta.created().is_some() && !meta.is_terminating());
    }

    #[test]
    fn an_owner_that_does_not_control_is_not_the_owner() {
        let meta: SlimMeta = serde_json::from_value(json!({
            "name": "m", "ownerReferences": [{"apiVersion": "v1", "kind": "Other", "name": "o", "uid": "1"}]
        }))
        .unwrap();
        assert_eq!(meta.owner(), None);
        assert!(!meta.is_owned_by("1"));
    }
}
