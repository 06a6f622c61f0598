use crate::policy::{Decimal, Digest, Limits};
use serde::{Deserialize, Serialize};

/// A table keeps what its contract promises. The number compared is how many of the contract's rules are broken, or
/// in how many ways it breaks with the one that was tested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DataContract {
    pub contract: String,
    /// The contract must be one of these; the policy chooses it, not the release. Empty: any.
    #[serde(default)]
    pub contract_digests: Vec<Digest>,
    /// `None`: any version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The rows.
    pub data: String,
    /// `None`: the only object of the contract.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// No other columns than the contract names.
    #[serde(default)]
    pub no_extra_columns: bool,
    /// No columns that are classified as one of these.
    #[serde(default)]
    pub forbidden_classifications: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tested_with: Option<TestedWith>,
    /// Kinds and places of what need not be evaluated.
    #[serde(default)]
    pub ignore: Vec<String>,
    /// Only rows for which this holds; `None`: all.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub slice: Option<String>,
}

/// The contract that the model was tested with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TestedWith {
    pub contract: String,
    /// Empty: any.
    #[serde(default)]
    pub digests: Vec<Digest>,
    pub changes: Changes,
}

/// How far a contract may have moved from the one that was tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Changes {
    /// Not by a byte.
    None,
    /// Whatever keeps the new one keeps the tested one too.
    Compatible,
}

impl DataContract {
    /// Data quality in millionths: the mean, over the contract's rules, of the share of rows that keep each. A broken rule
    /// that is not about some of the rows is kept by none. Rounded down; whole-number arithmetic only.
    ///
    /// `broken` has for each broken rule how many of the rows break it. None without rules or rows.
    pub fn quality(rules: u64, rows: u64, broken: impl IntoIterator<Item = Option<u64>>) -> Option<u64> {
        const WHOLE: u128 = 1_000_000;
        let rows = u128::from(rows);
        if rules == 0 || rows == 0 {
            return None;
        }
        let lost = |count: Option<u64>| match count {
            Some(count) => (u128::from(count) * WHOLE).div_ceil(rows).min(WHOLE),
            None => WHOLE,
        };
        let lost: u128 = broken.into_iter().map(lost).sum();
        let kept = (u128::from(rules) * WHOLE).saturating_sub(lost);
        u64::try_from(kept / u128::from(rules)).ok()
    }

    pub fn limits(&self) -> Limits {
        Limits::at_most(Decimal::whole(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quality_is_the_mean_share_of_rows_that_keep_each_rule() {
        let cases: [(u64, u64, &[Option<u64>], Option<u64>); 9] = [
            (4, 100, &[], Some(1_000_000)),
            (4, 100, &[Some(50)], Some(875_000)),
            (4, 100, &[Some(50), None], Some(625_000)),
            (3, 3, &[Some(1)], Some(888_888)),
            (1, u64::MAX, &[Some(1)], Some(999_999)),
            (1, 10, &[Some(u64::MAX)], Some(0)),
            // More is broken than there are rules: columns that one rule forbids.
            (2, 10, &[None, None, None], Some(0)),
            (0, 10, &[], None),
            (3, 0, &[], None),
        ];
        for (rules, rows, broken, expected) in cases {
            assert_eq!(
                DataContract::quality(rules, rows, broken.iter().copied()),
                expected,
                "{rules} {rows} {broken:?}"
            );
        }
    }
}
