use crate::api::*;
use kube::KubeSchema;
use serde::{Deserialize, Serialize};

/// An explanation of this model is there, features that should not count do not, and the ranking stays as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!has(self.maxShare) || double(self.maxShare) >= 0.0 && double(self.maxShare) < 1.0").message("maxShare is a share, from 0 to less than 1: 0.05 is five percent"))]
pub struct ExplainabilityCheck {
    /// The evidence's name.
    pub evidence: Name,
    /// The format. Auto: told from the document, and the row says which it is.
    #[serde(default)]
    pub format: ExplanationFormatName,
    /// The report must name the release's model digest. Only modelgate.dev/explanation/v1 can; for other formats say false.
    #[serde(default = "yes")]
    pub about_model: bool,
    /// Evidence whose digest the report must name as the data it was made on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Name>,
    /// Forbidden or sensitive features; a name that ends in * stands for every feature that starts so. One that the report does not list counts nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub features: Vec<Word>,
    /// Largest share of all importance that those features may have together, in quotes; "0" when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_share: Option<DecimalText>,
    /// Fewest features that the report must list.
    #[serde(default = "one_feature")]
    #[schemars(range(min = 1, max = 20000))]
    pub min_features: u32,
    /// How alike the ranking of features must be to that of an earlier report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stability: Option<StabilitySpec>,
    /// Fewest cases that must be explained one by one.
    #[serde(default)]
    #[schemars(range(min = 0, max = 100000))]
    pub min_cases: u32,
    /// Cases, by name, that must be explained one by one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub cases: Vec<Word>,
}

fn yes() -> bool {
    true
}

fn one_feature() -> u32 {
    1
}

/// How alike two rankings must be. A feature that one report lacks has no importance there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!has(self.minRankCorrelation) || double(self.minRankCorrelation) > -1.0 && double(self.minRankCorrelation) <= 1.0").message("a rank correlation is at least -1, which every ranking reaches, and at most 1"))]
#[x_kube(validation = Rule::new("has(self.minRankCorrelation) || has(self.overlap)").message("ask for minRankCorrelation or overlap"))]
#[x_kube(validation = Rule::new("!has(self.againstAdmitted) || !self.againstAdmitted || !has(self.referenceDigests) || size(self.referenceDigests) == 0").message("againstAdmitted fixes the reference: leave referenceDigests out"))]
pub struct StabilitySpec {
    /// Evidence that holds the earlier report.
    pub reference: Name,
    /// The reference must be the very report that the last admitted revision was admitted with, told by its digest. Asks nothing of a first release, which need not bring one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub against_admitted: bool,
    /// The reference must be one of these. The policy chooses the yardstick, not the release.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    pub reference_digests: Vec<DigestText>,
    /// Smallest rank correlation (Spearman) over all features, in quotes, between -1 and 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_rank_correlation: Option<DecimalText>,
    /// How many of the most important features must be so in both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overlap: Option<OverlapSpec>,
}

/// Of the most important features, the share that must be so in both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[x_kube(validation = Rule::new("double(self.min) > 0.0 && double(self.min) <= 1.0").message("min is a share, above 0 and at most 1"))]
pub struct OverlapSpec {
    /// How many features are looked at.
    #[schemars(range(min = 1, max = 1000))]
    pub top: u32,
    /// Smallest share, in quotes, between 0 and 1.
    pub min: DecimalText,
}
