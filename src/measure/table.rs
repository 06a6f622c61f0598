//! A table in a file, CSV, Parquet, Arrow IPC or JSON lines, read as a stream. What is read is named by column.

mod columns;

pub use columns::{Column, Take};

use super::MeasureError;
use super::array_rows::Coders;
use super::arrow_file;
use super::arrow_table::ArrowTable;
use super::csv_numbers::Aside;
use super::csv_table::CsvTable;
use super::json_lines::JsonLines;
use super::parquet_table::ParquetTable;
use super::rows::Selected;
use super::value::Value;
use crate::policy::contract::Family;
use arrow_array::ArrayRef;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

pub const MAX_COLUMNS: usize = 4096;
pub const MAX_ROWS: u64 = 50_000_000;
/// Longest cell that is counted or grouped by, in bytes.
pub const MAX_TEXT: usize = 4096;
/// Rows that are coded at a time.
pub const CODES_AT_ONCE: usize = 8192;

/// Gives the code of a cell of the n-th column.
pub type Coding<'a> = dyn FnMut(usize, Cell<'_>) -> Result<u16, MeasureError> + 'a;
/// Takes the codes of some rows, column by column.
pub type EachCodes<'a> = dyn FnMut(&[&[u16]]) -> Result<(), MeasureError> + 'a;

/// One cell. An empty text is null in every format, as in CSV, which cannot tell one from the other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    Null,
    /// From a column of numbers, but for CSV; may be NaN or infinite.
    Number(f64),
    /// From CSV (whatever it holds), or a column of texts, booleans, dates or times.
    Text(&'a str),
}

impl<'a> Cell<'a> {
    pub fn of_text(text: &'a str) -> Self {
        if text.is_empty() { Self::Null } else { Self::Text(text) }
    }
}

/// What all cells of a column that are not null have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Finite numbers. Also said of a column without any value.
    Numbers,
    /// Points in time, all of them with a zone or all without.
    Instants {
        zoned: bool,
    },
    Text,
    /// Numbers, and this text which is none: NaN, inf.
    NotFinite(String),
    /// A type that nothing here compares: lists, bytes, decimals of more than 38 digits; in JSON lines also values of several types.
    Unsupported(String),
}

pub struct Table {
    pub(super) form: Form,
}

pub(super) enum Form {
    Csv(CsvTable),
    Parquet(ParquetTable),
    Arrow(ArrowTable),
    JsonLines(JsonLines),
}

/// What a format tells of the types of its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typing {
    /// CSV: nothing. A cell is read as what it is said to be.
    Untold,
    /// JSON lines: which values are numbers, truth values and texts; a time is a text.
    OfValues,
    /// Parquet and Arrow IPC: the type of each column.
    OfColumns,
}

impl Table {
    /// Opens a table. Parquet is told by its first bytes, `PAR1`, Arrow IPC by `ARROW1` or, of a stream, by its first
    /// message; JSON lines begin as [`JsonLines::begins`] says; everything else is read as CSV with a header.
    ///
    /// # Errors
    /// Unreadable, no header, a column named twice, more columns or rows than the bounds above.
    pub fn open(file: File) -> Result<Self, MeasureError> {
        Self::open_with(file, None)
    }

    /// The same with room for the numbers of a text table, which is then not parsed for each of its columns again.
    ///
    /// # Errors
    /// As [`Table::open`].
    pub fn open_with(mut file: File, aside: Option<Aside>) -> Result<Self, MeasureError> {
        let unreadable = |e: std::io::Error| MeasureError::Unreadable { format: "a table", why: e.to_string() };
        let mut magic = Vec::with_capacity(arrow_file::MAGIC.len());
        file.by_ref().take(arrow_file::MAGIC.len() as u64).read_to_end(&mut magic).map_err(unreadable)?;
        file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
        let is_json = JsonLines::begins(&file).map_err(unreadable)?;
        file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
        let form = if magic.starts_with(b"PAR1") {
            Form::Parquet(ParquetTable::open(file)?)
        } else if magic == arrow_file::MAGIC || magic.starts_with(arrow_file::CONTINUED) {
            Form::Arrow(ArrowTable::open(file)?)
        } else if is_json {
            Form::JsonLines(JsonLines::open(file)?)
        } else {
            Form::Csv(CsvTable::open(file, aside)?)
        };
        let table = Self { form };
        let names = table.columns();
        if names.len() > MAX_COLUMNS {
            return Err(MeasureError::TooLarge { what: "columns", limit: MAX_COLUMNS as u64 });
        }
        if names.is_empty() {
            return Err(MeasureError::Empty);
        }
        let mut seen = BTreeSet::new();
        if let Some(twice) = names.iter().find(|name| !seen.insert(name.as_str())) {
            let why = format!("column {twice:?} stands twice in the header");
            return Err(MeasureError::Unreadable { format: table.format(), why });
        }
        if table.rows() > MAX_ROWS {
            return Err(MeasureError::TooLarge { what: "rows", limit: MAX_ROWS });
        }
        Ok(table)
    }

