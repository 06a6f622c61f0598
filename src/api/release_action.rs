use super::*;
use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A verb as an object.
#[derive(CustomResource, Debug, Clone, PartialEq, Serialize, Deserialize, KubeSchema)]
#[kube(
    group = "modelgate.dev",
    version = "v1alpha1",
    kind = "ReleaseAction",
    namespaced,
    status = "ReleaseActionStatus",
    derive = "PartialEq",
    shortname = "relact",
    category = "modelgate",
    doc = "Do something to a release once: Retry, Freeze, Rollback or Unguard. Each needs the RBAC verb of the same name on modelreleases.",
    printcolumn(name = "Release", type_ = "string", json_path = ".spec.releaseName"),
    printcolumn(name = "Action", type_ = "string", json_path = ".spec.action"),
    printcolumn(name = "By", type_ = "string", json_path = ".spec.requester.username"),
    printcolumn(name = "Complete", type_ = "string", json_path = ".status.conditions[?(@.type==\"Complete\")].status"),
    printcolumn(name = "Message", type_ = "string", json_path = ".status.conditions[?(@.type==\"Complete\")].message"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp")
)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("self == oldSelf").message("an action never changes: make another one"))]
#[x_kube(validation = Rule::new("self.action != 'Unguard' || has(self.revision)").message("Unguard names the revision: see kubectl get admrev -o wide"))]
pub struct ReleaseActionSpec {
    /// The release.
    pub release_name: Name,
    /// Retry evaluates again; Freeze holds the workload where it is; Rollback brings the last good revision back; Unguard lets a revision be admitted again.
    pub action: ActionName,
    /// The revision meant. For Unguard the guarded one; for Freeze and Rollback the one to act on, when left out the admitted one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<DigestText>,
    /// Why, for the record.
    pub reason: Prose,
    /// Who asked. Stamped by the API server; what is typed here is replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requester: Option<Identity>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum ActionName {
    Retry,
    Freeze,
    Rollback,
    Unguard,
}

/// Whether it was done.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReleaseActionStatus {
    /// Complete, or refused and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["type".into()]))]
    pub conditions: Vec<Condition>,
}
