//! What each check asks, as the evaluator and the decision read it (the API's shape lives in `api`).

use super::{Decimal, Digest, Limits};
use serde::{Deserialize, Serialize};

/// Exactly one question. JSON form: `{"metric": {…}}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Check {
    Documentation(Documentation),
    Metric(Metric),
    Fairness(Fairness),
    Drift(Drift),
    Expression(Expression),
    Approval(Approval),
    Prometheus(Prometheus),
}

impl Check {
    /// Names of the evidence this check reads, in the order it reads them.
    pub fn evidence(&self) -> Vec<&str> {
        match self {
            Check::Documentation(c) => vec![&c.evidence],
            Check::Metric(c) => vec![&c.evidence],
            Check::Fairness(c) => vec![&c.evidence],
            Check::Drift(c) => vec![&c.reference, &c.current],
            Check::Expression(c) => c.evidence.iter().map(String::as_str).collect(),
            Check::Approval(_) | Check::Prometheus(_) => Vec::new(),
        }
    }

    /// Whether the evaluator Job answers this check.
    pub fn runs_in_job(&self) -> bool {
        match self {
            Check::Documentation(_)
            | Check::Metric(_)
            | Check::Fairness(_)
            | Check::Drift(_)
            | Check::Expression(_) => true,
            Check::Approval(_) | Check::Prometheus(_) => false,
        }
    }

    pub fn kind(&self) -> &'static str {
        match self {
            Check::Documentation(_) => "documentation",
            Check::Metric(_) => "metric",
            Check::Fairness(_) => "fairness",
            Check::Drift(_) => "drift",
            Check::Expression(_) => "expression",
            Check::Approval(_) => "approval",
            Check::Prometheus(_) => "prometheus",
        }
    }
}

/// A model card: front matter keys present, sections present and saying something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Documentation {
    pub evidence: String,
    /// Keys that the YAML front matter must give a value for, e.g. `license`.
    #[serde(default)]
    pub front_matter: Vec<String>,
    #[serde(default)]
    pub sections: Vec<Section>,
}

/// A heading (compared without case and surrounding space) and how many words must stand under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Section {
    pub heading: String,
    pub min_words: u32,
}

/// One number of an evaluation report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Metric {
    pub evidence: String,
    pub name: String,
    #[serde(flatten)]
    pub limits: Limits,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against_admitted: Option<AgainstAdmitted>,
}

/// How far the number may move from the last admitted revision's, absolute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AgainstAdmitted {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_decrease: Option<Decimal>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_increase: Option<Decimal>,
    /// The last admitted revision's number, filled in by the operator when the run starts;
    /// absent when there is no such revision, and then this part asks nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<String>,
}

/// A group fairness measure over predictions; one number per sensitive attribute, the worst counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fairness {
    pub evidence: String,
    pub attributes: Vec<String>,
    pub measure: FairnessMeasure,
    #[serde(flatten)]
    pub limits: Limits,
    /// A group with fewer rows makes the gate `Inconclusive`: its rate says nothing.
    pub min_group_size: u64,
}

/// Definitions as in Fairlearn (fairlearn.metrics), over the favourable outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FairnessMeasure {
    /// Largest minus smallest selection rate among groups.
    DemographicParityDifference,
    /// Smallest over largest selection rate; 0.8 is the four-fifths rule (29 CFR 1607.4 D).
    DemographicParityRatio,
    /// The larger of the true-positive-rate and the false-positive-rate gap.
    EqualizedOddsDifference,
    /// The true-positive-rate gap.
    EqualOpportunityDifference,
}

/// Reference rows against current rows, column by column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Drift {
    pub reference: String,
    /// The reference must be one of these; the policy chooses it, not the release.
    #[serde(default)]
    pub reference_digests: Vec<Digest>,
    pub current: String,
    pub method: DriftMethod,
    /// Empty: every column that both have and the method can compare.
    #[serde(default)]
    pub columns: Vec<String>,
    pub compare: DriftCompare,
    pub threshold: Decimal,
    /// Largest share of compared columns that may have drifted; 0 when the policy does not say.
    pub max_drifted_share: Decimal,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum DriftMethod {
    /// Population stability index over ten quantile bins of the reference.
    #[serde(rename = "PSI")]
    Psi,
    /// Two-sample Kolmogorov–Smirnov.
    KolmogorovSmirnov,
    /// Jensen–Shannon distance to base 2, over the bins of PSI.
    JensenShannon,
    /// Wasserstein-1 distance in the column's unit, seconds for instants.
    Wasserstein,
    /// The same in standard deviations of the reference.
    NormalizedWasserstein,
    /// Pearson's chi-square on category counts.
    ChiSquare,
    /// Half the sum of the differences of shares, over the bins of PSI.
    TotalVariation,
    /// The size of chi-square's statistic, between 0 and 1.
    CramersV,
    /// How far the shares of empty cells are apart.
    MissingShare,
    /// Share of current texts that the reference does not have.
    NewCategoryShare,
}

/// What of a method's answer is compared: a statistic above, or a p-value below, the threshold is drift.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DriftCompare {
    Statistic,
    PValue,
}

/// A CEL expression over the facts; true passes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Expression {
    pub expression: String,
    /// What to say when it is false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Evidence the expression may read, as `evidence.<name>`.
    #[serde(default)]
    pub evidence: Vec<String>,
}

/// People. Looked at only when everything else is satisfied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Approval {
    pub groups: Vec<String>,
    pub required: u32,
    pub binds: ApprovalBinds,
}

/// What an approval holds on to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ApprovalBinds {
    /// Void when the pod template or the model changes.
    Revision,
    /// Survives changes of the template as long as the model stays.
    Model,
}

/// One number from a Prometheus query, after release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Prometheus {
    pub provider: String,
    pub query: String,
    #[serde(flatten)]
    pub limits: Limits,
}
