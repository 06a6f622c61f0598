//! Reference against current, column by column: all methods that are asked of a column in one reading of it.
//! Definitions: `tests/truth/README.md`.

mod column;

use super::MeasureError;
use super::ks;
use super::numbers::Numbers;
use super::profile::Profile;
use super::rows::Selected;
use super::table::{Column, Kind, Table, Take};
use super::threads;
use super::walk::Scratch;
use crate::policy::check::DriftMethod;
use column::Sides;
use std::collections::{BTreeMap, BTreeSet};

/// One of the two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Reference,
    Current,
}

/// What went wrong, and with which side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SideError {
    pub side: Side,
    pub error: MeasureError,
}

/// With fewer values on a side, a measure that leaves empty cells out tells nothing.
const FEWEST_VALUES: u64 = 10;

/// What a method says about one column.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub statistic: f64,
    /// Only Kolmogorov–Smirnov and chi-square have one.
    pub chance: Option<Chance>,
    /// Why the number does not tell that the column is as it was, though it may tell that it is not: one and the same
    /// single value on both sides, few values, numbers on one side and texts on the other.
    pub doubt: Option<NotComparable>,
}

impl Answer {
    /// The p-value.
    pub fn p(&self) -> Option<f64> {
        self.chance.map(Chance::p)
    }
}

/// What the p-value follows from. To tell it may take longer than to compare the columns, and most gates do not ask.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Chance {
    Known(f64),
    /// Of two samples of `n` and `m` values that are `steps` / (n·m) apart.
    OfDistance {
        n: u64,
        m: u64,
        steps: u64,
    },
}

impl Chance {
    fn p(self) -> f64 {
        match self {
            Self::Known(p) => p,
            Self::OfDistance { n, m, steps } => ks::probability(n, m, steps),
        }
    }
}

/// Why a column cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotComparable {
    #[error("empty on both sides")]
    Null,
    #[error("empty in the reference")]
    NullReference,
    #[error("empty in the current rows")]
    NullCurrent,
    #[error("one single value in the reference")]
    ConstantReference,
    #[error("one single value")]
    OneValue,
    #[error("text")]
    NotNumeric,
    #[error("not text")]
    NotText,
    #[error("fewer than {FEWEST_VALUES} values")]
    FewValues,
    #[error("fewer than {FEWEST_VALUES} values on one side")]
    FewValuesOnOneSide,
    #[error("of different types")]
    DifferentTypes,
    #[error("of type {0}")]
    UnsupportedType(String),
    #[error("too long to tell a distance")]
    NotFinite,
    #[error("not every value is in the reference profile")]
    NotInProfile,
}

/// One column, and what to say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    pub column: String,
    /// Texts as their lengths in characters.
    pub lengths: bool,
    pub methods: BTreeSet<DriftMethod>,
}

/// Answers by method, and why there are none for a column that cannot be read.
pub type Answers = Result<BTreeMap<DriftMethod, Result<Answer, NotComparable>>, SideError>;

/// Where a side comes from.
#[derive(Clone, Copy)]
pub enum Source<'a> {
    /// A table, all rows or some.
    Rows(&'a Table, Option<&'a Selected>),
    Profile(&'a Profile),
}

/// Answers every ask, in the order of the asks, with so many threads at once. The answers do not depend on them.
pub fn compare(reference: Source<'_>, current: Source<'_>, asks: &[Ask], threads: usize) -> Vec<Answers> {
    // Places of the asks that are answered together.
    let (apart, together): (Vec<usize>, Vec<usize>) = (0..asks.len()).partition(|at| {
        asks.get(*at).is_some_and(|ask| reference.stands_apart(&ask.column) && current.stands_apart(&ask.column))
    });
    let chunk = reference.columns_at_once().min(current.columns_at_once());
    let chunks: Vec<&[usize]> = apart.chunks(1).chain(together.chunks(chunk)).collect();
    let answered = threads::each(chunks.iter(), threads, |worker: &mut Worker, places| {
        let some: Vec<&Ask> = places.iter().filter_map(|at| asks.get(*at)).collect();
        worker.answer(reference, current, &some)
    });
    let answered: BTreeMap<usize, Answers> =
        chunks.into_iter().flatten().copied().zip(answered.into_iter().flatten()).collect();
    answered.into_values().collect()
}

impl<'a> Source<'a> {
    fn rows(self) -> u64 {
        match self {
            Source::Rows(table, rows) => rows.map_or(table.rows(), Selected::count),
            Source::Profile(profile) => profile.rows(),
        }
    }

