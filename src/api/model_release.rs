use super::*;
use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a team wants to run: this model on this workload. Updated in place for each new version.
#[derive(CustomResource, Debug, Clone, PartialEq, Serialize, Deserialize, KubeSchema)]
#[kube(
    group = "modelgate.dev",
    version = "v1alpha1",
    kind = "ModelRelease",
    namespaced,
    status = "ModelReleaseStatus",
    derive = "PartialEq",
    shortname = "mrel",
    category = "modelgate",
    doc = "This model on this workload. Modelgate holds the workload until every policy that matches the namespace is satisfied, and watches it afterwards. Update it in place for each new version.",
    validation = Rule::new("self.metadata.name.size() <= 40 && !self.metadata.name.contains('.')").message("a release's name has at most 40 characters and no dots: it becomes part of run names and labels"),
    printcolumn(name = "Version", type_ = "string", json_path = ".spec.model.version"),
    printcolumn(name = "Ready", type_ = "string", json_path = ".status.conditions[?(@.type==\"Ready\")].status"),
    printcolumn(name = "Status", type_ = "string", json_path = ".status.conditions[?(@.type==\"Ready\")].reason"),
    printcolumn(name = "Gates", type_ = "string", json_path = ".status.gates.summary"),
    printcolumn(name = "Risk", type_ = "string", json_path = ".status.risk.summary"),
    printcolumn(name = "Approvals", type_ = "string", json_path = ".status.approvals.summary"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "Model", type_ = "string", json_path = ".spec.model.name", priority = 1),
    printcolumn(name = "Run", type_ = "string", json_path = ".status.run", priority = 1),
    printcolumn(name = "Message", type_ = "string", json_path = ".status.conditions[?(@.type==\"Ready\")].message", priority = 1)
)]
#[serde(rename_all = "camelCase")]
pub struct ModelReleaseSpec {
    /// The Deployment that serves the model, in the same namespace. Never changes.
    #[x_kube(validation = Rule::new("self == oldSelf").message("targetRef never changes: make another release for another workload"))]
    pub target_ref: TargetRef,
    /// Which model.
    pub model: ModelSpec,
    /// People who wrote this version, by user name. Required for approvals to count when only a service account (GitOps) applied the release.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    #[x_kube(merge_strategy = ListMerge::Set)]
    pub authors: Vec<UserName>,
    /// Everyone who wrote this release since the model digest last changed. Stamped by the API server; what is typed here is replaced.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    #[x_kube(merge_strategy = ListMerge::Set)]
    pub changed_by: Vec<UserName>,
    /// Who answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Owner>,
    /// Declared properties that the risk score reads. What is not declared counts as High; policies may raise it.
    #[serde(default)]
    pub declared: Declared,
    /// Documents and data sets that gates read, each pinned by a digest or an immutable ConfigMap.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["name".into()]))]
    pub evidence: Vec<Evidence>,
}

/// Which model, and how its bytes are named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ModelSpec {
    /// The model's name, the same for all its versions.
    pub name: Word,
    /// The version, for people.
    pub version: Word,
    /// Digest of the model's bytes. The pod template must name the same one (annotation modelgate.dev/model-digest, an env value or an image digest) before anything is evaluated.
    pub digest: DigestText,
    /// Where the model is kept. Shown, never fetched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<Prose>,
}

/// Who answers for the release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Owner {
    /// The team.
    pub team: Word,
    /// How to reach it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub contacts: Vec<Word>,
}

/// Properties of the model that decide how risky its release is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Declared {
    /// What a wrong answer costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub business_criticality: Option<LevelName>,
    /// How sensitive the data is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_sensitivity: Option<LevelName>,
    /// How hard the model is to understand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_complexity: Option<LevelName>,
    /// What it is for, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Line>,
}

/// One document or data set. Exactly one source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("[has(self.configMap), has(self.persistentVolumeClaim), has(self.https)].filter(x, x).size() == 1").message("name exactly one source: configMap, persistentVolumeClaim or https"))]
#[x_kube(validation = Rule::new("has(self.configMap) || has(self.digest)").message("evidence in a volume or at an https address needs its digest; only an immutable ConfigMap is pinned without one"))]
pub struct Evidence {
    /// The name gates use.
    pub name: Name,
    /// What the bytes must hash to. Required for volumes and https.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<DigestText>,
    /// A key of an immutable ConfigMap (`immutable: true`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_map: Option<ConfigMapSource>,
    /// A file in a PersistentVolumeClaim, mounted read-only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persistent_volume_claim: Option<ClaimSource>,
    /// A file fetched by the evaluation pod, never by the operator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub https: Option<HttpsSource>,
    /// What the columns of a table mean.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<EvidenceColumns>,
}

/// A key of an immutable ConfigMap in the release's namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConfigMapSource {
    /// The ConfigMap's name.
    pub name: ObjectName,
    /// The key.
    pub key: ConfigKey,
}

