//! `provenance`: every statement is signed by trusted keys and of an allowed type; some are about what is asked; they
//! say that it was made by whom, from what and when it may be made; all of that comes from somewhere known.

use super::words::{name, remedy, stale, without_number};
use crate::evaluator::sources::Sources;
use crate::evidence::attestation::{
    About, Envelope, Input, MAX_ENVELOPES, Made, Open, Statement, matches, open_input, repository,
};
use crate::evidence::{EvidenceError, MAX_DOCUMENT};
use crate::policy::check::{Lineage, Provenance, TrustedKey};
use crate::policy::finding::clean;
use crate::policy::result::OrderFacts;
use crate::policy::{Digest, Finding, FindingReason, Gate, Outcome};
use std::collections::BTreeSet;

type Answer = (Outcome, FindingReason, String);

/// What a signature must be about.
struct Target<'a> {
    shown: &'a str,
    digest: Digest,
}

/// Answers one provenance gate. Keys are in force, and ages measured, at `facts.at`.
pub fn find(gate: &Gate, check: &Provenance, facts: &OrderFacts, sources: &mut Sources) -> Finding {
    let mut digests = Vec::<Digest>::new();
    let mut envelopes = Vec::new();
    for evidence in &check.evidence {
        let document = match sources.document(evidence, MAX_DOCUMENT) {
            Ok(document) => document,
            Err(error) => return without_number(gate, error.verdict(), evidence, error, digests),
        };
        digests.push(document.digest);
        let read = Envelope::parse_all(&document.bytes).and_then(|found| {
            envelopes.extend(found.into_iter().map(|envelope| (evidence.as_str(), envelope)));
            let crowded = EvidenceError::TooLarge { what: "envelopes", limit: MAX_ENVELOPES };
            if envelopes.len() > MAX_ENVELOPES { Err(crowded) } else { Ok(()) }
        });
        if let Err(error) = read {
            return without_number(gate, error.verdict(), evidence, error, digests);
        }
    }
    let mut targets = Vec::new();
    for evidence in &check.subjects {
        match sources.table(evidence) {
            Ok(table) => {
                digests.push(table.digest.clone());
                targets.push(Target { shown: evidence, digest: table.digest });
            }
            Err(error) => return without_number(gate, error.verdict(), evidence, error, digests),
        }
    }
    if let Some(model) = facts.model_digest.as_ref().filter(|_| check.about_model) {
        targets.insert(0, Target { shown: "the model", digest: model.clone() });
    }
    let (outcome, reason, message) = verified(check, facts, envelopes)
        .and_then(|(statements, by)| judge(check, facts, &targets, &statements).map(|said| (statements, by, said)))
        .map_or_else(
            |answer| *answer,
            |(statements, by, said)| {
                let message = format!("{} signed by {}{said}", statements_counted(statements.len()), listed(by));
                (Outcome::Pass, FindingReason::Attested, message)
            },
        );
    let message = match outcome {
        Outcome::Pass => message,
        Outcome::Skipped
        | Outcome::Warn
        | Outcome::Inconclusive
        | Outcome::Missing
        | Outcome::Error
        | Outcome::Fail => format!("{message}; {}", remedy(gate, "sign what was really made, then name that")),
    };
    Finding::new(gate.key.clone(), outcome, reason, message).with_evidence(digests)
}

/// All statements, each signed by enough keys that are in force, and the names of the keys.
fn verified<'k>(
    check: &'k Provenance,
    facts: &OrderFacts,
    envelopes: Vec<(&str, Envelope)>,
) -> Result<(Vec<Statement>, BTreeSet<&'k str>), Box<Answer>> {
    let in_force = |key: &&TrustedKey| key.until.is_none_or(|until| facts.at.is_some_and(|now| now < until));
    let (keys, over): (Vec<_>, Vec<_>) = check.keys.iter().partition(in_force);
    let (mut statements, mut by) = (Vec::new(), BTreeSet::new());
    for (evidence, envelope) in envelopes {
        let signed = match envelope.clone().verify(&keys, check.threshold) {
            Ok(signed) => signed,
            Err(few) => {
                let mut message = match few.len() {
                    0 => format!("{} is signed by none of the trusted keys, or was changed afterwards", name(evidence)),
                    few => format!("{} is signed by {few} of {} trusted keys", name(evidence), check.threshold),
                };
                if let Ok(once) = envelope.verify(&over, 1) {
                    let names = once.keys.iter().map(|key| key.name.as_str());
                    message.push_str(&format!("; signatures by {} count no more", listed(names)));
                }
                return Err(Box::new((Outcome::Fail, FindingReason::SignatureInvalid, message)));
            }
        };
        let statement = signed.statement().map_err(|error| {
            let (outcome, reason) = error.verdict();
            Box::new((outcome, reason, format!("{}: what is signed {error}", name(evidence))))
        })?;
        let allowed = &check.predicate_types;
        if !allowed.is_empty() && !allowed.contains(&statement.predicate_type) {
            let message = format!("{} has the predicate type {}", name(evidence), shown(&statement.predicate_type));
            return Err(Box::new((Outcome::Fail, FindingReason::PredicateNotAllowed, message)));
        }
        by.extend(signed.keys.iter().map(|key| key.name.as_str()));
        statements.push(statement);
    }
    Ok((statements, by))
}

