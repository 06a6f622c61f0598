//! Cells of one Parquet column in one batch, and codes for them.

use super::MeasureError;
use super::decimals;
use super::parquet_table::unreadable;
use super::parquet_values::values;
use super::table::Cell;
use super::value::Value;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, BooleanArray, DictionaryArray, StringArray};
use arrow_schema::DataType;
use std::collections::HashMap;
use std::sync::Arc;

/// Different numbers of a column of which the codes are kept.
const KEPT: usize = 4096;
/// Those of them that are found without a search.
const AT_HAND: usize = 32;

/// One column of one batch, ready to be asked for cells.
pub enum Cells<'a> {
    Numbers(Vec<f64>, &'a dyn Array),
    Texts(&'a StringArray),
    /// Codes, and the texts that they stand for.
    Coded(&'a DictionaryArray<Int32Type>, &'a StringArray),
    Booleans(&'a BooleanArray),
    /// Dates and times, as they are written in ISO 8601.
    Times(Vec<Option<String>>),
    Nulls,
}

impl<'a> Cells<'a> {
    pub fn of(array: &'a ArrayRef, name: &str) -> Result<Self, MeasureError> {
        macro_rules! numbers {
            ($kind:ty) => {
                Cells::Numbers(array.as_primitive::<$kind>().values().iter().map(|v| *v as f64).collect(), array)
            };
        }
        if let Some(coded) = array.as_dictionary_opt::<Int32Type>() {
            let texts = coded.values().as_string_opt::<i32>().ok_or_else(|| unreadable("codes stand for no texts"))?;
            return Ok(Cells::Coded(coded, texts));
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
            DataType::Decimal128(digits, scale) => {
                Cells::Numbers(decimals::doubles(array.as_primitive::<Decimal128Type>(), *digits, *scale)?, array)
            }
            DataType::Utf8 => Cells::Texts(array.as_string::<i32>()),
            DataType::Boolean => Cells::Booleans(array.as_boolean()),
            DataType::Date32
            | DataType::Date64
            | DataType::Timestamp(..)
            | DataType::Time32(_)
            | DataType::Time64(_) => Cells::Times(times(array, name)?),
            DataType::Null => Cells::Nulls,
            other => {
                return Err(MeasureError::UnsupportedType { column: name.to_owned(), kind: other.to_string() });
            }
        })
    }

    pub fn at(&self, row: usize) -> Cell<'_> {
        match self {
            Cells::Nulls => Cell::Null,
            Cells::Numbers(_, array) if array.is_null(row) => Cell::Null,
            Cells::Numbers(values, _) => Cell::Number(values[row]),
            Cells::Texts(texts) if texts.is_null(row) => Cell::Null,
            Cells::Texts(texts) => Cell::of_text(texts.value(row)),
            Cells::Coded(coded, _) if coded.is_null(row) => Cell::Null,
            Cells::Coded(coded, texts) => coded.key(row).map_or(Cell::Null, |code| Cell::of_text(texts.value(code))),
            Cells::Times(times) => times[row].as_deref().map_or(Cell::Null, Cell::Text),
            Cells::Booleans(bits) if bits.is_null(row) => Cell::Null,
            Cells::Booleans(bits) => Cell::Text(if bits.value(row) { "true" } else { "false" }),
        }
    }
}

/// Of every row. A time that has no zone is written without one.
fn times(array: &ArrayRef, name: &str) -> Result<Vec<Option<String>>, MeasureError> {
    let value = values(array);
    let time = |row: usize| match value(row) {
        Value::Null => Ok(None),
        time => {
            let beyond = || unreadable(format!("column {name:?} holds a time beyond the year 9999"));
            let mut text = time.text().ok_or_else(beyond)?.into_owned();
            if matches!(time, Value::Timestamp { zoned: false, .. }) && text.ends_with('Z') {
                text.pop();
            }
            Ok(Some(text))
        }
    };
    (0..array.len()).map(time).collect()
}

/// Codes of one column, with what is known of its values.
#[derive(Default)]
pub struct Coder {
    pub codes: Vec<u16>,
    /// A dictionary and the codes of those of its values that were met: what no row holds is no value.
    texts: Option<(ArrayRef, Vec<Option<u16>>)>,
    /// Numbers by their bits.
    numbers: HashMap<u64, u16>,
    /// The latest of them, each at a place of its own.
    at_hand: [Option<(u64, u16)>; AT_HAND],
}

