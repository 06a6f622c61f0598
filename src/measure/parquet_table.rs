//! Parquet: only the columns that are asked for are decoded, batch by batch.

use super::MeasureError;
use super::array_rows::ArrayRows;
use super::parquet_cells::{Cells, same_texts};
use super::parquet_claims::{self, Pages};
use super::parquet_file::ParquetFile;
use super::parquet_int96;
use super::parquet_numbers::{Each, Reading};
use super::parquet_values;
use super::rows::Selected;
use super::table::{Cell, Kind, Take};
use super::texts::Texts;
use crate::policy::contract::Family;
use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use bytes::BytesMut;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use std::collections::BTreeMap;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

const BATCH: usize = 8192;
/// Bytes that the texts of one batch may come to when each may be as long as its page.
const GROWN: u64 = 64 << 20;
/// Bytes of a dictionary that most writers keep to: its texts may be looked at again for each batch.
const SHARED: u64 = 4 << 20;
/// Bytes of a text from which on rows that share it are looked for.
const LONG: usize = 256;
/// What all columns come to when unpacked, as the file claims.
const MAX_UNPACKED: u64 = 32 << 30;

/// How texts come.
enum TextForm {
    /// As a file says that it stores them.
    Stored,
    /// As codes into a dictionary.
    Coded,
    /// As codes where all pages hold codes or a dictionary is large, and else as places in pages: no text is copied.
    AsItStands,
}

pub struct ParquetTable {
    file: Arc<ParquetFile>,
    metadata: ArrowReaderMetadata,
    /// The same with texts as codes into a dictionary, so that equal texts are counted by code.
    coded: ArrowReaderMetadata,
    /// The same with texts as places in the pages that hold them.
    viewed: ArrowReaderMetadata,
    columns: Vec<String>,
    /// Where the column lies among those that hold values; only for columns that are no lists and no structures.
    leaves: Vec<Option<usize>>,
    rows: u64,
}

