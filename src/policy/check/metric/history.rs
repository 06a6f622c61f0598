//! How unusual a number is among earlier ones.

/// Makes the median absolute deviation of normal numbers their standard deviation: 1 / Φ⁻¹(3/4).
const MEDIAN_SCALE: f64 = 1.482_602_218_505_602;
/// The same for the mean absolute deviation: √(π/2).
const MEAN_SCALE: f64 = 1.253_314_137_315_500_3;

/// Median of the earlier numbers, and by how many robust deviations `value` is away from it (Iglewicz and Hoaglin,
/// How to Detect and Handle Outliers, 1993). When more than half of them are the same, their mean absolute deviation
/// stands in; when all are the same, any other number is infinitely far. None without numbers, and where any of these is
/// more than a double holds.
pub(super) fn deviations(value: f64, earlier: &[f64]) -> Option<(f64, f64)> {
    let center = median(earlier.to_vec())?;
    let distances: Vec<f64> = earlier.iter().map(|number| (number - center).abs()).collect();
    let mean = distances.iter().sum::<f64>() / distances.len() as f64;
    let spread = match median(distances)? * MEDIAN_SCALE {
        spread if spread > 0.0 => spread,
        _ => mean * MEAN_SCALE,
    };
    let away = (value - center).abs();
    if ![center, spread, away].into_iter().all(f64::is_finite) {
        return None;
    }
    // Rounding of the last digit is not an anomaly.
    let rounding = 4.0 * f64::EPSILON * value.abs().max(center.abs());
    let deviations = if away <= rounding { 0.0 } else { away / spread };
    Some((center, deviations))
}

fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    let middle = numbers.len() / 2;
    let upper = *numbers.get(middle)?;
    Some(match numbers.len() % 2 {
        0 => (numbers.get(middle.checked_sub(1)?)? + upper) / 2.0,
        _ => upper,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table() {
        let usual = [0.80, 0.81, 0.82, 0.83, 0.84];
        let cases: [(f64, &[f64], Option<(f64, f64)>); 10] = [
            (0.82, &usual, Some((0.82, 0.0))),
            // MAD is 0.01: 0.06 / (1.4826 × 0.01).
            (0.88, &usual, Some((0.82, 4.046_938_4))),
            (0.76, &usual, Some((0.82, 4.046_938_4))),
            // MAD is 0, mean absolute deviation 0.02 / 5.
            (0.9, &[0.8, 0.8, 0.8, 0.8, 0.82], Some((0.8, 0.1 / (0.004 * MEAN_SCALE)))),
            (0.9, &[0.8, 0.8, 0.8], Some((0.8, f64::INFINITY))),
            (0.8, &[0.8, 0.8], Some((0.8, 0.0))),
            (0.8, &[], None),
            // Beyond what doubles hold: nothing can be told.
            (1.0, &[f64::MAX, f64::MAX], None),
            (1.0, &[-f64::MAX, -f64::MAX, f64::MAX, f64::MAX, 0.0], None),
            (f64::MAX, &[-f64::MAX, -f64::MAX, -f64::MAX], None),
        ];
        for (value, earlier, expected) in cases {
            let found = deviations(value, earlier);
            match (found, expected) {
                (Some((a, b)), Some((c, d))) => {
                    assert!((a - c).abs() < 1e-12 && (b == d || (b / d - 1.0).abs() < 1e-6), "{value}: {found:?}");
                }
                (found, expected) => assert_eq!(found, expected),
            }
        }
    }
}
