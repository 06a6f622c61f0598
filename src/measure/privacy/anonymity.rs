//! k-anonymity and distinct l-diversity: rows are counted by a digest of their quasi-identifiers, so that memory is
//! bounded by the number of groups and not by what they hold.

use crate::measure::MeasureError;
use crate::measure::Table;
use crate::measure::contract::is_missing;
use crate::measure::plain_cells::Plain;
use crate::measure::table::{Kind, Typing};
use crate::measure::value::Value;
use crate::policy::contract::Number;
use sha2::{Digest as _, Sha256};
use std::collections::{HashMap, HashSet};

/// Different groups, and different sensitive values in groups that have too few of them.
pub const MAX_GROUPS: usize = 3_500_000;

/// Whole doubles below it are whole numbers of 128 bits.
const WHOLE: f64 = 1e38;

/// 128 bits of SHA-256: that two of a few million differ and have the same does not happen, not even on purpose.
type Key = [u8; 16];

/// What to count.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    pub quasi_identifiers: &'a [String],
    pub sensitive: &'a [String],
    pub k: u64,
    pub l: u64,
}

/// How rows hide among others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Groups {
    pub rows: u64,
    pub groups: u64,
    /// Rows of the smallest group.
    pub smallest: u64,
    /// Rows in groups of fewer than k.
    pub rows_below_k: u64,
    /// For each sensitive column, in the order asked.
    pub diversity: Vec<Diversity>,
}

/// One sensitive column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diversity {
    /// Different values of the group that has fewest of them, empty cells left out; never more than l is looked for.
    pub fewest: u64,
    pub groups_below_l: u64,
}

/// Counts groups of rows that are alike in the quasi-identifiers. An empty cell is a value like any other.
///
/// # Errors
/// Columns that are not there, a table without rows, more groups than [`MAX_GROUPS`], those of the reader.
pub fn count(table: &Table, asked: Asked<'_>) -> Result<Groups, MeasureError> {
    let names = asked.quasi_identifiers.iter().chain(asked.sensitive);
    let positions: Vec<usize> = names.map(|name| table.position(name)).collect::<Result<_, _>>()?;
    if table.rows() == 0 {
        return Err(MeasureError::Empty);
    }
    let by_value = |(nth, position): (usize, &usize)| {
        let numbers = matches!(table.kind(*position), Kind::Numbers | Kind::NotFinite(_));
        numbers
            && match table.typing() {
                Typing::OfValues => true,
                // 05401 and 5401 may be two codes, so that they hide nobody; as sensitive values they are counted once.
                Typing::Untold => nth >= asked.quasi_identifiers.len(),
                // No number is a text there.
                Typing::OfColumns => false,
            }
    };
    let by_value: Vec<bool> = positions.iter().enumerate().map(by_value).collect();
    let some_by_value = by_value.contains(&true);
    let mut counting = Counting::new(asked.sensitive.len(), asked.l, MAX_GROUPS);
    table.plain_rows(&positions, &mut |row| {
        let numbers: Vec<Plain<'_>>;
        let mut row = row;
        if some_by_value {
            let pairs = row.iter().zip(&by_value);
            numbers = pairs.map(|(value, number)| if *number { as_number(*value) } else { *value }).collect();
            row = &numbers;
        }
        let (quasi, sensitive) = row.split_at(asked.quasi_identifiers.len());
        counting.add(quasi, sensitive)
    })?;
    Ok(counting.finish(asked.k))
}