    /// Names in the order of the source.
    pub fn columns(self) -> Vec<&'a str> {
        match self {
            Source::Rows(table, _) => table.columns().iter().map(String::as_str).collect(),
            Source::Profile(profile) => profile.columns().collect(),
        }
    }

    fn columns_at_once(self) -> usize {
        match self {
            Source::Rows(table, _) => table.columns_at_once(),
            Source::Profile(_) => usize::MAX,
        }
    }

    /// Whether a column is read without the others. One that is not there is told of when it is read.
    fn stands_apart(self, column: &str) -> bool {
        match self {
            Source::Rows(table, _) => table.position(column).map_or(true, |position| table.stands_apart(position)),
            Source::Profile(_) => true,
        }
    }

    fn kind(self, column: &str) -> Result<Kind, MeasureError> {
        match self {
            Source::Rows(table, _) => Ok(table.kind(table.position(column)?)),
            Source::Profile(profile) => profile.kind(column),
        }
    }

    /// `others` are the same columns of the other side, if they were read before.
    fn read(
        self,
        wanted: &[(&str, Take)],
        spare: &mut Vec<Vec<u64>>,
        others: &[Column],
    ) -> Result<Vec<Column>, MeasureError> {
        match self {
            Source::Rows(table, rows) => {
                let places: Vec<(usize, Take)> =
                    wanted.iter().map(|(name, take)| Ok((table.position(name)?, *take))).collect::<Result<_, _>>()?;
                table.read_beside(&places, rows, spare, others)
            }
            Source::Profile(profile) => wanted.iter().map(|(name, take)| profile.read(name, *take)).collect(),
        }
    }

    fn again(self, column: &str, take: Take, each: &mut dyn FnMut(&[u64])) -> Result<(), MeasureError> {
        match self {
            Source::Rows(table, rows) => table.again((table.position(column)?, take), rows, each),
            // A profile's numbers are always counted.
            Source::Profile(_) => Ok(()),
        }
    }

    /// The numbers as far down as they can be, of a profile that does not tell where all of them are.
    fn lowest(self, column: &str) -> Option<Numbers> {
        match self {
            Source::Rows(..) => None,
            Source::Profile(profile) => profile.lowest(column),
        }
    }

    fn every_value(self, column: &str) -> bool {
        match self {
            Source::Rows(..) => true,
            Source::Profile(profile) => profile.every_value(column),
        }
    }
}

/// How both sides of a column are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Plan {
    take: Take,
    types_differ: bool,
}

/// How both sides of a column are read, or why they cannot be compared.
fn common(reference: Kind, current: Kind, ask: &Ask) -> Result<Result<Plan, NotComparable>, SideError> {
    let not_finite = |side, text| {
        let error = MeasureError::NotFinite { column: ask.column.clone(), text };
        Err(SideError { side, error })
    };
    let alike = |take| Ok(Ok(Plan { take, types_differ: false }));
    match (reference, current) {
        (Kind::NotFinite(text), _) => not_finite(Side::Reference, text),
        (_, Kind::NotFinite(text)) => not_finite(Side::Current, text),
        (Kind::Unsupported(one), Kind::Unsupported(two)) if one == two => Ok(Err(NotComparable::UnsupportedType(one))),
        (Kind::Unsupported(_), _) | (_, Kind::Unsupported(_)) => Ok(Err(NotComparable::DifferentTypes)),
        (Kind::Text, Kind::Text) if ask.lengths => alike(Take::Lengths),
        (_, _) if ask.lengths => Ok(Err(NotComparable::NotText)),
        (Kind::Instants { zoned: one }, Kind::Instants { zoned: two }) if one == two => alike(Take::Instants),
        (Kind::Instants { .. }, _) | (_, Kind::Instants { .. }) => Ok(Err(NotComparable::DifferentTypes)),
        (Kind::Numbers, Kind::Numbers) => alike(Take::Numbers),
        (Kind::Text, Kind::Text) => alike(Take::Texts),
        // One word among them makes texts of both. A side without any value counts as numbers too.
        (Kind::Text, Kind::Numbers) | (Kind::Numbers, Kind::Text) => {
            Ok(Ok(Plan { take: Take::Texts, types_differ: true }))
        }
    }
}

/// What one thread uses again from column to column.
#[derive(Default)]
struct Worker {
    scratch: Scratch,
    spare: Vec<Vec<u64>>,
}

