//! What the data's contract declares, read and compared with what must be declared.

use super::Answer;
use crate::evaluator::checks::words::{name, without_number};
use crate::evaluator::sources::Sources;
use crate::evidence::MAX_DOCUMENT;
use crate::evidence::contract::{self, Properties};
use crate::policy::check::Declared;
use crate::policy::result::{DECLARED_PURPOSE, OrderFacts};
use crate::policy::{Digest, Finding, FindingReason, Format, Gate, Outcome};

/// Adds what does not hold, and what nobody declares, to the answer.
///
/// # Errors
/// A finding that says why there is no contract to read.
pub(super) fn look(
    gate: &Gate,
    asked: &Declared,
    facts: &OrderFacts,
    sources: &mut Sources,
    digests: &mut Vec<Digest>,
    answer: &mut Answer,
) -> Result<(), Box<Finding>> {
    let evidence = &asked.evidence;
    let document = match sources.document(evidence, MAX_DOCUMENT) {
        Ok(document) => document,
        Err(error) => return Err(Box::new(without_number(gate, error.verdict(), evidence, error, digests.clone()))),
    };
    digests.push(document.digest.clone());
    let said = |verdict, wrong: &dyn std::fmt::Display| {
        Box::new(without_number(gate, verdict, evidence, wrong, digests.clone()))
    };
    if !asked.digests.is_empty() && !asked.digests.contains(&document.digest) {
        let wrong = format!("is {}, which the policy does not name", document.digest.short(12));
        return Err(said((Outcome::Error, FindingReason::DigestMismatch), &wrong));
    }
    let properties = Properties {
        purposes: asked.consent.as_ref().map_or("", |asked| &asked.property),
        keep_until: asked.retention.as_ref().map_or("", |asked| &asked.property),
        encryption: asked.storage.as_ref().map_or("", |asked| &asked.property),
    };
    let found = contract::declarations(&document.bytes, properties).map_err(|error| said(error.verdict(), &error))?;
    sources.read_as(evidence, Format::Odcs.words());
    let declared_use = facts.declared.get(DECLARED_PURPOSE).map(String::as_str);
    for one in asked.judge(&found, declared_use, facts.at) {
        match one.outcome {
            Outcome::Pass => answer.held.push(one.said),
            Outcome::Fail => answer.breach(one.reason, one.said),
            Outcome::Skipped | Outcome::Warn | Outcome::Inconclusive | Outcome::Missing | Outcome::Error => {
                let said = format!("{}: {}", name(evidence), one.said);
                answer.open.get_or_insert((one.outcome, one.reason, said));
            }
        }
    }
    Ok(())
}
