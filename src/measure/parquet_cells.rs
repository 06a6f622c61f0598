//! Cells of one Parquet column in one batch, and codes for them.

use super::MeasureError;
use super::parquet_table::unreadable;
use super::table::Cell;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, BooleanArray, DictionaryArray, StringArray};
use arrow_schema::DataType;
use std::sync::Arc;

/// Different numbers of a column of which the codes are kept at hand.
const FEW_NUMBERS: usize = 64;

/// One column of one batch, ready to be asked for cells.
pub enum Cells<'a> {
    Numbers(Vec<f64>, &'a dyn Array),
    Texts(&'a StringArray),
    /// Codes, and the texts that they stand for.
    Coded(&'a DictionaryArray<Int32Type>, &'a StringArray),
    Booleans(&'a BooleanArray),
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
            DataType::Utf8 => Cells::Texts(array.as_string::<i32>()),
            DataType::Boolean => Cells::Booleans(array.as_boolean()),
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
            Cells::Texts(texts) => Cell::Text(texts.value(row)),
            Cells::Coded(coded, _) if coded.is_null(row) => Cell::Null,
            Cells::Coded(coded, texts) => coded.key(row).map_or(Cell::Null, |code| Cell::Text(texts.value(code))),
            Cells::Booleans(bits) if bits.is_null(row) => Cell::Null,
            Cells::Booleans(bits) => Cell::Text(if bits.value(row) { "true" } else { "false" }),
        }
    }
}

/// Codes of one column, with what is known of its values.
#[derive(Default)]
pub struct Coder {
    pub codes: Vec<u16>,
    /// A dictionary and the codes of those of its values that were met: what no row holds is no value.
    texts: Option<(ArrayRef, Vec<Option<u16>>)>,
    /// Numbers by their bits; few differ, so they are found by looking.
    numbers: Vec<(u64, u16)>,
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
            for (row, key) in coded.keys().values().iter().enumerate() {
                if coded.is_null(row) {
                    self.codes.push(null);
                    continue;
                }
                let at = *key as usize;
                let one = known.get_mut(at).ok_or_else(|| unreadable("a code stands for no text"))?;
                let one = match one {
                    Some(one) => *one,
                    None => *one.insert(code(Cell::Text(texts.value(at)))?),
                };
                self.codes.push(one);
            }
            return Ok(());
        }
        let cells = Cells::of(array, name)?;
        for row in 0..array.len() {
            let cell = cells.at(row);
            self.codes.push(match cell {
                Cell::Number(value) => {
                    let bits = value.to_bits();
                    match self.numbers.iter().find(|(known, _)| *known == bits) {
                        Some((_, code)) => *code,
                        None => {
                            let one = code(cell)?;
                            if self.numbers.len() < FEW_NUMBERS {
                                self.numbers.push((bits, one));
                            }
                            one
                        }
                    }
                }
                Cell::Text(_) | Cell::Null => code(cell)?,
            });
        }
        Ok(())
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
