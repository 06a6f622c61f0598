//! Population stability index. Bins and floor as in `tests/truth/README.md`.

use super::sorted::Sorted;
use std::collections::BTreeMap;

/// A share that is 0 counts as this much, else the logarithm has no value.
const SMALLEST_SHARE: f64 = 0.0001;

/// Over bins between tenths of the reference, plus one bin for nulls. Both sides hold at least one value.
pub fn of_numbers(reference: &Sorted, current: &Sorted) -> f64 {
    let edges = edges(reference.values());
    let bins = |side: &Sorted| {
        let mut below = 0;
        let mut counts: Vec<u64> = edges
            .iter()
            .map(|edge| {
                let at_most = side.at_most(*edge);
                let count = at_most - below;
                below = at_most;
                count
            })
            .collect();
        counts.push(side.values().len() as u64 - below);
        counts.push(side.nulls());
        counts
    };
    index(bins(reference).into_iter().zip(bins(current)), reference.rows(), current.rows())
}

/// Upper ends of all bins but the last. A value that is several tenths at once gets a bin of its own.
fn edges(sorted: &[f64]) -> Vec<f64> {
    let picks: Vec<f64> = (1..10usize)
        .filter_map(|tenth| sorted.get((tenth * sorted.len()).div_ceil(10).saturating_sub(1)).copied())
        .collect();
    let heavy = picks.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0].next_down());
    let mut edges: Vec<f64> = picks.iter().copied().chain(heavy).collect();
    edges.sort_unstable_by(f64::total_cmp);
    edges.dedup();
    edges
}

/// Over one bin for each text, plus one for nulls.
pub fn of_texts(reference: (&BTreeMap<String, u64>, u64), current: (&BTreeMap<String, u64>, u64)) -> f64 {
    let rows = |(counts, nulls): (&BTreeMap<String, u64>, u64)| counts.values().sum::<u64>() + nulls;
    let nulls = [(reference.1, current.1)];
    index(super::both(reference.0, current.0).chain(nulls), rows(reference), rows(current))
}

fn index(bins: impl Iterator<Item = (u64, u64)>, reference_rows: u64, current_rows: u64) -> f64 {
    let share = |count: u64, rows: u64| (count as f64 / rows as f64).max(SMALLEST_SHARE);
    bins.map(|(reference, current)| {
        let (p, q) = (share(reference, reference_rows), share(current, current_rows));
        (q - p) * (q / p).ln()
    })
    .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_are_values_and_heavy_ones_stand_alone() {
        let hundred: Vec<f64> = (1..=100).map(f64::from).collect();
        assert_eq!(edges(&hundred), [10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0]);
        assert_eq!(edges(&[3.0]), [3.0f64.next_down(), 3.0]);
    }

    #[test]
    fn zeros_that_come_into_a_column_of_ones_are_seen() {
        let ones = Sorted::new([vec![0.0; 2], vec![1.0; 98]].concat(), 0);
        let mixed = Sorted::new([vec![0.0; 40], vec![1.0; 10]].concat(), 0);
        assert!(of_numbers(&ones, &mixed) > 1.0);
        assert_eq!(of_numbers(&ones, &ones), 0.0);
    }
}
