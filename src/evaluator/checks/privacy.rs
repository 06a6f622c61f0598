//! `privacy`: personal data where there must be none, tokens that are none, columns nobody allowed, rows that stand
//! alone, and what the data's contract must declare. Columns, detectors and numbers are told, never a value.

mod clear_text;
mod declared;

use super::words::{figure, name, remedy, with_remedy, without_number};
use crate::evaluator::sources::Sources;
use crate::evaluator::threads;
use crate::measure::privacy::anonymity::{self, Asked};
use crate::measure::privacy::personal::{self, Found};
use crate::measure::privacy::{redaction, scan};
use crate::measure::{MeasureError, Table};
use crate::policy::check::{Anonymity, ClearText, ColumnsAsked, MostCells, PersonalData, Privacy, Redacted, covers};
use crate::policy::result::OrderFacts;
use crate::policy::{Finding, FindingReason, Gate, Outcome};

/// Answers one privacy gate. The number is how many of the things asked do not hold. Dates are judged at `facts.at`.
pub fn find(gate: &Gate, check: &Privacy, facts: &OrderFacts, sources: &mut Sources) -> Finding {
    let mut digests = Vec::new();
    let mut answer = Answer::default();
    if let Some(evidence) = &check.evidence {
        let source = match sources.table(evidence) {
            Ok(source) => source,
            Err(error) => return without_number(gate, error.verdict(), evidence, error, []),
        };
        digests.push(source.digest);
        let table = Table::open(source.file).map_err(Stopped::Rows);
        if let Ok(table) = &table {
            sources.read_as(evidence, table.format());
        }
        let mut clear = |asked: &ClearText| clear_text::read(gate, asked, sources, &mut digests);
        answer = match table.and_then(|table| look(check, &table, &mut clear)) {
            Ok(answer) => answer,
            Err(Stopped::Rows(error)) => return without_number(gate, error.verdict(), evidence, error, digests),
            Err(Stopped::Elsewhere(finding)) => return *finding,
        };
        if let Some((reason, nothing)) = answer.says_nothing.take() {
            let said = format!("{} {nothing}", name(evidence));
            answer.open = Some((Outcome::Inconclusive, reason, said));
        }
    }
    if let Some(asked) = &check.declared
        && let Err(finding) = declared::look(gate, asked, facts, sources, &mut digests, &mut answer)
    {
        return *finding;
    }
    if let Some((outcome, reason, said)) = answer.open.take_if(|_| answer.breaches.is_empty()) {
        let otherwise = match reason {
            FindingReason::TooFewRows => "release with rows that show it",
            FindingReason::NothingAsked => "correct the policy",
            _ => "let the contract declare it, then release with that",
        };
        let message = with_remedy(gate, outcome, said, otherwise);
        return Finding::new(gate.key.clone(), outcome, reason, message).with_evidence(digests);
    }
    let said = |breach: &Breach| breach.said.clone();
    let (outcome, reason, message) = match answer.breaches.first() {
        None => (Outcome::Pass, FindingReason::WithinLimits, answer.held.join("; ")),
        Some(first) => {
            let some: Vec<String> = answer.breaches.iter().take(3).map(said).collect();
            let more = answer.breaches.len().saturating_sub(some.len());
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let what = remedy(gate, "take it out or redact it, then release that");
            (Outcome::Fail, first.reason, format!("{}{more}; {what}", some.join(", ")))
        }
    };
    Finding::new(gate.key.clone(), outcome, reason, message)
        .with_value(answer.breaches.len() as f64)
        .with_threshold(check.limits())
        .with_evidence(digests)
}

/// Something that was asked and does not hold.
struct Breach {
    reason: FindingReason,
    said: String,
}

