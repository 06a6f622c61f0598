//! Reference against current, column by column: all methods that are asked of a column in one reading of it.
//! Definitions: `tests/truth/README.md`.

use super::chi_square::Contingency;
use super::numbers::Numbers;
use super::profile::Profile;
use super::rows::Selected;
use super::sums::Sum;
use super::table::{Column, Kind, Table, Take};
use super::texts::Texts;
use super::walk::{self, Scratch, Wanted, walk};
use super::{MeasureError, key, ks, shares};
use crate::policy::check::DriftMethod;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

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

/// What a method says about one column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer {
    pub statistic: f64,
    /// Only Kolmogorov–Smirnov and chi-square have one.
    pub p: Option<f64>,
    /// Both sides hold one and the same single value. The statistic is 0 then, and tells nothing.
    pub constant: bool,
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
    let chunk = reference.columns_at_once().min(current.columns_at_once()).max(1);
    let chunks: Vec<&[Ask]> = asks.chunks(chunk).collect();
    let answered: Mutex<BTreeMap<usize, Vec<Answers>>> = Mutex::default();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut worker = Worker::default();
        while let Some((at, asks)) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, chunks.get(at)?)))
        {
            let answers = worker.answer(reference, current, asks);
            if let Ok(mut answered) = answered.lock() {
                answered.insert(at, answers);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.min(chunks.len()) {
            scope.spawn(work);
        }
        work();
    });
    answered.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner).into_values().flatten().collect()
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

    fn kind(self, column: &str) -> Result<Kind, MeasureError> {
        match self {
            Source::Rows(table, _) => Ok(table.kind(table.position(column)?)),
            Source::Profile(profile) => profile.kind(column),
        }
    }

    fn read(self, wanted: &[(&str, Take)], spare: &mut Vec<Vec<u64>>) -> Result<Vec<Column>, MeasureError> {
        match self {
            Source::Rows(table, rows) => {
                let places: Vec<(usize, Take)> =
                    wanted.iter().map(|(name, take)| Ok((table.position(name)?, *take))).collect::<Result<_, _>>()?;
                table.read(&places, rows, spare)
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

    fn every_value(self, column: &str) -> bool {
        match self {
            Source::Rows(..) => true,
            Source::Profile(profile) => profile.every_value(column),
        }
    }
}

/// How both sides of a column are read, or why they cannot be compared.
fn common(reference: Kind, current: Kind, ask: &Ask) -> Result<Result<Take, NotComparable>, SideError> {
    let not_finite = |side, text| {
        let error = MeasureError::NotFinite { column: ask.column.clone(), text };
        Err(SideError { side, error })
    };
    match (reference, current) {
        (Kind::Unsupported(kind), _) | (_, Kind::Unsupported(kind)) => Ok(Err(NotComparable::UnsupportedType(kind))),
        (Kind::Text, Kind::Text) if ask.lengths => Ok(Ok(Take::Lengths)),
        (_, _) if ask.lengths => Ok(Err(NotComparable::NotText)),
        (Kind::Instants { zoned: one }, Kind::Instants { zoned: two }) if one == two => Ok(Ok(Take::Instants)),
        (Kind::Instants { .. }, _) | (_, Kind::Instants { .. }) => Ok(Err(NotComparable::DifferentTypes)),
        // Numbers only when both sides are; one word among them makes texts of both.
        (Kind::Text, _) | (_, Kind::Text) => Ok(Ok(Take::Texts)),
        (Kind::NotFinite(text), Kind::NotFinite(_) | Kind::Numbers) => not_finite(Side::Reference, text),
        (Kind::Numbers, Kind::NotFinite(text)) => not_finite(Side::Current, text),
        (Kind::Numbers, Kind::Numbers) => Ok(Ok(Take::Numbers)),
    }
}

/// What one thread uses again from column to column.
#[derive(Default)]
struct Worker {
    scratch: Scratch,
    spare: Vec<Vec<u64>>,
}

impl Worker {
    fn answer(&mut self, reference: Source<'_>, current: Source<'_>, asks: &[Ask]) -> Vec<Answers> {
        let in_reference = |error| SideError { side: Side::Reference, error };
        let in_current = |error| SideError { side: Side::Current, error };
        let plans: Vec<Result<Result<Take, NotComparable>, SideError>> = asks
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
                Ok(Ok(take)) => Some((ask.column.as_str(), *take)),
                Ok(Err(_)) | Err(_) => None,
            })
            .collect();
        let ones = reference.read(&wanted, &mut self.spare).map_err(in_reference);
        let twos = current.read(&wanted, &mut self.spare).map_err(in_current);
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
                Ok(take) => {
                    let sides = Sides { reference, current, ask, take, rows };
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
                        Column::Numbers { numbers: Numbers::Held(keys), .. } => Some(keys),
                        Column::Numbers { .. } | Column::Texts(_) => None,
                    }));
                    answers
                }
            })
            .collect()
    }
}

