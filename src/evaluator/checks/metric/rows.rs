//! A metric that a table holds row by row, such as one row for each segment: of the rows that the policy names, the one that
//! keeps the bounds worst.

use crate::evaluator::slice::{SliceError, select};
use crate::measure::table::{Cell, Kind};
use crate::measure::{MeasureError, Table};
use crate::policy::Limits;

/// The number that speaks for all rows, and how many those are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OfRows {
    pub worst: f64,
    pub rows: u64,
}

/// Reads the numbers of a column in the rows for which an expression holds.
///
/// # Errors
/// Those of the reader and of the expression; no such row; a number that is missing or none.
pub fn read(table: &Table, column: &str, slice: &str, limits: &Limits) -> Result<OfRows, SliceError> {
    let position = table.position(column)?;
    let column = || column.to_owned();
    match table.kind(position) {
        Kind::Numbers => {}
        Kind::NotFinite(text) => return Err(MeasureError::NotFinite { column: column(), text }.into()),
        Kind::Text => return Err(MeasureError::UnsupportedType { column: column(), kind: "text".to_owned() }.into()),
        Kind::Instants { .. } => {
            return Err(MeasureError::UnsupportedType { column: column(), kind: "time".to_owned() }.into());
        }
        Kind::Unsupported(kind) => return Err(MeasureError::UnsupportedType { column: column(), kind }.into()),
    }
    let rows = select(table, Some(slice))?;
    let (mut found, mut nulls) = (None::<OfRows>, 0);
    table.visit(&[position], rows.as_ref(), |cells| {
        let number = match cells.first() {
            Some(Cell::Number(number)) => Some(*number),
            Some(Cell::Text(text)) => text.parse().ok(),
            Some(Cell::Null) | None => {
                nulls += 1;
                return Ok(());
            }
        };
        let Some(number) = number.filter(|number: &f64| number.is_finite()) else {
            let text = number.map_or_else(|| "a text".to_owned(), |number| number.to_string());
            return Err(MeasureError::NotFinite { column: column(), text });
        };
        found = Some(match found {
            Some(OfRows { worst, rows }) if room(limits, worst) <= room(limits, number) => {
                OfRows { worst, rows: rows + 1 }
            }
            Some(OfRows { rows, .. }) => OfRows { worst: number, rows: rows + 1 },
            None => OfRows { worst: number, rows: 1 },
        });
        Ok(())
    })?;
    if nulls > 0 {
        return Err(MeasureError::NullCells { column: column(), count: nulls }.into());
    }
    found.ok_or(SliceError::NoRows)
}

/// How far within the bounds a number is; below 0 it is outside.
fn room(limits: &Limits, number: f64) -> f64 {
    let above = limits.min.as_ref().map_or(f64::INFINITY, |min| number - min.value());
    let below = limits.max.as_ref().map_or(f64::INFINITY, |max| max.value() - number);
    above.min(below)
}
