//! What this program ships: the files that the chart installs, compiled in.

use super::RuleKind;
use crate::cluster::slim::canonical;
use crate::policy::Digest;
use serde::Deserialize;
use serde_json::Value;

/// One policy or binding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shipped {
    pub kind: RuleKind,
    pub name: String,
    /// Digest of its spec.
    pub spec: Digest,
}

#[derive(Debug, thiserror::Error)]
pub enum ShippedError {
    #[error("the shipped policy {file} cannot be read: {problem}")]
    Unreadable { file: &'static str, problem: String },
    #[error("the shipped policy {file} holds a {kind}")]
    Kind { file: &'static str, kind: String },
}

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../charts/modelgate/files/admission/", $name, ".yaml")))),*]
    };
}

const FILES: &[(&str, &str)] = files![
    "admitted",
    "approval",
    "changed-by",
    "debug",
    "evaluator",
    "guard",
    "held",
    "history",
    "history-scale",
    "hold",
    "identity",
    "mark-status",
    "no-orphans",
    "pod-binding",
    "pod-in-place",
    "protected-config",
    "protected-namespace",
    "protected-records",
    "protected-status",
    "sleepers",
    "unholdable",
    "warn",
    "writers",
];

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "apiVersion")]
    api_version: String,
    kind: String,
    metadata: Metadata,
    spec: Value,
}

#[derive(Deserialize)]
struct Metadata {
    name: String,
}

/// Everything shipped, in the order of the files.
pub fn shipped() -> Result<Vec<Shipped>, ShippedError> {
    let mut all = Vec::with_capacity(2 * FILES.len());
    for (file, text) in FILES {
        let documents: Vec<Document> =
            serde_saphyr::from_multiple(text).map_err(|e| ShippedError::Unreadable { file, problem: e.to_string() })?;
        for document in documents {
            let known = RuleKind::ALL.into_iter().find(|kind| kind.as_str() == document.kind);
            let kind = known.filter(|_| document.api_version == "admissionregistration.k8s.io/v1");
            let kind =
                kind.ok_or(ShippedError::Kind { file, kind: format!("{} {}", document.api_version, document.kind) })?;
            all.push(Shipped { kind, name: document.metadata.name, spec: canonical::digest(&document.spec) });
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_file_of_the_folder_is_compiled_in() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/charts/modelgate/files/admission");
        let there: BTreeSet<String> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        let ours: BTreeSet<String> = FILES.iter().map(|(name, _)| format!("{name}.yaml")).collect();
        assert_eq!(ours, there);
    }

    #[test]
    fn every_file_holds_a_policy_and_its_binding() {
        let all = shipped().unwrap();
        assert_eq!(all.len(), 2 * FILES.len());
        for (file, _) in FILES {
            let name = format!("modelgate-{file}");
            let kinds: Vec<RuleKind> = all.iter().filter(|s| s.name == name).map(|s| s.kind).collect();
            let mutating = [RuleKind::MutatingPolicy, RuleKind::MutatingBinding];
            let validating = [RuleKind::ValidatingPolicy, RuleKind::ValidatingBinding];
            assert!(kinds == mutating || kinds == validating, "{name}: {kinds:?}");
        }
        let specs: BTreeSet<&Digest> = all.iter().map(|s| &s.spec).collect();
        assert_eq!(specs.len(), all.len(), "no two say the same");
    }

    /// The label selects what is watched: a file without it would count as missing for ever.
    #[test]
    fn every_object_carries_the_label() {
        for (file, text) in FILES {
            let documents: Vec<Value> = serde_saphyr::from_multiple(text).unwrap();
            for document in documents {
                assert_eq!(document["metadata"]["labels"]["app.kubernetes.io/part-of"], "modelgate", "{file}");
            }
        }
    }
}