impl Coder {
    pub fn codes(
        &mut self,
        array: &ArrayRef,
        name: &str,
        code: &mut dyn FnMut(Cell<'_>) -> Result<u16, MeasureError>,
    ) -> Result<(), MeasureError> {
        self.codes.clear();
        if let Some(coded) = array.as_dictionary_opt::<Int32Type>() {
            let texts = coded.values().as_string_opt::<i32>().ok_or_else(|| unreadable("codes stand for no texts"))?;
            if !self.texts.as_ref().is_some_and(|(known, _)| same_texts(known, coded.values())) {
                self.texts = Some((Arc::clone(coded.values()), vec![None; texts.len()]));
            }
            let known = self.texts.as_mut().map(|(_, codes)| codes.as_mut_slice()).unwrap_or_default();
            let null = if coded.null_count() > 0 { code(Cell::Null)? } else { 0 };
            let keys = coded.keys().values();
            let all_known = coded.null_count() == 0
                && known.iter().all(Option::is_some)
                && keys.iter().all(|key| (*key as u32 as usize) < known.len());
            for (row, key) in keys.iter().enumerate().filter(|_| !all_known) {
                let at = *key as usize;
                match known.get_mut(at) {
                    Some(Some(_)) => {}
                    _ if coded.is_null(row) => {}
                    Some(one) => *one = Some(code(Cell::of_text(texts.value(at)))?),
                    None => return Err(unreadable("a code stands for no text")),
                }
            }
            let code_of = |key: &i32| known.get(*key as usize).copied().flatten().unwrap_or(null);
            match coded.nulls() {
                None => self.codes.extend(keys.iter().map(code_of)),
                Some(nulls) => {
                    let of_row = |(key, told)| if told { code_of(key) } else { null };
                    self.codes.extend(keys.iter().zip(nulls).map(of_row));
                }
            }
            return Ok(());
        }
        match Cells::of(array, name)? {
            Cells::Numbers(values, array) => {
                let nulls = array.nulls().filter(|nulls| nulls.null_count() > 0);
                let mut codes = std::mem::take(&mut self.codes);
                codes.resize(values.len(), 0);
                for (row, (slot, value)) in codes.iter_mut().zip(values).enumerate() {
                    let null = nulls.is_some_and(|nulls| nulls.is_null(row));
                    *slot = if null { code(Cell::Null)? } else { self.number(value, code)? };
                }
                self.codes = codes;
            }
            cells => {
                for row in 0..array.len() {
                    self.codes.push(code(cells.at(row))?);
                }
            }
        }
        Ok(())
    }

    #[inline]
    fn number(
        &mut self,
        value: f64,
        code: &mut dyn FnMut(Cell<'_>) -> Result<u16, MeasureError>,
    ) -> Result<u16, MeasureError> {
        let bits = value.to_bits();
        // Small whole numbers differ in their highest bits alone.
        let place = (bits.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 59) as usize;
        if let Some((known, code)) = self.at_hand[place]
            && known == bits
        {
            return Ok(code);
        }
        let one = match self.numbers.get(&bits) {
            Some(code) => *code,
            None => code(Cell::Number(value))?,
        };
        if self.numbers.len() < KEPT {
            self.numbers.insert(bits, one);
        }
        self.at_hand[place] = Some((bits, one));
        Ok(one)
    }
}

/// Whether two dictionaries are one and the same in memory.
pub fn same_texts(one: &ArrayRef, two: &ArrayRef) -> bool {
    match (one.as_string_opt::<i32>(), two.as_string_opt::<i32>()) {
        (Some(one), Some(two)) => {
            one.len() == two.len()
                && one.value_data().as_ptr() == two.value_data().as_ptr()
                && one.value_offsets().as_ptr() == two.value_offsets().as_ptr()
        }
        (Some(_) | None, _) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::Int32Array;

    #[test]
    fn a_value_that_no_row_holds_has_no_code() {
        let texts = StringArray::from(vec!["x", "never", "y"]);
        let keys = Int32Array::from(vec![Some(2), None, Some(0), Some(2)]);
        let array: ArrayRef = Arc::new(DictionaryArray::new(keys, Arc::new(texts)));
        let mut coder = Coder::default();
        let mut met = Vec::new();
        let mut code = |cell: Cell<'_>| {
            met.push(format!("{cell:?}"));
            Ok(met.len() as u16)
        };
        coder.codes(&array, "g", &mut code).unwrap();
        assert_eq!(coder.codes, [2, 1, 3, 2]);
        assert_eq!(met, ["Null", "Text(\"y\")", "Text(\"x\")"]);
    }
}
