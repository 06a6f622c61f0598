//! One file for each check: evidence in, finding out. Nothing here gives no finding.

pub mod expression;

use super::sources::Sources;
use crate::policy::result::OrderFacts;
use crate::policy::{Check, Finding, Gate};

/// Answers one gate.
pub fn answer(gate: &Gate, facts: &OrderFacts, sources: &mut Sources) -> Finding {
    match &gate.check {
        Check::Expression(check) => expression::find(&gate.key, check, facts, sources),
        _ => todo!(),
    }
}
