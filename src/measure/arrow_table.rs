//! Arrow IPC, as a file or as a stream: only the columns that are asked for are read, some rows at a time.

mod places;

use super::MeasureError;
use super::array_rows::ArrayRows;
use super::arrow_column::{ColumnReader, Held, is_looked_into, read_as};
use super::arrow_dictionary::Dictionaries;
use super::arrow_file::{ArrowFile, Holds, Part, too_large, unreadable};
use super::parquet_cells::Cells;
use super::parquet_values;
use super::rows::Selected;
use super::table::{Cell, Kind, Take};
use super::value::Value;
use crate::policy::contract::Family;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
};
use arrow_array::{Array, ArrayRef};
use arrow_ipc::RecordBatch;
use arrow_schema::{DataType, TimeUnit};
use places::{Places, whole};
use std::collections::BTreeSet;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};

const BATCH: usize = 8192;
/// Bytes that the values of some rows may come to.
const GROWN: usize = 64 << 20;
/// Bytes that the values of one row may come to.
const MAX_ROW: usize = 16 << 20;
/// What one column may come to when it is unpacked.
const MAX_UNPACKED: u64 = 32 << 30;

pub struct ArrowTable {
    file: ArrowFile,
    columns: Vec<String>,
    /// As the file says.
    kinds: Vec<DataType>,
    /// Where each column's parts stand in a batch.
    places: Vec<Places>,
    all: Places,
}

impl ArrowTable {
    pub fn open(file: File) -> Result<Self, MeasureError> {
        guarded(|| {
            let file = ArrowFile::open(file)?;
            let fields = file.schema.fields();
            let columns = fields.iter().map(|field| field.name().clone()).collect();
            let kinds: Vec<DataType> = fields.iter().map(|field| field.data_type().clone()).collect();
            let mut all = Places::default();
            let places = kinds.iter().map(|kind| {
                let before = all;
                all.add(kind);
                before
            });
            let places = places.collect();
            Ok(Self { file, columns, kinds, places, all })
        })
    }

    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    pub fn rows(&self) -> u64 {
        self.file.rows
    }

    pub fn kind(&self, position: usize) -> Kind {
        let kind = &self.kinds[position];
        let unsupported = || Kind::Unsupported(kind.to_string());
        match read_as(kind) {
            _ if !is_looked_into(kind) => unsupported(),
            DataType::Dictionary(..) => Kind::Text,
            plain => match parquet_values::kind(&plain) {
                Kind::Unsupported(_) => unsupported(),
                known => known,
            },
        }
    }

    pub fn stored(&self, position: usize) -> Option<Family> {
        match read_as(&self.kinds[position]) {
            DataType::Dictionary(..) => Some(Family::Text),
            kind => parquet_values::family(&kind),
        }
    }

    /// Calls `each` with the numbers of one column, instants as microseconds, texts as their lengths.
    /// Gives the number of nulls.
    pub fn numbers(
        &self,
        position: usize,
        take: Take,
        rows: Option<&Selected>,
        each: &mut dyn FnMut(&[f64]) -> Result<(), MeasureError>,
    ) -> Result<u64, MeasureError> {
        let (mut at, mut nulls) = (0u64, 0u64);
        let mut numbers = Vec::with_capacity(BATCH);
        self.batches(&[position], |count, arrays| {
            let [array] = arrays else { return Err(unreadable("a column is not there")) };
            numbers.clear();
            let mut push = |row: usize, number: Option<f64>| {
                if rows.is_none_or(|rows| rows.contains(at + row as u64)) {
                    match number {
                        Some(number) => numbers.push(number),
                        None => nulls += 1,
                    }
                }
            };
            if take == Take::Instants {
                let instants = instants(array)?;
                (0..count).for_each(|row| push(row, array.is_valid(row).then(|| instants[row])));
            } else {
                let cells = Cells::of(array, &self.columns[position])?;
                for row in 0..count {
                    push(
                        row,
                        match cells.at(row) {
                            Cell::Null => None,
                            Cell::Number(number) => Some(number),
                            Cell::Text(text) if take == Take::Lengths => Some(text.chars().count() as f64),
                            Cell::Text(_) => return Err(unreadable("a column of numbers holds texts")),
                        },
                    );
                }
            }
            at += count as u64;
            each(&numbers)
        })?;
        Ok(nulls)
    }

