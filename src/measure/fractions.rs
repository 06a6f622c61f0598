//! Fractions of whole numbers, a part and its whole, rounded once: what is a tenth is the double that `0.1` is. Numbers of
//! rows are small enough for their products to be doubles.

/// How far two are apart. A whole of 0 counts as 1.
pub fn difference(one: (u64, u64), two: (u64, u64)) -> f64 {
    let (n, m) = (u128::from(one.1.max(1)), u128::from(two.1.max(1)));
    (u128::from(one.0) * m).abs_diff(u128::from(two.0) * n) as f64 / (n * m) as f64
}

/// The first divided by the second, neither whole 0; not finite where the second part is 0.
pub fn ratio(one: (u64, u64), two: (u64, u64)) -> f64 {
    (u128::from(one.0) * u128::from(two.1)) as f64 / (u128::from(two.0) * u128::from(one.1)) as f64
}
