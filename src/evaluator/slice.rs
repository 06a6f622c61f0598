//! The rows of a table that a gate looks at, where its policy says `where`.

use super::expression::Answer;
use super::expression::row::{RowTest, RowValue, with_test};
use crate::measure::rows::Selected;
use crate::measure::table::{Cell, Kind};
use crate::measure::{MeasureError, Table};
use crate::policy::{FindingReason, Outcome};
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Longest that all rows of a table may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// Rows with the same cells are asked once, as long as there are not more different ones than this.
const REMEMBERED: usize = 1 << 16;

/// Why it cannot be told which rows a gate looks at. Written to be read after the name of the evidence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SliceError {
    #[error("has rows of which `where` cannot be told: {0}; correct it in the policy")]
    Invalid(String),
    #[error("has rows of which `where` was not told to the end: {0}; ask less in the policy")]
    TooCostly(String),
    #[error("{0}")]
    Table(#[from] MeasureError),
    #[error("has no such row; give some, or correct `where` in the policy")]
    NoRows,
    #[error(
        "is a profile, which keeps no rows to choose from; give the rows, or a profile of such rows and no `where`"
    )]
    NoRowsKept,
}

impl SliceError {
    /// Never a pass.
    pub fn verdict(&self) -> (Outcome, FindingReason) {
        match self {
            Self::Invalid(_) => (Outcome::Error, FindingReason::ExpressionInvalid),
            Self::TooCostly(_) => (Outcome::Error, FindingReason::ExpressionTooCostly),
            Self::Table(error) => error.verdict(),
            Self::NoRows => (Outcome::Inconclusive, FindingReason::TooFewRows),
            Self::NoRowsKept => (Outcome::Error, FindingReason::NothingAsked),
        }
    }
}

impl From<Answer> for SliceError {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::TooCostly(why) => Self::TooCostly(why),
            Answer::Invalid(why) => Self::Invalid(why),
            Answer::Nothing(place) => Self::Invalid(format!("{place} has nothing in it")),
            Answer::NotBoolean(kind) => Self::Invalid(format!("it gives {kind}")),
            // Not reached: these are no errors.
            Answer::True | Answer::False => Self::Invalid("it was told".to_owned()),
        }
    }
}

/// The rows for which the expression holds, at least one; of a gate that names none, all.
///
/// Columns of numbers are doubles, all others texts, an empty cell null.
///
/// # Errors
/// No such column, a row of which it cannot be told, too much to do, no row at all.
pub fn select(table: &Table, text: Option<&str>) -> Result<Option<Selected>, SliceError> {
    let Some(text) = text else { return Ok(None) };
    let rows = with_test(text, |test| rows(table, test))?;
    if rows.count() == 0 { Err(SliceError::NoRows) } else { Ok(Some(rows)) }
}

fn rows(table: &Table, mut test: RowTest) -> Result<Selected, SliceError> {
    let began = Instant::now();
    let columns = test.columns().to_vec();
    let positions: Vec<usize> = columns.iter().map(|column| table.position(column)).collect::<Result<_, _>>()?;
    let kinds: Vec<Kind> = positions.iter().map(|position| table.kind(*position)).collect();
    let mut remembered: HashMap<Vec<u8>, bool> = HashMap::new();
    let mut key = Vec::new();
    let mut untold = None;
    let selected = table.select(&positions, |row| {
        if untold.is_some() {
            return Ok(false);
        }
        key.clear();
        row.iter().for_each(|cell| write(*cell, &mut key));
        if let Some(holds) = remembered.get(&key) {
            return Ok(*holds);
        }
        let cells = row.iter().zip(&kinds).zip(&columns);
        let values = cells.map(|((cell, kind), column)| value(*cell, kind, column));
        let answer = match began.elapsed() > PATIENCE {
            true => Answer::TooCostly(format!("it took longer than {} s", PATIENCE.as_secs())),
            false => test.answer(values.collect::<Result<Vec<_>, _>>()?),
        };
        let holds = match answer {
            Answer::True => true,
            Answer::False => false,
            other => {
                untold = Some(SliceError::from(other));
                return Ok(false);
            }
        };
        if remembered.len() < REMEMBERED {
            remembered.insert(key.clone(), holds);
        }
        Ok(holds)
    })?;
    untold.map_or(Ok(selected), Err)
}

/// So that different rows never read alike.
fn write(cell: Cell<'_>, key: &mut Vec<u8>) {
    match cell {
        Cell::Null => key.push(0),
        Cell::Number(number) => {
            key.push(1);
            key.extend(number.to_bits().to_le_bytes());
        }
        Cell::Text(text) => {
            key.push(2);
            key.extend((text.len() as u64).to_le_bytes());
            key.extend(text.as_bytes());
        }
    }
}

fn value(cell: Cell<'_>, kind: &Kind, column: &str) -> Result<RowValue, MeasureError> {
    let number = |number: Option<f64>, text: &str| match number {
        Some(number) if number.is_finite() => Ok(RowValue::Number(number + 0.0)),
        Some(_) | None => Err(MeasureError::NotFinite { column: column.to_owned(), text: text.to_owned() }),
    };
    match (cell, kind) {
        (Cell::Null, _) => Ok(RowValue::Null),
        (Cell::Number(found), _) => number(Some(found), &found.to_string()),
        (Cell::Text(text), Kind::Numbers) => number(text.parse().ok(), text),
        (Cell::Text(_), Kind::NotFinite(text)) => number(None, text),
        (Cell::Text(text), Kind::Text | Kind::Instants { .. } | Kind::Unsupported(_)) => {
            Ok(RowValue::Text(text.to_owned()))
        }
    }
}

#[cfg(test)]
mod tests;
