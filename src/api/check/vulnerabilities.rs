use crate::api::*;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Scans found no more vulnerabilities than are allowed. What several scans found is counted once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.maxCritical) || has(self.maxHigh) || has(self.maxMedium) || has(self.maxLow) || has(self.maxKnownExploited)").message("allow a number for at least one severity, for example maxCritical: 0"))]
pub struct VulnerabilitiesCheck {
    /// Names of the evidence that holds the scans.
    #[schemars(length(min = 1, max = 8))]
    #[x_kube(merge_strategy = ListMerge::Set)]
    pub evidence: Vec<Name>,
    /// The format. Auto: told from the document, and the row says which it is.
    #[serde(default)]
    pub format: ScanFormatName,
    /// How many critical ones (CVSS 9.0 and above) are allowed. Left out: any number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1000000))]
    pub max_critical: Option<u32>,
    /// How many high ones (CVSS 7.0 and above) are allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1000000))]
    pub max_high: Option<u32>,
    /// How many medium ones (CVSS 4.0 and above) are allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1000000))]
    pub max_medium: Option<u32>,
    /// How many low ones are allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1000000))]
    pub max_low: Option<u32>,
    /// How many that the scanner knows to be exploited are allowed, whatever their severity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1000000))]
    pub max_known_exploited: Option<u32>,
    /// What a finding that nobody rated counts as.
    #[serde(default = "high")]
    pub unrated_as: SeverityName,
    /// Only findings that have a fix count. Where a scan does not say, they count.
    #[serde(default)]
    pub only_fixable: bool,
    /// How old a scan may be. A scan that does not say when it was made is then Inconclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_scan_age: Option<DurationText>,
    /// How old the scanner's database may be. A scan that does not say is then Inconclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_database_age: Option<DurationText>,
    /// Every scan must name the release's model digest among the digests it looked at.
    #[serde(default)]
    pub about_model: bool,
    /// What a scanner says it could not look at is passed over. Else the gate is Inconclusive.
    #[serde(default)]
    pub allow_unscanned: bool,
    /// What a scan itself calls ignored, suppressed or not affected does not count, and the row says how many. Else it counts.
    #[serde(default)]
    pub allow_suppressed: bool,
    /// Names of CycloneDX evidence whose statements (VEX: not_affected, false_positive, resolved) take findings back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8))]
    pub statements: Vec<Name>,
    /// Identifiers that do not count until a moment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub exceptions: Vec<VulnerabilityException>,
}

fn high() -> SeverityName {
    SeverityName::High
}

/// One identifier that does not count until a moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VulnerabilityException {
    /// The identifier, or one of its aliases: CVE-2025-12345.
    pub id: Word,
    /// Only in this package and version (name, space, version), or file and line. Left out: everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Word>,
    /// From then on it counts again.
    pub until: Instant,
    /// Why, for those who read the policy.
    pub reason: Line,
}
