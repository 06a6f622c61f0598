use crate::policy::{Decimal, Limits};
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
    /// A group with fewer rows makes the gate `Inconclusive`, or is left out: its rate says nothing.
    pub min_group_size: u64,
    #[serde(default)]
    pub small_groups: SmallGroups,
    /// Groups by every two and more of the attributes together are looked at too.
    #[serde(default)]
    pub intersections: bool,
    /// The bounds are kept by the worse end of the interval at this confidence, not by the value itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Decimal>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mitigation: Option<Mitigation>,
    /// CEL over `row`: only rows for which it holds are looked at.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub slice: Option<String>,
}

/// What becomes of groups that are too small.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SmallGroups {
    #[default]
    Inconclusive,
    LeaveOut,
}

/// When the predictions without mitigation fail and those with it pass, what was done must be written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mitigation {
    /// Evidence with predictions as they were before.
    pub unmitigated: String,
    /// Evidence that says what was done.
    pub evidence: String,
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
    /// The false-positive-rate gap.
    FalsePositiveRateDifference,
    /// The false-negative-rate gap.
    FalseNegativeRateDifference,
    /// The gap in precision: how often the favourable prediction comes true.
    PredictiveParityDifference,
    /// The expected calibration error of the group whose scores are farthest from what came true.
    CalibrationGap,
}

/// What a measure reads besides predictions and groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    Nothing,
    Label,
    LabelAndScore,
}

impl FairnessMeasure {
    pub fn needs(self) -> Needs {
        match self {
            Self::DemographicParityDifference | Self::DemographicParityRatio => Needs::Nothing,
            Self::EqualizedOddsDifference
            | Self::EqualOpportunityDifference
            | Self::FalsePositiveRateDifference
            | Self::FalseNegativeRateDifference
            | Self::PredictiveParityDifference => Needs::Label,
            Self::CalibrationGap => Needs::LabelAndScore,
        }
    }

    /// Whether less is worse.
    pub fn is_ratio(self) -> bool {
        self == Self::DemographicParityRatio
    }
}