/// One column of both sides.
struct Sides<'a> {
    reference: Source<'a>,
    current: Source<'a>,
    ask: &'a Ask,
    take: Take,
    rows: (u64, u64),
}

impl Sides<'_> {
    fn of_numbers(&self, one: (&Numbers, u64), two: (&Numbers, u64), scratch: &mut Scratch) -> Answers {
        let nulls = (one.1, two.1);
        let (n, m) = (one.0.count(), two.0.count());
        let constant = |(numbers, nulls): (&Numbers, u64)| numbers.only_value().filter(|_| nulls == 0);
        let both_constant = constant(one).is_some() && constant(one) == constant(two);
        let asks = |methods: &[DriftMethod]| methods.iter().any(|method| self.ask.methods.contains(method));
        use DriftMethod as M;
        let wanted = Wanted {
            distance: asks(&[M::KolmogorovSmirnov]),
            area: asks(&[M::Wasserstein, M::NormalizedWasserstein]),
            bins: asks(&[M::Psi, M::JensenShannon, M::TotalVariation]),
            values: asks(&[M::ChiSquare, M::CramersV]).then_some(self.rows),
        };
        let again_one = |each: &mut dyn FnMut(&[u64])| self.reference.again(&self.ask.column, self.take, each);
        let again_two = |each: &mut dyn FnMut(&[u64])| self.current.again(&self.ask.column, self.take, each);
        let in_reference = |error| SideError { side: Side::Reference, error };
        let some = some_on_both_sides(n, m);
        let walked = match &some {
            Ok(()) if wanted != Wanted::default() => {
                let first = walk::Side { numbers: one.0, again: &again_one };
                let second = walk::Side { numbers: two.0, again: &again_two };
                walk(&first, &second, wanted, scratch).map_err(in_reference)?
            }
            Ok(()) | Err(_) => walk::Walked::default(),
        };
        let bins = || {
            if both_constant {
                return Err(NotComparable::OneValue);
            }
            if constant(one).is_some() {
                return Err(NotComparable::ConstantReference);
            }
            Ok([walked.bins.as_slice(), &[nulls]].concat())
        };
        let plain = |statistic: f64| match statistic.is_finite() {
            true => Ok(Answer { statistic, p: None, constant: both_constant }),
            false => Err(NotComparable::NotFinite),
        };
        // Instants are counted in microseconds and told in seconds.
        let unit = if self.take == Take::Instants { 1e-6 } else { 1.0 };
        let test = || {
            if !(self.reference.every_value(&self.ask.column) && self.current.every_value(&self.ask.column)) {
                return Err(NotComparable::NotInProfile);
            }
            let mut table = walked.values;
            table.add(nulls.0, nulls.1);
            table.test().ok_or(NotComparable::OneValue)
        };
        let mut answers = BTreeMap::new();
        for method in &self.ask.methods {
            let answer = match (method, &some) {
                (M::MissingShare, _) => Ok(share(missing_share(nulls, self.rows))),
                (_, Err(unlike)) => Err(unlike.clone()),
                (M::Psi, Ok(())) => bins().and_then(|bins| plain(shares::stability_index(&bins, self.rows))),
                (M::JensenShannon, Ok(())) => bins().and_then(|bins| plain(shares::jensen_shannon(&bins, self.rows))),
                (M::TotalVariation, Ok(())) => bins().and_then(|bins| plain(shares::total_variation(&bins, self.rows))),
                (M::KolmogorovSmirnov, Ok(())) => {
                    let statistic = walked.farthest as f64 / (n as f64 * m as f64);
                    Ok(Answer { statistic, p: Some(ks::probability(n, m, walked.farthest)), constant: both_constant })
                }
                (M::Wasserstein, Ok(())) => plain(walked.area(n, m) * unit),
                (M::NormalizedWasserstein, Ok(())) => {
                    if !self.reference.every_value(&self.ask.column) {
                        Err(NotComparable::NotInProfile)
                    } else {
                        let deviation = deviation(one.0, n, &again_one).map_err(in_reference)?;
                        match (both_constant, deviation > 0.0) {
                            (true, _) => Err(NotComparable::OneValue),
                            (false, false) => Err(NotComparable::ConstantReference),
                            (false, true) => plain(walked.area(n, m) / deviation),
                        }
                    }
                }
                (M::ChiSquare, Ok(())) => {
                    test().map(|test| Answer { statistic: test.statistic, p: Some(test.p), constant: false })
                }
                (M::CramersV, Ok(())) => test().and_then(|test| plain(test.v)),
                (M::NewCategoryShare, Ok(())) => Err(NotComparable::NotText),
            };
            answers.insert(*method, answer);
        }
        Ok(answers)
    }

    fn of_texts(&self, one: &Texts, two: &Texts) -> BTreeMap<DriftMethod, Result<Answer, NotComparable>> {
        let nulls = (one.nulls, two.nulls);
        let some = some_on_both_sides(one.count(), two.count());
        let bins = [one.both(two).as_slice(), &[nulls]].concat();
        let constant = nulls == (0, 0) && bins.len() == 2;
        let plain = |statistic: f64| Ok(Answer { statistic, p: None, constant });
        let test = || {
            let mut table = Contingency::new(self.rows);
            bins.iter().for_each(|(a, b)| table.add(*a, *b));
            table.test().ok_or(NotComparable::OneValue)
        };
        use DriftMethod as M;
        let answer = |method: DriftMethod| match (method, &some) {
            (M::MissingShare, _) => Ok(share(missing_share(nulls, self.rows))),
            (_, Err(unlike)) => Err(unlike.clone()),
            (M::Psi, Ok(())) => plain(shares::stability_index(&bins, self.rows)),
            (M::JensenShannon, Ok(())) => plain(shares::jensen_shannon(&bins, self.rows)),
            (M::TotalVariation, Ok(())) => plain(shares::total_variation(&bins, self.rows)),
            (M::ChiSquare, Ok(())) => {
                test().map(|test| Answer { statistic: test.statistic, p: Some(test.p), constant: false })
            }
            (M::CramersV, Ok(())) => test().and_then(|test| plain(test.v)),
            (M::NewCategoryShare, Ok(())) => {
                let new = two.sorted().into_iter().filter(|(text, _)| one.get(text) == 0).map(|(_, count)| count);
                Ok(share(new.sum::<u64>() as f64 / two.count() as f64))
            }
            (M::KolmogorovSmirnov | M::Wasserstein | M::NormalizedWasserstein, Ok(())) => {
                Err(NotComparable::NotNumeric)
            }
        };
        self.ask.methods.iter().map(|method| (*method, answer(*method))).collect()
    }
}

