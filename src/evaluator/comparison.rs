//! Tables that drift gates compare. All gates that name the same two pieces of evidence are answered in one reading of
//! them.

use super::slice::{SliceError, select};
use super::threads;
use crate::measure::drift::{Answers, Ask, Source, compare};
use crate::measure::rows::Selected;
use crate::measure::{Aside, MeasureError, Profile, Table};
use crate::policy::check::{Drift, DriftMethod, DriftRule};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

/// Bytes at either end of a file that tell whether it is a profile.
const EDGE: u64 = 4096;

/// A table, and which of its rows are compared.
pub struct Rows {
    table: Table,
    selected: Option<Selected>,
}

impl Rows {
    /// # Errors
    /// Those of the reader and of the slice.
    pub fn open(file: File, aside: Option<Aside>, slice: Option<&str>) -> Result<Self, SliceError> {
        let table = Table::open_with(file, aside)?;
        let selected = select(&table, slice)?;
        Ok(Self { table, selected })
    }

    pub fn count(&self) -> u64 {
        self.selected.as_ref().map_or(self.table.rows(), Selected::count)
    }

    pub fn format(&self) -> &'static str {
        self.table.format()
    }

    fn source(&self) -> Source<'_> {
        Source::Rows(&self.table, self.selected.as_ref())
    }
}

/// Rows, or what is kept of them.
pub enum Reference {
    Rows(Rows),
    Profile(Profile),
}

impl Reference {
    /// A file that names the schema of a profile is one, every other a table.
    ///
    /// # Errors
    /// Those of the readers and of the slice; a profile of which some rows are asked for.
    pub fn open(mut file: File, aside: Option<Aside>, slice: Option<&str>) -> Result<Self, SliceError> {
        let unreadable = |why: std::io::Error| MeasureError::Unreadable { format: "a table", why: why.to_string() };
        let (mut start, mut end) = (Vec::new(), Vec::new());
        let size = file.seek(SeekFrom::End(0)).map_err(unreadable)?;
        file.seek(SeekFrom::Start(size.saturating_sub(EDGE))).map_err(unreadable)?;
        file.by_ref().take(EDGE).read_to_end(&mut end).map_err(unreadable)?;
        file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
        file.by_ref().take(EDGE).read_to_end(&mut start).map_err(unreadable)?;
        file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
        if !Profile::is_one(&start, &end) {
            return Rows::open(file, aside, slice).map(Self::Rows);
        }
        if slice.is_some() {
            return Err(SliceError::NoRowsKept);
        }
        let mut bytes = Vec::new();
        // One byte more than allowed tells that there are too many.
        file.take(crate::measure::profile::MAX_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        Ok(Self::Profile(Profile::parse(&bytes)?))
    }

    pub fn count(&self) -> u64 {
        match self {
            Self::Rows(rows) => rows.count(),
            Self::Profile(profile) => profile.rows(),
        }
    }

    pub fn format(&self) -> &'static str {
        match self {
            Self::Rows(rows) => rows.format(),
            Self::Profile(_) => "a profile",
        }
    }

    fn source(&self) -> Source<'_> {
        match self {
            Self::Rows(rows) => rows.source(),
            Self::Profile(profile) => Source::Profile(profile),
        }
    }
}

/// One column, how it is read and by which rule it is judged.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    pub column: &'a str,
    pub lengths: bool,
    pub rule: &'a DriftRule,
    /// The policy names the column, so it must be comparable.
    pub named: bool,
}

/// What was found out about two tables.
#[derive(Debug)]
pub struct Comparison {
    /// Names of the columns that both have, in the reference's order.
    common: Vec<String>,
    /// Names of those that only the reference has.
    gone: Vec<String>,
    answers: BTreeMap<(String, bool), Answers>,
}

impl Comparison {
    /// What a gate asks of the two tables.
    pub fn asked<'a>(&'a self, check: &'a Drift) -> Vec<Asked<'a>> {
        asked(check, &self.common)
    }

    pub fn answers(&self, asked: &Asked<'_>) -> Option<&Answers> {
        self.answers.get(&(asked.column.to_owned(), asked.lengths))
    }

    /// Columns of the reference that the current rows do not have, although a gate that names no columns asks for all.
    pub fn gone(&self, check: &Drift) -> &[String] {
        if check.columns.is_empty() { &self.gone } else { &[] }
    }

    /// Whether nothing that a gate asks was left out when the tables were read.
    fn answers_all(&self, check: &Drift) -> bool {
        self.asked(check).iter().all(|asked| match self.answers(asked) {
            Some(Ok(methods)) => methods.contains_key(&asked.rule.method),
            Some(Err(_)) => true,
            None => false,
        })
    }
}

fn asked<'a>(check: &'a Drift, common: &'a [String]) -> Vec<Asked<'a>> {
    let own = check.by_column.iter().flat_map(|own| {
        own.columns.iter().map(|column| Asked { column, lengths: own.lengths, rule: &own.rule, named: true })
    });
    let by_name: BTreeSet<&str> = own.clone().map(|asked| asked.column).collect();
    let named = !check.columns.is_empty();
    let columns = if named { &check.columns } else { common };
    let others = columns.iter().filter(|column| named || !by_name.contains(column.as_str()));
    own.chain(others.map(|column| Asked { column, lengths: false, rule: &check.rule, named })).collect()
}

/// Names of the two pieces of evidence, as gates ask, and which of their rows. A name stands for the same bytes throughout
/// a run.
type Compared = (String, String, Option<String>);

/// Comparisons that were made, and the checks that will ask for them.
#[derive(Debug, Default)]
pub struct Comparisons {
    checks: Vec<Drift>,
    made: BTreeMap<Compared, Comparison>,
}

impl Comparisons {
    /// Tells of all checks before the first asks, so that one reading answers them all.
    pub fn expect(&mut self, checks: impl IntoIterator<Item = Drift>) {
        self.checks.extend(checks);
    }

    /// What was found out, if it answers everything that this check asks.
    pub fn of(&self, check: &Drift) -> Option<&Comparison> {
        self.made.get(&names(check)).filter(|made| made.answers_all(check))
    }

    /// Compares what this check and all that read the same two pieces of evidence ask.
    pub fn make(&mut self, check: &Drift, reference: &Reference, current: &Rows) -> &Comparison {
        let (one, two) = (reference.source(), current.source());
        let there: BTreeSet<&str> = two.columns().into_iter().collect();
        let all = one.columns().into_iter().map(str::to_owned);
        let (common, gone): (Vec<String>, Vec<String>) = all.partition(|name| there.contains(name.as_str()));
        let same = |other: &&Drift| names(other) == names(check);
        let mut wanted: BTreeMap<(&str, bool), BTreeSet<DriftMethod>> = BTreeMap::new();
        for check in [check].into_iter().chain(self.checks.iter().filter(same)) {
            for asked in asked(check, &common) {
                wanted.entry((asked.column, asked.lengths)).or_default().insert(asked.rule.method);
            }
        }
        let asks: Vec<Ask> = wanted
            .into_iter()
            .map(|((column, lengths), methods)| Ask { column: column.to_owned(), lengths, methods })
            .collect();
        let answers = compare(one, two, &asks, threads());
        let answers = asks.into_iter().map(|ask| (ask.column, ask.lengths)).zip(answers).collect();
        self.made.entry(names(check)).insert_entry(Comparison { common, gone, answers }).into_mut()
    }
}

fn names(check: &Drift) -> Compared {
    (check.reference.clone(), check.current.clone(), check.slice.clone())
}