impl ParquetTable {
    pub fn open(file: File) -> Result<Self, MeasureError> {
        let file = ParquetFile::new(file).map_err(unreadable)?;
        parquet_claims::footer(&file)?;
        let metadata = guarded(|| ArrowReaderMetadata::load(&file, options()).map_err(unreadable))?;
        let columns = metadata.schema().fields().iter().map(|field| field.name().clone()).collect();
        let groups = metadata.metadata().row_groups();
        groups.iter().flat_map(|group| group.columns()).try_for_each(parquet_claims::packing)?;
        let sizes = groups.iter().map(|g| (u64::try_from(g.num_rows()), u64::try_from(g.total_byte_size())));
        let (mut rows, mut unpacked) = (0u64, 0u64);
        for size in sizes {
            let (Ok(group_rows), Ok(group_bytes)) = size else {
                return Err(unreadable("a row group claims a negative size"));
            };
            rows = rows.saturating_add(group_rows);
            unpacked = unpacked.saturating_add(group_bytes);
        }
        if unpacked > MAX_UNPACKED {
            return Err(MeasureError::TooLarge { what: "bytes when unpacked", limit: MAX_UNPACKED });
        }
        let with_texts = |as_they_come: DataType| {
            guarded(|| {
                let schema = with_texts(metadata.schema(), &as_they_come);
                ArrowReaderMetadata::try_new(Arc::clone(metadata.metadata()), options().with_schema(schema))
                    .map_err(unreadable)
            })
        };
        let coded = with_texts(DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)))?;
        let viewed = with_texts(DataType::Utf8View)?;
        let leaves = leaves(&metadata);
        Ok(Self { file: Arc::new(file), metadata, coded, viewed, columns, leaves, rows })
    }

    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    pub fn rows(&self) -> u64 {
        self.rows
    }

    pub fn kind(&self, position: usize) -> Kind {
        parquet_values::kind(self.metadata.schema().field(position).data_type())
    }

    /// Calls `each` with the numbers of one column, instants as microseconds, texts as their lengths.
    /// Gives the number of nulls.
    pub fn numbers(
        &self,
        position: usize,
        take: Take,
        rows: Option<&Selected>,
        each: &mut Each<'_>,
    ) -> Result<u64, MeasureError> {
        match (take, self.metadata.schema().field(position).data_type()) {
            (Take::Numbers | Take::Instants, DataType::Null) => Ok(rows.map_or(self.rows, Selected::count)),
            (Take::Lengths | Take::Texts, _) => {
                let (mut lengths, mut empty) = (Vec::with_capacity(BATCH), 0);
                let nulls = self.codes(position, rows, |text, count| {
                    if text.is_empty() {
                        empty += count;
                        return Ok(());
                    }
                    let length = text.chars().count() as f64;
                    let mut left = count;
                    while left > 0 {
                        let some = left.min(BATCH as u64);
                        lengths.clear();
                        lengths.resize(some as usize, length);
                        each(&lengths)?;
                        left -= some;
                    }
                    Ok(())
                })?;
                Ok(nulls + empty)
            }
            (Take::Numbers | Take::Instants, DataType::Decimal128(..)) => self.decimals(position, rows, each),
            (Take::Numbers | Take::Instants, kind) => guarded(|| {
                let leaf = self.leaves.get(position).copied().flatten();
                let leaf = leaf.ok_or_else(|| unreadable("a column of numbers is a list"))?;
                let mut reading = Reading::new(kind, rows, each);
                let mut room = BytesMut::new();
                for group in self.metadata.metadata().row_groups() {
                    let range = group.column(leaf).byte_range();
                    let file = Arc::new(self.file.with_part(range, room).map_err(unreadable)?);
                    parquet_claims::pages(&file, group.column(leaf))?;
                    reading.group(&file, group, leaf)?;
                    room = Arc::into_inner(file).map(ParquetFile::into_room).unwrap_or_default();
                }
                let (read, nulls) = reading.counts();
                self.all_rows(read)?;
                Ok(nulls)
            }),
        }
    }

    /// Decimals come in whole numbers and bytes of many lengths.
    fn decimals(&self, position: usize, rows: Option<&Selected>, each: &mut Each<'_>) -> Result<u64, MeasureError> {
        let (mut at, mut nulls) = (0u64, 0u64);
        let mut numbers = Vec::with_capacity(BATCH);
        self.batches(TextForm::Stored, &[position], |batch| {
            let cells = Cells::of(batch.column(0), &self.columns[position])?;
            numbers.clear();
            for row in (0..batch.num_rows()).filter(|row| rows.is_none_or(|rows| rows.contains(at + *row as u64))) {
                match cells.at(row) {
                    Cell::Number(number) => numbers.push(number),
                    Cell::Null | Cell::Text(_) => nulls += 1,
                }
            }
            at += batch.num_rows() as u64;
            each(&numbers)
        })?;
        Ok(nulls)
    }

    /// Counts the texts of one column, or its booleans.
    pub fn texts(&self, position: usize, rows: Option<&Selected>, texts: &mut Texts) -> Result<(), MeasureError> {
        let kind = self.metadata.schema().field(position).data_type();
        if *kind == DataType::Utf8 {
            texts.nulls += self.codes(position, rows, |text, count| texts.add(text, count))?;
            return Ok(());
        }
        let mut at = 0;
        self.batches(TextForm::Stored, &[position], |batch| {
            let cells = Cells::of(batch.column(0), &self.columns[position])?;
            for row in 0..batch.num_rows() {
                let selected = rows.is_none_or(|rows| rows.contains(at));
                at += 1;
                match cells.at(row) {
                    _ if !selected => {}
                    Cell::Null => texts.nulls += 1,
                    Cell::Text(text) => texts.add(text, 1)?,
                    Cell::Number(value) => texts.add(&(value + 0.0).to_string(), 1)?,
                }
            }
            Ok(())
        })
    }

    /// Calls `each` with texts and how often each was met, a text perhaps more than once. Gives the number of nulls.
    pub(super) fn codes(
        &self,
        position: usize,
        rows: Option<&Selected>,
        mut each: impl FnMut(&str, u64) -> Result<(), MeasureError>,
    ) -> Result<u64, MeasureError> {
        let (mut at, mut nulls) = (0u64, 0u64);
        let mut known: Option<ArrayRef> = None;
        let mut counts: Vec<u64> = Vec::new();
        let tell = |known: &Option<ArrayRef>, counts: &mut Vec<u64>, each: &mut dyn FnMut(&str, u64) -> _| {
            let values = known.as_ref().and_then(|values| values.as_string_opt::<i32>());
            for (code, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
                let text = values.filter(|values| values.is_valid(code)).map(|values| values.value(code));
                each(text.ok_or_else(|| unreadable("a code stands for no text"))?, *count)?;
            }
            counts.clear();
            Ok::<(), MeasureError>(())
        };
        self.batches(TextForm::AsItStands, &[position], |batch| {
            let is_selected = |row: usize| rows.is_none_or(|rows| rows.contains(at + row as u64));
            if let Some(texts) = batch.column(0).as_string_view_opt() {
                let mut long: BTreeMap<(usize, usize), (&str, u64)> = BTreeMap::new();
                for (_, text) in texts.iter().enumerate().filter(|(row, _)| is_selected(*row)) {
                    match text {
                        Some(text) if text.len() <= LONG => each(text, 1)?,
                        // Of one in a dictionary, rows share the place.
                        Some(text) => long.entry((text.as_ptr() as usize, text.len())).or_insert((text, 0)).1 += 1,
                        None => nulls += 1,
                    }
                }
                at += batch.num_rows() as u64;
                return long.into_values().try_for_each(|(text, count)| each(text, count));
            }
            let coded = batch.column(0).as_dictionary_opt::<Int32Type>();
            let coded = coded.ok_or_else(|| unreadable("texts came without codes"))?;
            if !known.as_ref().is_some_and(|known| same_texts(known, coded.values())) {
                tell(&known, &mut counts, &mut each)?;
                known = Some(Arc::clone(coded.values()));
            }
            counts.resize(coded.values().len(), 0);
            let codes = coded.keys().values();
            if coded.keys().null_count() == 0 && rows.is_none() {
                for code in codes {
                    *counts.get_mut(*code as usize).ok_or_else(|| unreadable("a code stands for no text"))? += 1;
                }
            } else {
                for (row, code) in codes.iter().enumerate().filter(|(row, _)| is_selected(*row)) {
                    if coded.keys().is_null(row) {
                        nulls += 1;
                    } else {
                        let count = counts.get_mut(*code as usize);
                        *count.ok_or_else(|| unreadable("a code stands for no text"))? += 1;
                    }
                }
            }
            at += batch.num_rows() as u64;
            Ok(())
        })?;
        tell(&known, &mut counts, &mut each)?;
        Ok(nulls)
    }

    /// Calls `each` with some rows after others of these columns. Texts come by code: one long text that stands in every row
    /// is held once.
    pub fn rows_of(
        &self,
        positions: &[usize],
        mut each: impl FnMut(&ArrayRows<'_>) -> Result<(), MeasureError>,
    ) -> Result<(), MeasureError> {
        // A file keeps its own order of columns and each only once, whatever is asked.
        let mut kept = positions.to_vec();
        kept.sort_unstable();
        kept.dedup();
        self.batches(TextForm::Coded, &kept, |batch| {
            let column = |position: &usize| {
                let index = kept.partition_point(|kept| kept < position);
                (self.columns[*position].as_str(), batch.column(index))
            };
            each(&ArrayRows { count: batch.num_rows(), columns: positions.iter().map(column).collect() })
        })
    }

    pub fn arrays(&self, position: usize, each: &mut dyn FnMut(&ArrayRef)) -> Result<(), MeasureError> {
        self.batches(TextForm::AsItStands, &[position], |batch| {
            each(batch.column(0));
            Ok(())
        })
    }

    pub fn stored(&self, position: usize) -> Option<Family> {
        parquet_values::family(self.metadata.schema().field(position).data_type())
    }

    /// Whether the column holds texts, which [`Self::codes`] tells by code.
    pub(super) fn is_text(&self, position: usize) -> bool {
        *self.metadata.schema().field(position).data_type() == DataType::Utf8
    }

    fn batches(
        &self,
        form: TextForm,
        positions: &[usize],
        mut each: impl FnMut(&RecordBatch) -> Result<(), MeasureError>,
    ) -> Result<(), MeasureError> {
        guarded(|| {
            let mask = ProjectionMask::roots(self.metadata.parquet_schema(), positions.iter().copied());
            let mut pages = Pages::default();
            for group in self.metadata.metadata().row_groups() {
                let wanted = (0..group.num_columns()).filter(|leaf| mask.leaf_included(*leaf));
                for leaf in wanted {
                    pages = pages.and(parquet_claims::pages(&self.file, group.column(leaf))?);
                }
            }
            let (metadata, of_row) = match form {
                TextForm::Stored => (&self.metadata, pages.growing),
                TextForm::AsItStands if pages.plain && pages.dictionary <= SHARED => {
                    (&self.viewed, pages.growing.max(pages.of_value))
                }
                TextForm::Coded | TextForm::AsItStands => (&self.coded, pages.growing),
            };
            let batch = usize::try_from(GROWN / of_row.max(1)).unwrap_or(BATCH).clamp(1, BATCH);
            let metadata = self.in_reach(metadata, positions)?;
            let reader = ParquetRecordBatchReaderBuilder::new_with_metadata((*self.file).clone(), metadata)
                .with_projection(mask)
                .with_batch_size(batch)
                .build()
                .map_err(unreadable)?;
            let mut rows = 0;
            for batch in reader {
                let batch = batch.map_err(unreadable)?;
                rows += batch.num_rows() as u64;
                if rows > self.rows {
                    break;
                }
                each(&batch)?;
            }
            self.all_rows(rows)
        })
    }

    /// The same description, but with instants of these columns in microseconds where nanoseconds would wrap.
    fn in_reach(
        &self,
        described: &ArrowReaderMetadata,
        positions: &[usize],
    ) -> Result<ArrowReaderMetadata, MeasureError> {
        let mut far = Vec::new();
        for position in positions {
            let kind = self.metadata.schema().field(*position).data_type();
            if *kind == DataType::Timestamp(TimeUnit::Nanosecond, None)
                && let Some(leaf) = self.leaves[*position]
            {
                let groups = self.metadata.metadata().row_groups();
                if parquet_int96::unit(&self.file, groups, leaf, &self.columns[*position])? == TimeUnit::Microsecond {
                    far.push(*position);
                }
            }
        }
        if far.is_empty() {
            return Ok(described.clone());
        }
        let fields = described.schema().fields().iter().enumerate();
        let fields = fields.map(|(position, field)| match far.contains(&position) {
            true => {
                let microseconds = DataType::Timestamp(TimeUnit::Microsecond, None);
                Arc::new(field.as_ref().clone().with_data_type(microseconds))
            }
            false => Arc::clone(field),
        });
        let options = options().with_schema(Arc::new(Schema::new(fields.collect::<Vec<_>>())));
        ArrowReaderMetadata::try_new(Arc::clone(described.metadata()), options).map_err(unreadable)
    }

    fn all_rows(&self, read: u64) -> Result<(), MeasureError> {
        if read == self.rows {
            Ok(())
        } else {
            Err(unreadable(format!("its footer tells of {} rows and its columns hold others", self.rows)))
        }
    }
}