/// What the statements say, against what is asked; what to add to the words of a pass.
fn judge(
    check: &Provenance,
    facts: &OrderFacts,
    targets: &[Target<'_>],
    statements: &[Statement],
) -> Result<String, Box<Answer>> {
    if targets.is_empty() || check.about_model && facts.model_digest.is_none() {
        let message = "the release names no digest that a statement could be about".to_owned();
        return Err(Box::new((Outcome::Inconclusive, FindingReason::SubjectUnknown, message)));
    }
    for made in statements.iter().filter_map(made) {
        allowed(check, made)?;
    }
    let mut inputs = 0;
    for target in targets {
        let mut about =
            statements.iter().enumerate().filter(|(_, one)| one.subjects.contains(&target.digest)).peekable();
        if about.peek().is_none() {
            return Err(Box::new(about_nothing(target, statements)));
        }
        if !check.asks_how_it_was_made() {
            continue;
        }
        let steps: Vec<(usize, &Made)> = about.filter_map(|(at, one)| made(one).map(|made| (at, made))).collect();
        if steps.is_empty() {
            let message = format!("no SLSA provenance among the statements about {}", name(target.shown));
            return Err(Box::new((Outcome::Missing, FindingReason::ProvenanceMissing, message)));
        }
        for (at, made) in steps {
            step(check, facts, target, made)?;
            if let Some(lineage) = &check.lineage {
                closed(target, open_input(statements, at, |input| declared(lineage, input)))?;
                inputs += made.inputs.len();
            }
        }
    }
    Ok(if check.lineage.is_some() { format!("; lineage closed, {inputs} inputs") } else { String::new() })
}

fn made(statement: &Statement) -> Option<&Made> {
    match &statement.about {
        About::Made(made) => Some(made),
        About::Files | About::Other => None,
    }
}

/// Builder and sources of any step.
fn allowed(check: &Provenance, made: &Made) -> Result<(), Box<Answer>> {
    if !check.builders.is_empty() && !matches(check.builders.iter().map(String::as_str), &made.builder) {
        let message = format!("the builder {} is not allowed", shown(&made.builder));
        return Err(Box::new((Outcome::Fail, FindingReason::BuilderNotAllowed, message)));
    }
    let patterns = || check.sources.iter().map(|pattern| repository(pattern));
    let foreign = made.sources.iter().find(|source| !matches(patterns(), repository(source)));
    match foreign.filter(|_| !check.sources.is_empty()) {
        Some(source) => {
            let message = format!("the source {} is not allowed", shown(source));
            Err(Box::new((Outcome::Fail, FindingReason::SourceNotAllowed, message)))
        }
        None => Ok(()),
    }
}

/// What a step that made a target must say beside.
fn step(check: &Provenance, facts: &OrderFacts, target: &Target<'_>, made: &Made) -> Result<(), Box<Answer>> {
    if !check.sources.is_empty() && made.sources.is_empty() {
        let message = format!("the provenance of {} names no source repository", name(target.shown));
        return Err(Box::new((Outcome::Missing, FindingReason::ProvenanceMissing, message)));
    }
    match check.max_age_seconds.and_then(|most| stale(made.finished, most, facts.at)) {
        Some(why) => {
            let message = format!("the provenance of {} {why}", name(target.shown));
            Err(Box::new((Outcome::Inconclusive, FindingReason::EvidenceStale, message)))
        }
        None => Ok(()),
    }
}

fn declared(lineage: &Lineage, input: &Input) -> bool {
    let named = |uri: &str| {
        matches([uri], &input.name)
            || input.name.starts_with("git+") && matches([repository(uri)], repository(&input.name))
    };
    input.pinned
        && lineage.declared.iter().any(|source| {
            named(&source.uri) && source.digest.as_ref().is_none_or(|digest| input.sha256.as_ref() == Some(digest))
        })
}

fn closed(target: &Target<'_>, open: Option<Open<'_>>) -> Result<(), Box<Answer>> {
    let why = match open {
        None => return Ok(()),
        Some(Open::NoInputs { builder }) => format!("a step of {} names nothing that it used", shown(builder)),
        Some(Open::Circle) => "steps rest on each other in a circle".to_owned(),
        Some(Open::Unknown(input)) if !input.pinned => {
            format!("the input {} has no digest of a strong algorithm", shown(&input.name))
        }
        Some(Open::Unknown(input)) => {
            format!("the input {} is neither the subject of another statement nor declared", shown(&input.name))
        }
    };
    let message = format!("the lineage of {} is open: {why}", name(target.shown));
    Err(Box::new((Outcome::Fail, FindingReason::LineageOpen, message)))
}

fn about_nothing(target: &Target<'_>, statements: &[Statement]) -> Answer {
    if statements.iter().all(|statement| statement.subjects.is_empty()) {
        let message = "no statement names a subject by SHA-256".to_owned();
        return (Outcome::Inconclusive, FindingReason::SubjectUnknown, message);
    }
    let message = format!("no statement is about {} {}", name(target.shown), target.digest.short(12));
    (Outcome::Error, FindingReason::OtherSubject, message)
}

/// A URI that the judged have chosen.
fn shown(uri: &str) -> String {
    clean(uri, 100)
}

fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().collect::<Vec<_>>().join(", ")
}

fn statements_counted(count: usize) -> String {
    if count == 1 { "1 statement".to_owned() } else { format!("{count} statements") }
}

#[cfg(test)]
mod tests;
