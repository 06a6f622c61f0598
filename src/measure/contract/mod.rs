//! A table against the rules of a contract. Every value is read; what a file says about itself proves nothing.

mod arrays;
mod column;
mod fault;
mod repeated;
mod typed;

use super::{MeasureError, Table};
use crate::measure::rows::Selected;
use crate::measure::table::Typing;
use crate::measure::threads;
use crate::policy::contract::{Counted, Object};
use column::Watched;
use repeated::{Key, repeated};
pub use typed::is_missing;

/// Clocks of those who write data may be ahead of ours by this much.
const AHEAD: i128 = 300 * SECOND;
const SECOND: i128 = 1_000_000_000;

/// What is asked of the table beside the contract's own rules.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// `None`: all rows.
    pub rows: Option<&'a Selected>,
    /// No columns that the contract does not name.
    pub no_extra_columns: bool,
    /// No columns of these classifications.
    pub forbidden_classifications: &'a [String],
    /// When ages are measured, in nanoseconds since 1970. `None`: nobody knows, and no age is good.
    pub now: Option<i128>,
    /// Columns that are read at once, where they stand apart.
    pub threads: usize,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Measured {
    pub rows: u64,
    /// How many rules were looked at.
    pub rules: u64,
    pub broken: Vec<Broken>,
}

/// One rule that does not hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Broken {
    /// `None`: it is about the whole table.
    pub column: Option<String>,
    /// In a few words: `below the minimum`.
    pub what: String,
    /// Values or rows that break it, if it is about some.
    pub count: Option<u64>,
    /// One of them, short; never of a column that the contract classifies.
    pub example: Option<String>,
}

impl Broken {
    fn of(column: Option<&str>, what: impl Into<String>, count: Option<u64>) -> Self {
        Self { column: column.map(str::to_owned), what: what.into(), count, example: None }
    }
}

/// Reads the table as often as its rules need.
///
/// # Errors
/// Those of the reader; `Empty` without rows; `TooLarge` with more rows than can be told apart, where something must
/// not repeat.
pub fn measure(table: &Table, object: &Object, asked: Asked<'_>) -> Result<Measured, MeasureError> {
    let rows = asked.rows.map_or(table.rows(), Selected::count);
    if rows == 0 || table.columns().is_empty() {
        return Err(MeasureError::Empty);
    }
    let mut found = Measured { rows, ..Measured::default() };
    columns(table, object, asked, &mut found);
    let mut watched: Vec<Watched<'_>> = object
        .columns
        .iter()
        .filter_map(|column| Some(Watched::new(column, object, table.position(&column.name).ok()?, table)))
        .collect();
    if watched.is_empty() {
        // The rows that the file says it has are really there.
        table.values(&[0], asked.rows, |_, _| Ok(()))?;
    }
    read(table, asked.rows, &mut watched, asked.threads)?;
    let mut counts: Vec<(usize, u64)> = Vec::new();
    for one in &watched {
        one.tell(&mut found);
        counts.extend(one.counted());
        one.freshness(asked.now, &mut found);
    }
    counts.extend(keys(table, object, asked.rows, &mut found)?);
    for (index, rule) in object.rules.iter().enumerate() {
        found.rules += 1;
        let count = match rule.counted {
            Counted::Rows => Some(found.rows),
            Counted::Nulls { .. } | Counted::Missing { .. } | Counted::Invalid { .. } | Counted::Duplicates { .. } => {
                counts.iter().find(|(at, _)| *at == index).map(|(_, count)| *count)
            }
        };
        // Without its column there is no count, and that is already told.
        let Some(count) = count else { continue };
        let value = if rule.percent { count as f64 * 100.0 / found.rows as f64 } else { count as f64 };
        if !rule.bound.holds(value) {
            let unit = if rule.percent { " %" } else { "" };
            let columns = rule.counted.columns().join(", ");
            let what = format!("{}{unit} not {}", rule.counted, rule.bound);
            let column = Some(columns.as_str()).filter(|columns| !columns.is_empty());
            found.broken.push(Broken::of(column, what, Some(count)));
        }
    }
    Ok(found)
}

