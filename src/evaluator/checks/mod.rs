//! One file for each check: evidence in, finding out. Nothing here gives no finding.

pub mod documentation;
pub mod expression;
pub mod metric;

use super::sources::Sources;
use crate::policy::result::OrderFacts;
use crate::policy::{Check, Finding, FindingReason, Gate, GateKey, Outcome};
use std::fmt::Display;

/// Answers one gate.
pub fn answer(gate: &Gate, facts: &OrderFacts, sources: &mut Sources) -> Finding {
    match &gate.check {
        Check::Documentation(check) => documentation::find(&gate.key, check, sources),
        Check::Metric(check) => metric::find(&gate.key, check, sources),
        Check::Expression(check) => expression::find(&gate.key, check, facts, sources),
        _ => todo!(),
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
