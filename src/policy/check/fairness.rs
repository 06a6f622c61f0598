use crate::policy::Limits;
use serde::{Deserialize, Serialize};

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
