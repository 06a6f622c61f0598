//! Numbers of one Parquet column, decoded straight into an array, without a cell or a batch between.

use super::MeasureError;
use super::parquet_file::ParquetFile;
use super::parquet_int96;
use super::parquet_table::unreadable;
use super::rows::Selected;
use arrow_schema::{DataType, TimeUnit};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_column_reader};
use parquet::data_type::DataType as Physical;
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::serialized_reader::SerializedPageReader;
use std::sync::Arc;

/// Numbers that are decoded at a time, few enough to stay in the first cache while they are looked at.
const BATCH: usize = 2048;

/// Where the numbers go: called with those that are not null, batch by batch.
pub type Each<'a> = dyn FnMut(&[f64]) -> Result<(), MeasureError> + 'a;

/// What is done while one column is read: rows so far and arrays that are used again.
pub struct Reading<'a> {
    kind: &'a DataType,
    rows: Option<&'a Selected>,
    each: &'a mut Each<'a>,
    at: u64,
    nulls: u64,
    levels: Vec<i16>,
    numbers: Vec<f64>,
}

impl<'a> Reading<'a> {
    pub fn new(kind: &'a DataType, rows: Option<&'a Selected>, each: &'a mut Each<'a>) -> Self {
        Self { kind, rows, each, at: 0, nulls: 0, levels: Vec::new(), numbers: Vec::with_capacity(BATCH) }
    }

    /// Rows that were read, and how many of the selected ones are null.
    pub fn counts(&self) -> (u64, u64) {
        (self.at, self.nulls)
    }

    /// Reads the column's part in one row group.
    pub fn group(
        &mut self,
        file: &Arc<ParquetFile>,
        group: &RowGroupMetaData,
        leaf: usize,
    ) -> Result<(), MeasureError> {
        let rows = usize::try_from(group.num_rows()).map_err(unreadable)?;
        let pages = SerializedPageReader::new(Arc::clone(file), group.column(leaf), rows, None).map_err(unreadable)?;
        match (get_column_reader(group.column(leaf).column_descr_ptr(), Box::new(pages)), self.kind) {
            (ColumnReader::DoubleColumnReader(reader), _) => self.doubles(reader),
            (ColumnReader::FloatColumnReader(reader), _) => self.values(reader, |v| f64::from(*v)),
            (ColumnReader::Int32ColumnReader(reader), DataType::UInt8 | DataType::UInt16 | DataType::UInt32) => {
                self.values(reader, |v| f64::from(*v as u32))
            }
            (ColumnReader::Int32ColumnReader(reader), DataType::Date32) => {
                self.values(reader, |v| f64::from(*v) * MICROSECONDS_OF_A_DAY)
            }
            (ColumnReader::Int32ColumnReader(reader), _) => self.values(reader, |v| f64::from(*v)),
            (ColumnReader::Int64ColumnReader(reader), DataType::UInt64) => self.values(reader, |v| *v as u64 as f64),
            (ColumnReader::Int64ColumnReader(reader), DataType::Timestamp(TimeUnit::Second, _)) => {
                self.values(reader, |v| *v as f64 * 1e6)
            }
            (ColumnReader::Int64ColumnReader(reader), DataType::Timestamp(TimeUnit::Millisecond, _)) => {
                self.values(reader, |v| *v as f64 * 1e3)
            }
            (ColumnReader::Int64ColumnReader(reader), DataType::Timestamp(TimeUnit::Nanosecond, _)) => {
                self.values(reader, |v| nanoseconds(*v))
            }
            (ColumnReader::Int64ColumnReader(reader), _) => self.values(reader, |v| *v as f64),
            (ColumnReader::Int96ColumnReader(reader), _) => self.values(reader, parquet_int96::microseconds),
            (
                ColumnReader::BoolColumnReader(_)
                | ColumnReader::ByteArrayColumnReader(_)
                | ColumnReader::FixedLenByteArrayColumnReader(_),
                kind,
            ) => Err(unreadable(format!("a column of {kind} holds no numbers"))),
        }
    }

    fn doubles(&mut self, mut reader: ColumnReaderImpl<parquet::data_type::DoubleType>) -> Result<(), MeasureError> {
        loop {
            let mut numbers = std::mem::take(&mut self.numbers);
            numbers.clear();
            self.levels.clear();
            let (records, _, _) =
                reader.read_records(BATCH, Some(&mut self.levels), None, &mut numbers).map_err(unreadable)?;
            self.numbers = numbers;
            if records == 0 {
                return Ok(());
            }
            self.batch(records)?;
        }
    }

    fn values<T: Physical>(
        &mut self,
        mut reader: ColumnReaderImpl<T>,
        number: impl Fn(&T::T) -> f64,
    ) -> Result<(), MeasureError> {
        let mut values: Vec<T::T> = Vec::with_capacity(BATCH);
        loop {
            values.clear();
            self.levels.clear();
            let (records, _, _) =
                reader.read_records(BATCH, Some(&mut self.levels), None, &mut values).map_err(unreadable)?;
            if records == 0 {
                return Ok(());
            }
            self.numbers.clear();
            self.numbers.extend(values.iter().map(&number));
            self.batch(records)?;
        }
    }

    /// `numbers` holds those of `records` rows that are not null; `levels` says which, or is empty when all are.
    fn batch(&mut self, records: usize) -> Result<(), MeasureError> {
        let from = self.at;
        self.at += records as u64;
        let Some(rows) = self.rows else {
            self.nulls += (records - self.numbers.len()) as u64;
            return (self.each)(&self.numbers);
        };
        let (mut kept, mut next) = (0, 0);
        for row in 0..records {
            let null = self.levels.get(row).is_some_and(|level| *level == 0);
            if rows.contains(from + row as u64) {
                if null {
                    self.nulls += 1;
                } else {
                    self.numbers[kept] = self.numbers[next];
                    kept += 1;
                }
            }
            next += usize::from(!null);
        }
        (self.each)(&self.numbers[..kept])
    }
}

const MICROSECONDS_OF_A_DAY: f64 = 86_400e6;

/// In microseconds. Split first: a double does not hold today's nanoseconds.
fn nanoseconds(count: i64) -> f64 {
    count.div_euclid(1000) as f64 + count.rem_euclid(1000) as f64 / 1000.0
}
