//! Measures over two sides' shares of the same bins: each bin a pair of counts.

/// A share that is 0 counts as this much for PSI, else the logarithm has no value.
const SMALLEST_SHARE: f64 = 0.0001;

fn shares(bins: &[(u64, u64)], (one, two): (u64, u64)) -> impl Iterator<Item = (f64, f64)> + Clone {
    bins.iter().map(move |(a, b)| (*a as f64 / one as f64, *b as f64 / two as f64))
}

/// Population stability index, natural logarithm. `rows` of each side, which all bins together hold.
pub fn stability_index(bins: &[(u64, u64)], rows: (u64, u64)) -> f64 {
    shares(bins, rows)
        .map(|(p, q)| (p.max(SMALLEST_SHARE), q.max(SMALLEST_SHARE)))
        .map(|(p, q)| (q - p) * (q / p).ln())
        .sum()
}

/// Jensen–Shannon distance: the square root of the divergence to base 2. Between 0 and 1.
pub fn jensen_shannon(bins: &[(u64, u64)], rows: (u64, u64)) -> f64 {
    let entropy = |x: f64, middle: f64| if x > 0.0 { x * (x / middle).log2() } else { 0.0 };
    let sum: f64 = shares(bins, rows)
        .map(|(p, q)| {
            let middle = (p + q) / 2.0;
            entropy(p, middle) + entropy(q, middle)
        })
        .sum();
    (sum / 2.0).max(0.0).sqrt()
}

/// Half the sum of the shares' differences: the share of rows that would have to change. Between 0 and 1.
pub fn total_variation(bins: &[(u64, u64)], rows: (u64, u64)) -> f64 {
    let (one, two) = (u128::from(rows.0), u128::from(rows.1));
    let apart = bins.iter().map(|(a, b)| (u128::from(*a) * two).abs_diff(u128::from(*b) * one));
    // Divided once: what is a tenth is the double that `0.1` is.
    apart.sum::<u128>() as f64 / (2 * one * two) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn by_hand() {
        // All of one side against all of the other.
        assert_eq!((jensen_shannon(&[(3, 0), (0, 5)], (3, 5)), total_variation(&[(3, 0), (0, 5)], (3, 5))), (1.0, 1.0));
        // (0.5, 0.5) against (0.75, 0.25): (0.25 ln 1.5 + -0.25 ln 0.5)
        let expected = 0.25 * 1.5f64.ln() - 0.25 * 0.5f64.ln();
        assert!((stability_index(&[(1, 3), (1, 1)], (2, 4)) - expected).abs() < 1e-15);
        assert_eq!(total_variation(&[(1, 3), (1, 1)], (2, 4)), 0.25);
        // Not one digit beside the tenth that a threshold is.
        assert_eq!(total_variation(&[(2, 3), (8, 7)], (10, 10)), 0.1);
    }

    proptest! {
        #[test]
        fn in_their_bounds_and_zero_for_equal_shares(bins in prop::collection::vec((0u64..9, 0u64..9), 1..20), times in 1u64..5) {
            let rows = (1 + bins.iter().map(|b| b.0).sum::<u64>(), 1 + bins.iter().map(|b| b.1).sum::<u64>());
            let bins = [bins, vec![(1, 1)]].concat();
            let (js, tv) = (jensen_shannon(&bins, rows), total_variation(&bins, rows));
            prop_assert!((0.0..=1.0).contains(&js) && (0.0..=1.0).contains(&tv));
            // Pinsker's inequality, and its counterpart.
            prop_assert!(js * js <= tv + 1e-12 && tv * tv <= 2.0 * js * js + 1e-12);
            let same: Vec<(u64, u64)> = bins.iter().map(|b| (b.0, b.0 * times)).collect();
            let rows = (rows.0, rows.0 * times);
            prop_assert!(jensen_shannon(&same, rows) < 1e-7 && total_variation(&same, rows) < 1e-12);
        }
    }
}
