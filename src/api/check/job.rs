use crate::api::*;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A container of the policy author's own answers, in a Job of its own, by the result document it leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!has(self.min) || !has(self.max) || double(self.min) <= double(self.max)").message("no number is at least min and at most max: correct one"))]
pub struct JobCheck {
    /// The container's image, by digest: registry.example/red-team@sha256:….
    pub image: ImageByDigest,
    /// What to start instead of the image's entry point.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub command: Vec<Argument>,
    /// Its arguments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub args: Vec<Argument>,
    /// Environment variables. Those that begin with MODELGATE_ are the operator's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["name".into()]))]
    pub env: Vec<JobVariable>,
    /// Names of the evidence it reads, which it finds as files below /modelgate/evidence/NAME, with the digests as pinned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8))]
    #[x_kube(merge_strategy = ListMerge::Set)]
    pub evidence: Vec<Name>,
    /// What it may use. Left out: one processor, 512Mi of memory, 2Gi of local storage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resources: Option<JobResources>,
    /// Labels of the nodes that it may run on, as in a pod.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 16))]
    pub node_selector: BTreeMap<String, LabelValue>,
    /// Taints of nodes that do not keep it away, for example those of nodes with GPUs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub tolerations: Vec<JobToleration>,
    /// Longest for the container, from 1s to 24h. Left out: the operator's --finish-deadline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(validation = Rule::new("duration(self) >= duration('1s') && duration(self) <= duration('24h')").message("timeout is between 1s and 24h"))]
    pub timeout: Option<DurationText>,
    /// Secrets in the release's namespace that the image is pulled with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 4))]
    #[x_kube(merge_strategy = ListMerge::Set)]
    pub image_pull_secrets: Vec<ObjectName>,
    /// Smallest good value of what it reports, in quotes. With min or max a pass needs a value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<DecimalText>,
    /// Largest good value of what it reports, in quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<DecimalText>,
}

/// One environment variable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
pub struct JobVariable {
    /// Its name.
    #[x_kube(validation = Rule::new("!self.startsWith('MODELGATE_')").message("names that begin with MODELGATE_ are the operator's"))]
    pub name: VariableName,
    /// Its value. Everybody who may read policies sees it: no secrets.
    #[schemars(length(max = 1024))]
    pub value: String,
}

/// A taint that does not keep the pod away, as in a pod.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[x_kube(validation = Rule::new("!has(self.value) || !has(self.operator) || self.operator == 'Equal'").message("Exists takes no value"))]
pub struct JobToleration {
    /// The taint's key.
    #[schemars(length(min = 1, max = 317))]
    pub key: String,
    /// Equal: the taint has this value. Exists: whatever value it has. Left out: Equal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<TolerationOperator>,
    /// The taint's value. Left out: it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<LabelValue>,
    /// The taint's effect. Left out: each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<TaintEffect>,
}

/// How a taint's value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum TolerationOperator {
    Equal,
    Exists,
}

/// What a taint does to pods that do not tolerate it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum TaintEffect {
    NoSchedule,
    PreferNoSchedule,
    NoExecute,
}

/// Resources of the container, as in a pod.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[x_kube(validation = Rule::new("(!has(self.requests) || self.requests.all(k, k.contains('/') || k in ['cpu', 'memory', 'ephemeral-storage'])) && (!has(self.limits) || self.limits.all(k, k.contains('/') || k in ['cpu', 'memory', 'ephemeral-storage']))").message("resources are cpu, memory, ephemeral-storage and those with a domain, such as nvidia.com/gpu"))]
#[x_kube(validation = Rule::new("!has(self.requests) || !has(self.limits) || self.requests.all(k, !(k in self.limits) || quantity(self.requests[k]).compareTo(quantity(self.limits[k])) <= 0)").message("a request is at most its limit"))]
#[x_kube(validation = Rule::new("!has(self.requests) || self.requests.all(k, !k.contains('/') || has(self.limits) && k in self.limits && self.limits[k] == self.requests[k])").message("a resource with a domain, such as nvidia.com/gpu, stands in limits; a request of it is the same"))]
#[x_kube(validation = Rule::new("!has(self.limits) || self.limits.all(k, !k.contains('/') || self.limits[k].matches('^[0-9]+$'))").message("of a resource with a domain, such as nvidia.com/gpu, there are whole ones only"))]
pub struct JobResources {
    /// What must be free on a node: cpu, memory, ephemeral-storage. Left out: as the limits.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 8))]
    pub requests: BTreeMap<String, QuantityText>,
    /// What it never gets more of: also whole devices, such as nvidia.com/gpu.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 8))]
    pub limits: BTreeMap<String, QuantityText>,
}