    pub fn format(&self) -> &'static str {
        match &self.form {
            Form::Csv(_) => "CSV",
            Form::Parquet(_) => "Parquet",
            Form::Arrow(_) => "Arrow IPC",
            Form::JsonLines(_) => "JSON lines",
        }
    }

    pub fn columns(&self) -> &[String] {
        match &self.form {
            Form::Csv(csv) => csv.columns(),
            Form::Parquet(parquet) => parquet.columns(),
            Form::Arrow(arrow) => arrow.columns(),
            Form::JsonLines(lines) => lines.columns(),
        }
    }

    pub fn rows(&self) -> u64 {
        match &self.form {
            Form::Csv(csv) => csv.rows(),
            Form::Parquet(parquet) => parquet.rows(),
            Form::Arrow(arrow) => arrow.rows(),
            Form::JsonLines(lines) => lines.rows(),
        }
    }

    /// Where a column stands.
    ///
    /// # Errors
    /// `ColumnMissing`, naming some that are there.
    pub fn position(&self, column: &str) -> Result<usize, MeasureError> {
        let found = self.columns().iter().position(|name| name == column);
        found.ok_or_else(|| MeasureError::column_missing(column, self.columns()))
    }

    /// What the column at this position holds.
    pub fn kind(&self, position: usize) -> Kind {
        match &self.form {
            Form::Csv(csv) => csv.kind(position),
            Form::Parquet(parquet) => parquet.kind(position),
            Form::Arrow(arrow) => arrow.kind(position),
            Form::JsonLines(lines) => lines.kind(position),
        }
    }

    /// The numbers of a text table that were kept aside, if the column is one of them.
    fn aside(&self, position: usize) -> Option<&super::csv_numbers::Numbers> {
        match &self.form {
            Form::Csv(csv) => csv.numbers(position),
            Form::Parquet(_) | Form::Arrow(_) | Form::JsonLines(_) => None,
        }
    }

    /// Whether a column is read without the others. If not, ask [`Table::read`] for several at once.
    pub fn stands_apart(&self, position: usize) -> bool {
        match &self.form {
            Form::Parquet(_) | Form::Arrow(_) => true,
            Form::Csv(_) | Form::JsonLines(_) => self.aside(position).is_some(),
        }
    }

    /// Calls `visit` once for each row, or each selected one, with the cells of these columns, in the order asked.
    ///
    /// # Errors
    /// Those of the reader and of `visit`.
    pub fn visit(
        &self,
        positions: &[usize],
        rows: Option<&Selected>,
        mut visit: impl FnMut(&[Cell<'_>]) -> Result<(), MeasureError>,
    ) -> Result<(), MeasureError> {
        let mut row = 0;
        let mut some = |cells: &[Cell<'_>]| {
            row += 1;
            if rows.is_none_or(|rows| rows.contains(row - 1)) { visit(cells) } else { Ok(()) }
        };
        match &self.form {
            Form::Csv(csv) => csv.visit(positions, some),
            Form::Parquet(parquet) => parquet.rows_of(positions, |rows| rows.cells(&mut some)),
            Form::Arrow(arrow) => arrow.rows_of(positions, |rows| rows.cells(&mut some)),
            Form::JsonLines(lines) => lines.visit(positions, some),
        }
    }

    /// Calls `visit` once for each cell of these columns, of all rows or some, row by row, with the place of the column
    /// among those that were asked for, and the value as it is stored.
    ///
    /// # Errors
    /// Those of the reader and of `visit`.
    pub fn values(
        &self,
        positions: &[usize],
        rows: Option<&Selected>,
        mut visit: impl FnMut(usize, Value<'_>) -> Result<(), MeasureError>,
    ) -> Result<(), MeasureError> {
        let (mut row, mut kept) = (0, true);
        let mut visit = |nth: usize, value: Value<'_>| {
            if nth == 0 {
                kept = rows.is_none_or(|rows| rows.contains(row));
                row += 1;
            }
            if kept { visit(nth, value) } else { Ok(()) }
        };
        match &self.form {
            Form::Parquet(parquet) => parquet.rows_of(positions, |rows| rows.values(&mut visit)),
            Form::Arrow(arrow) => arrow.values(positions, visit),
            Form::JsonLines(lines) => lines.values(positions, visit),
            Form::Csv(csv) => csv.visit(positions, |cells| {
                cells.iter().enumerate().try_for_each(|(nth, cell)| match cell {
                    Cell::Null => visit(nth, Value::Null),
                    Cell::Text(text) => visit(nth, Value::Text(text)),
                    Cell::Number(number) => visit(nth, Value::of_real(*number)),
                })
            }),
        }
    }

    /// Calls `each` with one column as arrays, in the order of rows. `false`, and no call: this form has none.
    ///
    /// # Errors
    /// Those of the reader.
    pub fn arrays(&self, position: usize, each: &mut dyn FnMut(&ArrayRef)) -> Result<bool, MeasureError> {
        match &self.form {
            Form::Parquet(parquet) => parquet.arrays(position, each).map(|()| true),
            Form::Arrow(arrow) => arrow.arrays(position, each),
            Form::Csv(_) | Form::JsonLines(_) => Ok(false),
        }
    }

    /// How a column is stored, where the file itself says it: `Some(None)` for a type that no contract can name.
    pub fn stored(&self, position: usize) -> Option<Option<Family>> {
        match &self.form {
            Form::Csv(_) | Form::JsonLines(_) => None,
            Form::Parquet(parquet) => Some(parquet.stored(position)),
            Form::Arrow(arrow) => Some(arrow.stored(position)),
        }
    }

    pub fn typing(&self) -> Typing {
        match &self.form {
            Form::Csv(_) => Typing::Untold,
            Form::JsonLines(_) => Typing::OfValues,
            Form::Parquet(_) | Form::Arrow(_) => Typing::OfColumns,
        }
    }

    /// Calls `each` with a code for every cell of these columns, part by part of the table. `code` gives the code of a
    /// cell of the column that was asked for as the n-th; it need not be called for every cell of equal ones.
    ///
    /// # Errors
    /// Those of the reader, of `code` and of `each`.
    pub fn codes(
        &self,
        positions: &[usize],
        rows: Option<&Selected>,
        code: &mut Coding<'_>,
        each: &mut EachCodes<'_>,
    ) -> Result<(), MeasureError> {
        match &self.form {
            Form::Parquet(parquet) => {
                let mut coders = Coders::new(positions.len(), rows);
                parquet.rows_of(positions, |rows| coders.take(rows, code, each))
            }
            Form::Arrow(arrow) => {
                let mut coders = Coders::new(positions.len(), rows);
                arrow.rows_of(positions, |rows| coders.take(rows, code, each))
            }
            Form::Csv(_) | Form::JsonLines(_) => {
                let mut codes: Vec<Vec<u16>> = vec![Vec::with_capacity(CODES_AT_ONCE); positions.len()];
                let mut pass = |codes: &mut Vec<Vec<u16>>| {
                    let some: Vec<&[u16]> = codes.iter().map(Vec::as_slice).collect();
                    each(&some)?;
                    codes.iter_mut().for_each(Vec::clear);
                    Ok::<(), MeasureError>(())
                };
                self.visit(positions, rows, |row| {
                    for (at, (cell, codes)) in row.iter().zip(&mut codes).enumerate() {
                        codes.push(code(at, *cell)?);
                    }
                    if codes[0].len() == CODES_AT_ONCE { pass(&mut codes) } else { Ok(()) }
                })?;
                if codes[0].is_empty() { Ok(()) } else { pass(&mut codes) }
            }
        }
    }

    /// The rows that `keep` keeps, looking at the cells of these columns.
    ///
    /// # Errors
    /// Those of the reader and of `keep`.
    pub fn select(
        &self,
        positions: &[usize],
        mut keep: impl FnMut(&[Cell<'_>]) -> Result<bool, MeasureError>,
    ) -> Result<Selected, MeasureError> {
        let mut rows = Selected::default();
        self.visit(positions, None, |row| {
            rows.push(keep(row)?);
            Ok(())
        })?;
        Ok(rows)
    }
}

#[cfg(test)]
pub mod tests;
