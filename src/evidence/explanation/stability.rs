//! How alike two rankings of features are. A feature that one of them lacks has no importance there.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// Spearman's rank correlation, ties with their mean rank (as `scipy.stats.spearmanr`), over all features of both.
/// `None` for fewer than two features, or when all of one side are equal.
pub fn rank_correlation(a: &BTreeMap<String, f64>, b: &BTreeMap<String, f64>) -> Option<f64> {
    let features: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    let side = |of: &BTreeMap<String, f64>| -> Vec<f64> {
        features.iter().map(|feature| of.get(*feature).copied().unwrap_or(0.0)).collect()
    };
    let (a, b) = (ranks(&side(a)), ranks(&side(b)));
    let count = a.len() as f64;
    if a.len() < 2 {
        return None;
    }
    // Mean ranks always have the mean (n + 1) / 2.
    let mean = (count + 1.0) / 2.0;
    let (mut both, mut of_a, mut of_b) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(&b) {
        both += (x - mean) * (y - mean);
        of_a += (x - mean).powi(2);
        of_b += (y - mean).powi(2);
    }
    (of_a > 0.0 && of_b > 0.0).then(|| (both / (of_a.sqrt() * of_b.sqrt())).clamp(-1.0, 1.0))
}

/// Ranks from 1; equal values share the mean of their ranks.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    let value = |index: &usize| values.get(*index).copied().unwrap_or_default();
    order.sort_by(|x, y| value(x).total_cmp(&value(y)));
    let mut ranks = vec![0.0; values.len()];
    let mut start = 0;
    for run in order.chunk_by(|x, y| value(x).total_cmp(&value(y)) == Ordering::Equal) {
        let rank = start as f64 + (run.len() as f64 + 1.0) / 2.0;
        for index in run {
            if let Some(slot) = ranks.get_mut(*index) {
                *slot = rank;
            }
        }
        start += run.len();
    }
    ranks
}

/// The share of the `k` most important features that are among the `k` most important of the other; between 0 and 1.
/// Of equally important features the first by name counts. With fewer features than `k`, of all that the longer has.
pub fn overlap(a: &BTreeMap<String, f64>, b: &BTreeMap<String, f64>, k: usize) -> Option<f64> {
    let k = k.min(a.len().max(b.len()));
    let shared = top(a, k).intersection(&top(b, k)).count();
    (k > 0).then(|| shared as f64 / k as f64)
}

fn top(of: &BTreeMap<String, f64>, k: usize) -> BTreeSet<&str> {
    let mut order: Vec<(&str, f64)> = of.iter().map(|(feature, value)| (feature.as_str(), *value)).collect();
    order.sort_by(|x, y| y.1.total_cmp(&x.1).then_with(|| x.0.cmp(y.0)));
    order.into_iter().take(k).map(|(feature, _)| feature).collect()
}
