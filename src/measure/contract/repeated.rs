//! What stands more than once in a column, or in several together. Exact, by 128 bits of a digest for each row.

use super::typed::typed;
use crate::measure::rows::Selected;
use crate::measure::value::Value;
use crate::measure::{MeasureError, Table};
use crate::policy::contract::{Column, Number};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// Rows that can be told apart; each takes 16 to 20 bytes while they are.
pub const MAX_KEYS: u64 = 10_000_000;
const BUCKETS: usize = 256;

/// Columns that are looked at together, by place, and what they are read as.
#[derive(Debug, Clone)]
pub struct Key<'a> {
    columns: Vec<(usize, &'a Column)>,
}

impl<'a> Key<'a> {
    pub fn new(columns: Vec<(usize, &'a Column)>) -> Self {
        Self { columns }
    }
}

/// For each key, how many rows repeat an earlier one. Rows with a null in a key say nothing about it.
///
/// # Errors
/// Those of the reader; `TooLarge` above [`MAX_KEYS`] rows.
pub fn repeated(table: &Table, selected: Option<&Selected>, keys: &[Key<'_>]) -> Result<Vec<u64>, MeasureError> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let count = selected.map_or(table.rows(), Selected::count);
    if count > MAX_KEYS {
        return Err(MeasureError::TooLarge { what: "rows where values must be told apart", limit: MAX_KEYS });
    }
    let typing = table.typing();
    let mut counts = Vec::new();
    let at_once = usize::try_from(MAX_KEYS / count.max(1)).unwrap_or(1).clamp(1, 16);
    for some in keys.chunks(at_once) {
        let mut rows: Vec<Rows> = some.iter().map(|key| Rows::new(key.columns.len())).collect();
        // Each column once, however many keys it is in.
        let mut users: BTreeMap<usize, Vec<(usize, usize, &Column)>> = BTreeMap::new();
        for (nth, key) in some.iter().enumerate() {
            for (place, (position, column)) in key.columns.iter().enumerate() {
                users.entry(*position).or_default().push((nth, place, *column));
            }
        }
        let positions: Vec<usize> = users.keys().copied().collect();
        let users: Vec<_> = users.into_values().collect();
        table.values(&positions, selected, |nth, value| {
            for (key, place, column) in users.get(nth).into_iter().flatten() {
                if let Some(rows) = rows.get_mut(*key) {
                    rows.take(*place, typed(value, column, typing).unwrap_or(value));
                }
            }
            Ok(())
        })?;
        counts.extend(rows.into_iter().map(Rows::repeated));
    }
    Ok(counts)
}

/// Digests of the rows so far, by their first byte.
struct Rows {
    buckets: Vec<Vec<u128>>,
    /// Digest of each of the row's values that came already.
    values: Vec<Option<[u8; 32]>>,
    came: usize,
}

impl Rows {
    fn new(columns: usize) -> Self {
        Self { buckets: vec![Vec::new(); BUCKETS], values: vec![None; columns], came: 0 }
    }

    fn take(&mut self, place: usize, value: Value<'_>) {
        if let Some(slot) = self.values.get_mut(place) {
            *slot = digest(value);
        }
        self.came += 1;
        if self.came < self.values.len() {
            return;
        }
        self.came = 0;
        let row = match &self.values[..] {
            [one] => *one,
            several => several
                .iter()
                .try_fold(Sha256::new(), |so_far, one| Some(so_far.chain_update((*one)?)))
                .map(|d| d.finalize().into()),
        };
        let Some(row) = row else { return };
        let bits = row.iter().take(16).fold(0u128, |bits, byte| bits << 8 | u128::from(*byte));
        if let Some(bucket) = self.buckets.get_mut(usize::from(row[0])) {
            // Doubling would take twice the room.
            if bucket.len() == bucket.capacity() {
                bucket.reserve_exact((bucket.len() / 4).max(16));
            }
            bucket.push(bits);
        }
    }

    fn repeated(self) -> u64 {
        let of_bucket = |mut bucket: Vec<u128>| {
            bucket.sort_unstable();
            bucket.windows(2).filter(|pair| pair[0] == pair[1]).count() as u64
        };
        self.buckets.into_iter().map(of_bucket).sum()
    }
}

/// The same for equal values, whatever they are written like; `None` for none.
fn digest(value: Value<'_>) -> Option<[u8; 32]> {
    let (kind, bytes): (u8, &[u8]) = match &value {
        Value::Null => return None,
        Value::Boolean(flag) => (1, &[u8::from(*flag)]),
        Value::Number(Number::Whole(whole)) | Value::Written { number: Number::Whole(whole), .. } => {
            (2, &whole.to_le_bytes())
        }
        Value::Number(Number::Real(real)) | Value::Written { number: Number::Real(real), .. } => {
            (3, &real.to_le_bytes())
        }
        Value::NotFinite => (4, &[]),
        Value::Text(text) => (5, text.as_bytes()),
        Value::Bytes(bytes) => (6, bytes),
        Value::Date(nanoseconds) => (7, &nanoseconds.to_le_bytes()),
        Value::Timestamp { nanoseconds, .. } => (8, &nanoseconds.to_le_bytes()),
        Value::Time(nanoseconds) => (9, &nanoseconds.to_le_bytes()),
        Value::Other => (10, &[]),
    };
    Some(Sha256::new().chain_update([kind]).chain_update(bytes).finalize().into())
}
