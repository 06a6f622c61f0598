use crate::api::*;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A table keeps what its contract promises: an Open Data Contract Standard (ODCS) 3 document in YAML. Every value is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct DataContractCheck {
    /// Evidence with the contract.
    pub contract: Name,
    /// The contract must be one of these. The policy chooses the promise, not the release.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    pub contract_digests: Vec<DigestText>,
    /// The version that the contract must say it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Word>,
    /// Evidence with the rows: CSV, JSON lines, Parquet or Arrow IPC.
    pub data: Name,
    /// Which object of the contract's schema the rows are. Left out: the only one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<Word>,
    /// Forbid: the data has no column that the contract does not name.
    #[serde(default)]
    pub extra_columns: ExtraColumns,
    /// The data has no column that the contract classifies as one of these, for example restricted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub forbidden_classifications: Vec<Word>,
    /// The contract that the model was tested with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tested_with: Option<TestedContract>,
    /// Parts of the contract that need not be evaluated: a kind (sql, text, custom, sla, format, physicalType, …) or a place, as the gate's row names them. Any other part that nothing evaluates makes the gate Inconclusive.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub ignore: Vec<Word>,
    /// Only rows for which this CEL expression is true, for example `row.region == 'EU' && row.age >= 25`; which columns there are is asked of the whole table. Columns of numbers are doubles, others texts, an empty cell is null. A row of which it cannot be told is an error, no row at all Inconclusive.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub slice: Option<Formula>,
}

/// The contract that the model was tested with, and how far the other may have moved from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TestedContract {
    /// Evidence with it.
    pub contract: Name,
    /// It must be one of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    pub digests: Vec<DigestText>,
    /// None: both are the same document, byte for byte. Compatible: whatever keeps the new one keeps the tested one too, and what nothing evaluates is the same, under ignore or not.
    #[serde(default)]
    pub changes: ContractChanges,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum ExtraColumns {
    #[default]
    Allow,
    Forbid,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum ContractChanges {
    #[default]
    None,
    Compatible,
}