/// Which columns there are.
fn columns(table: &Table, object: &Object, asked: Asked<'_>, found: &mut Measured) {
    found.rules += object.columns.len() as u64;
    for column in &object.columns {
        let there = table.columns().contains(&column.name);
        if !there {
            found.broken.push(Broken::of(Some(&column.name), "is no column", None));
        }
        let class = column.classification.as_deref().unwrap_or_default();
        let is_forbidden = |forbidden: &String| forbidden.trim().eq_ignore_ascii_case(class.trim());
        if there && asked.forbidden_classifications.iter().any(is_forbidden) {
            found.broken.push(Broken::of(Some(&column.name), format!("is {class}"), None));
        }
    }
    found.rules += u64::from(asked.no_extra_columns) + asked.forbidden_classifications.len() as u64;
    if asked.no_extra_columns {
        let extra = table.columns().iter().filter(|name| !object.columns.iter().any(|column| column.name == **name));
        found.broken.extend(extra.map(|name| Broken::of(Some(name), "is not in the contract", None)));
    }
}

fn read(
    table: &Table,
    rows: Option<&Selected>,
    watched: &mut [Watched<'_>],
    threads: usize,
) -> Result<(), MeasureError> {
    if table.typing() != Typing::OfColumns {
        return values(table, rows, watched);
    }
    let read = threads::each(watched.iter_mut(), threads, |(), one| {
        // Whole arrays tell nothing of some rows alone.
        if rows.is_none() && table.arrays(one.position, &mut |array| one.take_array(array))? {
            return Ok(());
        }
        values(table, rows, std::slice::from_mut(one))
    });
    read.into_iter().collect()
}

fn values(table: &Table, rows: Option<&Selected>, watched: &mut [Watched<'_>]) -> Result<(), MeasureError> {
    if watched.is_empty() {
        return Ok(());
    }
    let positions: Vec<usize> = watched.iter().map(|one| one.position).collect();
    table.values(&positions, rows, |nth, value| {
        if let Some(one) = watched.get_mut(nth) {
            one.take(value);
        }
        Ok(())
    })
}

/// Looks for what must not repeat. Gives the counts of the rules about it.
fn keys(
    table: &Table,
    object: &Object,
    rows: Option<&Selected>,
    found: &mut Measured,
) -> Result<Vec<(usize, u64)>, MeasureError> {
    let key = |columns: &[&str]| -> Option<Key<'_>> {
        let one = |name: &&str| {
            let column = object.columns.iter().find(|column| column.name == *name)?;
            Some((table.position(name).ok()?, column))
        };
        columns.iter().map(one).collect::<Option<Vec<_>>>().map(Key::new)
    };
    let unique = object.columns.iter().filter(|column| column.unique).map(|column| vec![column.name.as_str()]);
    let mut promised: Vec<(Vec<&str>, &str)> = unique.map(|columns| (columns, "not unique")).collect();
    let primary: Vec<&str> = object.columns.iter().filter(|c| c.key).map(|column| column.name.as_str()).collect();
    if !primary.is_empty() {
        promised.push((primary, "not unique as primary key"));
    }
    found.rules += promised.len() as u64;
    promised.retain(|(columns, _)| key(columns).is_some());
    let rules = object.rules.iter().enumerate().filter_map(|(index, rule)| match &rule.counted {
        Counted::Duplicates { columns } => {
            key(&columns.iter().map(String::as_str).collect::<Vec<_>>()).map(|key| (index, key))
        }
        Counted::Rows | Counted::Nulls { .. } | Counted::Missing { .. } | Counted::Invalid { .. } => None,
    });
    let rules: Vec<(usize, Key<'_>)> = rules.collect();
    let all = promised.iter().filter_map(|(columns, _)| key(columns)).chain(rules.iter().map(|(_, key)| key.clone()));
    let counts = repeated(table, rows, &all.collect::<Vec<_>>())?;
    for ((columns, what), count) in promised.iter().zip(&counts) {
        if *count > 0 {
            found.broken.push(Broken::of(Some(&columns.join(", ")), *what, Some(*count)));
        }
    }
    Ok(rules.iter().map(|(index, _)| *index).zip(counts.iter().skip(promised.len()).copied()).collect())
}

#[cfg(test)]
mod tests;
