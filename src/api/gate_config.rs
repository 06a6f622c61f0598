use super::*;
use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Cluster-wide settings. One object, named `modelgate`.
#[derive(CustomResource, Debug, Clone, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[kube(
    group = "modelgate.dev",
    version = "v1alpha1",
    kind = "GateConfig",
    status = "GateConfigStatus",
    derive = "PartialEq",
    shortname = "gateconf",
    category = "modelgate",
    doc = "Cluster-wide settings of Modelgate; exactly one, named modelgate. The API server's own policies read it, so deleting it stops all Deployment writes in governed namespaces.",
    validation = Rule::new("self.metadata.name == 'modelgate'").message("there is one GateConfig and its name is modelgate"),
    printcolumn(name = "Enforced", type_ = "string", json_path = ".status.conditions[?(@.type==\"Enforced\")].status"),
    printcolumn(name = "Reason", type_ = "string", json_path = ".status.conditions[?(@.type==\"Enforced\")].reason"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "Message", type_ = "string", json_path = ".status.conditions[?(@.type==\"Enforced\")].message", priority = 1)
)]
#[serde(rename_all = "camelCase")]
pub struct GateConfigSpec {
    /// Pod template annotations that never make a new revision. kubectl.kubernetes.io/restartedAt is always among them. Anything may stand in such an annotation, so name only ones that no program reads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    #[x_kube(merge_strategy = ListMerge::Set)]
    pub ignored_template_annotations: Vec<Word>,
    /// Workloads in governed namespaces that hold no model and are left alone. An exemption is for a name: every editor of the namespace may change what runs under it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 256))]
    pub exemptions: Vec<Exemption>,
    /// Prometheus servers that policies may ask.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["name".into()]))]
    pub prometheus: Vec<PrometheusProvider>,
}

/// A workload that is left alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Exemption {
    /// Its namespace.
    pub namespace: Name,
    /// Its kind, for example Deployment.
    #[schemars(length(min = 1, max = 63))]
    pub kind: String,
    /// Its name.
    pub name: ObjectName,
    /// Why it holds no model.
    pub reason: Line,
}

/// A Prometheus server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PrometheusProvider {
    /// The name gates use.
    pub name: Name,
    /// Its address, without the path /api/v1/query.
    pub url: HttpUrl,
}

/// What the operator found and remembers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct GateConfigStatus {
    /// The generation this status is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// Digests that no pod of a namespace may name: models known to be bad there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 512))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["namespace".into(), "digest".into()]))]
    pub guarded: Vec<GuardedDigest>,
    /// Enforced: the policies inside the API server are there, unaltered, and answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["type".into()]))]
    pub conditions: Vec<Condition>,
}

/// A digest that no pod may name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GuardedDigest {
    /// The model's digest.
    pub digest: DigestText,
    /// Namespace of the release it was guarded for.
    pub namespace: Name,
    /// The release.
    pub release: Name,
    /// Since when.
    pub since: Instant,
}
