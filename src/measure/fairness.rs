//! Group fairness of predictions, over the favourable outcome. Definitions: `tests/truth/README.md`.

mod bound;
pub mod calibration;
mod groups;
pub mod interval;

pub use bound::Bound;
pub use groups::{Gap, Group, GroupRate, Groups, Rate, Undefined};

use super::MeasureError;
use super::rows::Selected;
use super::table::{CODES_AT_ONCE, Cell, MAX_TEXT, Table};
use std::collections::HashMap;

/// Different values of one sensitive attribute, or of several together.
pub const MAX_GROUPS: usize = 1000;

/// Which columns to count by.
#[derive(Debug, Clone, Copy)]
pub struct Roles<'a> {
    pub label: Option<&'a str>,
    pub prediction: &'a str,
    /// Each a sensitive attribute, or several whose values are taken together: (attribute, column).
    pub protected: &'a [Vec<(&'a str, &'a str)>],
    /// Equal as text, or as a number. Where it is a number, every outcome must be one.
    pub favorable: &'a str,
}

fn too_many_groups() -> MeasureError {
    MeasureError::TooLarge { what: "groups in one column", limit: MAX_GROUPS as u64 }
}

/// Counts the groups of every protected column, or set of columns, in one pass over the table. A group of one attribute
/// is named by its value, of several by `race=yes, sex=f`.
///
/// # Errors
/// Missing columns, a table without rows, cells in a column that is counted by which are empty or tell nothing, too many
/// groups.
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
    let mut sets: Vec<Set> = places(roles.protected, &names, outcomes).into_iter().map(Set::new).collect();
    let mut outcome: Vec<usize> = Vec::with_capacity(CODES_AT_ONCE);
    table.codes(
        &positions,
        rows,
        &mut |at, cell| {
            if at < outcomes { Ok(favorable.is(&cell).map_or(NULL, u16::from)) } else { values[at].code(&cell) }
        },
        &mut |codes| {
            let mut complete = true;
            for (codes, nulls) in codes.iter().zip(&mut nulls) {
                let here = codes.iter().filter(|code| **code == NULL).count();
                *nulls += here as u64;
                complete &= here == 0;
            }
            // The table is refused in the end; what is counted of it does not matter.
            if complete {
                // By label and prediction; without a label all are as if they had the other one.
                outcome.clear();
                outcome.extend(codes[0].iter().map(|prediction| usize::from(*prediction)));
                if outcomes > 1 {
                    outcome.iter_mut().zip(codes[1]).for_each(|(one, label)| *one += 2 * usize::from(*label));
                }
                sets.iter_mut().try_for_each(|set| set.add(codes, &outcome))?;
            }
            Ok(())
        },
    )?;
    all_told(&names, &nulls)?;
    Ok(sets.into_iter().zip(roles.protected).map(|(set, attributes)| set.groups(attributes, &values)).collect())
}

/// The code of a cell that tells nothing: empty, NaN, an outcome that is none.
const NULL: u16 = u16::MAX;

/// Where the columns of each set stand among the names, of which the first are no sensitive ones.
fn places(protected: &[Vec<(&str, &str)>], names: &[&str], first: usize) -> Vec<Vec<usize>> {
    let place = |column: &str| names.iter().skip(first).position(|name| *name == column);
    protected.iter().map(|set| set.iter().filter_map(|(_, column)| Some(first + place(column)?)).collect()).collect()
}

/// Fails when a column has cells that tell nothing.
fn all_told(names: &[&str], nulls: &[u64]) -> Result<(), MeasureError> {
    match names.iter().zip(nulls).find(|(_, count)| **count > 0) {
        Some((name, count)) => Err(MeasureError::NullCells { column: (*name).to_owned(), count: *count }),
        None => Ok(()),
    }
}

/// Whether a text reads as a number that is none. Writers of CSV mean a missing value by it.
fn is_not_finite(text: &str) -> bool {
    text.trim().parse::<f64>().is_ok_and(|number| !number.is_finite())
}

