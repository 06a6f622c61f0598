//! Which rows of a table are looked at: a slice.

/// A set of rows by number, one bit each.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selected {
    bits: Vec<u64>,
    rows: u64,
    count: u64,
}

impl Selected {
    /// Adds the next row to those that were told of, and to the set if it is `kept`.
    pub fn push(&mut self, kept: bool) {
        if self.rows.is_multiple_of(64) {
            self.bits.push(0);
        }
        if let Some(last) = self.bits.last_mut() {
            *last |= u64::from(kept) << (self.rows % 64);
        }
        self.rows += 1;
        self.count += u64::from(kept);
    }

    pub fn contains(&self, row: u64) -> bool {
        self.bits.get((row / 64) as usize).is_some_and(|bits| bits >> (row % 64) & 1 == 1)
    }

    /// How many rows are in the set.
    pub fn count(&self) -> u64 {
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_by_number() {
        let mut rows = Selected::default();
        (0..200).for_each(|row| rows.push(row % 3 == 0));
        assert_eq!(rows.count(), 67);
        assert!((0..200).all(|row| rows.contains(row) == (row % 3 == 0)) && !rows.contains(201));
    }
}
