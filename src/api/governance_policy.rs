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

/// One requirement: exactly one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("[has(self.documentation), has(self.metric), has(self.fairness), has(self.drift), has(self.expression), has(self.approval), has(self.prometheus)].filter(x, x).size() == 1").message("a gate has exactly one check: documentation, metric, fairness, drift, expression, approval or prometheus"))]
#[x_kube(validation = Rule::new("has(self.prometheus) == has(self.watch)").message("a prometheus gate needs watch, and only a prometheus gate has it"))]
pub struct GateSpec {
    /// The gate's name, unique in the policy.
    pub name: Name,
    /// Softer than the policy, if set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enforcement: Option<EnforcementName>,
    /// How much it adds to the risk when it does not pass.
    #[serde(default)]
    pub severity: SeverityName,
    /// Asked only from this risk tier on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_tier: Option<TierName>,
    /// What to do when it does not pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remediation: Option<Remediation>,
    /// When an after-release gate is asked and when its failures make a breach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watch: Option<WatchSpec>,
    /// A model card is present and says something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documentation: Option<DocumentationCheck>,
    /// A number of an evaluation report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<MetricCheck>,
    /// Groups are treated alike.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fairness: Option<FairnessCheck>,
    /// Current data still looks like the reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift: Option<DriftCheck>,
    /// A CEL expression over the facts; true passes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expression: Option<ExpressionCheck>,
    /// People agree. Looked at only when everything else is satisfied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<ApprovalCheck>,
    /// A number from Prometheus, after release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prometheus: Option<PrometheusCheck>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum SeverityName {
    Low,
    #[default]
    Medium,
    High,
    Critical,
}

/// What to do when a gate does not pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Remediation {
    /// In a sentence.
    #[schemars(length(min = 1, max = 200))]
    pub text: String,
}

/// When an after-release gate is asked, and what a breach does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct WatchSpec {
    /// How often, at least 1s.
    #[x_kube(validation = Rule::new("duration(self) >= duration('1s') && duration(self) <= duration('24h')").message("interval is between 1s and 24h"))]
    pub interval: DurationText,
    /// Consecutive failures that make a breach.
    #[serde(default = "three")]
    #[schemars(range(min = 1, max = 100))]
    pub breach_after: u32,
    /// Consecutive answers without a number after which the watch is called blind. Never a breach.
    #[serde(default = "five")]
    #[schemars(range(min = 1, max = 100))]
    pub blind_after: u32,
    /// Freeze holds where it is; Rollback brings the last good revision back. The strongest of several wins.
    pub on_breach: OnBreachName,
}

fn three() -> u32 {
    3
}

fn five() -> u32 {
    5
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum OnBreachName {
    Freeze,
    Rollback,
}

/// A model card (Hugging Face form: YAML front matter and Markdown).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.sections) && self.sections.size() > 0 || has(self.frontMatter) && self.frontMatter.size() > 0").message("ask for at least one section or front matter key"))]
pub struct DocumentationCheck {
    /// The evidence's name.
    pub evidence: Name,
    /// Keys the front matter must give a value for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    pub front_matter: Vec<Word>,
    /// Sections that must be there and say something.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    pub sections: Vec<SectionSpec>,
}

/// A heading and how much must stand under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SectionSpec {
    /// The heading's text, compared without case.
    pub heading: Word,
    /// Fewest words; placeholders do not count.
    #[serde(default = "ten")]
    #[schemars(range(min = 1, max = 10000))]
    pub min_words: u32,
}

fn ten() -> u32 {
    10
}

/// A number of an evaluation report: MLflow run JSON, plain JSON or CSV.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.min) || has(self.max) || has(self.againstAdmitted)").message("ask for min, max or againstAdmitted"))]
pub struct MetricCheck {
    /// The evidence's name.
    pub evidence: Name,
    /// The metric's name; dots step into nested objects.
    pub name: Word,
    /// Smallest good value, in quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<DecimalText>,
    /// Largest good value, in quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<DecimalText>,
    /// How far it may move from the last admitted revision's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against_admitted: Option<AgainstAdmittedSpec>,
}

/// How far a number may move from the last admitted revision's. Asks nothing of a first release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.maxDecrease) || has(self.maxIncrease)").message("ask for maxDecrease or maxIncrease"))]
pub struct AgainstAdmittedSpec {
    /// Largest fall, absolute, in quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_decrease: Option<DecimalText>,
    /// Largest rise, absolute, in quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_increase: Option<DecimalText>,
}

