//! The probability of the two-sample Kolmogorov–Smirnov test, two-sided.

use super::ks_probability::{exact, of_one_sample};

/// Up to this many values on the larger side the probability is exact; SciPy's `auto` draws the line here too.
const EXACT_VALUES: u64 = 10_000;
/// Where 2·d²·n·m/(n + m) is beyond this, the probability is under 1e-30 (F. Wei, R. M. Dudley, "Two-sample
/// Dvoretzky–Kiefer–Wolfowitz inequalities", Stat. Probab. Lett. 82 (2012)). No limit that a policy can write, of 15
/// digits, tells such probabilities apart, and exactness is not worth its time.
const NEGLIGIBLE: f64 = 72.0;

/// Probability of max |i·m − j·n| of at least `steps` between samples of `n` and `m` values of one distribution; the
/// distance between the two distribution functions is `steps` / (n·m). Both sides hold at least one value.
pub fn probability(n: u64, m: u64, steps: u64) -> f64 {
    let (size, other) = (n as f64, m as f64);
    let distance = steps as f64 / (size * other);
    let effective = size * other / (size + other);
    match of_one_sample(effective.round_ties_even() as u64, distance) {
        Some(p) if n.max(m) > EXACT_VALUES || 2.0 * distance * distance * effective > NEGLIGIBLE => p,
        Some(_) | None => exact(n as usize, m as usize, steps),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_against_many_is_not_sure() {
        // Of the 41 places that one value can take among 40, two are outside.
        assert!((probability(1, 40, 40) - 2.0 / 41.0).abs() < 1e-15);
        assert!(probability(5000, 5000, 5000 * 5000) < 1e-30);
    }
}
