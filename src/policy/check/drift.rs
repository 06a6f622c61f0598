use crate::policy::{Decimal, Digest};
use serde::{Deserialize, Serialize};

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

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DriftMethod {
    /// Population stability index over ten quantile bins of the reference.
    #[serde(rename = "PSI")]
    Psi,
    /// Two-sample Kolmogorov–Smirnov.
    KolmogorovSmirnov,
    /// Pearson's chi-square on category counts.
    ChiSquare,
}

/// What of a method's answer is compared: a statistic above, or a p-value below, the threshold is drift.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DriftCompare {
    Statistic,
    PValue,
}
