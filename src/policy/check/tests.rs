use crate::policy::{Decimal, Format, Limits};
use serde::{Deserialize, Serialize};

/// Tests ran, and none failed. The number compared is how many did not pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tests {
    /// Reports; their suites are added up.
    pub evidence: Vec<String>,
    /// `None`: told from each report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// Suites that must be there and must have run.
    #[serde(default)]
    pub suites: Vec<String>,
    pub max_failed: u32,
    /// A test that only warned counts as passed.
    #[serde(default)]
    pub allow_warnings: bool,
    /// `None`: any number may be skipped; they are shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_skipped: Option<u32>,
    /// Fewest tests that must have run.
    pub min_tests: u32,
}

impl Tests {
    pub fn limits(&self) -> Limits {
        Limits::at_most(Decimal::whole(self.max_failed))
    }
}
