//! `expression`: CEL over the facts and JSON evidence.

use super::unusable;
use crate::evaluator::expression::{self, Answer, Variables};
use crate::evaluator::sources::Sources;
use crate::evidence::{MAX_DOCUMENT, json};
use crate::policy::check::Expression;
use crate::policy::result::OrderFacts;
use crate::policy::{Digest, Finding, FindingReason, GateKey, Outcome};
use std::collections::BTreeMap;

/// Answers one expression gate.
pub fn find(gate: &GateKey, check: &Expression, facts: &OrderFacts, sources: &mut Sources) -> Finding {
    let (mut evidence, mut digests) = (BTreeMap::new(), Vec::<Digest>::new());
    for name in &check.evidence {
        let document = match sources.document(name, MAX_DOCUMENT) {
            Ok(document) => document,
            Err(error) => return unusable(gate, name, error.verdict(), &error).with_evidence(digests),
        };
        digests.push(document.digest);
        match json::parse(&document.bytes) {
            Ok(value) => evidence.insert(name.clone(), value),
            Err(error) => return unusable(gate, name, error.verdict(), &error).with_evidence(digests),
        };
    }
    let variables = Variables { facts: facts.clone(), evidence };
    let answer = expression::answer(&check.expression, variables, expression::PATIENCE);
    let (outcome, reason, message) = match answer {
        Answer::True => (Outcome::Pass, FindingReason::ExpressionTrue, "The expression is true.".to_owned()),
        Answer::False => {
            let message =
                check.message.clone().unwrap_or_else(|| format!("The expression is false: {}", check.expression));
            (Outcome::Fail, FindingReason::ExpressionFalse, message)
        }
        Answer::NotBoolean(kind) => {
            let message = format!("The expression gives {kind}; it must give true or false.");
            (Outcome::Inconclusive, FindingReason::ExpressionNotBoolean, message)
        }
        Answer::Invalid(why) => {
            (Outcome::Error, FindingReason::ExpressionInvalid, format!("The expression cannot be evaluated: {why}"))
        }
        Answer::TooCostly(why) => (
            Outcome::Error,
            FindingReason::ExpressionTooCostly,
            format!("The expression was not evaluated to its end: {why}"),
        ),
    };
    Finding::new(gate.clone(), outcome, reason, message).with_evidence(digests)
}
