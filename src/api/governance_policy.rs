use super::*;
use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Gates for the namespaces it selects.
#[derive(CustomResource, Debug, Clone, PartialEq, Serialize, Deserialize, KubeSchema)]
#[kube(
    group = "modelgate.dev",
    version = "v1alpha1",
    kind = "GovernancePolicy",
    plural = "governancepolicies",
    status = "GovernancePolicyStatus",
    derive = "PartialEq",
    shortname = "govpol",
    category = "modelgate",
    doc = "Gates for the namespaces it selects. All policies that match a namespace apply; none loosens another.",
    validation = Rule::new("self.metadata.name.size() <= 63").message("a policy's name has at most 63 characters"),
    printcolumn(name = "Enforcement", type_ = "string", json_path = ".spec.enforcement"),
    printcolumn(name = "Ready", type_ = "string", json_path = ".status.conditions[?(@.type==\"Ready\")].status"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "Message", type_ = "string", json_path = ".status.conditions[?(@.type==\"Ready\")].message", priority = 1)
)]
#[serde(rename_all = "camelCase")]
pub struct GovernancePolicySpec {
    /// Which namespaces.
    #[serde(rename = "match")]
    pub match_: PolicyMatch,
    /// Enforce blocks, Warn gives an event and a row, Audit a row. A gate and a namespace may be softer, never stricter. No default: say it.
    pub enforcement: EnforcementName,
    /// Whether a Deployment that already ran when its namespace became governed may be what a rollback brings back.
    #[serde(default)]
    pub adopt_existing: AdoptExisting,
    /// What is required.
    #[schemars(length(min = 1, max = 64))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["name".into()]))]
    pub gates: Vec<GateSpec>,
    /// How risk is scored. Without it the built-in weights and tiers apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<RiskSpec>,
}

/// Which namespaces a policy is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PolicyMatch {
    /// By namespace labels. Only who holds the verb `govern` can change labels of modelgate.dev.
    pub namespace_selector: LabelSelector,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum AdoptExisting {
    /// It keeps running but is never brought back.
    #[default]
    NeverBaseline,
    /// It counts as the last good revision until one is admitted.
    AsBaseline,
}

/// How risk is scored: sum of weight times level over sum of weights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
pub struct RiskSpec {
    /// What counts, and how much. Left out: business criticality 35, data sensitivity 35, model complexity 10, gate outcomes 20.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 6))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["factor".into()]))]
    pub factors: Vec<FactorSpec>,
    /// Gates whose numbers tell how complex the model is. The declared level counts as at least what they measure.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["gate".into()]))]
    pub complexity: Vec<ComplexitySpec>,
    /// A declared level counts as at least this.
    #[serde(default)]
    pub floors: Floors,
    /// From which score a tier begins.
    #[serde(default)]
    pub tiers: Tiers,
}

/// One factor and its weight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FactorSpec {
    /// The factor.
    pub factor: FactorName,
    /// Its weight.
    #[schemars(range(min = 1, max = 100))]
    pub weight: u32,
}

/// From which number of a gate on a model is of Medium and High complexity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[x_kube(validation = Rule::new("double(self.medium) < double(self.high)").message("levels rise: medium < high"))]
pub struct ComplexitySpec {
    /// A gate of this policy: metric or job, whose number counts (parameters, bytes), or explainability, whose number of features does.
    pub gate: Name,
    /// Medium begins here, in quotes.
    pub medium: DecimalText,
    /// High begins here, in quotes.
    pub high: DecimalText,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum FactorName {
    BusinessCriticality,
    DataSensitivity,
    ModelComplexity,
    GateOutcomes,
    DataQuality,
    HistoryAnomaly,
}

/// Lowest levels that count, whatever a release declares.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Floors {
    /// Lowest business criticality.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub business_criticality: Option<LevelName>,
    /// Lowest data sensitivity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_sensitivity: Option<LevelName>,
    /// Lowest model complexity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_complexity: Option<LevelName>,
}

/// From which score a tier begins; below medium is Low.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[x_kube(validation = Rule::new("self.medium < self.high && self.high < self.critical").message("tiers rise: medium < high < critical"))]
pub struct Tiers {
    /// Medium begins here.
    #[serde(default = "tier_medium")]
    #[schemars(range(min = 0, max = 100))]
    pub medium: u32,
    /// High begins here.
    #[serde(default = "tier_high")]
    #[schemars(range(min = 0, max = 100))]
    pub high: u32,
    /// Critical begins here.
    #[serde(default = "tier_critical")]
    #[schemars(range(min = 0, max = 101))]
    pub critical: u32,
}

impl Default for Tiers {
    fn default() -> Self {
        Self { medium: tier_medium(), high: tier_high(), critical: tier_critical() }
    }
}

fn tier_medium() -> u32 {
    30
}

fn tier_high() -> u32 {
    60
}

fn tier_critical() -> u32 {
    85
}

/// Whether the operator understands the policy.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct GovernancePolicyStatus {
    /// The generation this status is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// Ready: the policy compiles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["type".into()]))]
    pub conditions: Vec<Condition>,
}
