//! Group fairness of predictions, over the favourable outcome. Definitions: `tests/truth/README.md`.

pub mod calibration;
mod groups;
pub mod interval;

pub use groups::{Gap, Group, GroupRate, Groups, Rate, Undefined};

use super::MeasureError;
use super::rows::Selected;
use super::table::{Cell, MAX_TEXT, Table};
use std::collections::{BTreeMap, HashMap};

/// Different values of one sensitive attribute, or of several together.
pub const MAX_GROUPS: usize = 1000;

/// Which columns to count by.
#[derive(Debug, Clone, Copy)]
pub struct Roles<'a> {
    pub label: Option<&'a str>,
    pub prediction: &'a str,
    /// Each a sensitive attribute, or several whose values are taken together: (attribute, column).
    pub protected: &'a [Vec<(&'a str, &'a str)>],
    /// Equal as text, or as a number where both are numbers.
    pub favorable: &'a str,
}

fn too_many_groups() -> MeasureError {
    MeasureError::TooLarge { what: "groups in one column", limit: MAX_GROUPS as u64 }
}

/// Counts the groups of every protected column, or set of columns, in one pass over the table. A group of one attribute
/// is named by its value, of several by `race=yes, sex=f`.
///
/// # Errors
/// Missing columns, a table without rows, empty cells in a column that is counted by, too many groups.
pub fn count(table: &Table, rows: Option<&Selected>, roles: Roles<'_>) -> Result<Vec<Groups>, MeasureError> {
    let mut names: Vec<&str> = [roles.prediction].into_iter().chain(roles.label).collect();
    let outcomes = names.len();
    for (_, column) in roles.protected.iter().flatten() {
        if !names[outcomes..].contains(column) {
            names.push(column);
        }
    }
    let positions: Vec<usize> = names.iter().map(|name| table.position(name)).collect::<Result<_, _>>()?;
    if rows.map_or(table.rows(), Selected::count) == 0 {
        return Err(MeasureError::Empty);
    }
    let favorable = Favorable::new(roles.favorable);
    let mut values = vec![Values::default(); names.len()];
    let mut nulls = vec![0u64; names.len()];
    let mut sets: Vec<Set> = roles
        .protected
        .iter()
        .map(|set| {
            let place = |column: &str| names[outcomes..].iter().position(|name| *name == column);
            Set::new(set.iter().filter_map(|(_, column)| Some(outcomes + place(column)?)).collect())
        })
        .collect();
    table.codes(
        &positions,
        rows,
        &mut |at, cell| {
            Ok(match cell {
                Cell::Null => NULL,
                cell if at < outcomes => u16::from(favorable.is(&cell)),
                cell => values[at].code(&cell)?,
            })
        },
        &mut |codes| {
            let length = codes[0].len();
            let mut complete = true;
            for (codes, nulls) in codes.iter().zip(&mut nulls) {
                let here = codes.iter().filter(|code| **code == NULL).count();
                *nulls += here as u64;
                complete &= here == 0;
            }
            // The table is refused in the end; what is counted of it does not matter.
            if complete {
                let label = if outcomes > 1 { codes[1] } else { &[] };
                sets.iter_mut().try_for_each(|set| set.add(codes, (codes[0], label), length))?;
            }
            Ok(())
        },
    )?;
    if let Some(at) = nulls.iter().position(|count| *count > 0) {
        return Err(MeasureError::NullCells { column: names[at].to_owned(), count: nulls[at] });
    }
    Ok(sets.into_iter().zip(roles.protected).map(|(set, attributes)| set.groups(attributes, &values)).collect())
}

/// The code of an empty cell.
const NULL: u16 = u16::MAX;

/// Codes of a column's values, in the order in which they came.
#[derive(Debug, Clone, Default)]
struct Values {
    names: Vec<String>,
    codes: HashMap<String, u16>,
}

impl Values {
    fn code(&mut self, cell: &Cell<'_>) -> Result<u16, MeasureError> {
        let number;
        let name = match cell {
            Cell::Text(text) => text,
            Cell::Number(value) => {
                number = (value + 0.0).to_string();
                number.as_str()
            }
            Cell::Null => return Ok(NULL),
        };
        if let Some(code) = self.codes.get(name) {
            return Ok(*code);
        }
        if name.len() > MAX_TEXT {
            return Err(MeasureError::TooLarge { what: "bytes in one cell", limit: MAX_TEXT as u64 });
        }
        if self.names.len() == MAX_GROUPS {
            return Err(too_many_groups());
        }
        let code = self.names.len() as u16;
        self.names.push(name.to_owned());
        self.codes.insert(name.to_owned(), code);
        Ok(code)
    }
}

/// Columns whose values together make groups: four counts for each, by label and prediction.
struct Set {
    columns: Vec<usize>,
    /// Of one column, by code.
    single: Vec<[u64; 4]>,
    /// Of several, by all codes.
    several: HashMap<Vec<u16>, [u64; 4]>,
}

impl Set {
    fn new(columns: Vec<usize>) -> Self {
        Self { columns, single: Vec::new(), several: HashMap::new() }
    }

