//! A reference that was measured once and kept: what a later comparison needs of every column, without its rows.

use super::MeasureError;
use super::key::{self, Run};
use super::numbers::{Collector, Numbers};
use super::table::{Column, Kind, MAX_COLUMNS, MAX_ROWS, Table, Take};
use super::texts::Texts;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

pub const SCHEMA: &str = "modelgate.dev/profile/v1";
/// The schema without its version.
const NAME: &str = "modelgate.dev/profile/";
/// Different numbers of a column that are all kept. Of more, every 2000th part is.
const EVERY_VALUE: usize = 2000;
/// Ends of equal parts that are kept of a column with more numbers; a multiple of ten, so that tenths are among them.
const PARTS: u64 = 2000;
/// Points of one column that are read; the lowest number is kept beside the ends of the parts.
const MAX_POINTS: usize = PARTS as usize + 1;
/// Bytes of a whole profile.
pub const MAX_BYTES: usize = 64 << 20;

/// JSON, version 1. Columns in the order of the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Profile {
    schema: String,
    rows: u64,
    columns: Vec<Kept>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Kept {
    name: String,
    nulls: u64,
    values: Values,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
enum Values {
    Numbers(Points),
    Instants(Points),
    Texts(Vec<(String, u64)>),
    Unsupported(String),
}

/// Numbers in ascending order.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Points {
    /// Only of instants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    zoned: Option<bool>,
    /// Whether every value of the column is among the points. If not, `below` lie between a point and the one before.
    every_value: bool,
    /// (value, how many lie strictly between the point before and this one, how many are this value)
    points: Vec<(f64, u32, u32)>,
}

impl Profile {
    /// Measures every column of a table.
    ///
    /// # Errors
    /// Those of reading; a profile of more than [`MAX_BYTES`].
    pub fn of(table: &Table) -> Result<Self, MeasureError> {
        if table.rows() == 0 {
            return Err(MeasureError::Empty);
        }
        let mut columns = Vec::with_capacity(table.columns().len());
        let mut bytes = 0;
        let mut spare = Vec::new();
        for (position, name) in table.columns().iter().enumerate() {
            let kept = keep(table, position, name, &mut spare)?;
            bytes += kept.bytes();
            if bytes > MAX_BYTES {
                return Err(MeasureError::TooLarge { what: "bytes in its profile", limit: MAX_BYTES as u64 });
            }
            columns.push(kept);
        }
        Ok(Self { schema: SCHEMA.to_owned(), rows: table.rows(), columns })
    }

    /// Whether a document is a profile, told from its first and its last bytes: an object that names the schema there. A
    /// table of JSON lines begins with a brace, too.
    pub fn is_one(start: &[u8], end: &[u8]) -> bool {
        let named = |bytes: &[u8]| bytes.windows(NAME.len()).any(|some| some == NAME.as_bytes());
        let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
        start.trim_ascii_start().starts_with(b"{") && (named(start) || named(end))
    }

