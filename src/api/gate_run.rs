use super::*;
use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One attempt to evaluate one revision under one plan.
#[derive(CustomResource, Debug, Clone, PartialEq, Serialize, Deserialize, KubeSchema)]
#[kube(
    group = "modelgate.dev",
    version = "v1alpha1",
    kind = "GateRun",
    namespaced,
    status = "GateRunStatus",
    derive = "PartialEq",
    shortname = "grun",
    category = "modelgate",
    doc = "One attempt to evaluate one revision under one plan. Made by the operator, never reused, never edited once finished.",
    printcolumn(name = "Release", type_ = "string", json_path = ".spec.releaseName"),
    printcolumn(name = "Complete", type_ = "string", json_path = ".status.conditions[?(@.type==\"Complete\")].status"),
    printcolumn(name = "Outcome", type_ = "string", json_path = ".status.outcome"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "Revision", type_ = "string", json_path = ".spec.revision", priority = 1),
    printcolumn(name = "Plan", type_ = "string", json_path = ".spec.plan", priority = 1)
)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("self == oldSelf").message("a run never changes: ask for another attempt with a ReleaseAction Retry"))]
pub struct GateRunSpec {
    /// The release.
    pub release_name: Name,
    /// The release's UID.
    #[schemars(length(max = 64))]
    pub release_uid: String,
    /// The Deployment's UID.
    #[schemars(length(max = 64))]
    pub target_uid: String,
    /// What would run.
    pub revision: DigestText,
    /// The model.
    pub model_digest: DigestText,
    /// Hash of the compiled policies.
    pub plan: DigestText,
    /// Which attempt, from 1.
    #[schemars(range(min = 1, max = 1000))]
    pub attempt: u32,
    /// Evidence as it was pinned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["name".into()]))]
    pub evidence: Vec<PinnedEvidence>,
    /// The compiled policies, as JSON text, so that the decision can be replayed.
    #[schemars(length(max = 524288))]
    pub compiled: String,
}

/// One piece of evidence as it was pinned for the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PinnedEvidence {
    /// The evidence's name.
    pub name: Name,
    /// What its bytes must hash to; absent when it was not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<DigestText>,
    /// UID of the ConfigMap, so that one made again is told apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub uid: Option<String>,
}

/// How the attempt went.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct GateRunStatus {
    /// The worst outcome of its blocking gates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<OutcomeName>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Instant>,
    /// The Job whose evaluator answered the built-in checks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<JobRef>,
    /// The Jobs of gates that have one of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 128))]
    pub own_jobs: Vec<OwnJobRef>,
    /// What each gate came to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 128))]
    pub rows: Vec<GateRow>,
    /// Complete.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["type".into()]))]
    pub conditions: Vec<Condition>,
}

/// The Job of one gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OwnJobRef {
    /// The policy that asks.
    pub policy: ObjectName,
    /// The gate's name in that policy.
    pub gate: Name,
    /// The Job's name.
    pub name: Name,
    /// Its UID.
    #[schemars(length(max = 64))]
    pub uid: String,
}

/// The Job that ran an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobRef {
    /// Its name.
    pub name: Name,
    /// Its UID.
    #[schemars(length(max = 64))]
    pub uid: String,
}