/// A number that is written as a text, so that 5 and 5.0 are one.
fn as_number(value: Plain<'_>) -> Plain<'_> {
    let Plain::Text(bytes) = value else { return value };
    match std::str::from_utf8(bytes).ok().and_then(Number::parse) {
        Some(Number::Whole(number)) => Plain::Whole(number),
        Some(Number::Real(number)) if number.fract() == 0.0 && number.abs() < WHOLE => Plain::Whole(number as i128),
        Some(Number::Real(number)) => Plain::Real(number),
        None => Plain::Real(f64::NAN),
    }
}

/// Whether a cell tells nothing of a person: empty, no finite number, or the word for one.
fn tells_nothing(value: Plain<'_>) -> bool {
    match value {
        Plain::Null => true,
        Plain::Real(number) => !number.is_finite(),
        Plain::Text(text) => std::str::from_utf8(text).is_ok_and(|text| is_missing(Value::Text(text))),
        Plain::Whole(_) | Plain::Decimal(..) | Plain::Scaled(_) => false,
    }
}

struct Counting {
    l: u64,
    most: usize,
    places: HashMap<Key, u32>,
    /// Rows of each group, by its place.
    sizes: Vec<u32>,
    /// Different values of each group so far, by its place; one list for each sensitive column.
    different: Vec<Vec<u16>>,
    /// Values that were met in groups that have fewer than l.
    met: HashSet<Key>,
}

impl Counting {
    fn new(sensitive: usize, l: u64, most: usize) -> Self {
        Self {
            l,
            most,
            places: HashMap::new(),
            sizes: Vec::new(),
            different: vec![Vec::new(); sensitive],
            met: HashSet::new(),
        }
    }

    fn add(&mut self, quasi: &[Plain<'_>], sensitive: &[Plain<'_>]) -> Result<(), MeasureError> {
        let group = key(None, quasi);
        let place = match self.places.get(&group) {
            Some(place) => *place as usize,
            None => {
                let place = self.sizes.len();
                if place == self.most {
                    return Err(too_many("groups of rows that are alike"));
                }
                self.places.insert(group, place as u32);
                self.sizes.push(0);
                self.different.iter_mut().for_each(|column| column.push(0));
                place
            }
        };
        // A table has at most 50 million rows.
        self.sizes[place] += 1;
        for (nth, value) in sensitive.iter().enumerate() {
            let different = &mut self.different[nth][place];
            if tells_nothing(*value) || u64::from(*different) >= self.l {
                continue;
            }
            if self.met.insert(key(Some((nth, &group)), &[*value])) {
                *different += 1;
            }
            if self.met.len() > self.most {
                return Err(too_many("sensitive values in groups of rows that are alike"));
            }
        }
        Ok(())
    }

    fn finish(self, k: u64) -> Groups {
        let sizes = || self.sizes.iter().map(|size| u64::from(*size));
        let diversity = |column: &Vec<u16>| Diversity {
            fewest: column.iter().copied().min().map_or(0, u64::from),
            groups_below_l: column.iter().filter(|different| u64::from(**different) < self.l).count() as u64,
        };
        Groups {
            rows: sizes().sum(),
            groups: self.sizes.len() as u64,
            smallest: sizes().min().unwrap_or(0),
            rows_below_k: sizes().filter(|size| *size < k).sum(),
            diversity: self.different.iter().map(diversity).collect(),
        }
    }
}

fn too_many(what: &'static str) -> MeasureError {
    MeasureError::TooLarge { what, limit: MAX_GROUPS as u64 }
}

/// Of values one after the other, each with its kind and length: `a, bc` is not `ab, c`.
fn key(within: Option<(usize, &Key)>, values: &[Plain<'_>]) -> Key {
    let mut hasher = Sha256::new();
    if let Some((column, group)) = within {
        hasher.update((column as u64).to_le_bytes());
        hasher.update(group);
    }
    for value in values {
        match value {
            Plain::Null => hasher.update([0]),
            Plain::Text(text) => {
                hasher.update([1]);
                hasher.update((text.len() as u64).to_le_bytes());
                hasher.update(text);
            }
            Plain::Whole(number) | Plain::Scaled(number) | Plain::Decimal(number, _) => {
                hasher.update([2]);
                hasher.update(number.to_le_bytes());
            }
            Plain::Real(number) => {
                hasher.update([3]);
                // Both zeros are one value, and so is every NaN.
                let number = if number.is_nan() { f64::NAN } else { number + 0.0 };
                hasher.update(number.to_bits().to_le_bytes());
            }
        }
    }
    let digest = hasher.finalize();
    let mut key = Key::default();
    key.copy_from_slice(&digest[..16]);
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::table::tests::table_of;

    #[test]
    fn more_groups_or_values_than_are_held() {
        let mut counting = Counting::new(1, 5, 3);
        let mut add = |group: i128, value: i128| counting.add(&[Plain::Whole(group)], &[Plain::Whole(value)]);
        assert_eq!((add(1, 1), add(1, 2), add(1, 2), add(2, 1)), (Ok(()), Ok(()), Ok(()), Ok(())));
        assert!(matches!(add(2, 2), Err(MeasureError::TooLarge { .. })));
        let mut counting = Counting::new(0, 0, 2);
        let mut add = |group: i128| counting.add(&[Plain::Whole(group)], &[]);
        assert_eq!((add(1), add(2), add(1)), (Ok(()), Ok(()), Ok(())));
        assert!(matches!(add(3), Err(MeasureError::TooLarge { .. })));
    }

    #[test]
    fn nan_tells_nothing_of_a_person() {
        let mut counting = Counting::new(1, 2, 10);
        for value in [5.0, 5.0, f64::NAN, -f64::NAN] {
            counting.add(&[Plain::Whole(1)], &[Plain::Real(value)]).unwrap();
        }
        assert_eq!(counting.finish(2).diversity[0].fewest, 1);
    }

    /// However a format writes it, and as the contract says what is missing.
    #[test]
    fn a_number_is_one_value_and_no_number_is_none() {
        let of = |table: &str| {
            let (quasi, sensitive) = (["g".to_owned()], ["s".to_owned()]);
            let asked = Asked { quasi_identifiers: &quasi, sensitive: &sensitive, k: 1, l: 9 };
            let groups = count(&table_of(table.as_bytes()), asked).unwrap();
            (groups.groups, groups.diversity[0].fewest)
        };
        let json = |rows: &[(&str, &str)]| {
            let line = |(g, s): &(&str, &str)| format!("{{\"g\": {g}, \"s\": {s}}}\n");
            of(&rows.iter().map(line).collect::<String>())
        };
        let csv = |rows: &[&str]| of(&format!("g,s\n{}\n", rows.join("\n")));
        assert_eq!(json(&[("1", "5"), ("1", "5.0"), ("1.0", "50e-1"), ("1", "NaN"), ("1", "-Infinity")]), (1, 1));
        assert_eq!(json(&[("1", "0"), ("1", "-0.0"), ("1", "0.5"), ("1", "9007199254740993")]), (1, 3));
        assert_eq!(json(&[("1", "9007199254740993"), ("1", "9007199254740992"), ("2", "0")]), (2, 1));
        // Texts are what they are, but for the word for no number.
        assert_eq!(json(&[("\"1\"", "\"a\""), ("\"1\"", "\"NaN\""), ("\"1.0\"", "\"b\"")]), (2, 1));
        assert_eq!(csv(&["1,5", "1,5.0", "1,NaN", "1,inf", "1,"]), (1, 1));
        assert_eq!(csv(&["05401,5", "5401,6"]), (2, 1));
        assert_eq!(csv(&["1,a", "1,nan", "1,b"]), (1, 2));
    }

    #[test]
    fn values_are_told_apart() {
        let text = |text: &'static str| Plain::Text(text.as_bytes());
        assert_ne!(key(None, &[text("a"), text("bc")]), key(None, &[text("ab"), text("c")]));
        assert_ne!(key(None, &[Plain::Null, text("a")]), key(None, &[text("a"), Plain::Null]));
        // Neighbours that are one and the same double.
        let large = 1i128 << 60;
        assert_ne!(key(None, &[Plain::Whole(large)]), key(None, &[Plain::Whole(large + 1)]));
        assert_eq!(key(None, &[Plain::Real(0.0)]), key(None, &[Plain::Real(-0.0)]));
    }

    #[test]
    fn order_of_rows_does_not_matter() {
        let table = |rows: &[&str]| table_of(format!("a,b,s\n{}\n", rows.join("\n")).as_bytes());
        let rows = ["1,x,u", "1,x,v", "2,,u", "2,,u", "1,x,", "3,y,w"];
        let turned: Vec<&str> = rows.iter().rev().copied().collect();
        let (quasi, sensitive) = (["a".to_owned(), "b".to_owned()], ["s".to_owned()]);
        let asked = Asked { quasi_identifiers: &quasi, sensitive: &sensitive, k: 2, l: 2 };
        let groups = count(&table(&rows), asked).unwrap();
        assert_eq!(groups, count(&table(&turned), asked).unwrap());
        assert_eq!((groups.rows, groups.groups, groups.smallest, groups.rows_below_k), (6, 3, 1, 1));
        assert_eq!(groups.diversity, [Diversity { fewest: 1, groups_below_l: 2 }]);
    }
}
