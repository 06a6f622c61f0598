//! Group fairness of predictions, over the favourable outcome. Definitions: `tests/truth/README.md`.

use super::table::{Cell, Table};
use super::{MeasureError, table::MAX_TEXT};
use crate::policy::check::FairnessMeasure;
use std::collections::BTreeMap;

/// Different values of one sensitive attribute.
pub const MAX_GROUPS: usize = 1000;

/// What is counted in one group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Group {
    pub rows: u64,
    /// Rows with the favourable prediction.
    pub selected: u64,
    /// Rows with the favourable label; 0 throughout when there is no label column.
    pub deserving: u64,
    /// Rows with both.
    pub deserving_selected: u64,
}

impl Group {
    fn share(part: u64, whole: u64) -> Option<f64> {
        (whole > 0).then(|| part as f64 / whole as f64)
    }

    pub fn selection_rate(&self) -> Option<f64> {
        Self::share(self.selected, self.rows)
    }

    /// Among rows with the favourable label.
    pub fn true_positive_rate(&self) -> Option<f64> {
        Self::share(self.deserving_selected, self.deserving)
    }

    /// Among rows with the unfavourable label.
    pub fn false_positive_rate(&self) -> Option<f64> {
        Self::share(self.selected - self.deserving_selected, self.rows - self.deserving)
    }
}

/// Which columns to count by.
#[derive(Debug, Clone, Copy)]
pub struct Roles<'a> {
    pub label: Option<&'a str>,
    pub prediction: &'a str,
    pub protected: &'a [&'a str],
    /// Equal as text, or as a number where both are numbers.
    pub favorable: &'a str,
}

/// The groups of one sensitive attribute, by its value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Groups(pub BTreeMap<String, Group>);

/// The rate that a measure compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rate {
    Selection,
    TruePositive,
    FalsePositive,
}

/// A measure with the two groups that made it.
#[derive(Debug, Clone, PartialEq)]
pub struct Gap<'a> {
    pub value: f64,
    pub rate: Rate,
    pub lowest: (&'a str, f64),
    pub highest: (&'a str, f64),
}

/// Why there is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undefined {
    OneGroup,
    NoFavorableLabels,
    NoUnfavorableLabels,
    NobodySelected,
}

/// Counts the groups of every protected column in one pass over the table.
///
/// # Errors
/// Missing columns, a table without rows, empty cells in a column that is counted by, too many groups.
pub fn count(table: &Table, roles: Roles<'_>) -> Result<Vec<Groups>, MeasureError> {
    let names: Vec<&str> =
        [roles.prediction].into_iter().chain(roles.label).chain(roles.protected.iter().copied()).collect();
    let positions: Vec<usize> = names.iter().map(|name| table.position(name)).collect::<Result<_, _>>()?;
    if table.rows() == 0 {
        return Err(MeasureError::Empty);
    }
    let favorable = Favorable::new(roles.favorable);
    let labelled = usize::from(roles.label.is_some());
    let mut nulls = vec![0u64; names.len()];
    let mut groups = vec![Groups::default(); roles.protected.len()];
    let mut number = String::new();
    table.visit(&positions, None, |row| {
        let mut complete = true;
        for (cell, nulls) in row.iter().zip(&mut nulls) {
            if *cell == Cell::Null {
                *nulls += 1;
                complete = false;
            }
        }
        if !complete {
            return Ok(());
        }
        let selected = u64::from(favorable.is(&row[0]));
        let deserving = row[1..=labelled].iter().map(|cell| u64::from(favorable.is(cell))).sum::<u64>();
        for (cell, groups) in row[1 + labelled..].iter().zip(&mut groups) {
            let name = match cell {
                Cell::Text(text) => text,
                Cell::Number(value) => {
                    number.clear();
                    number.push_str(&value.to_string());
                    number.as_str()
                }
                Cell::Null => continue,
            };
            groups.add(name, selected, deserving)?;
        }
        Ok(())
    })?;
    match nulls.iter().position(|count| *count > 0) {
        Some(at) => Err(MeasureError::NullCells { column: names[at].to_owned(), count: nulls[at] }),
        None => Ok(groups),
    }
}

struct Favorable<'a> {
    text: &'a str,
    number: Option<f64>,
}

impl<'a> Favorable<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, number: text.trim().parse().ok() }
    }

    fn is(&self, cell: &Cell<'_>) -> bool {
        match cell {
            Cell::Null => false,
            Cell::Number(value) => self.number == Some(*value),
            Cell::Text(text) => {
                *text == self.text || (self.number.is_some() && self.number == text.trim().parse().ok())
            }
        }
    }
}

impl Groups {
    fn add(&mut self, name: &str, selected: u64, deserving: u64) -> Result<(), MeasureError> {
        if !self.0.contains_key(name) {
            if name.len() > MAX_TEXT {
                return Err(MeasureError::TooLarge { what: "bytes in one cell", limit: MAX_TEXT as u64 });
            }
            if self.0.len() == MAX_GROUPS {
                return Err(MeasureError::TooLarge { what: "groups in one column", limit: MAX_GROUPS as u64 });
            }
            self.0.insert(name.to_owned(), Group::default());
        }
        if let Some(group) = self.0.get_mut(name) {
            group.rows += 1;
            group.selected += selected;
            group.deserving += deserving;
            group.deserving_selected += selected & deserving;
        }
        Ok(())
    }

