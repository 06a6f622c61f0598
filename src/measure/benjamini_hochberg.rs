//! Many tests at once: p-values adjusted so that at most a given share of those found are found by chance.
//! Y. Benjamini, Y. Hochberg, "Controlling the false discovery rate", J. R. Stat. Soc. B 57 (1995).

/// Adjusted p-values, in the order given. One that is at or below a limit is found at that false discovery rate.
pub fn adjust(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*b].total_cmp(&p[*a]));
    let mut adjusted = vec![1.0; p.len()];
    let mut smallest = 1f64;
    for (above, at) in order.into_iter().enumerate() {
        let rank = (p.len() - above) as f64;
        // As the share of ranks, so that the result agrees with statsmodels' to the last bits.
        smallest = smallest.min(p[at] / (rank / p.len() as f64));
        adjusted[at] = smallest;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        assert_eq!(adjust(&[]), [0.0; 0]);
        assert_eq!(adjust(&[0.04]), [0.04]);
        // 0.01·4/1, 0.02·4/2, 0.02·4/3 → the smaller of what follows, 1.
        let adjusted = adjust(&[0.02, 1.0, 0.01, 0.03]);
        let expected = [0.04, 1.0, 0.04, 0.04];
        assert!(adjusted.iter().zip(expected).all(|(a, b): (&f64, f64)| (a - b).abs() < 1e-15), "{adjusted:?}");
    }
}