    /// # Errors
    /// Not JSON, another schema, points out of order, counts that do not add up to the rows.
    pub fn parse(bytes: &[u8]) -> Result<Self, MeasureError> {
        let unreadable = |why: String| MeasureError::Unreadable { format: "a reference profile", why };
        if bytes.len() > MAX_BYTES {
            return Err(MeasureError::TooLarge { what: "bytes in its profile", limit: MAX_BYTES as u64 });
        }
        let profile: Self = serde_json::from_slice(bytes).map_err(|error| unreadable(error.to_string()))?;
        if profile.schema != SCHEMA {
            return Err(unreadable(format!("its schema is {:?}, asked {SCHEMA}", profile.schema)));
        }
        if profile.rows == 0 {
            return Err(MeasureError::Empty);
        }
        if profile.rows > MAX_ROWS {
            return Err(MeasureError::TooLarge { what: "rows", limit: MAX_ROWS });
        }
        if profile.columns.len() > MAX_COLUMNS {
            return Err(MeasureError::TooLarge { what: "columns", limit: MAX_COLUMNS as u64 });
        }
        let mut names = BTreeSet::new();
        for (at, kept) in profile.columns.iter().enumerate() {
            let pointer = format!("/columns/{at}");
            if !names.insert(kept.name.as_str()) {
                return Err(unreadable(format!("{pointer}/name stands twice")));
            }
            let counted = match &kept.values {
                Values::Numbers(points) | Values::Instants(points) => {
                    if points.points.len() > MAX_POINTS {
                        return Err(MeasureError::TooLarge { what: "points of one column", limit: MAX_POINTS as u64 });
                    }
                    if points.points.iter().any(|(_, _, at)| *at == 0) {
                        return Err(unreadable(format!("{pointer} counts a number that is not there")));
                    }
                    if let Some(wrong) = points.wrong(matches!(kept.values, Values::Instants(_))) {
                        return Err(unreadable(format!("{pointer} {wrong}")));
                    }
                    Some(points.points.iter().map(|(_, below, at)| u64::from(*below) + u64::from(*at)).sum::<u64>())
                }
                Values::Texts(texts) if texts.iter().any(|(_, count)| *count == 0) => {
                    return Err(unreadable(format!("{pointer} counts a text that is not there")));
                }
                Values::Texts(texts) => Some(texts.iter().fold(0u64, |sum, (_, count)| sum.saturating_add(*count))),
                Values::Unsupported(_) => None,
            };
            if counted.is_some_and(|counted| counted.saturating_add(kept.nulls) != profile.rows) {
                return Err(unreadable(format!("{pointer} does not count {} rows", profile.rows)));
            }
        }
        Ok(profile)
    }

    /// As JSON text.
    ///
    /// # Errors
    /// None that a measured profile has.
    pub fn write(&self) -> Result<Vec<u8>, MeasureError> {
        serde_json::to_vec(self)
            .map_err(|error| MeasureError::Unreadable { format: "a profile", why: error.to_string() })
    }

    pub fn rows(&self) -> u64 {
        self.rows
    }

    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|kept| kept.name.as_str())
    }

    fn column(&self, name: &str) -> Result<&Kept, MeasureError> {
        self.columns.iter().find(|kept| kept.name == name).ok_or_else(|| {
            let names: Vec<String> = self.columns().map(str::to_owned).collect();
            MeasureError::column_missing(name, &names)
        })
    }

    pub fn kind(&self, name: &str) -> Result<Kind, MeasureError> {
        Ok(match &self.column(name)?.values {
            Values::Numbers(_) => Kind::Numbers,
            Values::Instants(points) => Kind::Instants { zoned: points.zoned == Some(true) },
            Values::Texts(_) => Kind::Text,
            Values::Unsupported(kind) => Kind::Unsupported(kind.clone()),
        })
    }

    /// Whether nothing of this column was left out.
    pub fn every_value(&self, name: &str) -> bool {
        self.column(name).is_ok_and(|kept| match &kept.values {
            Values::Numbers(points) | Values::Instants(points) => points.every_value,
            Values::Texts(_) => true,
            Values::Unsupported(_) => false,
        })
    }

    /// The numbers of a column of which not all are kept, as far down as they can be; [`Profile::read`] gives them as far
    /// up.
    pub fn lowest(&self, name: &str) -> Option<Numbers> {
        let kept = self.column(name).ok()?;
        let (Values::Numbers(points) | Values::Instants(points)) = &kept.values else { return None };
        if points.every_value {
            return None;
        }
        let mut before = 0;
        let runs = points.points.iter().flat_map(|(value, below, at)| {
            let next = before + 1;
            before = key::key(value + 0.0);
            [(next, *below), (before, *at)]
        });
        Some(Numbers::Counted(runs.filter(|run| run.1 > 0).collect()))
    }

    /// A column as a table would give it.
    ///
    /// # Errors
    /// No such column, or numbers that are asked for as texts and not all kept.
    pub fn read(&self, name: &str, take: Take) -> Result<Column, MeasureError> {
        let kept = self.column(name)?;
        let unsupported = |kind: &str| MeasureError::UnsupportedType { column: name.to_owned(), kind: kind.to_owned() };
        match (&kept.values, take) {
            (Values::Numbers(points) | Values::Instants(points), Take::Numbers | Take::Instants) => {
                let runs = points.points.iter().flat_map(|(value, below, at)| {
                    let key = key::key(value + 0.0);
                    [(key - 1, *below), (key, *at)]
                });
                let numbers = Numbers::Counted(runs.filter(|run| run.1 > 0).collect());
                Ok(Column::Numbers { numbers, nulls: kept.nulls })
            }
            (Values::Numbers(points), Take::Texts) if points.every_value => {
                let mut texts = Texts::with_nulls(kept.nulls);
                points.points.iter().try_for_each(|(value, _, at)| texts.add(&value.to_string(), u64::from(*at)))?;
                Ok(Column::Texts(texts))
            }
            (Values::Texts(counts), Take::Texts) => {
                let mut texts = Texts::with_nulls(kept.nulls);
                counts.iter().try_for_each(|(text, count)| texts.add(text, *count))?;
                Ok(Column::Texts(texts))
            }
            (Values::Texts(counts), Take::Lengths) => {
                let mut collector = Collector::new(self.rows, Vec::new());
                collector.nulls = kept.nulls;
                for (text, count) in counts {
                    match text.is_empty() {
                        true => collector.nulls += count,
                        false => collector.add(text.chars().count() as f64, *count, name)?,
                    }
                }
                let (numbers, nulls) = collector.finish();
                Ok(Column::Numbers { numbers, nulls })
            }
            (Values::Numbers(_) | Values::Instants(_), Take::Texts | Take::Lengths) => {
                Err(unsupported("number, of which the profile keeps not every value"))
            }
            (Values::Texts(_), Take::Numbers | Take::Instants) => Err(unsupported("text")),
            (Values::Unsupported(kind), _) => Err(unsupported(kind)),
        }
    }
}