    /// The measure over all groups.
    ///
    /// # Errors
    /// Says why there is no number: a rate of an empty set is not 0.
    pub fn measure(&self, measure: FairnessMeasure) -> Result<Gap<'_>, Undefined> {
        if self.0.len() < 2 {
            return Err(Undefined::OneGroup);
        }
        match measure {
            FairnessMeasure::DemographicParityDifference => self.difference(Rate::Selection, Undefined::OneGroup),
            FairnessMeasure::DemographicParityRatio => {
                let gap = self.difference(Rate::Selection, Undefined::OneGroup)?;
                if gap.highest.1 > 0.0 {
                    Ok(Gap { value: gap.lowest.1 / gap.highest.1, ..gap })
                } else {
                    Err(Undefined::NobodySelected)
                }
            }
            FairnessMeasure::EqualOpportunityDifference => {
                self.difference(Rate::TruePositive, Undefined::NoFavorableLabels)
            }
            FairnessMeasure::EqualizedOddsDifference => {
                let good = self.difference(Rate::TruePositive, Undefined::NoFavorableLabels)?;
                let bad = self.difference(Rate::FalsePositive, Undefined::NoUnfavorableLabels)?;
                Ok(if bad.value > good.value { bad } else { good })
            }
        }
    }

    fn difference(&self, rate: Rate, undefined: Undefined) -> Result<Gap<'_>, Undefined> {
        let mut lowest = ("", f64::INFINITY);
        let mut highest = ("", f64::NEG_INFINITY);
        for (name, group) in &self.0 {
            let value = match rate {
                Rate::Selection => group.selection_rate(),
                Rate::TruePositive => group.true_positive_rate(),
                Rate::FalsePositive => group.false_positive_rate(),
            };
            let value = value.ok_or(undefined)?;
            if value < lowest.1 {
                lowest = (name, value);
            }
            if value > highest.1 {
                highest = (name, value);
            }
        }
        Ok(Gap { value: highest.1 - lowest.1, rate, lowest, highest })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::table::tests::table_of;
    use proptest::prelude::*;

    fn roles<'a>(protected: &'a [&'a str]) -> Roles<'a> {
        Roles { label: Some("y"), prediction: "p", protected, favorable: "1" }
    }

    #[test]
    fn counts_by_number_or_text() {
        let table = table_of(b"p,y,g,h\r\n1,1,a,x\r\n1.0,0,a,y\r\n0,1,b,y\r\n 1,01,b,y\r\n");
        let groups = count(&table, roles(&["g", "h"])).unwrap();
        let group = |at: usize, name: &str| groups[at].0[name];
        assert_eq!(group(0, "a"), Group { rows: 2, selected: 2, deserving: 1, deserving_selected: 1 });
        assert_eq!(group(0, "b"), Group { rows: 2, selected: 1, deserving: 2, deserving_selected: 1 });
        assert_eq!(group(1, "y"), Group { rows: 3, selected: 2, deserving: 2, deserving_selected: 1 });
    }

    #[test]
    fn a_label_is_not_needed_for_parity() {
        let table = table_of(b"p,g\n1,a\n0,a\n1,b\n");
        let roles = Roles { label: None, ..roles(&["g"]) };
        let groups = count(&table, roles).unwrap();
        let gap = groups[0].measure(FairnessMeasure::DemographicParityRatio).unwrap();
        assert_eq!((gap.value, gap.lowest, gap.highest), (0.5, ("a", 0.5), ("b", 1.0)));
    }

    #[test]
    fn bad_tables() {
        let cases: [(&[u8], &str); 6] = [
            (b"p,y\n1,1\n", "has no column \"g\"; it has p, y"),
            (b"p,y,g\n", "has no rows"),
            (b"p,y,g\n1,1,a\n1,,b\n,,a\n", "has 1 empty cells in column \"p\""),
            (b"p,y,g\n1,1,a\n1,,b\n1,,a\n", "has 2 empty cells in column \"y\""),
            (b"p,y,g\n1,1,a\n1,0\n", "line: 3"),
            (b"p,y,g\n1,1,\xff\n", "line 2 is not UTF-8"),
        ];
        for (bytes, said) in cases {
            let error = crate::measure::table::tests::try_table_of(bytes)
                .and_then(|table| count(&table, roles(&["g"])))
                .unwrap_err()
                .to_string();
            assert!(error.contains(said), "{error}");
        }
        let many: String = (0..=MAX_GROUPS).map(|i| format!("1,1,{i}\n")).collect();
        let error = count(&table_of(format!("p,y,g\n{many}").as_bytes()), roles(&["g"])).unwrap_err();
        assert_eq!(error, MeasureError::TooLarge { what: "groups in one column", limit: 1000 });
    }

    proptest! {
        #[test]
        fn order_of_rows_does_not_matter(rows in prop::collection::vec((0..2u8, 0..2u8, 0..4u8), 1..60)) {
            let text = |rows: &[(u8, u8, u8)]| {
                let lines: String = rows.iter().map(|(p, y, g)| format!("{p},{y},g{g}\n")).collect();
                format!("p,y,g\n{lines}")
            };
            let mut turned = rows.clone();
            turned.reverse();
            let counted = |rows: &[(u8, u8, u8)]| count(&table_of(text(rows).as_bytes()), roles(&["g"])).unwrap();
            prop_assert_eq!(counted(&rows), counted(&turned));
        }
    }
}
