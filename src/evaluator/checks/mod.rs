//! One file for each check: evidence in, finding out. Nothing here gives no finding.

pub mod documentation;
pub mod drift;
pub mod expression;
pub mod fairness;
pub mod metric;
#[cfg(test)]
mod testing;
mod words;

use super::sources::Sources;
use crate::policy::result::OrderFacts;
use crate::policy::{Check, Finding, FindingReason, Gate, GateKey, Outcome};
use std::fmt::Display;

/// A table with fewer rows tells nothing about groups or distributions, whatever the policy asks.
const FEWEST_ROWS: u64 = 10;

/// Answers one gate.
pub fn answer(gate: &Gate, facts: &OrderFacts, sources: &mut Sources) -> Finding {
    match &gate.check {
        Check::Documentation(check) => documentation::find(gate, check, sources),
        Check::Metric(check) => metric::find(gate, check, sources),
        Check::Fairness(check) => fairness::find(gate, check, sources),
        Check::Drift(check) => drift::find(gate, check, sources),
        Check::Expression(check) => expression::find(&gate.key, check, facts, sources),
        Check::Approval(_) | Check::Prometheus(_) => {
            let message = "People and Prometheus are not asked by the evaluator.";
            Finding::new(gate.key.clone(), Outcome::Error, FindingReason::NothingAsked, message)
        }
    }
}

/// A finding about evidence that gives no answer: what is absent, changed or cannot be read.
fn unusable(
    gate: &GateKey,
    evidence: &str,
    (outcome, reason): (Outcome, FindingReason),
    why: &impl Display,
) -> Finding {
    Finding::new(gate.clone(), outcome, reason, format!("Evidence {evidence} {why}."))
}
