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
    /// Of columns that `by_column` does not name.
    #[serde(flatten)]
    pub rule: DriftRule,
    /// Empty: every column of the reference that the method can compare.
    #[serde(default)]
    pub columns: Vec<String>,
    /// Columns that are compared by a rule of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_column: Vec<ColumnRule>,
    #[serde(default)]
    pub correction: Correction,
    /// Largest share of compared columns that may have drifted; 0 when the policy does not say.
    pub max_drifted_share: Decimal,
    /// CEL over `row`: only rows for which it holds are compared, on both sides.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub slice: Option<String>,
}

/// When a column has drifted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DriftRule {
    pub method: DriftMethod,
    pub compare: DriftCompare,
    pub threshold: Decimal,
}

impl DriftRule {
    /// Whether there are columns that have drifted and others that have not.
    ///
    /// # Errors
    /// Why the threshold calls all columns or none drifted.
    pub fn can_tell(&self) -> Result<(), &'static str> {
        let threshold = self.threshold.value();
        match self.compare {
            DriftCompare::PValue if threshold > 0.0 && threshold < 1.0 => Ok(()),
            DriftCompare::PValue => Err("the threshold of a p-value is above 0 and below 1"),
            DriftCompare::Statistic if threshold <= 0.0 => Err("a threshold is above 0"),
            DriftCompare::Statistic if threshold > 1.0 && self.method.is_at_most_one() => {
                Err("this method gives at most 1, so that a higher threshold finds nothing")
            }
            DriftCompare::Statistic => Ok(()),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ColumnRule {
    pub columns: Vec<String>,
    /// Texts are compared by their lengths in characters.
    #[serde(default)]
    pub lengths: bool,
    #[serde(flatten)]
    pub rule: DriftRule,
}

/// What is done about many tests at once, of which some come out by chance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Correction {
    #[default]
    None,
    /// p-values of all columns are adjusted for the false discovery rate.
    BenjaminiHochberg,
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

impl DriftMethod {
    /// Whether no two columns are further apart than 1.
    fn is_at_most_one(self) -> bool {
        match self {
            Self::KolmogorovSmirnov
            | Self::JensenShannon
            | Self::TotalVariation
            | Self::CramersV
            | Self::MissingShare
            | Self::NewCategoryShare => true,
            Self::Psi | Self::Wasserstein | Self::NormalizedWasserstein | Self::ChiSquare => false,
        }
    }

    /// Whether the method is a test.
    pub fn has_p(self) -> bool {
        match self {
            Self::KolmogorovSmirnov | Self::ChiSquare => true,
            Self::Psi
            | Self::JensenShannon
            | Self::Wasserstein
            | Self::NormalizedWasserstein
            | Self::TotalVariation
            | Self::CramersV
            | Self::MissingShare
            | Self::NewCategoryShare => false,
        }
    }

    /// In a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::Psi => "PSI",
            Self::KolmogorovSmirnov => "KS",
            Self::JensenShannon => "Jensen-Shannon",
            Self::Wasserstein => "Wasserstein",
            Self::NormalizedWasserstein => "normalized Wasserstein",
            Self::ChiSquare => "chi-square",
            Self::TotalVariation => "total variation",
            Self::CramersV => "Cramer's V",
            Self::MissingShare => "missing share change",
            Self::NewCategoryShare => "new category share",
        }
    }
}

/// What of a method's answer is compared: a statistic above, or a p-value below, the threshold is drift.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DriftCompare {
    Statistic,
    PValue,
}
