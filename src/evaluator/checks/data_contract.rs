//! `dataContract`: the contract that the policy asks for, not moved away from the one that was tested; every rule of it
//! evaluated, and kept by every row.

use super::words::{name, remedy, without_number};
use crate::evaluator::slice::{SliceError, select};
use crate::evaluator::sources::Sources;
use crate::evaluator::threads;
use crate::evidence::{MAX_DOCUMENT, contract};
use crate::measure::Table;
use crate::measure::contract::{Asked, Broken, Measured, measure};
use crate::policy::check::{Changes, DataContract, TestedWith};
use crate::policy::contract::{Contract, Object, Unevaluated, breaks};
use crate::policy::finding::clean;
use crate::policy::result::OrderFacts;
use crate::policy::{Count, Digest, Finding, FindingReason, Format, Gate, Outcome};

/// Broken rules that a message names.
const NAMED: usize = 4;

type Wrong = (Outcome, FindingReason, String);

/// Answers one dataContract gate. Ages are measured at `facts.at`.
pub fn find(gate: &Gate, check: &DataContract, facts: &OrderFacts, sources: &mut Sources) -> Finding {
    let mut digests = Vec::new();
    let answer = answer(check, facts, sources, &mut digests);
    match answer {
        Err((outcome, reason, message)) => {
            Finding::new(gate.key.clone(), outcome, reason, message).with_evidence(digests)
        }
        Ok(Answer::Moved(message, count)) => {
            let message = format!("{message}; {}", remedy(gate, "test the model with the new contract"));
            failed(gate, check, &message, count).with_evidence(digests)
        }
        Ok(Answer::Unusable(error)) => without_number(gate, error.verdict(), &check.data, error, digests),
        Ok(Answer::Measured { of, open, passed_over, classified, found }) => {
            let broken = found.broken.iter().map(|one| one.count);
            let finding = told(gate, check, &of, &open, passed_over, &classified, &found).with_evidence(digests);
            // Rules that nobody looked at may be those that the rows break.
            let quality = open.is_empty().then(|| DataContract::quality(found.rules, found.rows, broken));
            match quality.flatten() {
                Some(quality) => finding.with_count(Count::QualityMillionths, quality),
                None => finding,
            }
        }
    }
}

enum Answer {
    /// In so many ways the contract is no longer the one that was tested.
    Moved(String, usize),
    /// The data says nothing.
    Unusable(SliceError),
    Measured {
        /// The object and its version, for people.
        of: String,
        /// What nothing evaluates.
        open: Vec<Unevaluated>,
        /// How much of that the gate passes over.
        passed_over: usize,
        /// Columns that the contract classifies.
        classified: Vec<String>,
        found: Measured,
    },
}

fn answer(
    check: &DataContract,
    facts: &OrderFacts,
    sources: &mut Sources,
    digests: &mut Vec<Digest>,
) -> Result<Answer, Wrong> {
    let (agreed, digest) = read(sources, &check.contract, &check.contract_digests, digests)?;
    let shown = name(&check.contract);
    if let Some(version) = check.version.as_ref().filter(|version| **version != agreed.version) {
        let message = format!("{shown} is version {}; {} is asked for", name(&agreed.version), name(version));
        return Err((Outcome::Error, FindingReason::OtherContract, message));
    }
    let object = object(check, &shown, &agreed)?;
    if let Some(tested) = &check.tested_with
        && let Some(moved) = moved(check, tested, (&agreed, &object, &digest), sources, digests)?
    {
        return Ok(moved);
    }
    let file = match sources.table(&check.data) {
        Ok(file) => file,
        Err(error) => return Err(of_evidence(&check.data, error.verdict(), &error)),
    };
    digests.push(file.digest);
    let measured = || -> Result<Measured, SliceError> {
        let table = Table::open(file.file)?;
        sources.read_as(&check.data, table.format());
        let rows = select(&table, check.slice.as_deref())?;
        let asked = Asked {
            rows: rows.as_ref(),
            no_extra_columns: check.no_extra_columns,
            forbidden_classifications: &check.forbidden_classifications,
            now: facts.at.map(jiff::Timestamp::as_nanosecond),
            threads: threads(),
        };
        Ok(measure(&table, &object, asked)?)
    };
    let found = match measured() {
        Ok(found) => found,
        Err(error) => return Ok(Answer::Unusable(error)),
    };
    let classified = object.columns.iter().filter(|column| !column.is_public());
    let all = object.unevaluated.len();
    let passed_over = |part: &Unevaluated| check.ignore.iter().any(|i| *i == part.kind || *i == part.at);
    let open: Vec<Unevaluated> = object.unevaluated.iter().filter(|part| !passed_over(part)).cloned().collect();
    Ok(Answer::Measured {
        of: format!("{} {}", name(&object.name), name(&agreed.version)),
        passed_over: all - open.len(),
        classified: classified
            .map(|column| {
                format!("{} {}", name(&column.name), name(column.classification.as_deref().unwrap_or_default()))
            })
            .collect(),
        open,
        found,
    })
}

