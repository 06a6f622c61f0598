use crate::api::*;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
