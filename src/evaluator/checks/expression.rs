//! `expression`: CEL over the facts and JSON evidence.

use super::reading::Reading;
use super::words::remedy;
use crate::evaluator::expression::{self, Answer, Variables};
use crate::evaluator::sources::Sources;
use crate::evidence::json;
use crate::policy::check::Expression;
use crate::policy::finding::clean;
use crate::policy::result::OrderFacts;
use crate::policy::{Finding, FindingReason, Format, Gate, Outcome};
use std::collections::BTreeMap;

/// Answers one expression gate.
pub fn find(gate: &Gate, check: &Expression, facts: &OrderFacts, sources: &mut Sources) -> Finding {
    answer(gate, check, facts, Reading::new(gate, sources)).unwrap_or_else(|finding| *finding)
}

fn answer(
    gate: &Gate,
    check: &Expression,
    facts: &OrderFacts,
    mut reading: Reading<'_>,
) -> Result<Finding, Box<Finding>> {
    let mut evidence = BTreeMap::new();
    for name in &check.evidence {
        evidence.insert(name.clone(), reading.document(name, json::parse)?);
        reading.read_as(name, Format::Json);
    }
    let variables = Variables { facts: facts.clone(), evidence };
    let answer = expression::answer(&check.expression, variables, expression::PATIENCE);
    let (outcome, reason, message) = match answer {
        Answer::True => (Outcome::Pass, FindingReason::ExpressionTrue, "the expression is true".to_owned()),
        Answer::False => {
            let said =
                check.message.clone().unwrap_or_else(|| format!("the expression is false: {}", check.expression));
            let message = match &gate.remediation {
                Some(remediation) => format!("{said}; {remediation}"),
                None => said,
            };
            (Outcome::Fail, FindingReason::ExpressionFalse, message)
        }
        Answer::NotBoolean(kind) => {
            let message =
                format!("the expression gives {kind}; {}", remedy(gate, "write one that gives true or false"));
            (Outcome::Inconclusive, FindingReason::ExpressionNotBoolean, message)
        }
        Answer::Nothing(place) => {
            let place = clean(&place, 128);
            let message = format!(
                "{place} has nothing in it, which shows nothing; if that may be, write size({place}) == 0 || …"
            );
            (Outcome::Missing, FindingReason::EvidenceEmpty, message)
        }
        Answer::Invalid(why) => {
            (Outcome::Error, FindingReason::ExpressionInvalid, format!("the expression cannot be evaluated: {why}"))
        }
        Answer::TooCostly(why) => (
            Outcome::Error,
            FindingReason::ExpressionTooCostly,
            format!("the expression was not run to its end: {why}"),
        ),
    };
    Ok(reading.finding(outcome, reason, message))
}
