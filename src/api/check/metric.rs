use crate::api::*;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A number of an evaluation report, a model card, or plain JSON or CSV.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.min) || has(self.max) || has(self.equal) || has(self.againstAdmitted) || has(self.againstBaseline) || has(self.againstHistory)").message("ask for min, max, equal, againstAdmitted, againstBaseline or againstHistory"))]
#[x_kube(validation = Rule::new("!has(self.equal) || !has(self.min) && !has(self.max)").message("equal stands without min and max"))]
#[x_kube(validation = Rule::new("!has(self.where) || !has(self.format) || self.format == 'Auto'").message("where is of a table; leave format out"))]
#[x_kube(validation = Rule::new("!has(self.min) || !has(self.max) || double(self.min) <= double(self.max)").message("no number is at least min and at most max: correct one"))]
pub struct MetricCheck {
    /// The evidence's name.
    pub evidence: Name,
    /// The format. Auto: told from the document, and the row says which it is.
    #[serde(default)]
    pub format: MetricFormatName,
    /// The metric's name, as docs/checks/metric.md tells for each format; in plain JSON, dots step into objects.
    pub name: Word,
    /// Smallest good value, in quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<DecimalText>,
    /// Largest good value, in quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<DecimalText>,
    /// The only good value, in quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equal: Option<DecimalText>,
    /// How far it may move from the last admitted revision's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against_admitted: Option<AgainstAdmittedSpec>,
    /// How far it may move from a number of another document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against_baseline: Option<AgainstBaselineSpec>,
    /// How unusual it may be among the numbers of the revisions that were admitted before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against_history: Option<AgainstHistorySpec>,
    /// The evidence is a table with a row for each segment, in CSV, JSON lines, Parquet or Arrow IPC; name is a column of it. Every row for which this CEL expression is true must keep the bounds, for example `row.region == 'EU' && row.rows >= 100`; comparisons with other numbers ask for one row. Columns of numbers are doubles, others texts, an empty cell is null. A row of which it cannot be told is an error, no row at all Inconclusive.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub slice: Option<Formula>,
}

/// How far a number may move from the last admitted revision's. Asks nothing of a first release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.maxDecrease) || has(self.maxIncrease)").message("ask for maxDecrease or maxIncrease"))]
pub struct AgainstAdmittedSpec {
    /// Largest fall, in quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_decrease: Option<DecimalText>,
    /// Largest rise, in quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_increase: Option<DecimalText>,
    /// In shares of the other number's size: "0.05" is five percent. Otherwise in the metric's own unit.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub relative: bool,
}

/// How far a number may move from one of another document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.maxDecrease) || has(self.maxIncrease)").message("ask for maxDecrease or maxIncrease"))]
pub struct AgainstBaselineSpec {
    /// The evidence with the other number, such as the model in use measured on the same rows.
    pub evidence: Name,
    /// Its name there, if it is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Word>,
    /// Largest fall, in quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_decrease: Option<DecimalText>,
    /// Largest rise, in quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_increase: Option<DecimalText>,
    /// In shares of the other number's size: "0.05" is five percent. Otherwise in the metric's own unit.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub relative: bool,
}

/// How unusual a number may be among those of the revisions that were admitted before: its distance from their
/// median, in robust standard deviations (1.4826 times the median absolute deviation).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AgainstHistorySpec {
    /// Largest good distance, in quotes; "3.5" is a usual one.
    pub max_deviations: DecimalText,
    /// The latest ones that count.
    #[serde(default = "twenty")]
    #[schemars(range(min = 3, max = 50))]
    pub last: u32,
    /// With fewer than these, nothing is asked.
    #[serde(default = "five_runs")]
    #[schemars(range(min = 3, max = 50))]
    pub fewest: u32,
}

fn twenty() -> u32 {
    20
}

fn five_runs() -> u32 {
    5
}
