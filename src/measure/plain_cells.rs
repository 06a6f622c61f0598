//! Cells as they are, to the last digit: a whole number is not rounded to a double.

use super::MeasureError;
use super::parquet_table::{ParquetTable, unreadable};
use super::table::{Cell, Form, Table};
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    Time32MillisecondType, Time64MicrosecondType, Time64NanosecondType, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Decimal128Array, DictionaryArray, FixedSizeBinaryArray, StringArray,
};
use arrow_schema::{DataType, TimeUnit};

/// One cell as it is, to the last digit. What is empty is null.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Plain<'a> {
    Null,
    /// From CSV (UTF-8, whatever it holds), texts, booleans and bytes of the other formats, and numbers as JSON writes
    /// them.
    Text(&'a [u8]),
    /// From a Parquet column of whole numbers.
    Whole(i128),
    /// From a Parquet column of decimals: without its point, and how many digits stand behind that.
    Decimal(i128, i8),
    /// From a Parquet column of dates or times, in their unit.
    Scaled(i128),
    /// May be NaN or infinite.
    Real(f64),
}

impl Table {
    /// Calls `each` with the number of the column among those asked for, a value of it and how many rows hold such a one,
    /// equal ones perhaps more than once, in no particular order.
    ///
    /// # Errors
    /// Those of the reader and of `each`; `UnsupportedType` for lists and structures.
    pub fn plain_values(
        &self,
        positions: &[usize],
        each: &mut dyn FnMut(usize, Plain<'_>, u64) -> Result<(), MeasureError>,
    ) -> Result<(), MeasureError> {
        match &self.form {
            Form::Parquet(parquet) => positions.iter().enumerate().try_for_each(|(at, position)| {
                parquet.plain_values(*position, &mut |value, rows| each(at, value, rows))
            }),
            Form::Arrow(arrow) => {
                // It keeps columns apart.
                let of = |(at, position): (usize, &usize)| {
                    let mut one = |row: &[Plain<'_>]| each(at, row.first().copied().unwrap_or(Plain::Null), 1);
                    arrow.rows_of(&[*position], |rows| rows.plain(&mut one))
                };
                positions.iter().enumerate().try_for_each(of)
            }
            Form::JsonLines(lines) => lines.plain_rows(positions, &mut |row| {
                row.iter().enumerate().try_for_each(|(at, value)| each(at, *value, 1))
            }),
            Form::Csv(csv) => csv
                .visit(positions, |row| row.iter().enumerate().try_for_each(|(at, cell)| each(at, as_it_is(*cell), 1))),
        }
    }

    /// Calls `each` once for each row with the values of these columns, in the order asked.
    ///
    /// # Errors
    /// As [`Table::plain_values`].
    pub fn plain_rows(
        &self,
        positions: &[usize],
        each: &mut dyn FnMut(&[Plain<'_>]) -> Result<(), MeasureError>,
    ) -> Result<(), MeasureError> {
        match &self.form {
            Form::Parquet(parquet) => parquet.rows_of(positions, |rows| rows.plain(each)),
            Form::Arrow(arrow) => arrow.rows_of(positions, |rows| rows.plain(each)),
            Form::JsonLines(lines) => lines.plain_rows(positions, each),
            Form::Csv(csv) => csv.visit(positions, |row| {
                let values: Vec<Plain<'_>> = row.iter().map(|cell| as_it_is(*cell)).collect();
                each(&values)
            }),
        }
    }
}

fn as_it_is(cell: Cell<'_>) -> Plain<'_> {
    match cell {
        Cell::Null => Plain::Null,
        Cell::Text(text) => Plain::Text(text.as_bytes()),
        Cell::Number(value) => Plain::Real(value),
    }
}

/// One column of one batch.
pub enum Values<'a> {
    Whole(Vec<i128>, &'a dyn Array),
    Scaled(Vec<i128>, &'a dyn Array),
    Decimals(&'a Decimal128Array, i8),
    Real(Vec<f64>, &'a dyn Array),
    Texts(&'a StringArray),
    /// Codes, and the texts that they stand for.
    Coded(&'a DictionaryArray<Int32Type>, &'a StringArray),
    Bytes(&'a BinaryArray),
    FixedBytes(&'a FixedSizeBinaryArray),
    Booleans(&'a BooleanArray),
    Nulls,
}

impl<'a> Values<'a> {
    pub fn of(array: &'a ArrayRef, name: &str) -> Result<Self, MeasureError> {
        macro_rules! numbers {
            ($form:ident, $to:ty, $kind:ty) => {
                Values::$form(array.as_primitive::<$kind>().values().iter().map(|v| <$to>::from(*v)).collect(), array)
            };
        }
        if let Some(coded) = array.as_dictionary_opt::<Int32Type>() {
            let texts = coded.values().as_string_opt::<i32>().ok_or_else(|| unreadable("codes stand for no texts"))?;
            return Ok(Values::Coded(coded, texts));
        }
        Ok(match array.data_type() {
            DataType::Int8 => numbers!(Whole, i128, Int8Type),
            DataType::Int16 => numbers!(Whole, i128, Int16Type),
            DataType::Int32 => numbers!(Whole, i128, Int32Type),
            DataType::Int64 => numbers!(Whole, i128, Int64Type),
            DataType::UInt8 => numbers!(Whole, i128, UInt8Type),
            DataType::UInt16 => numbers!(Whole, i128, UInt16Type),
            DataType::UInt32 => numbers!(Whole, i128, UInt32Type),
            DataType::UInt64 => numbers!(Whole, i128, UInt64Type),
            DataType::Decimal128(_, scale) => Values::Decimals(array.as_primitive::<Decimal128Type>(), *scale),
            DataType::Date32 => numbers!(Scaled, i128, Date32Type),
            DataType::Time32(TimeUnit::Millisecond) => numbers!(Scaled, i128, Time32MillisecondType),
            DataType::Time64(TimeUnit::Microsecond) => numbers!(Scaled, i128, Time64MicrosecondType),
            DataType::Time64(TimeUnit::Nanosecond) => numbers!(Scaled, i128, Time64NanosecondType),
            DataType::Timestamp(TimeUnit::Second, _) => numbers!(Scaled, i128, TimestampSecondType),
            DataType::Timestamp(TimeUnit::Millisecond, _) => numbers!(Scaled, i128, TimestampMillisecondType),
            DataType::Timestamp(TimeUnit::Microsecond, _) => numbers!(Scaled, i128, TimestampMicrosecondType),
            DataType::Timestamp(TimeUnit::Nanosecond, _) => numbers!(Scaled, i128, TimestampNanosecondType),
            DataType::Float32 => numbers!(Real, f64, Float32Type),
            DataType::Float64 => numbers!(Real, f64, Float64Type),
            DataType::Utf8 => Values::Texts(array.as_string::<i32>()),
            DataType::Binary => Values::Bytes(array.as_binary::<i32>()),
            DataType::FixedSizeBinary(_) => Values::FixedBytes(array.as_fixed_size_binary()),
            DataType::Boolean => Values::Booleans(array.as_boolean()),
            DataType::Null => Values::Nulls,
            other => {
                return Err(MeasureError::UnsupportedType { column: name.to_owned(), kind: other.to_string() });
            }
        })
    }

    pub fn at(&self, row: usize) -> Plain<'_> {
        match self {
            Values::Nulls => Plain::Null,
            Values::Whole(_, array) | Values::Scaled(_, array) | Values::Real(_, array) if array.is_null(row) => {
                Plain::Null
            }
            Values::Whole(values, _) => Plain::Whole(values[row]),
            Values::Scaled(values, _) => Plain::Scaled(values[row]),
            Values::Decimals(values, _) if values.is_null(row) => Plain::Null,
            Values::Decimals(values, scale) => Plain::Decimal(values.value(row), *scale),
            Values::Real(values, _) => Plain::Real(values[row]),
            Values::Coded(coded, texts) => {
                coded.key(row).map_or(Plain::Null, |code| text(texts.value(code).as_bytes()))
            }
            Values::Texts(texts) if texts.is_null(row) => Plain::Null,
            Values::Texts(texts) => text(texts.value(row).as_bytes()),
            Values::Bytes(bytes) if bytes.is_null(row) => Plain::Null,
            Values::Bytes(bytes) => text(bytes.value(row)),
            Values::FixedBytes(bytes) if bytes.is_null(row) => Plain::Null,
            Values::FixedBytes(bytes) => text(bytes.value(row)),
            Values::Booleans(bits) if bits.is_null(row) => Plain::Null,
            Values::Booleans(bits) => Plain::Text(if bits.value(row) { b"true" } else { b"false" }),
        }
    }
}

/// An empty text is null, as in CSV.
fn text(bytes: &[u8]) -> Plain<'_> {
    if bytes.is_empty() { Plain::Null } else { Plain::Text(bytes) }
}

impl ParquetTable {
    /// Calls `each` with the values of one column and how many rows hold such a one, equal ones perhaps more than once.
    pub fn plain_values(
        &self,
        position: usize,
        each: &mut dyn FnMut(Plain<'_>, u64) -> Result<(), MeasureError>,
    ) -> Result<(), MeasureError> {
        if self.is_text(position) {
            let nulls = self.codes(position, None, |word, count| each(text(word.as_bytes()), count))?;
            return if nulls > 0 { each(Plain::Null, nulls) } else { Ok(()) };
        }
        self.rows_of(&[position], |rows| rows.plain(&mut |row| each(row[0], 1)))
    }
}
