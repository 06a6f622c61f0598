//! Distribution of Kolmogorov–Smirnov distances.
//!
//! Sources: J. L. Hodges, "The significance probability of the Smirnov two-sample test", Arkiv för Matematik 3 (1958);
//! G. Marsaglia, W. W. Tsang, J. Wang, "Evaluating Kolmogorov's distribution", J. Stat. Softw. 8 (2003);
//! W. Pelz, I. J. Good, "Approximating the lower tail-areas of the Kolmogorov–Smirnov one-sample statistic",
//! J. R. Stat. Soc. B 38 (1976); R. Simard, P. L'Ecuyer, "Computing the two-sided Kolmogorov–Smirnov
//! distribution", J. Stat. Softw. 39 (2011), which says where each of them is precise.

use std::f64::consts::PI;

/// Probability that two samples of `n` and `m` values of one distribution without ties have
/// max |i·m − j·n| of at least `steps`, which is at most n·m. Time grows with n·m, so callers bound them.
///
/// Counts the share of lattice paths from (0, 0) to (n, m) that touch the limit. Only positive numbers are
/// added, so small probabilities stay precise.
pub fn exact(n: usize, m: usize, steps: u64) -> f64 {
    if steps == 0 {
        return 1.0;
    }
    let inverse: Vec<f64> = (0..=n + m).map(|sum| 1.0 / sum as f64).collect();
    // touched[j]: share of the paths to (i, j) that touch; 1 wherever (i, j) itself is at the limit.
    let mut touched = vec![1.0; m + 1];
    let (wide, tall) = (n as u64, m as u64);
    for i in 0..=n {
        // Inside: i·m − steps < j·n < i·m + steps.
        let middle = i as u64 * tall;
        let low = if middle < steps { 0 } else { (middle - steps) / wide + 1 } as usize;
        let high = ((middle + steps - 1) / wide).min(tall) as usize;
        let mut left = 1.0;
        for j in low..=high {
            left = if i + j == 0 { 0.0 } else { (i as f64 * touched[j] + j as f64 * left) * inverse[i + j] };
            touched[j] = left;
        }
    }
    touched[m]
}

/// Probability that the empirical distribution function of `n` values is somewhere at least `d` away from
/// the true one. `None` for `n` = 0.
pub fn of_one_sample(n: u64, d: f64) -> Option<f64> {
    if n == 0 {
        return None;
    }
    let size = n as f64;
    let t = size * d;
    let square = t * d;
    let p = if d >= 1.0 {
        0.0
    } else if t <= 0.5 {
        1.0
    } else if t <= 1.0 {
        // Exact here, and not different from 1 for more values.
        if n > 140 { 1.0 } else { 1.0 - (1..=n).map(|i| i as f64 / size * (2.0 * t - 1.0)).product::<f64>() }
    } else if t >= size - 1.0 {
        2.0 * (1.0 - d).powf(size)
    } else if d >= 0.5 {
        2.0 * one_sided(n, d)
    } else if n <= 140 {
        if square <= 4.0 { 1.0 - by_matrix(n, d) } else { 2.0 * one_sided(n, d) }
    } else if square >= 370.0 {
        0.0
    } else if square >= 2.2 {
        2.0 * one_sided(n, d)
    } else if n <= 100_000 && size * d.powf(1.5) <= 1.4 {
        1.0 - by_matrix(n, d)
    } else {
        1.0 - by_series(size, d)
    };
    Some(p.clamp(0.0, 1.0))
}

/// Terms of Smirnov's sum that are added up. Of more, equally many are left out between two that are: the terms rise
/// and fall smoothly, and with all their derivatives vanish at both ends, where such a sum is as good as the whole.
const TERMS: u64 = 8192;

/// P(D⁺ ≥ d), exact: Smirnov's sum, each term a binomial probability in Loader's saddle-point form.
fn one_sided(n: u64, d: f64) -> f64 {
    one_sided_by(n, d, (n / TERMS).max(1))
}