impl Points {
    /// What makes these points none of a column, if anything does.
    fn wrong(&self, instants: bool) -> Option<&'static str> {
        let ordered = self.points.windows(2).all(|pair| pair[0].0 < pair[1].0);
        if !ordered || !self.points.iter().all(|point| point.0.is_finite()) {
            return Some("is not in order");
        }
        if self.zoned.is_some() != instants {
            return Some("has zoned, or has it not, against its kind");
        }
        // The others lie between two points, where there is room for a number.
        let nowhere = self.points.iter().enumerate().any(|(at, (value, below, _))| {
            let before = at.checked_sub(1).and_then(|before| self.points.get(before));
            let room = before.is_some_and(|before| key::key(before.0 + 0.0) + 1 < key::key(value + 0.0));
            *below > 0 && (self.every_value || !room)
        });
        nowhere.then_some("counts numbers where none can be")
    }
}

impl Kept {
    /// About how many bytes of JSON.
    fn bytes(&self) -> usize {
        self.name.len()
            + 64
            + match &self.values {
                Values::Numbers(points) | Values::Instants(points) => points.points.len() * 40,
                Values::Texts(texts) => texts.iter().map(|(text, _)| text.len() + 16).sum(),
                Values::Unsupported(kind) => kind.len(),
            }
    }
}

fn keep(table: &Table, position: usize, name: &str, spare: &mut Vec<Vec<u64>>) -> Result<Kept, MeasureError> {
    let kind = table.kind(position);
    let take = match &kind {
        Kind::Numbers => Take::Numbers,
        Kind::Instants { .. } => Take::Instants,
        Kind::Text => Take::Texts,
        Kind::NotFinite(text) => {
            return Err(MeasureError::NotFinite { column: name.to_owned(), text: text.clone() });
        }
        Kind::Unsupported(kind) => {
            return Ok(Kept { name: name.to_owned(), nulls: 0, values: Values::Unsupported(kind.clone()) });
        }
    };
    let mut column = table.read(&[(position, take)], None, spare)?;
    let (values, nulls) = match (column.pop(), kind) {
        (Some(Column::Texts(texts)), _) => {
            let counts = texts.sorted().into_iter().map(|(text, count)| (text.to_owned(), count)).collect();
            (Values::Texts(counts), texts.nulls)
        }
        (Some(Column::Numbers { numbers, nulls }), Kind::Instants { zoned }) => {
            let points = points(&sorted(table, (position, take), numbers)?);
            (Values::Instants(Points { zoned: Some(zoned), ..points }), nulls)
        }
        (Some(Column::Numbers { numbers, nulls }), _) => {
            (Values::Numbers(points(&sorted(table, (position, take), numbers)?)), nulls)
        }
        (None, _) => (Values::Unsupported("nothing".to_owned()), 0),
    };
    Ok(Kept { name: name.to_owned(), nulls, values })
}

