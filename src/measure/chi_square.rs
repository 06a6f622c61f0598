//! Pearson's chi-square test on the counts of two samples, without correction, and its size, Cramér's V.

use statrs::function::gamma::checked_gamma_ur;

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChiSquare {
    pub statistic: f64,
    /// Categories less one.
    pub degrees: u64,
    pub p: f64,
    /// √(statistic / rows), for two samples Cramér's V. Between 0 and 1.
    pub v: f64,
}

/// Two rows of counts, filled category by category.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Contingency {
    rows: (u64, u64),
    categories: u64,
    statistic: f64,
}

impl Contingency {
    /// `rows` of each side, which all categories together hold.
    pub fn new(rows: (u64, u64)) -> Self {
        Self { rows, ..Self::default() }
    }

    /// Counts of one more category on the two sides; one that occurs on neither is none.
    pub fn add(&mut self, a: u64, b: u64) {
        if a + b == 0 {
            return;
        }
        let (both, rows) = ((a + b) as f64, (self.rows.0 + self.rows.1) as f64);
        let term = |seen: u64, side: u64| {
            let expected = both * side as f64 / rows;
            (seen as f64 - expected).powi(2) / expected
        };
        self.categories += 1;
        self.statistic += term(a, self.rows.0) + term(b, self.rows.1);
    }

    /// `None` when there is only one category or a side without rows.
    pub fn test(&self) -> Option<ChiSquare> {
        let Self { rows, categories, statistic } = *self;
        if categories < 2 || rows.0 == 0 || rows.1 == 0 {
            return None;
        }
        let degrees = categories - 1;
        // No probability is not a large one.
        let tail = || checked_gamma_ur(degrees as f64 / 2.0, statistic / 2.0).unwrap_or(f64::NAN);
        let p = if statistic == 0.0 { 1.0 } else { tail() };
        let v = (statistic / (rows.0 + rows.1) as f64).sqrt().min(1.0);
        Some(ChiSquare { statistic, degrees, p, v })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        let of = |counts: &[(u64, u64)]| {
            let rows = counts.iter().fold((0, 0), |rows, count| (rows.0 + count.0, rows.1 + count.1));
            let mut table = Contingency::new(rows);
            counts.iter().for_each(|(a, b)| table.add(*a, *b));
            table.test()
        };
        assert_eq!((of(&[(5, 4)]), of(&[(5, 0), (2, 0)]), of(&[(0, 0), (1, 1)])), (None, None, None));
        // Wholly apart: one degree, V is 1 and the statistic all rows.
        let apart = of(&[(10, 0), (0, 10)]).unwrap();
        assert_eq!((apart.statistic, apart.degrees, apart.v), (20.0, 1, 1.0));
        assert_eq!(of(&[(1, 2), (3, 6)]).map(|same| (same.statistic, same.p)), Some((0.0, 1.0)));
    }
}
