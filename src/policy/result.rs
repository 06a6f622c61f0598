//! What travels between operator and evaluator Job: the order in, the result out.

use super::{Digest, EvidenceSpec, Finding, Gate};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `schema` of a result document.
pub const RESULT_SCHEMA: &str = "modelgate.dev/result/v1";
/// A termination message holds at most this many bytes (Kubernetes API, `terminationMessagePath`).
pub const RESULT_LIMIT: usize = 4096;

/// What the evaluator is asked to do, mounted read-only beside the evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EvaluationOrder {
    /// UID of the GateRun.
    pub run: String,
    /// Facts that expressions may read.
    pub facts: OrderFacts,
    /// Every source with the digest that its bytes must have.
    pub evidence: Vec<EvidenceSpec>,
    /// Only gates whose check runs in the Job.
    pub gates: Vec<Gate>,
}

/// Facts about the release, for `expression`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderFacts {
    pub namespace: String,
    pub namespace_labels: BTreeMap<String, String>,
    pub release: String,
    pub model_name: String,
    pub model_version: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_digest: Option<Digest>,
    /// The moment that ages are measured at; the evaluator's own clock when nobody says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<jiff::Timestamp>,
    /// Declared properties: `businessCriticality` → `High`.
    pub declared: BTreeMap<String, String>,
}

/// What the evaluator hands over as its termination message: design, section "Job contract".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultDocument {
    pub schema: String,
    /// UID of the GateRun this answers.
    pub run: String,
    pub results: Vec<Finding>,
}
