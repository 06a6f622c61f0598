use crate::api::*;
use kube::KubeSchema;
use serde::{Deserialize, Serialize};

/// A number of an evaluation report, a model card, or plain JSON or CSV.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.min) || has(self.max) || has(self.againstAdmitted)").message("ask for min, max or againstAdmitted"))]
pub struct MetricCheck {
    /// The evidence's name.
    pub evidence: Name,
    /// The document's format. Left out: told from the document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<MetricFormatName>,
    /// The metric's name, as docs/checks/metric.md tells for each format; in plain JSON, dots step into objects.
    pub name: Word,
    /// Smallest good value, in quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<DecimalText>,
    /// Largest good value, in quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<DecimalText>,
    /// How far it may move from the last admitted revision's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against_admitted: Option<AgainstAdmittedSpec>,
}

/// How far a number may move from the last admitted revision's. Asks nothing of a first release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.maxDecrease) || has(self.maxIncrease)").message("ask for maxDecrease or maxIncrease"))]
pub struct AgainstAdmittedSpec {
    /// Largest fall, absolute, in quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_decrease: Option<DecimalText>,
    /// Largest rise, absolute, in quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_increase: Option<DecimalText>,
}