    /// Calls `each` with some rows after others of these columns.
    pub fn rows_of(
        &self,
        positions: &[usize],
        mut each: impl FnMut(&ArrayRows<'_>) -> Result<(), MeasureError>,
    ) -> Result<(), MeasureError> {
        self.looked_into(positions)?;
        self.batches(positions, |count, arrays| each(&self.named(positions, count, arrays)))
    }

    pub fn values(
        &self,
        positions: &[usize],
        mut visit: impl FnMut(usize, Value<'_>) -> Result<(), MeasureError>,
    ) -> Result<(), MeasureError> {
        let opaque: Vec<bool> = positions.iter().map(|position| !is_looked_into(&self.kinds[*position])).collect();
        self.batches(positions, |count, arrays| {
            self.named(positions, count, arrays).values(|nth, value| match value {
                Value::Null => visit(nth, Value::Null),
                _ if opaque[nth] => visit(nth, Value::Other),
                value => visit(nth, value),
            })
        })
    }

    fn named<'a>(&'a self, positions: &[usize], count: usize, arrays: &'a [ArrayRef]) -> ArrayRows<'a> {
        let names = positions.iter().map(|position| self.columns[*position].as_str());
        ArrayRows { count, columns: names.zip(arrays).collect() }
    }

    /// Calls `each` with one column as arrays. `false`, and no call, for a column that is not looked into.
    pub fn arrays(&self, position: usize, each: &mut dyn FnMut(&ArrayRef)) -> Result<bool, MeasureError> {
        if !is_looked_into(&self.kinds[position]) {
            return Ok(false);
        }
        self.batches(&[position], |_, arrays| {
            arrays.iter().for_each(&mut *each);
            Ok(())
        })?;
        Ok(true)
    }

    fn looked_into(&self, positions: &[usize]) -> Result<(), MeasureError> {
        positions.iter().try_for_each(|position| match &self.kinds[*position] {
            kind if is_looked_into(kind) => Ok(()),
            kind => {
                let column = self.columns[*position].clone();
                Err(MeasureError::UnsupportedType { column, kind: kind.to_string() })
            }
        })
    }

    /// Calls `each` with a number of rows and their part of each of these columns, in the order asked.
    fn batches(
        &self,
        positions: &[usize],
        mut each: impl FnMut(usize, &[ArrayRef]) -> Result<(), MeasureError>,
    ) -> Result<(), MeasureError> {
        guarded(|| {
            let of = |position: &usize| {
                let id = self.file.dictionaries.get(*position).copied().flatten();
                id.filter(|_| is_looked_into(&self.kinds[*position]))
            };
            let wanted: BTreeSet<i64> = positions.iter().filter_map(of).collect();
            let mut dictionaries = Dictionaries::default();
            let mut unpacked = 0u64;
            let share = GROWN / positions.len().max(1);
            for part in &self.file.parts {
                match part.holds {
                    Holds::Dictionary { id, more } if wanted.contains(&id) => {
                        self.dictionary(part, id, more, &mut dictionaries)?;
                    }
                    Holds::Dictionary { .. } => {}
                    Holds::Rows(rows) => {
                        let mut readers = self.readers(part, positions)?;
                        let mut left = usize::try_from(rows).map_err(unreadable)?;
                        while left > 0 {
                            let mut some = left.min(BATCH);
                            for reader in &mut readers {
                                some = reader.fits(some, share)?;
                            }
                            let mut bytes = 0;
                            let mut arrays = Vec::with_capacity(readers.len());
                            for (reader, position) in readers.iter_mut().zip(positions) {
                                let texts = of(position).and_then(|id| dictionaries.get(id));
                                let array = reader.take(some, texts)?;
                                if texts.is_none() {
                                    bytes += array.get_buffer_memory_size();
                                }
                                if some == 1 && bytes > MAX_ROW.max(positions.len() * 1024) {
                                    return Err(too_large("bytes in one row", MAX_ROW as u64));
                                }
                                arrays.push(array);
                            }
                            unpacked = unpacked.saturating_add(bytes as u64);
                            if unpacked > MAX_UNPACKED.saturating_mul(positions.len() as u64) {
                                return Err(too_large("bytes when unpacked", MAX_UNPACKED));
                            }
                            each(some, &arrays)?;
                            left -= some;
                        }
                    }
                }
            }
            Ok(())
        })
    }

    fn dictionary(
        &self,
        part: &Part,
        id: i64,
        more: bool,
        dictionaries: &mut Dictionaries,
    ) -> Result<(), MeasureError> {
        let of = self.file.dictionaries.iter().zip(&self.kinds).find(|(own, _)| **own == Some(id));
        let Some((_, DataType::Dictionary(_, texts))) = of else {
            return Err(unreadable("a dictionary is of no column"));
        };
        let mut all = Places::default();
        all.add(texts);
        let (reader, rows) = self.file.look(part, |batch| {
            whole(batch, all)?;
            let held = self.held(part, batch, Places::default(), texts)?;
            let rows = usize::try_from(held.rows).map_err(unreadable)?;
            Ok((ColumnReader::open(texts, held)?, rows))
        })?;
        dictionaries.read(id, more, reader, rows)
    }

    fn readers(&self, part: &Part, positions: &[usize]) -> Result<Vec<ColumnReader<'_>>, MeasureError> {
        self.file.look(part, |batch| {
            whole(batch, self.all)?;
            let open = |position: &usize| {
                let kind = &self.kinds[*position];
                ColumnReader::open(kind, self.held(part, batch, self.places[*position], kind)?)
            };
            positions.iter().map(open).collect()
        })
    }

    /// What a batch says of one column.
    fn held(
        &self,
        part: &Part,
        batch: &RecordBatch<'_>,
        before: Places,
        kind: &DataType,
    ) -> Result<Held, MeasureError> {
        let node = batch.nodes().filter(|nodes| before.nodes < nodes.len()).map(|nodes| *nodes.get(before.nodes));
        let node = node.ok_or_else(|| unreadable("a batch has too few columns"))?;
        if node.length() != batch.length() {
            return Err(unreadable("a column has not as many rows as its batch"));
        }
        let (Ok(rows), Ok(nulls)) = (u64::try_from(node.length()), u64::try_from(node.null_count())) else {
            return Err(unreadable("a column has a negative length"));
        };
        let variadic = |index: usize| {
            let counts = batch.variadicBufferCounts().filter(|counts| index < counts.len());
            counts.and_then(|counts| usize::try_from(counts.get(index)).ok())
        };
        let earlier = (0..before.views).try_fold(0usize, |sum, index| sum.checked_add(variadic(index)?));
        let mut own = Places::default();
        own.add(kind);
        let long = if own.views == 1 { variadic(before.views) } else { Some(0) };
        let count = |earlier: Option<usize>, long: Option<usize>| {
            let start = before.buffers.checked_add(earlier?)?;
            Some((start, start.checked_add(own.buffers)?.checked_add(long?)?))
        };
        let (start, end) = count(earlier, long).ok_or_else(|| unreadable("a batch has buffers without number"))?;
        let buffers = batch.buffers().filter(|buffers| end <= buffers.len());
        let buffers = buffers.ok_or_else(|| unreadable("a batch has too few buffers"))?;
        // What nothing looks into is asked only whether it is there.
        let end = if is_looked_into(kind) { end } else { end.min(start + 1) };
        let one = |index: usize| {
            let buffer = buffers.get(index);
            self.file.body(part, buffer.offset(), buffer.length())
        };
        let buffers = (start..end).map(one).collect::<Result<_, _>>()?;
        let codec = batch.compression().map(|compression| compression.codec());
        Ok(Held { rows, nulls, buffers, codec })
    }
}

/// Microseconds since 1970 of each value.
fn instants(array: &ArrayRef) -> Result<Vec<f64>, MeasureError> {
    macro_rules! times {
        ($kind:ty, $of:expr) => {
            array.as_primitive::<$kind>().values().iter().map(|value| $of(*value)).collect()
        };
    }
    Ok(match array.data_type() {
        DataType::Date32 => times!(Date32Type, |days: i32| f64::from(days) * 86_400e6),
        DataType::Timestamp(TimeUnit::Second, _) => times!(TimestampSecondType, |time: i64| time as f64 * 1e6),
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            times!(TimestampMillisecondType, |time: i64| time as f64 * 1e3)
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => times!(TimestampMicrosecondType, |time: i64| time as f64),
        // Split first: a double does not hold today's nanoseconds.
        DataType::Timestamp(TimeUnit::Nanosecond, _) => times!(TimestampNanosecondType, |time: i64| {
            time.div_euclid(1000) as f64 + time.rem_euclid(1000) as f64 / 1000.0
        }),
        other => return Err(unreadable(format!("a column of {other} holds no times"))),
    })
}

/// A panic in the library is an unreadable file.
fn guarded<T>(read: impl FnOnce() -> Result<T, MeasureError>) -> Result<T, MeasureError> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(unreadable("the decoder gave up on it")))
}

#[cfg(test)]
pub mod tests;
