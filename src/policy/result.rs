//! What travels between operator and evaluator Job: the order in, the result out.

use super::{Check, Digest, EvidenceSpec, Finding, Gate, GateKey, check::CustomJob};
use jiff::Timestamp;
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
    /// All gates that the evaluator answers, or the one gate that has a Job of its own.
    pub gates: Vec<Gate>,
}

impl EvaluationOrder {
    /// The same order as given for a run. Ages and exceptions are judged at the moment that the run was created: whenever
    /// it is evaluated, and however often, the answer is the same.
    pub fn for_run(&self, uid: &str, created: Timestamp) -> Self {
        let facts = OrderFacts { at: Some(created), ..self.facts.clone() };
        Self { run: uid.to_owned(), facts, ..self.clone() }
    }

    /// Name of the Job that is given this order. Those of evaluations begin with `modelgate-run-`, which admission
    /// policies rely on.
    pub fn job_name(&self) -> String {
        job_name(&self.run, self.own_job().map(|(gate, _)| gate))
    }

    /// Longest for the program that answers it, in seconds, where nothing else is asked for than `usual`.
    pub fn finish_seconds(&self, usual: u64) -> u64 {
        self.own_job().and_then(|(_, job)| job.timeout_seconds).unwrap_or(usual)
    }

    /// The gate that has a Job of its own, if this order is for one.
    pub fn own_job(&self) -> Option<(&GateKey, &CustomJob)> {
        match &self.gates[..] {
            [Gate { key, check: Check::Job(job), .. }] => Some((key, job)),
            _ => None,
        }
    }
}

/// The declared property that says what the model is for, in a sentence.
pub const DECLARED_PURPOSE: &str = "purpose";

/// Name of a Job of a run: the evaluator's, or that of a gate.
pub fn job_name(run_uid: &str, gate: Option<&GateKey>) -> String {
    let whose = match gate {
        None => run_uid.to_owned(),
        Some(gate) => format!("{run_uid}\n{gate}"),
    };
    format!("modelgate-run-{}", Digest::of(whose.as_bytes()).short(16))
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
    /// The moment that ages are measured and exceptions judged at; when nobody says, no age is known and none holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// Declared properties: `businessCriticality` → `High`, and [`DECLARED_PURPOSE`].
    pub declared: BTreeMap<String, String>,
}

/// What the evaluator hands over as its termination message: design, section "Job contract".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultDocument {
    pub schema: String,
    /// UID of the GateRun this answers.
    pub run: String,
    /// Digest of the order that was read. An order reaches its pod by an annotation, which others may try to change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Digest>,
    pub results: Vec<Finding>,
}
