//! Parquet: only the columns that are asked for are decoded, batch by batch.

use super::MeasureError;
use super::table::{Cell, Column, Kind, finite};
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch, StringArray};
use arrow_schema::DataType;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};

const BATCH: usize = 8192;
/// What all columns come to when unpacked, as the file claims.
const MAX_UNPACKED: u64 = 32 << 30;

pub struct ParquetTable {
    file: File,
    metadata: ArrowReaderMetadata,
    columns: Vec<String>,
    rows: u64,
}

impl ParquetTable {
    pub fn open(file: File) -> Result<Self, MeasureError> {
        // The embedded Arrow schema only adds forms of the same values (dictionaries); without it there are fewer.
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let metadata = guarded(|| ArrowReaderMetadata::load(&file, options).map_err(unreadable))?;
        let columns = metadata.schema().fields().iter().map(|field| field.name().clone()).collect();
        let groups = metadata.metadata().row_groups();
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
        Ok(Self { file, metadata, columns, rows })
    }

    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    pub fn rows(&self) -> u64 {
        self.rows
    }

    pub fn kind(&self, position: usize) -> Kind {
        match self.metadata.schema().field(position).data_type() {
            DataType::Utf8 | DataType::Boolean => Kind::Text,
            // A column without any value; it holds nothing but nulls.
            DataType::Null
            | DataType::Int8
            | DataType::Int16
            | DataType::Int32
            | DataType::Int64
            | DataType::UInt8
            | DataType::UInt16
            | DataType::UInt32
            | DataType::UInt64
            | DataType::Float32
            | DataType::Float64 => Kind::Numbers,
            other => Kind::Unsupported(other.to_string()),
        }
    }

    /// Appends one whole column.
    pub fn append(&self, position: usize, column: &mut Column) -> Result<(), MeasureError> {
        let name = &self.columns[position];
        self.batches(&[position], |batch| {
            let array = batch.column(0);
            // The usual case without a detour over single cells.
            if let (Column::Numbers { values, .. }, Some(doubles), 0) =
                (&mut *column, array.as_primitive_opt::<Float64Type>(), array.null_count())
            {
                if let Some(other) = doubles.values().iter().find(|value| !value.is_finite()) {
                    finite(*other, name)?;
                }
                // Minus zero becomes zero.
                values.extend(doubles.values().iter().map(|value| value + 0.0));
                return Ok(());
            }
            let cells = Cells::of(array, name)?;
            (0..array.len()).try_for_each(|row| column.push(cells.at(row), name))
        })
    }

    pub fn visit(
        &self,
        positions: &[usize],
        mut visit: impl FnMut(&[Cell<'_>]) -> Result<(), MeasureError>,
    ) -> Result<(), MeasureError> {
        // A file keeps its own order of columns and each only once, whatever is asked.
        let mut kept = positions.to_vec();
        kept.sort_unstable();
        kept.dedup();
        self.batches(&kept, |batch| {
            let columns: Vec<Cells<'_>> = positions
                .iter()
                .map(|position| {
                    let index = kept.partition_point(|kept| kept < position);
                    Cells::of(batch.column(index), &self.columns[*position])
                })
                .collect::<Result<_, _>>()?;
            let mut row: Vec<Cell<'_>> = Vec::with_capacity(columns.len());
            for index in 0..batch.num_rows() {
                row.clear();
                row.extend(columns.iter().map(|cells| cells.at(index)));
                visit(&row)?;
            }
            Ok(())
        })
    }

    fn batches(
        &self,
        positions: &[usize],
        mut each: impl FnMut(&RecordBatch) -> Result<(), MeasureError>,
    ) -> Result<(), MeasureError> {
        guarded(|| {
            let file = self.file.try_clone().map_err(unreadable)?;
            let mask = ProjectionMask::roots(self.metadata.parquet_schema(), positions.iter().copied());
            let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone())
                .with_projection(mask)
                .with_batch_size(BATCH)
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
            if rows == self.rows {
                Ok(())
            } else {
                Err(unreadable(format!("its footer tells of {} rows and its columns hold others", self.rows)))
            }
        })
    }
}

fn unreadable(why: impl ToString) -> MeasureError {
    MeasureError::Unreadable { format: "Parquet", why: why.to_string() }
}

/// The decoder checks much but not all of what a broken file may claim; a panic in it is an unreadable file.
fn guarded<T>(read: impl FnOnce() -> Result<T, MeasureError>) -> Result<T, MeasureError> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(unreadable("the decoder gave up on it")))
}

/// One column of one batch, ready to be asked for cells.
enum Cells<'a> {
    Numbers(Vec<f64>, &'a dyn Array),
    Texts(&'a StringArray),
    Booleans(&'a BooleanArray),
    Nulls,
}

impl<'a> Cells<'a> {
    fn of(array: &'a ArrayRef, name: &str) -> Result<Self, MeasureError> {
        macro_rules! numbers {
            ($kind:ty) => {
                Cells::Numbers(array.as_primitive::<$kind>().values().iter().map(|v| *v as f64).collect(), array)
            };
        }
        Ok(match array.data_type() {
            DataType::Int8 => numbers!(Int8Type),
            DataType::Int16 => numbers!(Int16Type),
            DataType::Int32 => numbers!(Int32Type),
            DataType::Int64 => numbers!(Int64Type),
            DataType::UInt8 => numbers!(UInt8Type),
            DataType::UInt16 => numbers!(UInt16Type),
            DataType::UInt32 => numbers!(UInt32Type),
            DataType::UInt64 => numbers!(UInt64Type),
            DataType::Float32 => numbers!(Float32Type),
            DataType::Float64 => numbers!(Float64Type),
            DataType::Utf8 => Cells::Texts(array.as_string::<i32>()),
            DataType::Boolean => Cells::Booleans(array.as_boolean()),
            DataType::Null => Cells::Nulls,
            other => {
                return Err(MeasureError::UnsupportedType { column: name.to_owned(), kind: other.to_string() });
            }
        })
    }

    fn at(&self, row: usize) -> Cell<'_> {
        match self {
            Cells::Nulls => Cell::Null,
            Cells::Numbers(_, array) if array.is_null(row) => Cell::Null,
            Cells::Numbers(values, _) => Cell::Number(values[row]),
            Cells::Texts(texts) if texts.is_null(row) => Cell::Null,
            Cells::Texts(texts) => Cell::Text(texts.value(row)),
            Cells::Booleans(bits) if bits.is_null(row) => Cell::Null,
            Cells::Booleans(bits) => Cell::Text(if bits.value(row) { "true" } else { "false" }),
        }
    }
}
