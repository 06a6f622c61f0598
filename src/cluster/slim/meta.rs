//! Metadata without what no decision reads: managed fields, foreign annotations, other owners.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference, Time};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;

/// Annotations with these prefixes are kept.
const KEPT: [&str; 2] = ["modelgate.dev/", "deployment.kubernetes.io/"];

/// Metadata of a slim object: names, versions, times, finalizers, all labels, the annotations of
/// Modelgate and of the Deployment controller, and the controlling owner.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SlimMeta(ObjectMeta);

/// The object that controls another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner<'a> {
    pub kind: &'a str,
    pub name: &'a str,
    pub uid: &'a str,
}

impl SlimMeta {
    pub fn name(&self) -> &str {
        self.0.name.as_deref().unwrap_or_default()
    }

    /// Empty for an object that lives in no namespace.
    pub fn namespace(&self) -> &str {
        self.0.namespace.as_deref().unwrap_or_default()
    }

    pub fn uid(&self) -> &str {
        self.0.uid.as_deref().unwrap_or_default()
    }

    pub fn resource_version(&self) -> &str {
        self.0.resource_version.as_deref().unwrap_or_default()
    }

    /// 0 for kinds that the API server does not count generations of.
    pub fn generation(&self) -> i64 {
        self.0.generation.unwrap_or_default()
    }

    pub fn label(&self, key: &str) -> Option<&str> {
        self.0.labels.as_ref()?.get(key).map(String::as_str)
    }

    pub fn labels(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .labels
            .iter()
            .flatten()
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// An annotation that starts with `modelgate.dev/` or `deployment.kubernetes.io/`.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.0.annotations.as_ref()?.get(key).map(String::as_str)
    }

    pub fn finalizers(&self) -> &[String] {
        self.0.finalizers.as_deref().unwrap_or_default()
    }

    pub fn created(&self) -> Option<jiff::Timestamp> {
        self.0.creation_timestamp.as_ref().map(|time| time.0)
    }

    pub fn is_terminating(&self) -> bool {
        self.0.deletion_timestamp.is_some()
    }

    pub fn deletion_timestamp(&self) -> Option<jiff::Timestamp> {
        self.0.deletion_timestamp.as_ref().map(|time| time.0)
    }

    /// The controlling owner. None for an orphan, and for an object that is owned but not controlled.
    pub fn owner(&self) -> Option<Owner<'_>> {
        let owner = self.0.owner_references.as_ref()?.first()?;
        Some(Owner {
            kind: &owner.kind,
            name: &owner.name,
            uid: &owner.uid,
        })
    }

    pub fn is_owned_by(&self, uid: &str) -> bool {
        self.owner().is_some_and(|owner| owner.uid == uid)
    }

    pub fn object_meta(&self) -> &ObjectMeta {
        &self.0
    }

    pub fn object_meta_mut(&mut self) -> &mut ObjectMeta {
        &mut self.0
    }
}

/// Drops from full metadata what [`SlimMeta`] does not keep.
impl From<ObjectMeta> for SlimMeta {
    fn from(mut meta: ObjectMeta) -> Self {
        meta.managed_fields = None;
        meta.self_link = None;
        meta.generate_name = None;
        if let Some(annotations) = &mut meta.annotations {
            annotations.retain(|key, _| is_kept(key));
        }
        meta.annotations = meta
            .annotations
            .filter(|annotations| !annotations.is_empty());
        if let Some(owners) = &mut meta.owner_references {
            owners.retain(|owner| owner.controller == Some(true));
            owners.shrink_to_fit();
        }
        Self(meta)
    }
}

fn is_kept(annotation: &str) -> bool {
    KEPT.iter().any(|prefix| annotation.starts_with(prefix))
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    name: Option<String>,
    namespace: Option<String>,
    uid: Option<String>,
    resource_version: Option<String>,
    generation: Option<i64>,
    labels: Option<BTreeMap<String, String>>,
    #[serde(default)]
    annotations: KeptAnnotations,
    finalizers: Option<Vec<String>>,
    creation_timestamp: Option<Time>,
    deletion_timestamp: Option<Time>,
    owner_references: Option<Vec<OwnerReference>>,
}

impl<'de> Deserialize<'de> for SlimMeta {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wire = Wire::deserialize(deserializer)?;
        Ok(ObjectMeta {
            name: wire.name,
            namespace: wire.namespace,
            uid: wire.uid,
            resource_version: wire.resource_version,
            generation: wire.generation,
            labels: wire.labels,
            annotations: wire.annotations.0,
            finalizers: wire.finalizers,
            creation_timestamp: wire.creation_timestamp,
            deletion_timestamp: wire.deletion_timestamp,
            owner_references: wire.owner_references,
            ..ObjectMeta::default()
        }
        .into())
    }
}

/// Passes over foreign annotations without keeping them: the last applied configuration alone is
/// as large as its object.
#[derive(Default)]
struct KeptAnnotations(Option<BTreeMap<String, String>>);

impl<'de> Deserialize<'de> for KeptAnnotations {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keep;
        impl<'de> Visitor<'de> for Keep {
            type Value = KeptAnnotations;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("annotations")
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(KeptAnnotations(None))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut kept = BTreeMap::new();
                while let Some(key) = map.next_key::<String>()? {
                    if is_kept(&key) {
                        kept.insert(key, map.next_value()?);
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(KeptAnnotations(Some(kept)))
            }
        }
        deserializer.deserialize_any(Keep)
    }
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
        assert_eq!(
            meta.annotation("deployment.kubernetes.io/revision"),
            Some("4")
        );
        assert_eq!(
            meta.object_meta().annotations.as_ref().map(BTreeMap::len),
            Some(2)
        );
        assert_eq!(meta.object_meta().managed_fields, None);
        assert_eq!(
            meta.owner(),
            Some(Owner {
                kind: "Deployment",
                name: "d",
                uid: "2"
            })
        );
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
