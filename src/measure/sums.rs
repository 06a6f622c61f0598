//! Sums that do not depend on the order of their terms: each power of two has a whole number of its own.

/// Exponents of doubles.
const EXPONENTS: usize = 2048;

pub struct Sum {
    by_exponent: Vec<i128>,
}

impl Default for Sum {
    fn default() -> Self {
        Self { by_exponent: vec![0; EXPONENTS] }
    }
}

impl Sum {
    /// Adds a finite number `count` times.
    pub fn add(&mut self, value: f64, count: u32) {
        let bits = value.to_bits();
        let exponent = (bits >> 52) as usize % EXPONENTS;
        let fraction = bits & ((1 << 52) - 1);
        let whole = i128::from(if exponent == 0 { fraction } else { fraction | 1 << 52 }) * i128::from(count);
        self.by_exponent[exponent] += if value < 0.0 { -whole } else { whole };
    }

    /// May be infinite.
    pub fn total(&self) -> f64 {
        // The distance between neighbours at an exponent; subnormal numbers share it with the first normal ones.
        let unit = |exponent: usize| {
            let first = (exponent.max(1) as u64) << 52;
            f64::from_bits(first + 1) - f64::from_bits(first)
        };
        let terms = self.by_exponent.iter().enumerate().filter(|(_, whole)| **whole != 0);
        terms.map(|(exponent, whole)| *whole as f64 * unit(exponent)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn order_does_not_matter(mut values in prop::collection::vec(prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL, 1..50)) {
            let total = |values: &[f64]| {
                let mut sum = Sum::default();
                values.iter().for_each(|v| sum.add(v / 64.0, 1));
                sum.total()
            };
            let before = total(&values);
            values.reverse();
            prop_assert_eq!(before.to_bits(), total(&values).to_bits());
            let largest = values.iter().fold(0f64, |largest, v| largest.max(v.abs()));
            prop_assert!((before - values.iter().map(|v| v / 64.0).sum::<f64>()).abs() <= largest * 1e-14);
        }
    }

    #[test]
    fn counts_and_signs() {
        let mut sum = Sum::default();
        [(0.1, 10), (-0.5, 2), (5e-324, 3), (0.0, 7)].into_iter().for_each(|(value, count)| sum.add(value, count));
        assert!(sum.total().abs() < 1e-15);
        let mut tiny = Sum::default();
        tiny.add(5e-324, 3);
        assert_eq!(tiny.total(), 1.5e-323);
    }
}