    fn add(
        &mut self,
        codes: &[&[u16]],
        (prediction, label): (&[u16], &[u16]),
        length: usize,
    ) -> Result<(), MeasureError> {
        let outcome = |row: usize| usize::from(prediction[row]) + 2 * label.get(row).map_or(0, |l| usize::from(*l));
        if let [column] = self.columns[..] {
            let groups = codes[column];
            let most = groups.iter().copied().max().map_or(0, |code| usize::from(code) + 1);
            self.single.resize(self.single.len().max(most), [0; 4]);
            for (row, group) in groups.iter().enumerate() {
                self.single[usize::from(*group)][outcome(row)] += 1;
            }
            return Ok(());
        }
        let mut group: Vec<u16> = Vec::with_capacity(self.columns.len());
        for row in 0..length {
            group.clear();
            group.extend(self.columns.iter().map(|column| codes[*column][row]));
            if let Some(counts) = self.several.get_mut(&group) {
                counts[outcome(row)] += 1;
                continue;
            }
            if self.several.len() == MAX_GROUPS {
                return Err(too_many_groups());
            }
            let counts = self.several.entry(group.clone()).or_default();
            counts[outcome(row)] += 1;
        }
        Ok(())
    }

    fn groups(self, attributes: &[(&str, &str)], values: &[Values]) -> Groups {
        let group = |[neither, selected, deserving, both]: [u64; 4]| Group {
            rows: neither + selected + deserving + both,
            selected: selected + both,
            deserving: deserving + both,
            deserving_selected: both,
        };
        let name = |column: usize, code: u16| values[column].names.get(usize::from(code)).map_or("", String::as_str);
        let mut groups = BTreeMap::new();
        if let [column] = self.columns[..] {
            for (code, counts) in self.single.into_iter().enumerate() {
                groups.insert(name(column, code as u16).to_owned(), group(counts));
            }
        }
        for (codes, counts) in self.several {
            let parts = attributes.iter().zip(&self.columns).zip(codes);
            let parts: Vec<String> =
                parts.map(|(((attribute, _), column), code)| format!("{attribute}={}", name(*column, code))).collect();
            groups.insert(parts.join(", "), group(counts));
        }
        Groups(groups)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::table::tests::table_of;
    use proptest::prelude::*;

    use crate::policy::check::FairnessMeasure;

    fn counted(table: &Table, label: Option<&str>, protected: &[&[&str]]) -> Result<Vec<Groups>, MeasureError> {
        let protected: Vec<Vec<(&str, &str)>> =
            protected.iter().map(|set| set.iter().map(|column| (*column, *column)).collect()).collect();
        count(table, None, Roles { label, prediction: "p", protected: &protected, favorable: "1" })
    }

    #[test]
    fn counts_by_number_or_text() {
        let table = table_of(b"p,y,g,h\r\n1,1,a,x\r\n1.0,0,a,y\r\n0,1,b,y\r\n 1,01,b,y\r\n");
        let groups = counted(&table, Some("y"), &[&["g"], &["h"], &["g", "h"]]).unwrap();
        let group = |at: usize, name: &str| groups[at].0[name];
        assert_eq!(group(0, "a"), Group { rows: 2, selected: 2, deserving: 1, deserving_selected: 1 });
        assert_eq!(group(0, "b"), Group { rows: 2, selected: 1, deserving: 2, deserving_selected: 1 });
        assert_eq!(group(1, "y"), Group { rows: 3, selected: 2, deserving: 2, deserving_selected: 1 });
        let both: Vec<(&str, u64)> = groups[2].0.iter().map(|(name, group)| (name.as_str(), group.rows)).collect();
        assert_eq!(both, [("g=a, h=x", 1), ("g=a, h=y", 1), ("g=b, h=y", 2)]);
    }

    #[test]
    fn a_label_is_not_needed_for_parity() {
        let table = table_of(b"p,g\n1,a\n0,a\n1,b\n");
        let groups = counted(&table, None, &[&["g"]]).unwrap();
        let gap = groups[0].measure(FairnessMeasure::DemographicParityRatio).unwrap();
        let (lowest, highest) = (gap.lowest, gap.highest);
        assert_eq!((gap.value, lowest.group, lowest.rate, highest.group, highest.rate), (0.5, "a", 0.5, "b", 1.0));
        assert_eq!((lowest.part, lowest.whole), (1, 2));
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
                .and_then(|table| counted(&table, Some("y"), &[&["g"]]))
                .unwrap_err()
                .to_string();
            assert!(error.contains(said), "{error}");
        }
        let many: String = (0..=MAX_GROUPS).map(|i| format!("1,1,{i}\n")).collect();
        let error = counted(&table_of(format!("p,y,g\n{many}").as_bytes()), Some("y"), &[&["g"]]).unwrap_err();
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
            let counted = |rows: &[(u8, u8, u8)]| counted(&table_of(text(rows).as_bytes()), Some("y"), &[&["g"]]).unwrap();
            prop_assert_eq!(counted(&rows), counted(&turned));
        }
    }
}
