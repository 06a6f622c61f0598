mod history;
mod judge;

pub use judge::Judged;

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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against_baseline: Option<AgainstBaseline>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against_history: Option<AgainstHistory>,
    /// Of a table: the rows that must all keep the bounds. `None`: the evidence is a document.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub slice: Option<String>,
}

/// How far a number may move from another one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Movement {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_decrease: Option<Decimal>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_increase: Option<Decimal>,
    /// In shares of the other number's size instead of the metric's own unit.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub relative: bool,
}

/// How far the number may move from the last admitted revision's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AgainstAdmitted {
    #[serde(flatten)]
    pub movement: Movement,
    /// The last admitted revision's number, filled in by the operator when the run starts;
    /// absent when there is no such revision, and then this part asks nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<String>,
}

/// How far the number may move from one of another document, such as the model in use measured on the same rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AgainstBaseline {
    pub evidence: String,
    /// `None`: the metric's own name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(flatten)]
    pub movement: Movement,
}

/// How unusual the number may be among those of the revisions that were admitted before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AgainstHistory {
    /// At most this many, the latest.
    pub last: u32,
    /// With fewer, this part asks nothing.
    pub fewest: u32,
    /// Robust deviations from the median.
    pub max_deviations: Decimal,
    /// Filled in by the operator when the run starts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
}