fn one_sided_by(n: u64, d: f64, stride: u64) -> f64 {
    let size = n as f64;
    let t = size * d;
    let first = (size * (-d).ln_1p()).exp();
    let of_n = stirling_error(n);
    let rest: f64 = (stride..n)
        .step_by(stride as usize)
        .take_while(|j| (n - j) as f64 > t)
        .map(|j| {
            let (below, above) = (j as f64, (n - j) as f64);
            let exponent = below * (t / below).ln_1p() + above * (-t / above).ln_1p();
            let error = of_n - stirling_error(j) - stirling_error(n - j);
            t / (below + t) * (exponent + error).exp() * (size / (2.0 * PI * below * above)).sqrt()
        })
        .sum();
    first + rest * stride as f64
}

/// ln k! less Stirling's formula.
fn stirling_error(k: u64) -> f64 {
    let x = k as f64;
    if k < 16 {
        let factorial: f64 = (1..=k).map(|i| i as f64).product();
        return factorial.ln() - (x + 0.5) * x.ln() + x - 0.5 * (2.0 * PI).ln();
    }
    let square = x * x;
    (1.0 / 12.0 - (1.0 / 360.0 - (1.0 / 1260.0 - 1.0 / (1680.0 * square)) / square) / square) / x
}

/// P(D < d), exact: the n-th power of a band matrix of about 2·n·d rows (Marsaglia, Tsang, Wang).
fn by_matrix(n: u64, d: f64) -> f64 {
    let t = n as f64 * d;
    let k = t.floor() as usize + 1;
    let h = k as f64 - t;
    let size = 2 * k - 1;
    let mut matrix = Matrix::new(size);
    for row in 0..size {
        for column in 0..size.min(row + 2) {
            let mut entry = 1.0;
            if column == 0 {
                entry -= h.powi(row as i32 + 1);
            }
            if row == size - 1 {
                entry -= h.powi((size - column) as i32);
            }
            if row == size - 1 && column == 0 {
                entry += (2.0 * h - 1.0).max(0.0).powi(size as i32);
            }
            let divisor: f64 = (1..=row + 1 - column).map(|i| i as f64).product();
            matrix.entries[row * size + column] = entry / divisor;
        }
    }
    let power = matrix.power(n);
    // times n! / n^n, in the same scaled form
    let (mut value, mut exponent) = (power.entries[(k - 1) * size + k - 1], power.exponent);
    for i in 1..=n {
        value *= i as f64 / n as f64;
        if value < 1e-140 {
            value *= 1e140;
            exponent -= 140;
        }
    }
    value * 10f64.powi(exponent)
}

/// entries · 10^exponent
#[derive(Clone)]
struct Matrix {
    size: usize,
    entries: Vec<f64>,
    exponent: i32,
}

impl Matrix {
    fn new(size: usize) -> Self {
        Self { size, entries: vec![0.0; size * size], exponent: 0 }
    }

    fn times(&self, other: &Self) -> Self {
        let mut product = Self { exponent: self.exponent + other.exponent, ..Self::new(self.size) };
        for (row, line) in self.entries.chunks(self.size).zip(product.entries.chunks_mut(self.size)) {
            for (factor, other_row) in row.iter().zip(other.entries.chunks(self.size)) {
                for (sum, entry) in line.iter_mut().zip(other_row) {
                    *sum += factor * entry;
                }
            }
        }
        if product.entries[self.size * self.size / 2] > 1e140 {
            product.entries.iter_mut().for_each(|entry| *entry *= 1e-140);
            product.exponent += 140;
        }
        product
    }

    fn power(self, n: u64) -> Self {
        let mut result = Self::new(self.size);
        result.entries.iter_mut().step_by(self.size + 1).for_each(|entry| *entry = 1.0);
        let (mut square, mut left) = (self, n);
        while left > 0 {
            if left % 2 == 1 {
                result = result.times(&square);
            }
            left /= 2;
            if left > 0 {
                square = square.times(&square);
            }
        }
        result
    }
}

