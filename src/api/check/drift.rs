use crate::api::*;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
