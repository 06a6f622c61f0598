//! One file for each check: evidence in, finding out. Nothing here gives no finding.

pub mod data_contract;
pub mod documentation;
pub mod drift;
pub mod explainability;
pub mod expression;
pub mod fairness;
pub mod metric;
pub mod privacy;
pub mod provenance;
mod reading;
pub mod tests;
pub mod vulnerabilities;
pub(super) mod words;

#[cfg(test)]
mod testing;

use super::sources::Sources;
use crate::policy::result::OrderFacts;
use crate::policy::{Check, Finding, FindingReason, Gate, Outcome};

/// A table with fewer rows tells nothing about groups or distributions, whatever the policy asks.
const FEWEST_ROWS: u64 = 10;

/// Answers one gate.
pub fn answer(gate: &Gate, facts: &OrderFacts, sources: &mut Sources) -> Finding {
    let finding = match &gate.check {
        Check::Documentation(check) => documentation::find(gate, check, sources),
        Check::Metric(check) => metric::find(gate, check, sources),
        Check::DataContract(check) => data_contract::find(gate, check, facts, sources),
        Check::Fairness(check) => fairness::find(gate, check, sources),
        Check::Drift(check) => drift::find(gate, check, sources),
        Check::Explainability(check) => explainability::find(gate, check, facts, sources),
        Check::Privacy(check) => privacy::find(gate, check, facts, sources),
        Check::Tests(check) => tests::find(gate, check, sources),
        Check::Vulnerabilities(check) => vulnerabilities::find(gate, check, facts, sources),
        Check::Provenance(check) => provenance::find(gate, check, facts, sources),
        Check::Expression(check) => expression::find(gate, check, facts, sources),
        Check::Job(_) | Check::Approval(_) | Check::Prometheus(_) => {
            let message = "Jobs of their own, people and Prometheus are not asked by the evaluator";
            Finding::new(gate.key.clone(), Outcome::Error, FindingReason::NothingAsked, message)
        }
    };
    match gate.check.slice() {
        Some(slice) => finding.about_rows(slice),
        None => finding,
    }
}
