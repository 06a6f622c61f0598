use crate::policy::{Decimal, Digest, Format, Limits};
use serde::{Deserialize, Serialize};

/// An explanation of this model is there; features that should not count do not. The number compared is the share of
/// all importance that those features have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Explainability {
    pub evidence: String,
    /// `None`: told from the document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// The report must name the release's model digest.
    pub about_model: bool,
    /// The report must name this evidence's digest as its data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// Forbidden or sensitive features; a trailing `*` stands for any ending.
    #[serde(default)]
    pub features: Vec<String>,
    /// The largest share that they may have together.
    pub max_share: Decimal,
    pub min_features: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stability: Option<Stability>,
    /// Fewest cases that are explained one by one.
    #[serde(default)]
    pub min_cases: u32,
    /// Cases that must be.
    #[serde(default)]
    pub cases: Vec<String>,
}

/// How alike the ranking of features must be to that of an earlier report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stability {
    /// Evidence that holds the earlier report.
    pub reference: String,
    /// The reference must be one of these; the policy chooses it, not the release. Empty: any.
    #[serde(default)]
    pub reference_digests: Vec<Digest>,
    /// The reference must be what the last admitted revision was explained by.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub against_admitted: bool,
    /// Digest of that, filled in by the operator when the run starts; absent when there is no such revision, or when it
    /// was not asked this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admitted: Option<Digest>,
    /// Spearman's, between -1 and 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_rank_correlation: Option<Decimal>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overlap: Option<Overlap>,
}

/// Of the `top` most important features, the share that must be so in both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overlap {
    pub top: u32,
    pub min: Decimal,
}

impl Stability {
    /// Whether there is something to compare with: nothing is asked of a first release.
    pub fn is_compared(&self) -> bool {
        !self.against_admitted || self.admitted.is_some()
    }
}

impl Explainability {
    /// None when no feature is named: then no number decides.
    pub fn limits(&self) -> Option<Limits> {
        (!self.features.is_empty()).then(|| Limits::at_most(self.max_share.clone()))
    }
}
