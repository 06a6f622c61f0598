//! Some rows of some columns as arrays, whatever file they come from, and what they hold row by row.

use super::MeasureError;
use super::parquet_cells::{Cells, Coder};
use super::parquet_values::values;
use super::plain_cells::{Plain, Values};
use super::rows::Selected;
use super::table::{Cell, Coding, EachCodes};
use super::value::Value;
use arrow_array::ArrayRef;

/// The same rows of each column.
pub struct ArrayRows<'a> {
    pub count: usize,
    /// Names and arrays, in the order in which the columns were asked for.
    pub columns: Vec<(&'a str, &'a ArrayRef)>,
}

impl ArrayRows<'_> {
    /// Calls `visit` once for each row.
    ///
    /// # Errors
    /// A column whose cells cannot be compared, and those of `visit`.
    pub fn cells(&self, mut visit: impl FnMut(&[Cell<'_>]) -> Result<(), MeasureError>) -> Result<(), MeasureError> {
        let columns: Vec<Cells<'_>> =
            self.columns.iter().map(|(name, array)| Cells::of(array, name)).collect::<Result<_, _>>()?;
        let mut cells: Vec<Cell<'_>> = Vec::with_capacity(columns.len());
        for row in 0..self.count {
            cells.clear();
            cells.extend(columns.iter().map(|column| column.at(row)));
            visit(&cells)?;
        }
        Ok(())
    }

    /// Calls `each` once for each row.
    ///
    /// # Errors
    /// A column whose cells cannot be looked at, and those of `each`.
    pub fn plain(&self, each: &mut dyn FnMut(&[Plain<'_>]) -> Result<(), MeasureError>) -> Result<(), MeasureError> {
        let columns: Vec<Values<'_>> =
            self.columns.iter().map(|(name, array)| Values::of(array, name)).collect::<Result<_, _>>()?;
        let mut cells: Vec<Plain<'_>> = Vec::with_capacity(columns.len());
        for row in 0..self.count {
            cells.clear();
            cells.extend(columns.iter().map(|column| column.at(row)));
            each(&cells)?;
        }
        Ok(())
    }

    /// Calls `visit` once for each value, row by row, with the place of its column.
    ///
    /// # Errors
    /// Those of `visit`.
    pub fn values(
        &self,
        mut visit: impl FnMut(usize, Value<'_>) -> Result<(), MeasureError>,
    ) -> Result<(), MeasureError> {
        let columns: Vec<_> = self.columns.iter().map(|(_, array)| values(array)).collect();
        (0..self.count)
            .try_for_each(|row| columns.iter().enumerate().try_for_each(|(nth, value)| visit(nth, value(row))))
    }
}

/// Codes of several columns, rows upon rows.
pub struct Coders<'a> {
    coders: Vec<Coder>,
    selected: Option<&'a Selected>,
    /// Rows so far.
    at: u64,
}

impl<'a> Coders<'a> {
    /// For so many columns; of all rows or some.
    pub fn new(columns: usize, selected: Option<&'a Selected>) -> Self {
        Self { coders: (0..columns).map(|_| Coder::default()).collect(), selected, at: 0 }
    }

    /// Calls `each` with the codes of those of the next rows that are selected, if there are any.
    ///
    /// # Errors
    /// A column whose cells cannot be compared, and those of `code` and `each`.
    pub fn take(
        &mut self,
        rows: &ArrayRows<'_>,
        code: &mut Coding<'_>,
        each: &mut EachCodes<'_>,
    ) -> Result<(), MeasureError> {
        for (nth, (coder, (name, array))) in self.coders.iter_mut().zip(&rows.columns).enumerate() {
            coder.codes(array, name, &mut |cell| code(nth, cell))?;
            if let Some(selected) = self.selected {
                let mut row = self.at;
                coder.codes.retain(|_| {
                    row += 1;
                    selected.contains(row - 1)
                });
            }
        }
        self.at += rows.count as u64;
        let codes: Vec<&[u16]> = self.coders.iter().map(|coder| coder.codes.as_slice()).collect();
        if codes.first().is_none_or(|codes| codes.is_empty()) { Ok(()) } else { each(&codes) }
    }
}
