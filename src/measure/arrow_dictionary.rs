//! The texts that codes of an Arrow file stand for.

use super::MeasureError;
use super::arrow_column::ColumnReader;
use super::arrow_file::{too_large, unreadable};
use arrow_array::builder::StringBuilder;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Bytes of all dictionaries that are held at once: their texts, and four for each.
const MAX_BYTES: usize = 64 << 20;
const AT_ONCE: usize = 8192;
const BUDGET: usize = 16 << 20;

/// By id.
#[derive(Default)]
pub struct Dictionaries(BTreeMap<i64, ArrayRef>);

impl Dictionaries {
    pub fn get(&self, id: i64) -> Option<&ArrayRef> {
        self.0.get(&id)
    }

    /// Takes `rows` texts: in the place of those before, or behind them.
    pub fn read(
        &mut self,
        id: i64,
        more: bool,
        mut reader: ColumnReader<'_>,
        mut rows: usize,
    ) -> Result<(), MeasureError> {
        let before = self.0.remove(&id);
        let others: usize = self.0.values().map(size).sum();
        let mut texts = StringBuilder::new();
        if more {
            let before = before.ok_or_else(|| unreadable("a dictionary goes on that did not begin"))?;
            texts.append_array(before.as_string::<i32>()).map_err(unreadable)?;
        }
        while rows > 0 {
            let some = reader.fits(rows.min(AT_ONCE), BUDGET)?;
            let array = reader.take(some, None)?;
            let array = array.as_string_opt::<i32>().ok_or_else(|| unreadable("codes stand for no texts"))?;
            texts.append_array(array).map_err(unreadable)?;
            if others + texts.values_slice().len() + texts.offsets_slice().len() * 4 > MAX_BYTES {
                return Err(too_large("bytes in its dictionaries", MAX_BYTES as u64));
            }
            rows -= some;
        }
        self.0.insert(id, Arc::new(texts.finish()));
        Ok(())
    }
}

fn size(texts: &ArrayRef) -> usize {
    texts.as_string_opt::<i32>().map_or(0, |texts| texts.value_data().len() + texts.len() * 4)
}