/// A file in a PersistentVolumeClaim of the release's namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
pub struct ClaimSource {
    /// The claim's name.
    pub name: ObjectName,
    /// The file's path in the volume, relative and without `..`.
    #[x_kube(validation = Rule::new("!self.contains('..')").message("the path stays inside the volume: no .."))]
    pub path: RelativePath,
}

/// A file at an https address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HttpsSource {
    /// The address.
    pub url: HttpsUrl,
}

/// What the columns of a table mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
pub struct EvidenceColumns {
    /// Column with the true outcome.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Word>,
    /// Column with the predicted outcome.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prediction: Option<Word>,
    /// Column with the model's score: the chance of the favourable outcome, from 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<Word>,
    /// The value of label and prediction that is the favourable outcome, for example "0" when 1 means denied.
    #[serde(default = "favorable")]
    #[schemars(length(min = 1, max = 63))]
    pub favorable: String,
    /// Which column holds which sensitive attribute. The policy names the attributes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["attribute".into()]))]
    pub protected: Vec<ProtectedColumnRef>,
}

fn favorable() -> String {
    "1".to_owned()
}

/// A sensitive attribute and its column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProtectedColumnRef {
    /// The attribute's name in the policy.
    pub attribute: Word,
    /// The column's name in the table.
    pub column: Word,
}

/// What Modelgate found and did. Written by the operator alone.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct ModelReleaseStatus {
    /// The release's generation this status is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// The Deployment as it was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<TargetStatus>,
    /// The revision that the Deployment's template asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<DigestText>,
    /// The revision that may run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admitted_revision: Option<DigestText>,
    /// Since when the release waits for evidence or for a workload that names its model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_since: Option<Instant>,
    /// Hash of the compiled policies; approvals hold on to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<DigestText>,
    /// The GateRun that this status rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<ObjectName>,
    /// What each gate came to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gates: Option<GatesStatus>,
    /// The risk score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<RiskStatus>,
    /// Who must approve and who did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approvals: Option<ApprovalsStatus>,
    /// After-release gates that are not within their limits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub watch: Vec<WatchRow>,
    /// The last time a revision was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_rollback: Option<RollbackStatus>,
    /// Observed truths.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["type".into()]))]
    pub conditions: Vec<Condition>,
}

/// The Deployment as it was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TargetStatus {
    /// Its UID.
    #[schemars(length(max = 64))]
    pub uid: String,
    /// Its generation when this status last said something new.
    pub observed_generation: i64,
}

/// Rows and their count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GatesStatus {
    /// Passed of asked, for example 3/4.
    #[schemars(length(max = 16))]
    pub summary: String,
    /// One row a gate; the run holds the rest.
    #[schemars(length(max = 64))]
    pub rows: Vec<GateRow>,
}

/// The risk score and what it is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RiskStatus {
    /// Score and tier, for example 70 High.
    #[schemars(length(max = 16))]
    pub summary: String,
    /// 0 to 100.
    #[schemars(range(min = 0, max = 100))]
    pub score: u32,
    /// The tier that decides who must approve.
    pub tier: TierName,
    /// The policy whose model gave the highest score.
    pub policy: ObjectName,
    /// What each factor added.
    #[schemars(length(max = 16))]
    pub contributions: Vec<RiskContribution>,
}

/// One factor of the score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RiskContribution {
    /// The factor.
    pub factor: FactorName,
    /// Its weight.
    #[schemars(range(min = 0, max = 100))]
    pub weight: u32,
    /// Its level, 0 to 100.
    #[schemars(range(min = 0, max = 100))]
    pub level: u32,
}

/// Who must approve and who did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ApprovalsStatus {
    /// Counted of required, for example 1/2.
    #[schemars(length(max = 16))]
    pub summary: String,
    /// How many approvals the policies ask for.
    pub required: u32,
    /// How many count.
    pub counted: u32,
    /// Who may give the ones that are missing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub groups: Vec<UserName>,
}

/// An after-release gate that is failing or blind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WatchRow {
    /// The policy that asks.
    pub policy: ObjectName,
    /// The gate's name in that policy.
    pub gate: Name,
    /// Consecutive failures.
    pub failures: u32,
    /// Consecutive answers without a number.
    pub blind: u32,
    /// The last answer.
    #[schemars(length(max = 256))]
    pub message: String,
    /// When the answer came that counted last. The next one counts an interval later, whoever asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Instant>,
}

/// The last time a revision was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RollbackStatus {
    /// The revision that was taken back.
    pub from: DigestText,
    /// The revision that was brought back; absent when there was none to bring back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<DigestText>,
    /// When the breach was acted on.
    pub at: Instant,
    /// When the last good pods were all available and the bad ones gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Instant>,
    /// Why.
    #[schemars(length(max = 512))]
    pub message: String,
}