/// P(D < d) up to the order n^(−3/2): Pelz and Good's four series, in the form for small z.
fn by_series(n: f64, d: f64) -> f64 {
    let z = n.sqrt() * d;
    let (z2, z4, z6) = (z.powi(2), z.powi(4), z.powi(6));
    let mut sums = [0.0; 4];
    for k in 0..=30 {
        // Each k stands for itself and its mirror image.
        let half = (PI * (f64::from(k) + 0.5)).powi(2);
        let weight = 2.0 * (-half / (2.0 * z2)).exp();
        sums[0] += weight;
        sums[1] += weight * (half - z2);
        sums[2] += weight * (6.0 * z6 + 2.0 * z4 + half * (2.0 * z4 - 5.0 * z2) + half.powi(2) * (1.0 - 2.0 * z2));
        sums[3] += weight
            * (half.powi(3) * (5.0 - 30.0 * z2)
                + half.powi(2) * (212.0 * z4 - 60.0 * z2)
                + half * (135.0 * z4 - 96.0 * z6)
                - 30.0 * z6
                - 90.0 * z4 * z4);
    }
    let (mut second, mut third) = (0.0, 0.0);
    for k in 1..=30 {
        let whole = (PI * f64::from(k)).powi(2);
        let weight = 2.0 * (-whole / (2.0 * z2)).exp();
        second += weight * whole;
        third += weight * (3.0 * whole * z2 - whole.powi(2));
    }
    let terms = [
        sums[0] / z,
        sums[1] / (6.0 * z4),
        sums[2] / (72.0 * z.powi(7)) - second / (36.0 * z.powi(3)),
        sums[3] / (6480.0 * z.powi(10)) + third / (216.0 * z6),
    ];
    let root = n.sqrt();
    (PI / 2.0).sqrt() * (terms[0] + (terms[1] + (terms[2] + terms[3] / root) / root) / root)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_values_by_hand() {
        // Of the 6 orders of 2 + 2 values, two keep the samples wholly apart and all but two reach a half.
        assert_eq!([1, 2, 3, 4].map(|steps| exact(2, 2, steps)), [1.0, 1.0, 1.0 / 3.0, 1.0 / 3.0]);
        assert_eq!(exact(5, 3, 0), 1.0);
        // Wholly apart: 2 of 56 orders of 5 + 3 values.
        assert!((exact(5, 3, 15) - 2.0 / 56.0).abs() < 1e-15);
        // One value: |F - F₁| is at least d everywhere but for a value in (1 - d, d).
        assert!((of_one_sample(1, 0.75).unwrap() - 0.5).abs() < 1e-15);
        assert_eq!([of_one_sample(1, 0.5), of_one_sample(1, 1.0), of_one_sample(0, 0.5)], [Some(1.0), Some(0.0), None]);
    }

    #[test]
    fn one_distribution_by_three_ways() {
        for n in [150u64, 1000, 3000] {
            for z in [0.7, 0.9, 1.2, 1.4, 1.6] {
                let d = z / (n as f64).sqrt();
                let exact = by_matrix(n, d);
                let off = (by_series(n as f64, d) - exact).abs();
                assert!(off < 0.01 * (n as f64).powf(-1.5), "series for {n} and {z}: {off:e}");
                if z > 1.3 {
                    // Both sides at once are about as rare as 2 exp(-8 z²).
                    let off = (1.0 - 2.0 * one_sided(n, d) - exact).abs();
                    assert!(off < 2.0 * (-8.0 * z * z).exp() + 1e-12, "sum for {n} and {z}: {off:e}");
                }
            }
        }
    }

    #[test]
    fn some_terms_are_as_good_as_all() {
        for n in [20_000, 100_000, 524_287u64] {
            for z in [1.49, 3.7, 15.0] {
                let d = z / (n as f64).sqrt();
                let (all, some) = (one_sided_by(n, d, 1), one_sided(n, d));
                assert!((some / all - 1.0).abs() < 1e-9, "{n} {z}: {:e}", some / all - 1.0);
            }
        }
    }

    #[test]
    fn exact_probability_is_symmetric_and_falls() {
        for (n, m) in [(7, 11), (30, 12), (40, 40)] {
            let p: Vec<f64> = (0..=n * m).map(|steps| exact(n, m, steps as u64)).collect();
            assert!(p.windows(2).all(|pair| pair[0] >= pair[1] && pair[1] > 0.0), "{n} {m}");
            let turned = exact(m, n, (n * m / 3) as u64);
            assert!((p[n * m / 3] - turned).abs() < 1e-13);
        }
    }
}
