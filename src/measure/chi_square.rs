//! Pearson's chi-square test on the counts of two samples, without correction.

use super::sorted::Sorted;
use statrs::function::gamma::checked_gamma_ur;
use std::collections::BTreeMap;

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChiSquare {
    pub statistic: f64,
    /// Different values less one.
    pub degrees: u64,
    pub p: f64,
}

/// Every different number is a category, nulls are one more. `None` when there is only one category.
pub fn of_numbers(reference: &Sorted, current: &Sorted) -> Option<ChiSquare> {
    let (mut one, mut two) = (reference.values(), current.values());
    let mut counts = vec![(reference.nulls(), current.nulls())];
    while let Some(value) = [one.first(), two.first()].into_iter().flatten().copied().reduce(f64::min) {
        let (first, second) = (run(one, value), run(two, value));
        counts.push((first as u64, second as u64));
        (one, two) = (&one[first..], &two[second..]);
    }
    test(&counts)
}

/// How many values at the start equal `value`. Runs are short or long; both are found quickly.
fn run(sorted: &[f64], value: f64) -> usize {
    let mut reach = 1;
    while reach < sorted.len() && sorted[reach] == value {
        reach *= 2;
    }
    sorted[..reach.min(sorted.len())].partition_point(|v| *v <= value)
}

/// Every different text is a category, nulls are one more. `None` when there is only one category.
pub fn of_texts(reference: (&BTreeMap<String, u64>, u64), current: (&BTreeMap<String, u64>, u64)) -> Option<ChiSquare> {
    let counts: Vec<(u64, u64)> =
        [(reference.1, current.1)].into_iter().chain(super::both(reference.0, current.0)).collect();
    test(&counts)
}

fn test(counts: &[(u64, u64)]) -> Option<ChiSquare> {
    let categories = counts.iter().filter(|(a, b)| a + b > 0).count();
    let (one, two) = counts.iter().fold((0, 0), |(one, two), (a, b)| (one + a, two + b));
    if categories < 2 || one == 0 || two == 0 {
        return None;
    }
    let rows = (one + two) as f64;
    let statistic: f64 = counts
        .iter()
        .filter(|(a, b)| a + b > 0)
        .map(|(a, b)| {
            let both = (a + b) as f64;
            let term = |seen: u64, side: u64| {
                let expected = both * side as f64 / rows;
                (seen as f64 - expected).powi(2) / expected
            };
            term(*a, one) + term(*b, two)
        })
        .sum();
    let degrees = categories as u64 - 1;
    let p = if statistic > 0.0 { checked_gamma_ur(degrees as f64 / 2.0, statistic / 2.0).ok()? } else { 1.0 };
    Some(ChiSquare { statistic, degrees, p })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs() {
        let sorted = [1.0, 1.0, 1.0, 2.0, 3.0, 3.0];
        assert_eq!((run(&sorted, 1.0), run(&sorted[3..], 2.0), run(&sorted[4..], 3.0), run(&[], 1.0)), (3, 1, 2, 0));
        assert_eq!(run(&sorted, 0.5), 0);
    }

    #[test]
    fn one_category_is_no_test() {
        let same = Sorted::new(vec![1.0; 5], 0);
        assert_eq!(of_numbers(&same, &same), None);
        let with_null = Sorted::new(vec![1.0; 5], 1);
        assert_eq!(of_numbers(&same, &with_null).map(|c| c.degrees), Some(1));
    }
}
