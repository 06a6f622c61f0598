//! How far scores and labels are apart, group by group.

use super::{Favorable, MAX_GROUPS, NULL, Values, all_told, group_name, places, too_many_groups};
use crate::measure::table::Cell;
use crate::measure::{MeasureError, Table, rows::Selected};
use std::collections::{BTreeMap, HashMap};

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

/// Counts every group of every set of columns, each an (attribute, column), as [`super::count`] does and by the same
/// names; scores are chances of the favourable label, from 0 to 1.
///
/// # Errors
/// Missing columns, cells that are empty or tell nothing, scores that are none, too many groups.
pub fn calibrate(
    table: &Table,
    rows: Option<&Selected>,
    (label, score, favorable): (&str, &str, &str),
    protected: &[Vec<(&str, &str)>],
) -> Result<Vec<BTreeMap<String, Calibration>>, MeasureError> {
    let mut names: Vec<&str> = vec![label, score];
    for (_, column) in protected.iter().flatten() {
        if !names[2..].contains(column) {
            names.push(column);
        }
    }
    let positions: Vec<usize> = names.iter().map(|name| table.position(name)).collect::<Result<_, _>>()?;
    let favorable = Favorable::new(favorable);
    let columns = places(protected, &names, 2);
    let mut groups: Vec<HashMap<Vec<u16>, Calibration>> = vec![HashMap::new(); columns.len()];
    let mut values = vec![Values::default(); names.len()];
    let mut nulls = vec![0u64; names.len()];
    let mut codes = vec![NULL; names.len()];
    table.visit(&positions, rows, |row| {
        codes[0] = favorable.is(&row[0]).map_or(NULL, u16::from);
        codes[1] = if row[1] == Cell::Null { NULL } else { 0 };
        for ((cell, code), values) in row.iter().zip(&mut codes).zip(&mut values).skip(2) {
            *code = values.code(cell)?;
        }
        let untold = codes.iter().zip(&mut nulls).filter(|(code, _)| **code == NULL);
        if untold.map(|(_, nulls)| *nulls += 1).count() > 0 {
            return Ok(());
        }
        let score = score_of(&row[1], names[1])?;
        for (columns, groups) in columns.iter().zip(&mut groups) {
            let group: Vec<u16> = columns.iter().map(|column| codes[*column]).collect();
            if groups.len() == MAX_GROUPS && !groups.contains_key(&group) {
                return Err(too_many_groups());
            }
            groups.entry(group).or_default().add(score, codes[0] == 1);
        }
        Ok(())
    })?;
    all_told(&names, &nulls)?;
    let named = groups.into_iter().zip(protected).zip(&columns).map(|((groups, attributes), columns)| {
        let name = |codes: &[u16]| {
            let parts = attributes.iter().zip(columns).zip(codes);
            group_name(parts.map(|(((attribute, _), column), code)| (*attribute, values[*column].name(*code))))
        };
        groups.into_iter().map(|(codes, calibration)| (name(&codes), calibration)).collect()
    });
    Ok(named.collect())
}

/// A chance from 0 to 1.
fn score_of(cell: &Cell<'_>, column: &str) -> Result<f64, MeasureError> {
    let score = match cell {
        Cell::Number(score) => Some(*score),
        Cell::Text(text) => text.trim().parse().ok(),
        Cell::Null => None,
    };
    score.filter(|score| (0.0..=1.0).contains(score)).ok_or_else(|| MeasureError::NotAScore {
        column: column.to_owned(),
        text: match cell {
            Cell::Number(score) => score.to_string(),
            Cell::Text(text) => text.chars().take(12).collect(),
            Cell::Null => String::new(),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::table::tests::{table_of, try_table_of};

    #[test]
    fn by_hand() {
        // Group a: 0.25 with labels 1, 0 → |0.5 − 1| / 4; 1 and 0.9 with labels 1, 0 → |1.9 − 1| / 4.
        let table = table_of(b"y,s,g\n1,0.25,a\n0,0.25,a\n1,1,a\n0,0.9,a\n0,0,b\n");
        let groups = calibrate(&table, None, ("y", "s", "1"), &[vec![("g", "g")]]).unwrap();
        assert!((groups[0]["a"].error() - (0.5 + 0.9) / 4.0).abs() < 1e-15, "{}", groups[0]["a"].error());
        assert_eq!((groups[0]["b"].error(), groups[0]["b"].rows()), (0.0, 1));
    }

    #[test]
    fn what_is_no_score() {
        for (cell, said) in [("1.5", "1.5"), ("-0.1", "-0.1"), ("high", "high"), ("", "empty"), ("NaN", "NaN")] {
            let table = try_table_of(format!("y,s,g\n1,{cell},a\n").as_bytes()).unwrap();
            let error = calibrate(&table, None, ("y", "s", "1"), &[vec![("g", "g")]]).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
