//! Whole columns of a table, each as what it is asked for.

use super::{Cell, Form, Table};
use crate::measure::MeasureError;
use crate::measure::instants::instant;
use crate::measure::key::key;
use crate::measure::numbers::{Collector, Numbers};
use crate::measure::rows::Selected;
use crate::measure::texts::Texts;

/// Cells of a text table that are held at once; more columns than that are read in several passes.
const CELLS_AT_ONCE: u64 = 1 << 22;

/// What a column is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Take {
    Numbers,
    /// Microseconds since 1970.
    Instants,
    /// Characters of each text.
    Lengths,
    Texts,
}

/// A whole column, in no particular order.
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    Numbers { numbers: Numbers, nulls: u64 },
    Texts(Texts),
}

impl Table {
    /// How many columns to ask [`Table::read`] for at once, of those that do not stand apart.
    pub fn columns_at_once(&self) -> usize {
        usize::try_from(CELLS_AT_ONCE / self.rows().max(1)).unwrap_or(1).clamp(1, 64)
    }

    /// Reads whole columns, all rows or some. `spare` holds arrays to use again.
    ///
    /// # Errors
    /// Unreadable cells, a number that is not finite, more different texts than a [`Texts`] holds.
    pub fn read(
        &self,
        wanted: &[(usize, Take)],
        rows: Option<&Selected>,
        spare: &mut Vec<Vec<u64>>,
    ) -> Result<Vec<Column>, MeasureError> {
        self.read_beside(wanted, rows, spare, &[])
    }

    /// The same for columns that will be compared with `others`, one for one.
    ///
    /// # Errors
    /// As [`Table::read`].
    pub fn read_beside(
        &self,
        wanted: &[(usize, Take)],
        rows: Option<&Selected>,
        spare: &mut Vec<Vec<u64>>,
        others: &[Column],
    ) -> Result<Vec<Column>, MeasureError> {
        let expected = rows.map_or(self.rows(), Selected::count);
        let mut columns: Vec<Filling> = wanted
            .iter()
            .enumerate()
            .map(|(at, (_, take))| match take {
                Take::Numbers | Take::Instants | Take::Lengths => {
                    let collector = Collector::new(expected, spare.pop().unwrap_or_default());
                    Filling::Numbers(match others.get(at) {
                        Some(Column::Numbers { numbers, .. }) => collector.beside(numbers),
                        Some(Column::Texts(_)) | None => collector,
                    })
                }
                Take::Texts => Filling::Texts(Texts::default()),
            })
            .collect();
        match &self.form {
            Form::Arrow(arrow) => {
                for (column, (position, take)) in columns.iter_mut().zip(wanted) {
                    let name = &self.columns()[*position];
                    match column {
                        Filling::Numbers(collector) => {
                            collector.nulls +=
                                arrow.numbers(*position, *take, rows, &mut |some| collector.extend(some, name))?;
                        }
                        Filling::Texts(_) => {
                            self.visit(&[*position], rows, |row| {
                                row.iter().try_for_each(|cell| column.push(*cell, *take, name))
                            })?;
                        }
                    }
                }
            }
            Form::Csv(_) | Form::JsonLines(_) => {
                let mut together = Vec::with_capacity(wanted.len());
                for (column, (position, take)) in columns.iter_mut().zip(wanted) {
                    let name = &self.columns()[*position];
                    match (column, take, self.aside(*position)) {
                        (Filling::Numbers(collector), Take::Numbers, Some(numbers)) => {
                            collector.nulls +=
                                numbers.read(*position, rows, &mut |some| collector.extend(some, name))?;
                        }
                        (column, _, _) => together.push((column, *position, *take, name)),
                    }
                }
                if !together.is_empty() {
                    let positions: Vec<usize> = together.iter().map(|(_, position, _, _)| *position).collect();
                    self.visit(&positions, rows, |row| {
                        let mut cells = together.iter_mut().zip(row);
                        cells.try_for_each(|((column, _, take, name), cell)| column.push(*cell, *take, name))
                    })?;
                }
            }
            Form::Parquet(parquet) => {
                for (column, (position, take)) in columns.iter_mut().zip(wanted) {
                    match column {
                        Filling::Numbers(collector) => {
                            let name = &self.columns()[*position];
                            collector.nulls +=
                                parquet.numbers(*position, *take, rows, &mut |some| collector.extend(some, name))?;
                        }
                        Filling::Texts(texts) => parquet.texts(*position, rows, texts)?,
                    }
                }
            }
        }
        Ok(columns
            .into_iter()
            .map(|column| match column {
                Filling::Numbers(mut collector) => {
                    spare.extend(collector.unused());
                    let (numbers, nulls) = collector.finish();
                    Column::Numbers { numbers, nulls }
                }
                Filling::Texts(texts) => Column::Texts(texts),
            })
            .collect())
    }

    /// Reads one column of numbers once more, without holding it.
    ///
    /// # Errors
    /// As [`Table::read`].
    pub fn again(
        &self,
        (position, take): (usize, Take),
        rows: Option<&Selected>,
        each: &mut dyn FnMut(&[u64]),
    ) -> Result<(), MeasureError> {
        let mut keys: Vec<u64> = Vec::new();
        let mut pass = |some: &[f64]| {
            keys.clear();
            keys.extend(some.iter().map(|value| key(value + 0.0)));
            each(&keys);
            Ok(())
        };
        match &self.form {
            Form::Csv(_) | Form::JsonLines(_) => match self.aside(position) {
                Some(numbers) if take == Take::Numbers => numbers.read(position, rows, &mut pass).map(|_| ()),
                Some(_) | None => {
                    let name = &self.columns()[position];
                    self.visit(&[position], rows, |row| match number(row[0], take, name)? {
                        Some(value) => pass(&[value]),
                        None => Ok(()),
                    })
                }
            },
            Form::Parquet(parquet) => parquet.numbers(position, take, rows, &mut pass).map(|_| ()),
            Form::Arrow(arrow) => arrow.numbers(position, take, rows, &mut pass).map(|_| ()),
        }
    }
}

/// A column that is being read.
enum Filling {
    Numbers(Collector),
    Texts(Texts),
}

impl Filling {
    /// Adds one cell; `name` is for the error.
    fn push(&mut self, cell: Cell<'_>, take: Take, name: &str) -> Result<(), MeasureError> {
        match self {
            Filling::Numbers(collector) => match number(cell, take, name)? {
                Some(value) => collector.extend(&[value], name),
                None => {
                    collector.nulls += 1;
                    Ok(())
                }
            },
            Filling::Texts(texts) => match cell {
                Cell::Null => {
                    texts.nulls += 1;
                    Ok(())
                }
                Cell::Number(value) => texts.add(&(value + 0.0).to_string(), 1),
                Cell::Text(text) => texts.add(text, 1),
            },
        }
    }
}

/// A cell as a number.
fn number(cell: Cell<'_>, take: Take, name: &str) -> Result<Option<f64>, MeasureError> {
    let value = match (cell, take) {
        (Cell::Null, _) => return Ok(None),
        (Cell::Number(value), _) => Some(value),
        (Cell::Text(text), Take::Lengths) => Some(text.chars().count() as f64),
        (Cell::Text(text), Take::Instants) => instant(text).map(|(instant, _)| instant),
        (Cell::Text(text), Take::Numbers | Take::Texts) => text.parse().ok(),
    };
    let changed = || {
        let why = format!("column {name:?} changed its type while it was read");
        MeasureError::Unreadable { format: "a table", why }
    };
    value.map(Some).ok_or_else(changed)
}
