use crate::policy::{Decimal, Format, Limits};
use serde::{Deserialize, Serialize};

/// One number of an evaluation report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Metric {
    pub evidence: String,
    /// `None`: told from the document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    pub name: String,
    #[serde(flatten)]
    pub limits: Limits,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against_admitted: Option<AgainstAdmitted>,
}

/// How far the number may move from the last admitted revision's, absolute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AgainstAdmitted {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_decrease: Option<Decimal>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_increase: Option<Decimal>,
    /// The last admitted revision's number, filled in by the operator when the run starts;
    /// absent when there is no such revision, and then this part asks nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<String>,
}