/// The embedded Arrow schema only adds forms of the same values (dictionaries); without it there are fewer.
fn options() -> ArrowReaderOptions {
    ArrowReaderOptions::new().with_skip_arrow_metadata(true)
}

fn with_texts(schema: &Schema, as_they_come: &DataType) -> Arc<Schema> {
    let field = |field: &Arc<Field>| match field.data_type() {
        DataType::Utf8 => Arc::new(field.as_ref().clone().with_data_type(as_they_come.clone())),
        _ => Arc::clone(field),
    };
    Arc::new(Schema::new(schema.fields().iter().map(field).collect::<Vec<_>>()))
}

fn leaves(metadata: &ArrowReaderMetadata) -> Vec<Option<usize>> {
    let schema = metadata.parquet_schema();
    let mut leaves = vec![None; metadata.schema().fields().len()];
    for leaf in 0..schema.num_columns() {
        let column = schema.column(leaf);
        if column.max_rep_level() == 0 && column.max_def_level() <= 1 && column.path().parts().len() == 1 {
            leaves[schema.get_column_root_idx(leaf)] = Some(leaf);
        }
    }
    leaves
}

pub(super) fn unreadable(why: impl ToString) -> MeasureError {
    MeasureError::Unreadable { format: "Parquet", why: why.to_string() }
}

/// The decoder checks much but not all of what a broken file may claim; a panic in it is an unreadable file.
fn guarded<T>(read: impl FnOnce() -> Result<T, MeasureError>) -> Result<T, MeasureError> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(unreadable("the decoder gave up on it")))
}

#[cfg(test)]
mod tests;
