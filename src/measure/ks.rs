//! The probability of the two-sample Kolmogorov–Smirnov test, two-sided.

use super::ks_probability::{exact, of_one_sample};

/// Up to this many values on the larger side the probability is exact; SciPy's `auto` draws the line here too.
const EXACT_VALUES: u64 = 10_000;
/// Below this no limit that a policy can write (15 digits) tells probabilities apart, and exactness is not worth its time.
const NEGLIGIBLE: f64 = 1e-30;

/// Probability of max |i·m − j·n| of at least `steps` between samples of `n` and `m` values of one distribution; the
/// distance between the two distribution functions is `steps` / (n·m). Both sides hold at least one value.
pub fn probability(n: u64, m: u64, steps: u64) -> f64 {
    let (size, other) = (n as f64, m as f64);
    let distance = steps as f64 / (size * other);
    match of_one_sample((size * other / (size + other)).round_ties_even() as u64, distance) {
        Some(p) if n.max(m) > EXACT_VALUES || p < NEGLIGIBLE => p,
        Some(_) | None => exact(n as usize, m as usize, steps),
    }
}
