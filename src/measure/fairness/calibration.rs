//! How far scores and labels are apart, group by group.

use super::Favorable;
use crate::measure::table::{Cell, MAX_TEXT};
use crate::measure::{MeasureError, Table, rows::Selected};
use std::collections::BTreeMap;

/// Equal parts of the scores from 0 to 1.
const BINS: usize = 10;
/// Scores are summed as whole parts of this, so that their order does not matter.
const PARTS: f64 = (1u64 << 62) as f64;

/// What one group has in one bin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Bin {
    rows: u64,
    deserving: u64,
    scores: u128,
}

/// One group, bin by bin.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calibration {
    bins: [Bin; BINS],
}

impl Calibration {
    pub fn rows(&self) -> u64 {
        self.bins.iter().map(|bin| bin.rows).sum()
    }

    /// Expected calibration error: the mean over rows of how far their bin's mean score is from its share of favourable
    /// labels. M. P. Naeini, G. F. Cooper, M. Hauskrecht, "Obtaining well calibrated probabilities using Bayesian
    /// binning", AAAI (2015). The group holds at least one row.
    pub fn error(&self) -> f64 {
        let rows = self.rows() as f64;
        let of = |bin: &Bin| (bin.scores as f64 / PARTS - bin.deserving as f64).abs() / rows;
        self.bins.iter().map(of).sum()
    }

    fn add(&mut self, score: f64, deserving: bool) {
        // [0, 0.1), [0.1, 0.2), …, [0.9, 1].
        let bin = &mut self.bins[((score * BINS as f64) as usize).min(BINS - 1)];
        bin.rows += 1;
        bin.deserving += u64::from(deserving);
        bin.scores += (score * PARTS) as u128;
    }
}

/// Counts every group of every column; scores are chances of the favourable label, from 0 to 1.
///
/// # Errors
/// Missing columns, empty cells, scores that are none, too many groups.
pub fn calibrate(
    table: &Table,
    rows: Option<&Selected>,
    (label, score, favorable): (&str, &str, &str),
    protected: &[&str],
) -> Result<Vec<BTreeMap<String, Calibration>>, MeasureError> {
    let names: Vec<&str> = [label, score].into_iter().chain(protected.iter().copied()).collect();
    let positions: Vec<usize> = names.iter().map(|name| table.position(name)).collect::<Result<_, _>>()?;
    let favorable = Favorable::new(favorable);
    let mut groups = vec![BTreeMap::<String, Calibration>::new(); protected.len()];
    let mut nulls = vec![0u64; names.len()];
    let mut number = String::new();
    table.visit(&positions, rows, |row| {
        let empty = row.iter().zip(&mut nulls).filter(|(cell, _)| **cell == Cell::Null);
        if empty.map(|(_, nulls)| *nulls += 1).count() > 0 {
            return Ok(());
        }
        let score = match row[1] {
            Cell::Number(score) => Some(score),
            Cell::Text(text) => text.trim().parse().ok(),
            Cell::Null => None,
        };
        let score = score.filter(|score| (0.0..=1.0).contains(score)).ok_or_else(|| MeasureError::NotAScore {
            column: names[1].to_owned(),
            text: match row[1] {
                Cell::Number(score) => score.to_string(),
                Cell::Text(text) => text.chars().take(12).collect(),
                Cell::Null => String::new(),
            },
        })?;
        let deserving = favorable.is(&row[0]);
        for (cell, groups) in row[2..].iter().zip(&mut groups) {
            let name = match cell {
                Cell::Text(text) => text,
                Cell::Number(value) => {
                    number.clear();
                    number.push_str(&(value + 0.0).to_string());
                    number.as_str()
                }
                Cell::Null => continue,
            };
            if !groups.contains_key(name) {
                if name.len() > MAX_TEXT {
                    return Err(MeasureError::TooLarge { what: "bytes in one cell", limit: MAX_TEXT as u64 });
                }
                if groups.len() == super::MAX_GROUPS {
                    return Err(super::too_many_groups());
                }
                groups.insert(name.to_owned(), Calibration::default());
            }
            if let Some(group) = groups.get_mut(name) {
                group.add(score, deserving);
            }
        }
        Ok(())
    })?;
    match nulls.iter().position(|count| *count > 0) {
        Some(at) => Err(MeasureError::NullCells { column: names[at].to_owned(), count: nulls[at] }),
        None => Ok(groups),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::table::tests::{table_of, try_table_of};

    #[test]
    fn by_hand() {
        // Group a: 0.25 with labels 1, 0 → |0.5 − 1| / 4; 1 and 0.9 with labels 1, 0 → |1.9 − 1| / 4.
        let table = table_of(b"y,s,g\n1,0.25,a\n0,0.25,a\n1,1,a\n0,0.9,a\n0,0,b\n");
        let groups = calibrate(&table, None, ("y", "s", "1"), &["g"]).unwrap();
        assert!((groups[0]["a"].error() - (0.5 + 0.9) / 4.0).abs() < 1e-15, "{}", groups[0]["a"].error());
        assert_eq!((groups[0]["b"].error(), groups[0]["b"].rows()), (0.0, 1));
    }

    #[test]
    fn what_is_no_score() {
        for (cell, said) in [("1.5", "1.5"), ("-0.1", "-0.1"), ("high", "high"), ("", "empty"), ("NaN", "NaN")] {
            let table = try_table_of(format!("y,s,g\n1,{cell},a\n").as_bytes()).unwrap();
            let error = calibrate(&table, None, ("y", "s", "1"), &["g"]).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
