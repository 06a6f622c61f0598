use crate::policy::{Decimal, Format, Limits};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Scans found no more than is allowed. The number compared is how many findings there are beyond that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Vulnerabilities {
    /// Reports; what several found is one finding.
    pub evidence: Vec<String>,
    /// `None`: told from each report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    pub allowed: Allowed,
    /// What a finding that nobody rated counts as.
    pub unrated_as: RatedAs,
    /// Findings without a fix do not count. Where a report does not say, they do.
    #[serde(default)]
    pub only_fixable: bool,
    /// `None`: age does not matter. A report that does not say its age is then `Inconclusive`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_scan_age_seconds: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_database_age_seconds: Option<u64>,
    /// Every report must say that it is about the release's model digest.
    #[serde(default)]
    pub about_model: bool,
    /// What the scanner could not look at is passed over.
    #[serde(default)]
    pub allow_unscanned: bool,
    /// What the scan itself calls suppressed does not count.
    #[serde(default)]
    pub allow_suppressed: bool,
    /// CycloneDX documents whose statements take findings back.
    #[serde(default)]
    pub statements: Vec<String>,
    #[serde(default)]
    pub exceptions: Vec<Exception>,
}

/// Findings allowed for each severity; `None`: any number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Allowed {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub critical: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub medium: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<u32>,
    /// Known to be exploited, whatever the severity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_exploited: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RatedAs {
    Low,
    Medium,
    High,
    Critical,
}

/// One identifier does not count until a moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Exception {
    pub id: String,
    /// Only this package and version, or file and line; `None`: everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    pub until: Timestamp,
}

impl Vulnerabilities {
    pub fn limits(&self) -> Limits {
        Limits::at_most(Decimal::whole(0))
    }
}
