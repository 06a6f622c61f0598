//! Whole arrays of a column. Most hold nothing that breaks a rule: where rules ask for types and ranges alone, the
//! smallest and the largest value show it, and of equal texts the first.

use super::column::Watched;
use crate::measure::parquet_cells::same_texts;
use crate::measure::parquet_values::values;
use crate::measure::value::Value;
use crate::policy::contract::{Logical, Number};
use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type, Int32Type};
use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, BooleanArray, DictionaryArray, Float64Array, PrimitiveArray,
    downcast_primitive,
};
use arrow_schema::DataType;
use std::sync::Arc;

/// Whole numbers that are remembered.
const NUMBERS: usize = 256;
/// Doubles that are looked at side by side.
const LANES: usize = 8;

/// Values that changed nothing when they were taken.
#[derive(Default)]
pub struct Settled {
    /// A dictionary, and which of its texts they are.
    texts: Option<(ArrayRef, Vec<bool>)>,
    /// Each at the place of its last bits.
    numbers: Vec<Option<i128>>,
}

impl Watched<'_> {
    /// Takes every value of an array of the column.
    pub fn take_array(&mut self, array: &ArrayRef) {
        if self.asks_for_ranges_alone() && self.take_ends(array) {
            return;
        }
        if let Some(coded) = array.as_dictionary_opt::<Int32Type>() {
            return self.take_coded(coded);
        }
        self.settled.numbers.resize(NUMBERS, None);
        let value = values(array);
        for row in 0..array.len() {
            let value = value(row);
            let Value::Number(Number::Whole(whole)) = value else {
                self.take(value);
                continue;
            };
            let place = (whole & (NUMBERS as i128 - 1)) as usize;
            if self.settled.numbers[place] != Some(whole) && !self.take(value) {
                self.settled.numbers[place] = Some(whole);
            }
        }
    }

    /// Takes an array by its ends, if nothing between them breaks a rule.
    fn take_ends(&mut self, array: &ArrayRef) -> bool {
        let Some(ends) = ends(array, self.column.logical == Some(Logical::Integer)) else { return false };
        if !ends.is_empty() {
            let (smallest, largest) = (values(&ends)(0), values(&ends)(1));
            // What is not looked into tells nothing of what lies between.
            if smallest == Value::Other || largest == Value::Other || !self.take_between(smallest, largest) {
                return false;
            }
        }
        self.take_none(Value::Null, array.null_count() as u64);
        true
    }

    fn take_coded(&mut self, coded: &DictionaryArray<Int32Type>) {
        let known = self.settled.texts.take().filter(|(known, _)| same_texts(known, coded.values()));
        let (all, mut settled) =
            known.unwrap_or_else(|| (Arc::clone(coded.values()), vec![false; coded.values().len()]));
        let Some(texts) = all.as_string_opt::<i32>() else { return };
        let mut nulls = 0;
        for (row, code) in coded.keys().values().iter().enumerate() {
            let code = *code as usize;
            let Some(settled) = settled.get_mut(code).filter(|_| coded.is_valid(row) && texts.is_valid(code)) else {
                nulls += 1;
                continue;
            };
            if !*settled {
                *settled = !self.take(Value::Text(texts.value(code)));
            }
        }
        self.take_none(Value::Null, nulls);
        self.settled.texts = Some((all, settled));
    }
}

/// The smallest and the largest value of an array, of the same type; nothing of one that is all null. `None` where values
/// have no order, or are not finite; or, if that is asked, not all `whole`.
fn ends(array: &ArrayRef, whole: bool) -> Option<ArrayRef> {
    macro_rules! ordered {
        ($kind:ty) => {
            ends_of::<$kind>(array)
        };
    }
    match array.data_type() {
        DataType::Float64 => ends_of_reals::<Float64Type>(array, whole),
        DataType::Float32 => ends_of_reals::<Float32Type>(array, whole),
        DataType::Float16 => None,
        DataType::Boolean => {
            let bits = array.as_boolean();
            let (some, yes) = (bits.len() - bits.null_count(), bits.true_count());
            let both = if some > 0 { vec![yes == some, yes > 0] } else { Vec::new() };
            Some(Arc::new(BooleanArray::from(both)))
        }
        DataType::Decimal128(_, 1..) if whole => None,
        kind => downcast_primitive! {
            kind => (ordered),
            _ => None
        },
    }
}

fn ends_of<T: ArrowPrimitiveType<Native: PartialOrd>>(array: &ArrayRef) -> Option<ArrayRef> {
    let values = array.as_primitive::<T>();
    let mut both: Option<(T::Native, T::Native)> = None;
    for values in valid(array).map(|(start, end)| &values.values()[start..end]) {
        for value in values {
            let (low, high) = both.get_or_insert((*value, *value));
            *low = if *value < *low { *value } else { *low };
            *high = if *value > *high { *value } else { *high };
        }
    }
    let both = PrimitiveArray::<T>::from_iter_values(both.into_iter().flat_map(|(low, high)| [low, high]));
    Some(Arc::new(both.with_data_type(array.data_type().clone())))
}

/// Of numbers that a double holds exactly.
fn ends_of_reals<T: ArrowPrimitiveType<Native: Into<f64>>>(array: &ArrayRef, whole: bool) -> Option<ArrayRef> {
    let values = array.as_primitive::<T>();
    let (mut low, mut high) = ([f64::INFINITY; LANES], [f64::NEG_INFINITY; LANES]);
    // Nothing times a number is nothing, but for NaN and infinities.
    let mut nothing = [0.0; LANES];
    for values in valid(array).map(|(start, end)| &values.values()[start..end]) {
        let mut look = |values: &[T::Native]| {
            for (lane, value) in values.iter().enumerate() {
                let value: f64 = (*value).into();
                low[lane] = if value < low[lane] { value } else { low[lane] };
                high[lane] = if value > high[lane] { value } else { high[lane] };
                nothing[lane] += value * 0.0;
            }
        };
        let (chunks, rest) = values.as_chunks::<LANES>();
        chunks.iter().for_each(|chunk| look(chunk));
        look(rest);
        // Larger doubles are whole, too, but no `i64`.
        if whole && values.iter().any(|value| (*value).into() != (*value).into() as i64 as f64) {
            return None;
        }
    }
    let low = low.into_iter().fold(f64::INFINITY, f64::min);
    let high = high.into_iter().fold(f64::NEG_INFINITY, f64::max);
    let both = if array.null_count() < array.len() { vec![low, high] } else { Vec::new() };
    nothing.iter().all(|nothing| *nothing == 0.0).then(|| Arc::new(Float64Array::from(both)) as ArrayRef)
}

/// Where values stand that are not null.
fn valid(array: &ArrayRef) -> impl Iterator<Item = (usize, usize)> {
    let all = array.nulls().is_none().then_some((0, array.len()));
    all.into_iter().chain(array.nulls().into_iter().flat_map(|nulls| nulls.valid_slices()))
}
