//! How often each text of a column occurs.

use super::MeasureError;
use super::table::MAX_TEXT;
use std::collections::HashMap;

/// Different texts that one column is counted by.
pub const MAX_CATEGORIES: usize = 100_000;
/// Bytes that the different texts of one column may have together.
const MAX_BYTES: usize = 16 << 20;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Texts {
    counts: HashMap<Box<str>, u64>,
    bytes: usize,
    pub nulls: u64,
}

impl Texts {
    pub fn with_nulls(nulls: u64) -> Self {
        Self { nulls, ..Self::default() }
    }

    /// An empty text is a null.
    ///
    /// # Errors
    /// More or longer texts than the bounds above.
    pub fn add(&mut self, text: &str, count: u64) -> Result<(), MeasureError> {
        if text.is_empty() {
            self.nulls += count;
            return Ok(());
        }
        if let Some(known) = self.counts.get_mut(text) {
            *known += count;
            return Ok(());
        }
        if text.len() > MAX_TEXT {
            return Err(MeasureError::TooLarge { what: "bytes in one cell", limit: MAX_TEXT as u64 });
        }
        if self.counts.len() == MAX_CATEGORIES {
            return Err(MeasureError::TooLarge { what: "different texts in one column", limit: MAX_CATEGORIES as u64 });
        }
        self.bytes += text.len();
        if self.bytes > MAX_BYTES {
            let what = "bytes in the different texts of one column";
            return Err(MeasureError::TooLarge { what, limit: MAX_BYTES as u64 });
        }
        self.counts.insert(text.into(), count);
        Ok(())
    }

    /// Cells that are not null.
    pub fn count(&self) -> u64 {
        self.counts.values().sum()
    }

    pub fn different(&self) -> usize {
        self.counts.len()
    }

    pub fn get(&self, text: &str) -> u64 {
        self.counts.get(text).copied().unwrap_or(0)
    }

    /// Each with its count, by text.
    pub fn sorted(&self) -> Vec<(&str, u64)> {
        let mut all: Vec<(&str, u64)> = self.counts.iter().map(|(text, count)| (&**text, *count)).collect();
        all.sort_unstable();
        all
    }

    /// Counts on both sides of every text that occurs on one, by text.
    pub fn both(&self, other: &Self) -> Vec<(u64, u64)> {
        let mut all: Vec<(&str, u64, u64)> =
            self.counts.iter().map(|(text, count)| (&**text, *count, other.get(text))).collect();
        let new = other.counts.iter().filter(|(text, _)| !self.counts.contains_key(*text));
        all.extend(new.map(|(text, count)| (&**text, 0, *count)));
        all.sort_unstable();
        all.into_iter().map(|(_, here, there)| (here, there)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds() {
        let mut texts = Texts::default();
        (0..MAX_CATEGORIES).for_each(|i| texts.add(&i.to_string(), 2).unwrap());
        texts.add("7", 1).unwrap();
        assert_eq!((texts.get("7"), texts.count()), (3, 2 * MAX_CATEGORIES as u64 + 1));
        assert!(matches!(texts.add("one more", 1), Err(MeasureError::TooLarge { .. })));
        let mut long = Texts::default();
        assert!(long.add(&"x".repeat(MAX_TEXT + 1), 1).is_err());
        let some = (0..).take_while(|i| long.add(&format!("{i:04096}"), 1).is_ok()).count();
        assert_eq!(some, MAX_BYTES / MAX_TEXT);
    }

    #[test]
    fn both_sides_by_text() {
        let of = |pairs: &[(&str, u64)]| {
            let mut texts = Texts::default();
            pairs.iter().for_each(|(text, count)| texts.add(text, *count).unwrap());
            texts
        };
        assert_eq!(of(&[("b", 1), ("c", 2)]).both(&of(&[("c", 3), ("a", 4)])), [(0, 4), (1, 0), (2, 3)]);
    }
}