#[derive(Default)]
struct Answer {
    breaches: Vec<Breach>,
    /// What was looked at and holds, in a few words each.
    held: Vec<String>,
    /// Something that was asked about and is not there to be judged, said after the name of the evidence.
    says_nothing: Option<(FindingReason, String)>,
    /// What keeps the gate from passing although nothing is known to be wrong.
    open: Option<(Outcome, FindingReason, String)>,
}

impl Answer {
    fn breach(&mut self, reason: FindingReason, said: String) {
        self.breaches.push(Breach { reason, said });
    }
}

/// Why there is no answer.
enum Stopped {
    /// The rows that are asked about cannot be read.
    Rows(MeasureError),
    /// What they are compared with cannot.
    Elsewhere(Box<Finding>),
}

impl From<MeasureError> for Stopped {
    fn from(error: MeasureError) -> Self {
        Self::Rows(error)
    }
}

/// Reads what tokens are compared with.
type ReadClear<'a> = dyn FnMut(&ClearText) -> Result<clear_text::Sample, Box<Finding>> + 'a;

fn look(check: &Privacy, table: &Table, clear: &mut ReadClear<'_>) -> Result<Answer, Stopped> {
    if table.rows() == 0 {
        return Err(MeasureError::Empty.into());
    }
    if let [only] = table.columns()
        && only.contains([';', '\t', '|'])
    {
        let why = "its header has other separators than commas, which would make one column of all".to_owned();
        return Err(MeasureError::Unreadable { format: table.format(), why }.into());
    }
    let mut answer = Answer::default();
    // Without a header line the first person's values would stand for names.
    let held = table.columns().iter().filter(|column| !scan(column.as_bytes()).certain.is_empty()).count();
    if check.personal_data.is_some() && held > 0 {
        let message = format!("{held} columns have personal data for a name; is the header line missing?");
        answer.breach(FindingReason::PersonalData, message);
        return Ok(answer);
    }
    if let Some(asked) = &check.personal_data {
        personal_data(asked, table, &mut answer)?;
    }
    for rule in &check.redacted {
        // One sample at a time is held.
        let sample = rule.clear_text.as_ref().map(&mut *clear).transpose().map_err(Stopped::Elsewhere)?;
        redacted(rule, table, sample.as_ref(), &mut answer)?;
    }
    if !check.allowed_columns.is_empty() {
        let others = table.columns().iter().filter(|column| !covers(&check.allowed_columns, column));
        for column in others {
            answer.breach(FindingReason::ColumnNotAllowed, format!("column {} is not allowed", name(column)));
        }
        answer.held.push(format!("{} columns, all allowed", table.columns().len()));
    }
    if let Some(asked) = &check.anonymity {
        anonymity(asked, table, &mut answer)?;
    }
    Ok(answer)
}

fn personal_data(asked: &PersonalData, table: &Table, answer: &mut Answer) -> Result<(), MeasureError> {
    let positions: Vec<usize> = match &asked.columns {
        ColumnsAsked::Only(names) => names.iter().map(|name| table.position(name)).collect::<Result<_, _>>()?,
        ColumnsAsked::AllBut(names) => {
            let columns = table.columns().iter().enumerate();
            columns.filter(|(_, column)| !covers(names, column)).map(|(position, _)| position).collect()
        }
    };
    if positions.is_empty() {
        answer.says_nothing = Some((FindingReason::NothingAsked, "has no column left to look at".to_owned()));
        return Ok(());
    }
    let found = personal::find(table, &positions, threads())?;
    let mut tolerated = 0;
    // Most cells first, so that what is said first matters most.
    let mut beyond: Vec<(u64, String)> = Vec::new();
    for (column, detector, count) in found.iter().flat_map(each) {
        if !asked.detectors.contains(&detector) {
            continue;
        }
        let within = match &asked.most {
            MostCells::Count(most) => count <= u64::from(*most),
            MostCells::Share(most) => count as f64 / column.cells as f64 <= most.value(),
        };
        if within {
            tolerated += count;
        } else {
            let said =
                format!("{} has {} in {count} of {} cells", name(&column.column), detector.words(), column.cells);
            beyond.push((count, said));
        }
    }
    beyond.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    beyond.into_iter().for_each(|(_, said)| answer.breach(FindingReason::PersonalData, said));
    let columns = positions.len();
    answer.held.push(match tolerated {
        0 => format!("no personal data in {columns} columns of {} rows", table.rows()),
        some => format!("personal data in {some} cells of {columns} columns, within the limit"),
    });
    Ok(())
}

