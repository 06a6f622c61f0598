use crate::api::*;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Groups are treated alike, measured on predictions: CSV, JSON lines, Parquet or Arrow IPC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.min) != has(self.max)").message("a fairness gate needs exactly one of min (for a ratio) and max (for a difference)"))]
#[x_kube(validation = Rule::new("has(self.min) == (self.measure == 'DemographicParityRatio')").message("a ratio needs min, a difference needs max"))]
#[x_kube(validation = Rule::new("!has(self.min) || double(self.min) > 0.0 && double(self.min) <= 1.0").message("min is a ratio, above 0 and at most 1: the four-fifths rule is 0.8"))]
#[x_kube(validation = Rule::new("!has(self.max) || double(self.max) >= 0.0 && double(self.max) < 1.0").message("max is a difference of shares, from 0 to less than 1: 0.1 is ten percentage points"))]
#[x_kube(validation = Rule::new("!has(self.confidence) || self.measure != 'CalibrationGap'").message("a calibration gap has no interval: leave confidence out"))]
#[x_kube(validation = Rule::new("!has(self.intersections) || !self.intersections || size(self.attributes) in [2, 3, 4]").message("intersections need two to four attributes"))]
#[x_kube(validation = Rule::new("!has(self.confidence) || self.confidence.matches('^0[.][5-9][0-9]{0,5}$')").message("confidence is at least 0.5 and below 1"))]
pub struct FairnessCheck {
    /// The evidence's name. Its columns must map label, prediction and the attributes.
    pub evidence: Name,
    /// Sensitive attributes; the worst counts.
    #[schemars(length(min = 1, max = 8))]
    pub attributes: Vec<Word>,
    /// DemographicParityRatio (0.8 is the four-fifths rule), DemographicParityDifference, EqualizedOddsDifference, EqualOpportunityDifference, FalsePositiveRateDifference, FalseNegativeRateDifference, PredictiveParityDifference or CalibrationGap (needs a score column). docs/checks/fairness.md defines each.
    pub measure: FairnessMeasureName,
    /// Smallest good ratio, in quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<DecimalText>,
    /// Largest good difference, in quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<DecimalText>,
    /// A group with fewer rows says nothing.
    #[serde(default = "thirty")]
    #[schemars(range(min = 1, max = 1000000))]
    pub min_group_size: u32,
    /// Inconclusive: a smaller group makes the gate Inconclusive. LeaveOut: it is not compared, and the row says how many were left out.
    #[serde(default)]
    pub small_groups: SmallGroupsName,
    /// Compare groups by every two and more of the attributes together as well, for example women over 60.
    #[serde(default)]
    pub intersections: bool,
    /// In quotes, for example "0.95": the worse end of the interval at this confidence must keep the bound, not the measured value alone. Few rows then make it hard to pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<DecimalText>,
    /// Asks for a record of what was done, if only mitigation makes the gate pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mitigation: Option<MitigationEvidence>,
    /// Only rows for which this CEL expression is true, for example `row.region == 'EU' && row.age >= 25`. Of the predictions and of those before mitigation. Columns of numbers are doubles, others texts, an empty cell is null. A row of which it cannot be told is an error, no row at all Inconclusive.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub slice: Option<Formula>,
}

/// Where predictions without mitigation are, and the record of the mitigation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MitigationEvidence {
    /// Evidence with the predictions before mitigation, its columns mapped like the others. They are measured too, and need not pass.
    pub unmitigated: Name,
    /// Evidence that must be there if the unmitigated predictions fail and the others pass.
    pub evidence: Name,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum SmallGroupsName {
    #[default]
    Inconclusive,
    LeaveOut,
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
    FalsePositiveRateDifference,
    FalseNegativeRateDifference,
    PredictiveParityDifference,
    CalibrationGap,
}