impl Worker {
    fn answer(&mut self, reference: Source<'_>, current: Source<'_>, asks: &[&Ask]) -> Vec<Answers> {
        let in_reference = |error| SideError { side: Side::Reference, error };
        let in_current = |error| SideError { side: Side::Current, error };
        let plans: Vec<Result<Result<Plan, NotComparable>, SideError>> = asks
            .iter()
            .map(|ask| {
                let one = reference.kind(&ask.column).map_err(in_reference)?;
                let two = current.kind(&ask.column).map_err(in_current)?;
                common(one, two, ask)
            })
            .collect();
        let wanted: Vec<(&str, Take)> = asks
            .iter()
            .zip(&plans)
            .filter_map(|(ask, plan)| match plan {
                Ok(Ok(plan)) => Some((ask.column.as_str(), plan.take)),
                Ok(Err(_)) | Err(_) => None,
            })
            .collect();
        let ones = reference.read(&wanted, &mut self.spare, &[]).map_err(in_reference);
        let others = ones.as_deref().unwrap_or_default();
        let twos = current.read(&wanted, &mut self.spare, others).map_err(in_current);
        let (ones, twos) = match (ones, twos) {
            (Ok(ones), Ok(twos)) => (ones, twos),
            // One broken cell must not hide the other columns that were read with it.
            (Err(_), _) | (_, Err(_)) if asks.len() > 1 => {
                return asks
                    .iter()
                    .flat_map(|ask| self.answer(reference, current, std::slice::from_ref(ask)))
                    .collect();
            }
            (Err(error), _) | (_, Err(error)) => {
                return plans.into_iter().map(|plan| Err(plan.err().unwrap_or_else(|| error.clone()))).collect();
            }
        };
        let mut columns = ones.into_iter().zip(twos);
        let rows = (reference.rows(), current.rows());
        asks.iter()
            .zip(plans)
            .map(|(ask, plan)| match plan? {
                Err(unlike) => Ok(ask.methods.iter().map(|method| (*method, Err(unlike.clone()))).collect()),
                Ok(plan) => {
                    let sides = Sides { reference, current, ask, plan, rows };
                    let (Some((one, two)), scratch) = (columns.next(), &mut self.scratch) else {
                        return Ok(BTreeMap::new());
                    };
                    let answers = match (&one, &two) {
                        (
                            Column::Numbers { numbers: a, nulls: none_a },
                            Column::Numbers { numbers: b, nulls: none_b },
                        ) => sides.of_numbers((a, *none_a), (b, *none_b), scratch),
                        (Column::Texts(a), Column::Texts(b)) => Ok(sides.of_texts(a, b)),
                        (Column::Numbers { .. }, Column::Texts(_)) | (Column::Texts(_), Column::Numbers { .. }) => {
                            Ok(ask.methods.iter().map(|method| (*method, Err(NotComparable::DifferentTypes))).collect())
                        }
                    };
                    self.spare.extend([one, two].into_iter().filter_map(|column| match column {
                        Column::Numbers { numbers: Numbers::Held { keys, .. }, .. } => Some(keys),
                        Column::Numbers { .. } | Column::Texts(_) => None,
                    }));
                    answers
                }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::table::tests::table_of;

    #[test]
    fn types() {
        let ask = Ask { column: "x".into(), lengths: false, methods: BTreeSet::new() };
        let list = || Kind::Unsupported("list".into());
        let different = || Some(NotComparable::DifferentTypes);
        for (one, two, unlike) in [
            (list(), list(), Some(NotComparable::UnsupportedType("list".into()))),
            (list(), Kind::Unsupported("bytes".into()), different()),
            (list(), Kind::Numbers, different()),
            (Kind::Text, list(), different()),
            (Kind::Numbers, Kind::Instants { zoned: false }, different()),
            (Kind::Instants { zoned: true }, Kind::Instants { zoned: false }, different()),
            (Kind::Text, Kind::Text, None),
        ] {
            assert_eq!(common(one, two, &ask).unwrap().err(), unlike);
        }
        let nan = || Kind::NotFinite("NaN".into());
        assert_eq!(common(Kind::Text, nan(), &ask).unwrap_err().side, Side::Current);
        assert_eq!(common(nan(), list(), &ask).unwrap_err().side, Side::Reference);
    }

    /// Several threads read one file at a time, column by column and in parts.
    #[test]
    fn threads_do_not_change_the_answers() {
        let columns = 300;
        let text = |shift: usize| {
            let header: Vec<String> = (0..columns).map(|c| format!("c{c}")).collect();
            let line = |row: usize| {
                (0..columns).map(|c| ((row * 31 + c * 7 + shift) % 97).to_string()).collect::<Vec<_>>().join(",")
            };
            let lines: Vec<String> = (0..1000).map(line).collect();
            format!("{}\n{}\n", header.join(","), lines.join("\n"))
        };
        let (reference, current) = (table_of(text(0).as_bytes()), table_of(text(5).as_bytes()));
        let methods: BTreeSet<DriftMethod> =
            [DriftMethod::Psi, DriftMethod::Wasserstein, DriftMethod::ChiSquare].into();
        let asks: Vec<Ask> = reference
            .columns()
            .iter()
            .map(|column| Ask { column: column.clone(), lengths: false, methods: methods.clone() })
            .collect();
        let answers = |threads| compare(Source::Rows(&reference, None), Source::Rows(&current, None), &asks, threads);
        let alone = answers(1);
        assert!(alone.iter().all(Result::is_ok));
        for _ in 0..2 {
            assert_eq!(answers(4), alone);
        }
    }
}
