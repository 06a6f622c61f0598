//! `provenance`: every statement is signed by trusted keys or identities and of an allowed type; some are about what is asked; they
//! say that it was made by whom, from what and when it may be made; all of that comes from somewhere known.

use super::reading::Reading;
use super::words::{name, stale, with_remedy};
use crate::evaluator::sources::Sources;
use crate::evidence::EvidenceError;
use crate::evidence::attestation::{
    About, Envelope, Input, MAX_ENVELOPES, Made, Open, Roots, Statement, Trust, matches, open_input, repository,
};
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
    answer(gate, check, facts, Reading::new(gate, sources)).unwrap_or_else(|finding| *finding)
}

fn answer(
    gate: &Gate,
    check: &Provenance,
    facts: &OrderFacts,
    mut reading: Reading<'_>,
) -> Result<Finding, Box<Finding>> {
    let mut envelopes = Vec::new();
    for evidence in &check.evidence {
        let format = reading.document(evidence, |bytes| {
            let found = Envelope::parse_all(bytes)?;
            let format = found.first().map(Envelope::format);
            envelopes.extend(found.into_iter().map(|envelope| (evidence.as_str(), envelope)));
            let crowded = EvidenceError::TooLarge { what: "envelopes", limit: MAX_ENVELOPES };
            if envelopes.len() > MAX_ENVELOPES { Err(crowded) } else { Ok(format) }
        })?;
        if let Some(format) = format {
            reading.read_as(evidence, format);
        }
    }
    let mut targets = Vec::new();
    if let Some(model) = facts.model_digest.as_ref().filter(|_| check.about_model) {
        targets.push(Target { shown: "the model", digest: model.clone() });
    }
    for evidence in &check.subjects {
        targets.push(Target { shown: evidence, digest: reading.digest(evidence)? });
    }
    let judged = verified(check, facts, &envelopes)
        .and_then(|(statements, by)| Ok((judge(check, facts, &targets, &statements)?, statements.len(), by)));
    let (outcome, reason, message) = match judged {
        Ok((said, count, by)) => {
            let message = format!("{} signed by {}{said}", statements_counted(count), listed(by));
            (Outcome::Pass, FindingReason::Attested, message)
        }
        Err(answer) => answer,
    };
    let message = with_remedy(gate, outcome, message, "sign what was really made, then name that");
    Ok(reading.finding(outcome, reason, message))
}

/// All statements, each signed by enough keys in force and identities, and the names of those.
fn verified<'k>(
    check: &'k Provenance,
    facts: &OrderFacts,
    envelopes: &[(&str, Envelope)],
) -> Result<(Vec<Statement>, BTreeSet<&'k str>), Answer> {
    let in_force = |key: &&TrustedKey| key.until.is_none_or(|until| facts.at.is_some_and(|now| now < until));
    let (keys, over): (Vec<_>, Vec<_>) = check.keys.iter().partition(in_force);
    let roots = Roots {
        identities: &check.identities,
        authorities: &check.authorities,
        timestamp_authorities: &check.timestamp_authorities,
        logs: &check.logs,
        certificate_logs: &check.certificate_logs,
        at: facts.at,
    };
    let roots = (!check.identities.is_empty()).then_some(roots);
    let (mut statements, mut by) = (Vec::new(), BTreeSet::new());
    for (evidence, envelope) in envelopes {
        let signed = match envelope.verify(&Trust { keys: &keys, roots, threshold: check.threshold }) {
            Ok(signed) => signed,
            Err(few) => {
                let evidence = name(evidence);
                if let Some(wrong) = &few.certificate {
                    return Err((Outcome::Fail, wrong.reason(), format!("{evidence}: {wrong}")));
                }
                let whom = if check.identities.is_empty() { "keys" } else { "keys and identities" };
                let mut message = match few.signers {
                    0 => format!("{evidence} is signed by none of the trusted {whom}, or was changed afterwards"),
                    few => format!("{evidence} is signed by {few} of {} trusted {whom}", check.threshold),
                };
                if let Ok(once) = envelope.verify(&Trust { keys: &over, roots: None, threshold: 1 }) {
                    message.push_str(&format!("; signatures by {} count no more", listed(once.signers())));
                }
                return Err((Outcome::Fail, FindingReason::SignatureInvalid, message));
            }
        };
        let statement = signed.statement().map_err(|error| {
            let (outcome, reason) = error.verdict();
            (outcome, reason, format!("{}: what is signed {error}", name(evidence)))
        })?;
        let allowed = &check.predicate_types;
        if !allowed.is_empty() && !allowed.contains(&statement.predicate_type) {
            let message = format!("{} has the predicate type {}", name(evidence), shown(&statement.predicate_type));
            return Err((Outcome::Fail, FindingReason::PredicateNotAllowed, message));
        }
        by.extend(signed.signers());
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
) -> Result<String, Answer> {
    if targets.is_empty() || check.about_model && facts.model_digest.is_none() {
        let message = "the release names no digest that a statement could be about".to_owned();
        return Err((Outcome::Inconclusive, FindingReason::SubjectUnknown, message));
    }
    for made in statements.iter().filter_map(made) {
        allowed(check, made)?;
    }
    let mut inputs = 0;
    for target in targets {
        let mut about =
            statements.iter().enumerate().filter(|(_, one)| one.subjects.contains(&target.digest)).peekable();
        if about.peek().is_none() {
            return Err(about_nothing(target, statements));
        }
        if !check.asks_how_it_was_made() {
            continue;
        }
        let steps: Vec<(usize, &Made)> = about.filter_map(|(at, one)| made(one).map(|made| (at, made))).collect();
        if steps.is_empty() {
            let message = format!("no SLSA provenance among the statements about {}", name(target.shown));
            return Err((Outcome::Missing, FindingReason::ProvenanceMissing, message));
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
fn allowed(check: &Provenance, made: &Made) -> Result<(), Answer> {
    if !check.builders.is_empty() && !matches(check.builders.iter().map(String::as_str), &made.builder) {
        let message = format!("the builder {} is not allowed", shown(&made.builder));
        return Err((Outcome::Fail, FindingReason::BuilderNotAllowed, message));
    }
    let patterns = || check.sources.iter().map(|pattern| repository(pattern));
    let foreign = made.sources.iter().find(|source| !matches(patterns(), repository(source)));
    match foreign.filter(|_| !check.sources.is_empty()) {
        Some(source) => {
            let message = format!("the source {} is not allowed", shown(source));
            Err((Outcome::Fail, FindingReason::SourceNotAllowed, message))
        }
        None => Ok(()),
    }
}

/// What a step that made a target must say beside.
fn step(check: &Provenance, facts: &OrderFacts, target: &Target<'_>, made: &Made) -> Result<(), Answer> {
    if !check.sources.is_empty() && made.sources.is_empty() {
        let message = format!("the provenance of {} names no source repository", name(target.shown));
        return Err((Outcome::Missing, FindingReason::ProvenanceMissing, message));
    }
    match check.max_age_seconds.and_then(|most| stale(made.finished, most, facts.at)) {
        Some(why) => {
            let message = format!("the provenance of {} {why}", name(target.shown));
            Err((Outcome::Inconclusive, FindingReason::EvidenceStale, message))
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

fn closed(target: &Target<'_>, open: Option<Open<'_>>) -> Result<(), Answer> {
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
    Err((Outcome::Fail, FindingReason::LineageOpen, message))
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
