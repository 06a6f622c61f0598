//! Statistics over tables: streamed, bounded, without Kubernetes and without a clock.
//! Definitions and the values they must agree with: `tests/truth/README.md`.

pub mod chi_square;
mod csv_table;
pub mod drift;
mod error;
pub mod fairness;
pub mod ks;
pub mod ks_probability;
mod parquet_table;
pub mod psi;
pub mod sorted;
pub mod table;

pub use error::MeasureError;
pub use table::Table;

use std::collections::BTreeMap;

/// Counts of every text that occurs on either side.
fn both<'a>(
    one: &'a BTreeMap<String, u64>,
    two: &'a BTreeMap<String, u64>,
) -> impl Iterator<Item = (u64, u64)> + use<'a> {
    let count = |side: &BTreeMap<String, u64>, text: &str| side.get(text).copied().unwrap_or(0);
    let shared = one.iter().map(move |(text, here)| (*here, count(two, text)));
    let new = two.iter().filter(|(text, _)| !one.contains_key(*text)).map(|(_, there)| (0, *there));
    shared.chain(new)
}