/// A contract that may be asked.
fn read(
    sources: &mut Sources,
    evidence: &str,
    allowed: &[Digest],
    digests: &mut Vec<Digest>,
) -> Result<(Contract, Digest), Wrong> {
    let document =
        sources.document(evidence, MAX_DOCUMENT).map_err(|error| of_evidence(evidence, error.verdict(), &error))?;
    digests.push(document.digest.clone());
    if !allowed.is_empty() && !allowed.contains(&document.digest) {
        let message = format!("{} is {}, which the policy does not name", name(evidence), document.digest.short(12));
        return Err((Outcome::Error, FindingReason::DigestMismatch, message));
    }
    let contract = contract::read(&document.bytes).map_err(|error| of_evidence(evidence, error.verdict(), &error))?;
    sources.read_as(evidence, Format::Odcs.words());
    Ok((contract, document.digest))
}

fn of_evidence(evidence: &str, (outcome, reason): (Outcome, FindingReason), error: &dyn std::fmt::Display) -> Wrong {
    (outcome, reason, format!("{} {error}", name(evidence)))
}

/// What the contract says of the rows, with all that nothing evaluates.
fn object(check: &DataContract, shown: &str, contract: &Contract) -> Result<Object, Wrong> {
    let other = |message: String| (Outcome::Error, FindingReason::OtherContract, message);
    let found = match (&check.object, &contract.objects[..]) {
        (Some(asked), objects) => match contract.objects_called(asked)[..] {
            [place] => &objects[place],
            [] => return Err(other(format!("{shown} has no object {}", name(asked)))),
            [..] => {
                return Err(other(format!("{shown} has several objects that are stored as {}", name(asked))));
            }
        },
        (None, [only]) => only,
        (None, objects) => {
            let message = format!("{shown} has {} objects; name one in the policy", objects.len());
            return Err((Outcome::Error, FindingReason::NothingAsked, message));
        }
    };
    if found.columns.is_empty() && found.rules.is_empty() {
        let message = format!("{shown} promises nothing about {}", name(&found.name));
        return Err((Outcome::Error, FindingReason::NothingAsked, message));
    }
    let unevaluated = found.unevaluated.iter().chain(&contract.unevaluated).cloned().collect();
    Ok(Object { unevaluated, ..found.clone() })
}

