use super::*;
use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A person's word on a run.
#[derive(CustomResource, Debug, Clone, PartialEq, Serialize, Deserialize, KubeSchema)]
#[kube(
    group = "modelgate.dev",
    version = "v1alpha1",
    kind = "ReleaseApproval",
    namespaced,
    status = "ReleaseApprovalStatus",
    derive = "PartialEq",
    shortname = "relappr",
    category = "modelgate",
    doc = "Approve or reject a GateRun under your own name. The approver is stamped by the API server; the spec never changes.",
    printcolumn(name = "Release", type_ = "string", json_path = ".spec.releaseName"),
    printcolumn(name = "Decision", type_ = "string", json_path = ".spec.decision"),
    printcolumn(name = "By", type_ = "string", json_path = ".spec.approver.username"),
    printcolumn(name = "Counted", type_ = "string", json_path = ".status.conditions[?(@.type==\"Counted\")].status"),
    printcolumn(name = "Why", type_ = "string", json_path = ".status.conditions[?(@.type==\"Counted\")].message"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp")
)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("self == oldSelf").message("an approval never changes: delete it and give another"))]
pub struct ReleaseApprovalSpec {
    /// The release.
    pub release_name: Name,
    /// What is approved.
    pub subject_ref: SubjectRef,
    /// Approve or Reject. One Reject of an eligible person blocks this revision, policy and evidence, through every Retry, until it is deleted.
    pub decision: ApprovalDecision,
    /// Why, for the record.
    pub reason: Prose,
    /// Who gave it. Stamped by the API server; what is typed here is replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approver: Option<Identity>,
}

/// What is approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SubjectRef {
    /// GateRun.
    pub kind: SubjectKind,
    /// The run's name; see status.run of the release.
    pub name: ObjectName,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum SubjectKind {
    GateRun,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum ApprovalDecision {
    Approve,
    Reject,
}

/// Whether it counts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReleaseApprovalStatus {
    /// Counted, and if not, why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["type".into()]))]
    pub conditions: Vec<Condition>,
}
