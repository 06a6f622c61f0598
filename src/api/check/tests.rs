use crate::api::*;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Tests ran and none failed, as reports of test runners and evaluation tools say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct TestsCheck {
    /// Names of the evidence that holds the reports. Their suites are added up.
    #[schemars(length(min = 1, max = 8))]
    #[x_kube(merge_strategy = ListMerge::Set)]
    pub evidence: Vec<Name>,
    /// The format. Auto: told from the document, and the row says which it is.
    #[serde(default)]
    pub format: TestFormatName,
    /// Suites, by exact name, that must be there and must have run, for example the red-team one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    pub suites: Vec<Word>,
    /// How many tests may fail or break.
    #[serde(default)]
    #[schemars(range(min = 0, max = 1000000))]
    pub max_failed: u32,
    /// Tests that only warned count as passed. Else they count as failed.
    #[serde(default)]
    pub allow_warnings: bool,
    /// How many tests may be skipped. Left out: any number, and the row says how many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1000000))]
    pub max_skipped: Option<u32>,
    /// Fewest tests that must have run; skipped ones did not.
    #[serde(default = "one_test")]
    #[schemars(range(min = 1, max = 1000000))]
    pub min_tests: u32,
    /// Every report must name the release's model digest among the digests it is about. Only in-toto test results name any.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub about_model: bool,
    /// No fewer tests ran than for the last admitted revision. Left out: the row says how many fewer. Asks nothing of a first release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against_admitted: Option<TestsAgainstAdmittedSpec>,
}

/// How many tests may have gone since the last admitted revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TestsAgainstAdmittedSpec {
    /// How many fewer may have run; skipped ones did not.
    #[serde(default)]
    #[schemars(range(min = 0, max = 1000000))]
    pub max_fewer: u32,
    /// How many more may be skipped. Left out: any number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1000000))]
    pub max_more_skipped: Option<u32>,
}

fn one_test() -> u32 {
    1
}