/// How the contract has moved from the one that was tested, if it has too far. What the gate passes over counts too: nobody
/// knows what another text or query comes to.
fn moved(
    check: &DataContract,
    tested: &TestedWith,
    (agreed, of, digest): (&Contract, &Object, &Digest),
    sources: &mut Sources,
    digests: &mut Vec<Digest>,
) -> Result<Option<Answer>, Wrong> {
    let (before, before_digest) = read(sources, &tested.contract, &tested.digests, digests)?;
    if before.id != agreed.id {
        let message = format!("{} is not the contract {}", name(&tested.contract), name(&agreed.id));
        return Err((Outcome::Error, FindingReason::OtherContract, message));
    }
    if before_digest == *digest {
        return Ok(None);
    }
    let named = DataContract { object: Some(of.name.clone()), ..check.clone() };
    let found = breaks(of, &object(&named, &name(&tested.contract), &before)?);
    let some: Vec<String> = found.iter().take(NAMED).map(|one| clean(one, 80)).collect();
    let more = found.len() - some.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let versions = format!("contract {} and the tested {}", name(&agreed.version), name(&before.version));
    Ok(match (tested.changes, found.len()) {
        (Changes::Compatible, 0) => None,
        (Changes::None, 0) => Some(Answer::Moved(format!("{versions} are not the same document"), 1)),
        (Changes::None | Changes::Compatible, count) => {
            Some(Answer::Moved(format!("{versions} differ in {count} breaking ways: {}{more}", some.join(", ")), count))
        }
    })
}

fn failed(gate: &Gate, check: &DataContract, message: &str, count: usize) -> Finding {
    Finding::new(gate.key.clone(), Outcome::Fail, FindingReason::AboveMaximum, message)
        .with_value(count as f64)
        .with_threshold(check.limits())
}

fn told(
    gate: &Gate,
    check: &DataContract,
    of: &str,
    open: &[Unevaluated],
    passed_over: usize,
    classified: &[String],
    found: &Measured,
) -> Finding {
    let rows = found.rows;
    let open_parts = || {
        let some: Vec<String> =
            open.iter().take(3).map(|part| format!("{} {}", part.kind, clean(&part.at, 80))).collect();
        let more = open.len() - some.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("{} parts not evaluated: {}{more}", open.len(), some.join(", "))
    };
    let broken = found.broken.len();
    if broken > 0 {
        let mut worst: Vec<&Broken> = found.broken.iter().collect();
        worst.sort_by_key(|one| std::cmp::Reverse(one.count.unwrap_or(rows)));
        let some: Vec<String> = worst.iter().take(NAMED).map(|one| sentence(one)).collect();
        let more = broken - some.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let open = if open.is_empty() { String::new() } else { format!("; {} parts not evaluated", open.len()) };
        let message =
            format!("{of}: {broken} of {} rules broken in {rows} rows: {}{more}{open}", found.rules, some.join(", "));
        let message = format!("{message}; {}", remedy(gate, "fix the data, or agree on another contract"));
        return failed(gate, check, &message, broken);
    }
    if !open.is_empty() {
        let message =
            format!("{of}: {}; {}", open_parts(), remedy(gate, "list under `ignore` what need not be evaluated"));
        return Finding::new(gate.key.clone(), Outcome::Inconclusive, FindingReason::RuleNotEvaluated, message);
    }
    let mut message = format!("{of}: {} rules hold in {rows} rows", found.rules);
    if passed_over > 0 {
        message.push_str(&format!("; {passed_over} parts passed over"));
    }
    if !classified.is_empty() {
        let some: Vec<String> = classified.iter().take(NAMED).cloned().collect();
        let more = if classified.len() > some.len() { ", …" } else { "" };
        message.push_str(&format!("; {} classified columns: {}{more}", classified.len(), some.join(", ")));
    }
    Finding::new(gate.key.clone(), Outcome::Pass, FindingReason::WithinLimits, message)
        .with_value(0.0)
        .with_threshold(check.limits())
}

/// One broken rule in a few words.
fn sentence(broken: &Broken) -> String {
    let column = broken.column.as_deref().map(|column| format!("{} ", name(column))).unwrap_or_default();
    let count = broken.count.map(|count| format!("{count} ")).unwrap_or_default();
    let example = broken.example.as_deref().map(|example| format!(" ({example})")).unwrap_or_default();
    format!("{column}{count}{}{}", clean(&broken.what, 60), clean(&example, 60))
}

#[cfg(test)]
mod tests;
