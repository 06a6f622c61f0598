//! The two-sample Kolmogorov–Smirnov test, two-sided.

use super::ks_probability::{exact, of_one_sample};

/// Up to this many values on the larger side the probability is exact; SciPy's `auto` draws the line here too.
const EXACT_VALUES: usize = 10_000;
/// Below this no limit that a policy can write (15 digits) tells probabilities apart, and exactness is not worth its time.
const NEGLIGIBLE: f64 = 1e-30;

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KolmogorovSmirnov {
    /// Largest distance between the two empirical distribution functions.
    pub statistic: f64,
    /// Probability of a distance at least as large between two samples of one distribution.
    pub p: f64,
}

/// Both sides ascending. `None` when one of them is empty.
pub fn test(reference: &[f64], current: &[f64]) -> Option<KolmogorovSmirnov> {
    let (n, m) = (reference.len(), current.len());
    if n == 0 || m == 0 {
        return None;
    }
    let steps = distance(reference, current);
    let statistic = steps as f64 / (n as f64 * m as f64);
    let (size, other) = (n as f64, m as f64);
    let asymptotic = of_one_sample((size * other / (size + other)).round_ties_even() as u64, statistic);
    let p = match asymptotic {
        Some(p) if n.max(m) > EXACT_VALUES || p < NEGLIGIBLE => p,
        Some(_) | None => exact(n, m, steps),
    };
    Some(KolmogorovSmirnov { statistic, p })
}

/// max |i·m − j·n| over all values v, where i values of the first side and j of the second are at or below v.
/// Whole numbers: at most `MAX_ROWS`² = 2.5e15.
fn distance(one: &[f64], two: &[f64]) -> u64 {
    let (n, m) = (one.len() as i64, two.len() as i64);
    let (mut i, mut j) = (0, 0);
    let mut farthest = 0i64;
    while let (Some(a), Some(b)) = (one.get(i), two.get(j)) {
        // Without branches on the data: which side is next is a coin toss.
        i += usize::from(a <= b);
        j += usize::from(b <= a);
        let reached = a.min(*b);
        let more = one.get(i) == Some(&reached) || two.get(j) == Some(&reached);
        let apart = (i as i64 * m - j as i64 * n).abs();
        farthest = farthest.max(if more { 0 } else { apart });
    }
    // One side is used up, except for a run of equal values that the other side may still be in.
    // From here on the distance only shrinks, and its first value was seen above unless such a run hid it.
    let last =
        one.get(i.wrapping_sub(1)).into_iter().chain(two.get(j.wrapping_sub(1))).copied().fold(f64::MIN, f64::max);
    while one.get(i) == Some(&last) {
        i += 1;
    }
    while two.get(j) == Some(&last) {
        j += 1;
    }
    farthest.max((i as i64 * m - j as i64 * n).abs()).unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plainly(one: &[f64], two: &[f64]) -> u64 {
        let at_most = |side: &[f64], v: f64| side.iter().filter(|x| **x <= v).count() as i64;
        let apart = |v: &f64| at_most(one, *v) * two.len() as i64 - at_most(two, *v) * one.len() as i64;
        one.iter().chain(two).map(|v| apart(v).unsigned_abs()).max().unwrap()
    }

    proptest! {
        #[test]
        fn distance_is_the_largest_over_all_values(
            mut one in prop::collection::vec((-5i32..5).prop_map(f64::from), 1..40),
            mut two in prop::collection::vec((-5i32..7).prop_map(f64::from), 1..40),
        ) {
            one.sort_by(f64::total_cmp);
            two.sort_by(f64::total_cmp);
            prop_assert_eq!(distance(&one, &two), plainly(&one, &two));
            prop_assert_eq!(distance(&two, &one), plainly(&one, &two));
        }
    }
}
