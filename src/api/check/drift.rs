use crate::api::*;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Current rows still look like the reference rows, column by column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!has(self.compare) || self.compare != 'PValue' || self.method in ['KolmogorovSmirnov', 'ChiSquare']").message("only KolmogorovSmirnov and ChiSquare have a p-value: compare the statistic"))]
#[x_kube(validation = Rule::new("!has(self.correction) || self.correction == 'None' || self.compare == 'PValue' || has(self.byColumn) && self.byColumn.exists(c, c.compare == 'PValue')").message("a correction is for p-values: compare PValue"))]
#[x_kube(validation = Rule::new("!has(self.compare) || self.compare != 'PValue' || double(self.threshold) > 0.0 && double(self.threshold) < 1.0").message("the threshold of a p-value is above 0 and below 1"))]
#[x_kube(validation = Rule::new("has(self.compare) && self.compare == 'PValue' || double(self.threshold) > 0.0").message("a threshold is above 0"))]
#[x_kube(validation = Rule::new("self.method in ['PSI', 'Wasserstein', 'NormalizedWasserstein', 'ChiSquare'] || double(self.threshold) <= 1.0").message("this method gives at most 1, so that a higher threshold finds nothing"))]
#[x_kube(validation = Rule::new("!has(self.maxDriftedShare) || double(self.maxDriftedShare) >= 0.0 && double(self.maxDriftedShare) < 1.0").message("maxDriftedShare is a share, from 0 to less than 1: 0.3 is thirty percent"))]
pub struct DriftCheck {
    /// Evidence with the reference rows, or a reference profile that was measured from them.
    pub reference: Name,
    /// The reference must be one of these. The policy chooses the yardstick, not the release.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    pub reference_digests: Vec<DigestText>,
    /// Evidence with the current rows.
    pub current: Name,
    /// How far apart two columns are: PSI, KolmogorovSmirnov, JensenShannon, Wasserstein (in the column's unit), NormalizedWasserstein (in standard deviations of the reference), ChiSquare, TotalVariation, CramersV, MissingShare or NewCategoryShare. docs/checks/drift.md defines each.
    pub method: DriftMethodName,
    /// Statistic: at or above the threshold is drift. PValue: at or below the threshold is drift.
    #[serde(default)]
    pub compare: DriftCompareName,
    /// In quotes; 0.2 is the usual one for PSI.
    pub threshold: DecimalText,
    /// Columns to compare. Empty: all of the reference that the method can compare; the current rows must have them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 256))]
    pub columns: Vec<Word>,
    /// Columns that are compared by a method of their own. They count in the share like the others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub by_column: Vec<ColumnDrift>,
    /// BenjaminiHochberg adjusts the p-values of all columns for the false discovery rate before they are compared; None compares each as it is.
    #[serde(default)]
    pub correction: DriftCorrection,
    /// Largest good share of drifted columns, in quotes; "0" when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_drifted_share: Option<DecimalText>,
    /// Only rows for which this CEL expression is true, for example `row.region == 'EU' && row.age >= 25`. Of both tables; a reference profile has no rows to choose from. Columns of numbers are doubles, others texts, an empty cell is null. A row of which it cannot be told is an error, no row at all Inconclusive.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub slice: Option<Formula>,
}

/// Some columns and how they are compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!has(self.compare) || self.compare != 'PValue' || self.method in ['KolmogorovSmirnov', 'ChiSquare']").message("only KolmogorovSmirnov and ChiSquare have a p-value: compare the statistic"))]
#[x_kube(validation = Rule::new("!has(self.compare) || self.compare != 'PValue' || double(self.threshold) > 0.0 && double(self.threshold) < 1.0").message("the threshold of a p-value is above 0 and below 1"))]
#[x_kube(validation = Rule::new("has(self.compare) && self.compare == 'PValue' || double(self.threshold) > 0.0").message("a threshold is above 0"))]
#[x_kube(validation = Rule::new("self.method in ['PSI', 'Wasserstein', 'NormalizedWasserstein', 'ChiSquare'] || double(self.threshold) <= 1.0").message("this method gives at most 1, so that a higher threshold finds nothing"))]
pub struct ColumnDrift {
    /// Their names. All of them must be in both tables.
    #[schemars(length(min = 1, max = 256))]
    pub columns: Vec<Word>,
    /// TextLength compares texts by their lengths in characters, as numbers.
    #[serde(default)]
    pub read_as: ReadAs,
    /// As above, for these columns.
    pub method: DriftMethodName,
    /// Statistic: at or above the threshold is drift. PValue: at or below the threshold is drift.
    #[serde(default)]
    pub compare: DriftCompareName,
    /// In quotes.
    pub threshold: DecimalText,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum ReadAs {
    #[default]
    Value,
    TextLength,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum DriftCorrection {
    #[default]
    None,
    BenjaminiHochberg,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum DriftMethodName {
    #[serde(rename = "PSI")]
    Psi,
    KolmogorovSmirnov,
    JensenShannon,
    Wasserstein,
    NormalizedWasserstein,
    ChiSquare,
    TotalVariation,
    CramersV,
    MissingShare,
    NewCategoryShare,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum DriftCompareName {
    #[default]
    Statistic,
    PValue,
}
