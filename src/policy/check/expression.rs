use serde::{Deserialize, Serialize};

/// A CEL expression over the facts; true passes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Expression {
    pub expression: String,
    /// What to say when it is false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Evidence the expression may read, as `evidence.<name>`.
    #[serde(default)]
    pub evidence: Vec<String>,
}
