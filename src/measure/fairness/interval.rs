//! How sure a gap between two shares is.
//!
//! Sources: E. B. Wilson, "Probable inference", J. Am. Stat. Assoc. 22 (1927); R. G. Newcombe, "Interval estimation for
//! the difference between independent proportions", Stat. Med. 17 (1998), method 10; D. Katz et al., "Obtaining
//! confidence intervals for the risk ratio in cohort studies", Biometrics 34 (1978).

use statrs::function::erf::erf_inv;

/// How many standard deviations hold this share of a normal distribution, around its middle.
fn deviations(confidence: f64) -> f64 {
    std::f64::consts::SQRT_2 * erf_inv(confidence)
}

/// Wilson's score interval of a share `part` / `whole`, which is at least 1.
pub fn wilson(part: u64, whole: u64, confidence: f64) -> (f64, f64) {
    let (n, z) = (whole as f64, deviations(confidence));
    let p = part as f64 / n;
    let denominator = 1.0 + z * z / n;
    let middle = (p + z * z / (2.0 * n)) / denominator;
    let half = z / denominator * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    // At the ends the bound is the end itself, which rounding would miss.
    let low = if part == 0 { 0.0 } else { (middle - half).max(0.0) };
    let high = if part == whole { 1.0 } else { (middle + half).min(1.0) };
    (low, high)
}

/// A share with Wilson's interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    value: f64,
    interval: (f64, f64),
}

impl Share {
    /// `part` of `whole`, which is at least 1.
    pub fn new((part, whole): (u64, u64), confidence: f64) -> Self {
        Self { value: part as f64 / whole as f64, interval: wilson(part, whole, confidence) }
    }
}

/// Newcombe's interval of the difference high − low of two shares.
pub fn of_difference(high: (u64, u64), low: (u64, u64), confidence: f64) -> (f64, f64) {
    between(Share::new(high, confidence), Share::new(low, confidence))
}

/// The same of shares whose intervals are known.
pub fn between(high: Share, low: Share) -> (f64, f64) {
    let (p, q) = (high.value, low.value);
    let below = (p - high.interval.0).hypot(low.interval.1 - q);
    let above = (high.interval.1 - p).hypot(q - low.interval.0);
    (p - q - below, p - q + above)
}

/// The interval of the ratio low / high of two shares, even in its logarithm. From zero when nobody is in `low`.
/// `None` when nobody is in `high`.
pub fn of_ratio(low: (u64, u64), high: (u64, u64), confidence: f64) -> Option<(f64, f64)> {
    if high.0 == 0 {
        return None;
    }
    if low.0 == 0 {
        // The logarithm has no value; all that is known is that it may be as low as it is.
        return Some((0.0, f64::INFINITY));
    }
    let one = |(part, whole): (u64, u64)| 1.0 / part as f64 - 1.0 / whole as f64;
    let ratio = (low.0 as f64 / low.1 as f64) / (high.0 as f64 / high.1 as f64);
    let factor = (deviations(confidence) * (one(low) + one(high)).sqrt()).exp();
    Some((ratio / factor, ratio * factor))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn published_values() {
        assert!((deviations(0.95) - 1.959_963_984_540_054).abs() < 1e-14);
        let close = |a: (f64, f64), b: (f64, f64)| (a.0 - b.0).abs() < 5e-5 && (a.1 - b.1).abs() < 5e-5;
        // Newcombe 1998, table II: 56/70 − 48/80 and 9/10 − 3/10, method 10.
        assert!(close(of_difference((56, 70), (48, 80), 0.95), (0.0524, 0.3339)));
        assert!(close(of_difference((9, 10), (3, 10), 0.95), (0.1705, 0.8090)));
        assert_eq!((wilson(0, 10, 0.95).0, wilson(10, 10, 0.95).1), (0.0, 1.0));
        assert_eq!(
            (of_ratio((0, 5), (1, 5), 0.95), of_ratio((1, 5), (0, 5), 0.95)),
            (Some((0.0, f64::INFINITY)), None)
        );
    }

    proptest! {
        #[test]
        fn the_value_is_inside_and_more_confidence_is_wider(whole in 1u64..2000, other in 1u64..2000, part in 0.0..1.0f64, share in 0.0..1.0f64) {
            let high = ((whole as f64 * part) as u64, whole);
            let low = ((other as f64 * share) as u64, other);
            let value = high.0 as f64 / high.1 as f64 - low.0 as f64 / low.1 as f64;
            let (narrow, wide) = (of_difference(high, low, 0.8), of_difference(high, low, 0.99));
            prop_assert!(wide.0 <= narrow.0 && narrow.0 <= value && value <= narrow.1 && narrow.1 <= wide.1);
        }
    }
}