fn each(found: &Found) -> impl Iterator<Item = (&Found, crate::policy::check::Detector, u64)> {
    found.by_detector.iter().map(move |(detector, count)| (found, *detector, *count))
}

fn redacted(
    rule: &Redacted,
    table: &Table,
    sample: Option<&clear_text::Sample>,
    answer: &mut Answer,
) -> Result<(), MeasureError> {
    let words = rule.form.words();
    let all = redaction::look(table, rule, sample.map(|sample| &sample.values))?;
    for (column, looks) in rule.columns.iter().zip(all) {
        let column = name(column);
        let mut not = |said: String| answer.breach(FindingReason::NotRedacted, said);
        if looks.ill_formed > 0 {
            let asked = match rule.length {
                Some(length) => format!("{words} of {length} characters"),
                None => words.to_owned(),
            };
            not(format!("{column} has {} of {} cells that are not {asked}", looks.ill_formed, looks.cells));
        }
        if let Some((shortest, longest)) = looks.lengths.filter(|(shortest, longest)| shortest != longest) {
            not(format!("{column} has {words} of {shortest} to {longest} characters"));
        }
        let sparse = rule.min_entropy.as_ref().filter(|least| looks.lengths.is_some() && looks.entropy < least.value());
        if let Some(least) = sparse {
            not(format!("{column} has {words} of {} bits a character, asked >= {least}", figure(looks.entropy)));
        }
        for (_, detector, count) in each(&looks.found) {
            not(format!("{column} has {} in {count} of {} cells", detector.words(), looks.cells));
        }
        for said in sample.iter().flat_map(|sample| sample.given_away(&looks)) {
            not(format!("{column} has {said}"));
        }
        if looks.cells == 0 {
            let nothing = format!("has no value in column {column}, so nothing shows that it is redacted");
            answer.says_nothing = Some((FindingReason::TooFewRows, nothing));
        }
        let compared = sample.map(clear_text::Sample::held).unwrap_or_default();
        answer.held.push(format!("{column} holds {words}{compared}"));
    }
    if let Some(nothing) = sample.and_then(clear_text::Sample::says_nothing) {
        answer.open.get_or_insert((Outcome::Inconclusive, FindingReason::TooFewRows, nothing));
    }
    Ok(())
}

fn anonymity(asked: &Anonymity, table: &Table, answer: &mut Answer) -> Result<(), MeasureError> {
    let (k, l) = (u64::from(asked.k), u64::from(asked.l));
    let by = Asked { quasi_identifiers: &asked.quasi_identifiers, sensitive: &asked.sensitive, k, l };
    let groups = anonymity::count(table, by)?;
    if groups.smallest < k {
        let said = format!(
            "{} of {} rows are in groups of fewer than {k}, the smallest of {}",
            groups.rows_below_k, groups.rows, groups.smallest
        );
        answer.breach(FindingReason::Identifiable, said);
    }
    for (column, diversity) in asked.sensitive.iter().zip(&groups.diversity) {
        if diversity.fewest < l {
            let said = format!(
                "{} of {} groups have fewer than {l} values of {}, the least {}",
                diversity.groups_below_l,
                groups.groups,
                name(column),
                diversity.fewest
            );
            answer.breach(FindingReason::Identifiable, said);
        }
    }
    answer.held.push(format!("{} groups of at least {} rows", groups.groups, groups.smallest));
    Ok(())
}

#[cfg(test)]
mod tests;