/// A group of one attribute is named by its value, of several by `race=yes, sex=f`. A value that could be taken for more
/// than itself stands in quotes, so that two groups never have one name.
fn group_name<'a>(parts: impl ExactSizeIterator<Item = (&'a str, &'a str)>) -> String {
    let one = parts.len() == 1;
    let quoted = |value: &str| match value.contains([',', '"']) {
        true => format!("{value:?}"),
        false => value.to_owned(),
    };
    let parts = parts.map(|(attribute, value)| match one {
        true => value.to_owned(),
        false => format!("{attribute}={}", quoted(value)),
    });
    parts.collect::<Vec<_>>().join(", ")
}

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
        if is_not_finite(name) {
            return Ok(NULL);
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

    fn name(&self, code: u16) -> &str {
        self.names.get(usize::from(code)).map_or("", String::as_str)
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

    /// `outcomes`: which of the four counts each row adds to.
    fn add(&mut self, codes: &[&[u16]], outcomes: &[usize]) -> Result<(), MeasureError> {
        if let [column] = self.columns[..] {
            let groups = codes[column];
            let most = groups.iter().copied().max().map_or(0, |code| usize::from(code) + 1);
            self.single.resize(self.single.len().max(most), [0; 4]);
            for (group, outcome) in groups.iter().zip(outcomes) {
                self.single[usize::from(*group)][*outcome] += 1;
            }
            return Ok(());
        }
        let mut group: Vec<u16> = Vec::with_capacity(self.columns.len());
        for (row, outcome) in outcomes.iter().enumerate() {
            group.clear();
            group.extend(self.columns.iter().map(|column| codes[*column][row]));
            if let Some(counts) = self.several.get_mut(&group) {
                counts[*outcome] += 1;
                continue;
            }
            if self.several.len() == MAX_GROUPS {
                return Err(too_many_groups());
            }
            self.several.entry(group.clone()).or_default()[*outcome] += 1;
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
        let single = self.single.into_iter().enumerate().map(|(code, counts)| (vec![code as u16], counts));
        let named = single.chain(self.several).map(|(codes, counts)| {
            let parts = attributes.iter().zip(&self.columns).zip(codes);
            let parts = parts.map(|(((attribute, _), column), code)| (*attribute, values[*column].name(code)));
            (group_name(parts), group(counts))
        });
        // Codes are also given to values that stand in no row that is looked at.
        Groups(named.filter(|(_, group)| group.rows > 0).collect())
    }
}

struct Favorable<'a> {
    text: &'a str,
    number: Option<f64>,
}

impl<'a> Favorable<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, number: text.trim().parse().ok().filter(|number: &f64| number.is_finite()) }
    }

    /// `None` of a cell that is no outcome: empty, a number that is none, a word where the favourable value is a number.
    fn is(&self, cell: &Cell<'_>) -> Option<bool> {
        match cell {
            Cell::Null => None,
            Cell::Number(value) => value.is_finite().then_some(self.number == Some(*value)),
            Cell::Text(text) => match (text.trim().parse::<f64>(), self.number) {
                (Ok(number), _) if !number.is_finite() => None,
                (number, Some(favorable)) => number.ok().map(|number| number == favorable),
                (_, None) => Some(*text == self.text),
            },
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

    /// A bound is a decimal; what lies on it must not be a digit off.
    #[test]
    fn a_measure_is_divided_once() {
        let groups = |(p1, w1): (u64, u64), (p2, w2): (u64, u64)| {
            let group = |selected, rows| Group { rows, selected, ..Group::default() };
            Groups([("a".to_owned(), group(p1, w1)), ("b".to_owned(), group(p2, w2))].into())
        };
        for (one, two, difference, ratio) in [
            ((80, 100), (70, 100), 0.1, 0.875),
            ((6, 10), (15, 20), 0.15, 0.8),
            ((3, 10), (2, 10), 0.1, 2.0 / 3.0),
            ((0, 7), (7, 7), 1.0, 0.0),
        ] {
            for groups in [groups(one, two), groups(two, one)] {
                let value = |measure| groups.measure(measure).unwrap().value;
                assert_eq!(value(FairnessMeasure::DemographicParityDifference), difference);
                assert_eq!(value(FairnessMeasure::DemographicParityRatio), ratio);
            }
        }
    }

    /// As in CSV, where an empty text cannot be told from none.
    #[test]
    fn an_empty_text_is_no_outcome_and_no_group() {
        let lines = |last: &str| format!("{{\"p\":\"y\",\"g\":\"a\"}}\n{{\"p\":\"n\",\"g\":\"b\"}}\n{last}\n");
        let arrow = |table: &[(&str, [&str; 3])]| {
            use arrow_array::{ArrayRef, RecordBatch, StringArray};
            let array = |texts: &[&str; 3]| std::sync::Arc::new(StringArray::from(texts.to_vec())) as ArrayRef;
            let batch = RecordBatch::try_from_iter(table.iter().map(|(name, texts)| (*name, array(texts)))).unwrap();
            let mut bytes = Vec::new();
            let mut writer = parquet::arrow::ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
            writer.write(&batch).unwrap();
            writer.close().unwrap();
            (bytes, crate::measure::arrow_file_of(&[batch]))
        };
        let (outcome, group) = (r#"{"p":"","g":"b"}"#, r#"{"p":"y","g":""}"#);
        let (outcomes, outcomes_too) = arrow(&[("p", ["y", "n", ""]), ("g", ["a", "b", "b"])]);
        let (groups, groups_too) = arrow(&[("p", ["y", "n", "y"]), ("g", ["a", "b", ""])]);
        for (bytes, column) in [
            (lines(outcome).into_bytes(), "p"),
            (outcomes, "p"),
            (outcomes_too, "p"),
            (b"p,g\ny,a\nn,b\n,b\n".to_vec(), "p"),
            (lines(group).into_bytes(), "g"),
            (groups, "g"),
            (groups_too, "g"),
            (b"p,g\ny,a\nn,b\ny,\n".to_vec(), "g"),
        ] {
            let protected = [vec![("g", "g")]];
            let roles = Roles { label: None, prediction: "p", protected: &protected, favorable: "y" };
            let error = count(&table_of(&bytes), None, roles).unwrap_err();
            assert_eq!(error, MeasureError::NullCells { column: column.to_owned(), count: 1 });
        }
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
            (b"p,y,g\n1,1,a\n1,,b\n,,a\n", "has 1 empty or unusable cells in column \"p\""),
            (b"p,y,g\n1,1,a\n1,,b\n1,,a\n", "has 2 empty or unusable cells in column \"y\""),
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

    #[test]
    fn what_is_an_outcome() {
        use Cell::{Null, Number, Text};
        let (number, word) = (Favorable::new(" 1.0"), Favorable::new("yes"));
        for (cell, by_number, by_word) in [
            (Null, None, None),
            (Number(1.0), Some(true), Some(false)),
            (Number(-0.0), Some(false), Some(false)),
            (Number(f64::NAN), None, None),
            (Number(f64::INFINITY), None, None),
            (Text("1"), Some(true), Some(false)),
            (Text("0e0"), Some(false), Some(false)),
            (Text("yes"), None, Some(true)),
            (Text("Yes"), None, Some(false)),
            (Text("nan"), None, None),
            (Text(" -Inf"), None, None),
        ] {
            assert_eq!((number.is(&cell), word.is(&cell)), (by_number, by_word), "{cell:?}");
        }
        assert_eq!(Favorable::new("NaN").is(&Text("NaN")), None);
    }

    /// A Parquet dictionary also holds values of rows that are not looked at.
    #[test]
    fn no_group_without_rows() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/mortgage/evidence/v2/predictions.parquet");
        let table = Table::open(std::fs::File::open(path).unwrap()).unwrap();
        let position = table.position("afam").unwrap();
        for value in ["yes", "no"] {
            let rows = table.select(&[position], |row| Ok(row[0] == Cell::Text(value))).unwrap();
            let protected = [vec![("race", "afam")]];
            let roles = Roles { label: Some("deny"), prediction: "predicted", protected: &protected, favorable: "0" };
            let groups = count(&table, Some(&rows), roles).unwrap();
            assert!(groups[0].0.keys().eq([value]), "{:?}", groups[0]);
        }
    }

    /// A value may look as if it were two.
    #[test]
    fn groups_of_several_attributes_are_told_apart() {
        let table = table_of(b"p,g,h\n1,\"a, h=b\",c\n0,a,\"b, h=c\"\n");
        let groups = counted(&table, None, &[&["g", "h"]]).unwrap();
        assert_eq!(groups[0].0.len(), 2, "{:?}", groups[0]);
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