/// Groups are treated alike, measured on predictions in CSV or Parquet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.min) != has(self.max)").message("a fairness gate needs exactly one of min (for a ratio) and max (for a difference)"))]
#[x_kube(validation = Rule::new("has(self.min) == (self.measure == 'DemographicParityRatio')").message("a ratio needs min, a difference needs max"))]
pub struct FairnessCheck {
    /// The evidence's name. Its columns must map label, prediction and the attributes.
    pub evidence: Name,
    /// Sensitive attributes; the worst counts.
    #[schemars(length(min = 1, max = 8))]
    pub attributes: Vec<Word>,
    /// DemographicParityRatio (0.8 is the four-fifths rule), DemographicParityDifference, EqualizedOddsDifference or EqualOpportunityDifference.
    pub measure: FairnessMeasureName,
    /// Smallest good ratio, in quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<DecimalText>,
    /// Largest good difference, in quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<DecimalText>,
    /// A smaller group makes the gate Inconclusive.
    #[serde(default = "thirty")]
    #[schemars(range(min = 1, max = 1000000))]
    pub min_group_size: u32,
}

fn thirty() -> u32 {
    30
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum FairnessMeasureName {
    DemographicParityRatio,
    DemographicParityDifference,
    EqualizedOddsDifference,
    EqualOpportunityDifference,
}

/// Current rows still look like the reference rows, column by column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("self.compare != 'PValue' || self.method != 'PSI'").message("PSI has no p-value: compare its statistic"))]
pub struct DriftCheck {
    /// Evidence with the reference rows.
    pub reference: Name,
    /// The reference must be one of these. The policy chooses the yardstick, not the release.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    pub reference_digests: Vec<DigestText>,
    /// Evidence with the current rows.
    pub current: Name,
    /// PSI, KolmogorovSmirnov or ChiSquare.
    pub method: DriftMethodName,
    /// Statistic: above the threshold is drift. PValue: below the threshold is drift.
    #[serde(default)]
    pub compare: DriftCompareName,
    /// In quotes; 0.2 is the usual one for PSI.
    pub threshold: DecimalText,
    /// Columns to compare. Empty: all that both have and the method can compare.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 256))]
    pub columns: Vec<Word>,
    /// Largest good share of drifted columns, in quotes; "0" when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_drifted_share: Option<DecimalText>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum DriftMethodName {
    #[serde(rename = "PSI")]
    Psi,
    KolmogorovSmirnov,
    ChiSquare,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum DriftCompareName {
    #[default]
    Statistic,
    PValue,
}

/// A CEL expression; runs in the evaluation pod under hard limits on size, depth and cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExpressionCheck {
    /// Reads release, model, namespace, declared and evidence.NAME; must be a boolean.
    pub expression: Formula,
    /// What to say when it is false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 200))]
    pub message: Option<String>,
    /// JSON evidence the expression reads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8))]
    pub evidence: Vec<Name>,
}

/// How many people of which groups must approve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
pub struct ApprovalCheck {
    /// A person of any of these groups counts. Who wrote the release never does.
    #[schemars(length(min = 1, max = 16))]
    #[x_kube(merge_strategy = ListMerge::Set)]
    pub groups: Vec<UserName>,
    /// How many different people.
    #[schemars(range(min = 1, max = 16))]
    pub required: u32,
    /// Revision: void when template or model change. Model: survives template-only changes.
    #[serde(default)]
    pub binds: ApprovalBindsName,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum ApprovalBindsName {
    #[default]
    Revision,
    Model,
}

/// One number from a Prometheus instant query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[x_kube(validation = Rule::new("has(self.min) || has(self.max)").message("ask for min or max"))]
pub struct PrometheusCheck {
    /// A provider named in GateConfig.
    pub provider: Name,
    /// PromQL that gives exactly one number. ${namespace}, ${release}, ${deployment} and ${revision} are filled in.
    pub query: Formula,
    /// Smallest good value, in quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<DecimalText>,
    /// Largest good value, in quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<DecimalText>,
}

/// How risk is scored: sum of weight times level over sum of weights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
pub struct RiskSpec {
    /// What counts, and how much. Left out: business criticality 35, data sensitivity 35, model complexity 10, gate outcomes 20.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 4))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["factor".into()]))]
    pub factors: Vec<FactorSpec>,
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum FactorName {
    BusinessCriticality,
    DataSensitivity,
    ModelComplexity,
    GateOutcomes,
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
