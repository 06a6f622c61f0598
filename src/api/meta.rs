//! Shapes that several kinds share.

use super::*;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One observed truth about an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    /// What is being said, for example Ready.
    #[serde(rename = "type")]
    #[schemars(length(min = 1, max = 63))]
    pub type_: String,
    /// True, False or Unknown.
    pub status: ConditionStatus,
    /// The object's generation this was said about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// When the status last changed.
    pub last_transition_time: Instant,
    /// One word from a closed list.
    #[schemars(length(min = 1, max = 63))]
    pub reason: String,
    /// One sentence that names the object and the next step.
    #[schemars(length(max = 1024))]
    pub message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum ConditionStatus {
    True,
    False,
    Unknown,
}

/// Chooses by labels. Everything named must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.matchLabels) && self.matchLabels.size() > 0 || has(self.matchExpressions) && self.matchExpressions.size() > 0").message("name at least one label: a selector that asks nothing would match every namespace"))]
pub struct LabelSelector {
    /// Labels that must have exactly these values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 16))]
    pub match_labels: BTreeMap<String, LabelValue>,
    /// Further conditions on labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub match_expressions: Vec<LabelExpression>,
}

/// One condition on a label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LabelExpression {
    /// The label's key.
    #[schemars(length(min = 1, max = 317))]
    pub key: String,
    /// In, NotIn, Exists or DoesNotExist.
    pub operator: LabelOperator,
    /// The values for In and NotIn.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    pub values: Vec<LabelValue>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum LabelOperator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
}

/// A label value; may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct LabelValue(#[schemars(length(max = 63))] pub String);

impl LabelSelector {
    pub fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        let exact = self.match_labels.iter().all(|(key, value)| labels.get(key) == Some(&value.0));
        exact && self.match_expressions.iter().all(|e| e.matches(labels))
    }
}

impl LabelExpression {
    fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        let value = labels.get(&self.key);
        let named = || value.is_some_and(|v| self.values.iter().any(|w| w.0 == *v));
        match self.operator {
            LabelOperator::In => named(),
            LabelOperator::NotIn => !named(),
            LabelOperator::Exists => value.is_some(),
            LabelOperator::DoesNotExist => value.is_none(),
        }
    }
}

/// A person or program, as the API server knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
pub struct Identity {
    /// User name.
    pub username: UserName,
    /// Unique id, when the way of signing in gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub uid: Option<String>,
    /// Groups at the time of the request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 512))]
    #[x_kube(merge_strategy = ListMerge::Set)]
    pub groups: Vec<UserName>,
}

/// What one gate came to, as shown on a release and stored on a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GateRow {
    /// The policy that asks.
    pub policy: ObjectName,
    /// The gate's name in that policy.
    pub gate: Name,
    /// The kind of check.
    #[schemars(length(max = 32))]
    pub check: String,
    /// Pass, Warn, Fail, Error, Inconclusive, Skipped or Missing. Only Pass opens a gate by itself.
    pub outcome: OutcomeName,
    /// How strictly it was asked.
    pub enforcement: EnforcementName,
    /// The number that was compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 40))]
    pub value: Option<String>,
    /// What it was compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 80))]
    pub threshold: Option<String>,
    /// One word from a closed list.
    #[schemars(length(max = 63))]
    pub reason: String,
    /// What was measured and what to do.
    #[schemars(length(max = 256))]
    pub message: String,
    /// What was counted beside the number, such as tests that ran.
    #[serde(default, skip_serializing_if = "CountedNumbers::is_empty")]
    pub counts: CountedNumbers,
}

/// Counts by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct CountedNumbers(#[schemars(extend("maxProperties" = 16))] pub BTreeMap<String, i64>);

impl CountedNumbers {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum OutcomeName {
    Pass,
    Warn,
    Fail,
    Error,
    Inconclusive,
    Skipped,
    Missing,
}

/// Enforce blocks, Warn gives an event and a row, Audit a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum EnforcementName {
    Enforce,
    Warn,
    Audit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum TierName {
    Low,
    Medium,
    High,
    Critical,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum LevelName {
    Low,
    Medium,
    High,
}

/// The workload a release is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TargetRef {
    /// apps/v1.
    #[schemars(length(min = 1, max = 63))]
    pub api_version: String,
    /// Deployment.
    #[schemars(length(min = 1, max = 63))]
    pub kind: String,
    /// The workload's name, in the same namespace.
    pub name: ObjectName,
}
