//! Documents and data sets that gates read.

use super::Digest;
use serde::{Deserialize, Serialize};

/// One named piece of evidence of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EvidenceSpec {
    pub name: String,
    pub source: EvidenceSource,
    /// What the bytes must hash to. Always there once a run has been planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<Columns>,
}

/// Where the bytes are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EvidenceSource {
    ConfigMap { name: String, key: String },
    PersistentVolumeClaim { name: String, path: String },
    Https { url: String },
}

/// Which columns of a table mean what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Columns {
    /// True outcome.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Predicted outcome.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prediction: Option<String>,
    /// Chance of the favourable outcome, from 0 to 1, as the model gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<String>,
    /// The value of label and prediction that is the favourable outcome (a loan granted).
    pub favorable: String,
    /// Sensitive attributes, named by the policy, and the columns that hold them.
    #[serde(default)]
    pub protected: Vec<ProtectedColumn>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProtectedColumn {
    pub attribute: String,
    pub column: String,
}