/// Every number in order. A profile is made once, so it holds the column that it is at.
fn sorted(table: &Table, place: (usize, Take), numbers: Numbers) -> Result<Vec<Run>, MeasureError> {
    let mut keys = match numbers {
        Numbers::Counted(runs) => return Ok(runs),
        Numbers::Held { keys, .. } => keys,
        Numbers::Extent { count, .. } => {
            let mut keys = Vec::with_capacity(count as usize);
            table.again(place, None, &mut |some| keys.extend_from_slice(some))?;
            keys
        }
    };
    key::sort(&mut keys, &mut Vec::new());
    Ok(key::merge(Vec::new(), &keys))
}

fn points(runs: &[Run]) -> Points {
    let count: u64 = runs.iter().map(|run| u64::from(run.1)).sum();
    let every_value = runs.len() <= EVERY_VALUE;
    let mut points = Vec::with_capacity(runs.len().min(PARTS as usize + 1));
    let (mut reached, mut below, mut part) = (0, 0, 1);
    for (at, (key, times)) in runs.iter().enumerate() {
        reached += u64::from(*times);
        // The lowest is kept too, so that nothing lies below the first point.
        if every_value || at == 0 || reached >= (part * count).div_ceil(PARTS) {
            points.push((key::value(*key), below, *times));
            below = 0;
            while part < PARTS && reached >= (part * count).div_ceil(PARTS) {
                part += 1;
            }
        } else {
            below += times;
        }
    }
    Points { zoned: None, every_value, points }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::table::tests::table_of;

    #[test]
    fn what_is_kept_reads_back_as_it_was() {
        let lines: String =
            (0..3000).map(|i| format!("{:?},w{}\n", 31.245270191439438 * f64::from(i), i % 7)).collect();
        let profile = Profile::of(&table_of(format!("a,b\n{lines}").as_bytes())).unwrap();
        assert!(Profile::parse(&profile.write().unwrap()).unwrap() == profile);
    }

    #[test]
    fn a_profile_is_told_from_lines() {
        let profile = format!("{{\n \"schema\": {SCHEMA:?}, \"rows\": 2}}");
        let line = b"{\"schema\": \"public\", \"rows\": 2}\n";
        assert!(Profile::is_one(profile.as_bytes(), b"") && Profile::is_one(b"{\"columns\": [", profile.as_bytes()));
        assert!(!Profile::is_one(line, line) && !Profile::is_one(SCHEMA.as_bytes(), b"") && !Profile::is_one(b"", b""));
    }

    #[test]
    fn nothing_that_is_not_there_is_counted() {
        let profile = |values: &str| {
            let text = format!(
                r#"{{"schema": "{SCHEMA}", "rows": 2, "columns": [{{"name": "x", "nulls": 0, "values": {values}}}]}}"#
            );
            Profile::parse(text.as_bytes()).map(|_| ()).map_err(|error| error.to_string())
        };
        assert_eq!(profile(r#"{"texts": [["a", 2]]}"#), Ok(()));
        assert_eq!(profile(r#"{"numbers": {"everyValue": true, "points": [[1.0, 0, 2]]}}"#), Ok(()));
        for values in [
            r#"{"texts": [["a", 2], ["b", 0]]}"#,
            r#"{"numbers": {"everyValue": true, "points": [[1.0, 0, 2], [2.0, 0, 0]]}}"#,
        ] {
            assert!(profile(values).unwrap_err().contains("that is not there"));
        }
    }
}
