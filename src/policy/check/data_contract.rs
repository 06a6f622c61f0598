use crate::policy::{Decimal, Digest, Limits};
use serde::{Deserialize, Serialize};

/// A table keeps what its contract promises. The number compared is how many of the contract's rules are broken, or
/// in how many ways it breaks with the one that was tested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DataContract {
    pub contract: String,
    /// The contract must be one of these; the policy chooses it, not the release. Empty: any.
    #[serde(default)]
    pub contract_digests: Vec<Digest>,
    /// `None`: any version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The rows.
    pub data: String,
    /// `None`: the only object of the contract.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// No other columns than the contract names.
    #[serde(default)]
    pub no_extra_columns: bool,
    /// No columns that are classified as one of these.
    #[serde(default)]
    pub forbidden_classifications: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tested_with: Option<TestedWith>,
    /// Kinds and places of what need not be evaluated.
    #[serde(default)]
    pub ignore: Vec<String>,
}

/// The contract that the model was tested with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TestedWith {
    pub contract: String,
    /// Empty: any.
    #[serde(default)]
    pub digests: Vec<Digest>,
    pub changes: Changes,
}

/// How far a contract may have moved from the one that was tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Changes {
    /// Not by a byte.
    None,
    /// Whatever keeps the new one keeps the tested one too.
    Compatible,
}

impl DataContract {
    pub fn limits(&self) -> Limits {
        Limits::at_most(Decimal::whole(0))
    }
}
