use crate::api::*;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One requirement: exactly one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("[has(self.documentation), has(self.metric), has(self.dataContract), has(self.fairness), has(self.drift), has(self.explainability), has(self.privacy), has(self.tests), has(self.vulnerabilities), has(self.provenance), has(self.expression), has(self.job), has(self.approval), has(self.prometheus)].filter(x, x).size() == 1").message("a gate has exactly one check: documentation, metric, dataContract, fairness, drift, explainability, privacy, tests, vulnerabilities, provenance, expression, job, approval or prometheus"))]
#[x_kube(validation = Rule::new("has(self.prometheus) == has(self.watch)").message("a prometheus gate needs watch, and only a prometheus gate has it"))]
#[x_kube(validation = Rule::new("!has(self.prometheus) || !has(self.minTier)").message("a prometheus gate is asked at every tier: leave minTier out"))]
pub struct GateSpec {
    /// The gate's name, unique in the policy.
    pub name: Name,
    /// Softer than the policy, if set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enforcement: Option<EnforcementName>,
    /// How much it adds to the risk when it does not pass.
    #[serde(default)]
    pub severity: SeverityName,
    /// Asked only from this risk tier on. Not for prometheus gates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_tier: Option<TierName>,
    /// What to do when it does not pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remediation: Option<Remediation>,
    /// When an after-release gate is asked and when its failures make a breach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watch: Option<WatchSpec>,
    // Boxed: a gate has one of them, and a file may name 100,000 gates before they are counted.
    /// A model card or another document is present and says something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documentation: Option<Box<DocumentationCheck>>,
    /// A number of an evaluation report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<Box<MetricCheck>>,
    /// Data keeps what its contract (ODCS) promises.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_contract: Option<Box<DataContractCheck>>,
    /// Groups are treated alike.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fairness: Option<Box<FairnessCheck>>,
    /// Current data still looks like the reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift: Option<Box<DriftCheck>>,
    /// The model is explained, and by what should count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explainability: Option<Box<ExplainabilityCheck>>,
    /// Rows say no more about people than they may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub privacy: Option<Box<PrivacyCheck>>,
    /// Tests ran and none failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tests: Option<Box<TestsCheck>>,
    /// Scans found no more vulnerabilities than are allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vulnerabilities: Option<Box<VulnerabilitiesCheck>>,
    /// Trusted keys signed what was made, how and from what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provenance: Option<Box<ProvenanceCheck>>,
    /// A CEL expression over the facts; true passes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expression: Option<Box<ExpressionCheck>>,
    /// A container of your own answers, in a Job of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<Box<JobCheck>>,
    /// People agree. Looked at only when everything else is satisfied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<Box<ApprovalCheck>>,
    /// A number from Prometheus, after release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prometheus: Option<Box<PrometheusCheck>>,
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
