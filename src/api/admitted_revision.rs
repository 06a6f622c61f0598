use super::*;
use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Snapshot of what was admitted.
#[derive(CustomResource, Debug, Clone, PartialEq, Serialize, Deserialize, KubeSchema)]
#[kube(
    group = "modelgate.dev",
    version = "v1alpha1",
    kind = "AdmittedRevision",
    namespaced,
    status = "AdmittedRevisionStatus",
    derive = "PartialEq",
    shortname = "admrev",
    category = "modelgate",
    doc = "Snapshot of what was admitted: what a restore aims at. It belongs to workload and revision and survives the release object.",
    printcolumn(name = "Release", type_ = "string", json_path = ".spec.releaseName"),
    printcolumn(name = "Version", type_ = "string", json_path = ".spec.modelVersion"),
    printcolumn(name = "How", type_ = "string", json_path = ".spec.how"),
    printcolumn(
        name = "Evaluated",
        type_ = "string",
        json_path = ".status.conditions[?(@.type==\"Evaluated\")].status"
    ),
    printcolumn(name = "Current", type_ = "string", json_path = ".status.conditions[?(@.type==\"Current\")].status"),
    printcolumn(name = "Guarded", type_ = "string", json_path = ".status.conditions[?(@.type==\"Guarded\")].status"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "Revision", type_ = "string", json_path = ".spec.revision", priority = 1)
)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("self == oldSelf").message("an admission is an event: it never changes"))]
pub struct AdmittedRevisionSpec {
    /// The release it was admitted for; absent for an adopted workload that no release claims.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release_name: Option<Name>,
    /// The workload.
    pub target: TargetSnapshot,
    /// What runs.
    pub revision: DigestText,
    /// The model; absent for an adopted workload that names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_digest: Option<DigestText>,
    /// The model's version, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_version: Option<Word>,
    /// Admitted by gates, or adopted because it already ran.
    pub how: HowAdmitted,
    /// When.
    pub at: Instant,
    /// The run it rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<ObjectName>,
    /// Digest of the pod template, by which its ReplicaSets are found.
    pub template_digest: DigestText,
    /// The pod template.
    #[schemars(schema_with = "any_object")]
    pub template: serde_json::Value,
    /// Measured numbers by policy/gate: the baseline of the next revision.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 128))]
    pub values: BTreeMap<String, BaselineValue>,
    /// What was counted beside them, by policy/gate.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 128))]
    pub counts: BTreeMap<String, CountedNumbers>,
    /// Digest of each explanation that was judged, by policy/gate: what the next revision's ranking is compared with.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 128))]
    pub explanations: BTreeMap<String, DigestText>,
}

fn any_object(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({"type": "object", "x-kubernetes-preserve-unknown-fields": true})
}

/// A measured number as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct BaselineValue(#[schemars(length(max = 40))] pub String);

/// The workload as it was admitted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TargetSnapshot {
    /// Deployment.
    #[schemars(length(min = 1, max = 63))]
    pub kind: String,
    /// Its name.
    pub name: ObjectName,
    /// Its UID.
    #[schemars(length(max = 64))]
    pub uid: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum HowAdmitted {
    /// Its gates were satisfied.
    Gates,
    /// It already ran when the namespace became governed; never evaluated.
    Adopted,
}

/// What became of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct AdmittedRevisionStatus {
    /// Known to be bad: nothing brings it back until it is unguarded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guard: Option<GuardRecord>,
    /// What it was admitted on after it had been adopted: from then on it counts like any other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluation: Option<EvaluationRecord>,
    /// Current, Guarded, Evaluated.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["type".into()]))]
    pub conditions: Vec<Condition>,
}

/// What an adopted revision was admitted on, later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EvaluationRecord {
    /// When.
    pub at: Instant,
    /// The run it rests on.
    pub run: ObjectName,
    /// The model.
    pub model_digest: DigestText,
    /// The model's version, for people.
    pub model_version: Word,
    /// Measured numbers by policy/gate: the baseline of the next revision.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 128))]
    pub values: BTreeMap<String, BaselineValue>,
    /// What was counted beside them, by policy/gate.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 128))]
    pub counts: BTreeMap<String, CountedNumbers>,
    /// Digest of each explanation that was judged, by policy/gate: what the next revision's ranking is compared with.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 128))]
    pub explanations: BTreeMap<String, DigestText>,
}

/// Why a revision was taken back, and what is needed to finish doing so after a crash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct GuardRecord {
    /// When.
    pub at: Instant,
    /// Why.
    #[schemars(length(max = 512))]
    pub message: String,
    /// Rollback or Freeze.
    pub response: OnBreachName,
    /// The revision to bring back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restore_to: Option<DigestText>,
    /// pod-template-hash of every ReplicaSet that was or will be retired; recorded before it is deleted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64), inner(length(max = 63)))]
    #[x_kube(merge_strategy = ListMerge::Set)]
    pub retiring: Vec<String>,
    /// UID of the ReleaseAction that asked for it; absent when a gate did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub action: Option<String>,
}
