use crate::api::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A CEL expression; runs in the evaluation pod under hard limits on size, depth and cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExpressionCheck {
    /// Reads release, model, declared and evidence.NAME, as docs/checks/expression.md lists them; must be a boolean.
    pub expression: Formula,
    /// What to say when it is false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 200))]
    pub message: Option<String>,
    /// JSON evidence the expression reads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8))]
    pub evidence: Vec<Name>,
}