fn some_on_both_sides(reference: u64, current: u64) -> Result<(), NotComparable> {
    match (reference > 0, current > 0) {
        (true, true) => Ok(()),
        (false, false) => Err(NotComparable::Null),
        (false, true) => Err(NotComparable::NullReference),
        (true, false) => Err(NotComparable::NullCurrent),
    }
}

/// An answer that also a column of one value gives.
fn share(statistic: f64) -> Answer {
    Answer { statistic, p: None, constant: false }
}

/// How far the shares of empty cells are apart.
fn missing_share(nulls: (u64, u64), rows: (u64, u64)) -> f64 {
    let share = |nulls: u64, rows: u64| if rows == 0 { 0.0 } else { nulls as f64 / rows as f64 };
    (share(nulls.1, rows.1) - share(nulls.0, rows.0)).abs()
}

/// Standard deviation of all values (divided by their number, not one less), the same for every order of rows.
fn deviation(
    numbers: &Numbers,
    count: u64,
    again: &dyn Fn(&mut dyn FnMut(&[u64])) -> Result<(), MeasureError>,
) -> Result<f64, MeasureError> {
    let sum = |of: &dyn Fn(f64) -> f64| {
        let mut sum = Sum::default();
        let mut keys = |keys: &[u64]| keys.iter().for_each(|at| sum.add(of(key::value(*at)), 1));
        match numbers {
            Numbers::Counted(runs) => runs.iter().for_each(|(at, times)| sum.add(of(key::value(*at)), *times)),
            Numbers::Held(held) => keys(held),
            Numbers::Extent { .. } => again(&mut keys)?,
        }
        Ok::<f64, MeasureError>(sum.total())
    };
    let mean = sum(&|value| value)? / count as f64;
    let squares = sum(&|value| (value - mean).powi(2).min(f64::MAX))?;
    Ok((squares / count as f64).sqrt())
}
