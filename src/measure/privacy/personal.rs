//! Personal data by column: in how many cells each detector finds something. No value leaves this module.

use super::detect::{Axis, Hits, is_degrees, is_plain_phone, scan, separators};
use super::names;
use crate::measure::MeasureError;
use crate::measure::Table;
use crate::measure::plain_cells::Plain;
use crate::measure::table::Typing;
use crate::measure::threads;
use crate::policy::check::Detector;
use std::io::Write;

const DETECTORS: usize = Detector::ALL.len();

/// Numbers up to here are whole doubles.
const WHOLE: f64 = 9_007_199_254_740_992.0;

/// Numbers below it are too short for anything that is looked for, unless their column is called so.
const SHORT: u32 = 10_000_000;

/// What was found in one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub column: String,
    /// Cells that are not empty.
    pub cells: u64,
    /// How many of them hold what each detector looks for; 0 left out.
    pub by_detector: Vec<(Detector, u64)>,
}

/// Looks at every cell of these columns: on so many threads where columns stand apart, else in one pass over the table.
///
/// # Errors
/// Those of the reader; lists and structures cannot be looked at.
pub fn find(table: &Table, positions: &[usize], threads: usize) -> Result<Vec<Found>, MeasureError> {
    let axes = |axis| table.columns().iter().any(|name| names::axis(name) == Some(axis));
    let places = axes(Axis::Latitude) && axes(Axis::Longitude);
    let mut columns: Vec<Looked> =
        positions.iter().map(|position| Looked::new(&table.columns()[*position], places)).collect();
    if table.typing() == Typing::OfColumns {
        let read = threads::each(columns.iter_mut().zip(positions), threads, |(), (column, position)| {
            table.plain_values(&[*position], &mut |_, value, rows| {
                column.see(value, rows);
                Ok(())
            })
        });
        read.into_iter().collect::<Result<(), _>>()?;
    } else {
        table.plain_values(positions, &mut |at, value, rows| {
            columns[at].see(value, rows);
            Ok(())
        })?;
    }
    Ok(columns.into_iter().map(Looked::found).collect())
}

/// Cells of one column by what they hold, by detector.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    certain: u64,
    passed: u64,
    failed: u64,
}

/// A column that is being looked at, with what its name says of it.
pub struct Looked {
    name: String,
    people: bool,
    version: bool,
    phone: bool,
    axis: Option<Axis>,
    said: [bool; DETECTORS],
    /// Whether the name says any of these.
    named: bool,
    cells: u64,
    counts: [Counts; DETECTORS],
}

impl Looked {
    /// `places`: the table has a column of latitudes and one of longitudes.
    pub fn new(name: &str, places: bool) -> Self {
        let (people, phone) = (names::is_people(name), names::is_phone(name));
        let axis = names::axis(name).filter(|_| places);
        let said = std::array::from_fn(|at| names::says(name, Detector::ALL[at]));
        Self {
            name: name.to_owned(),
            people,
            version: names::is_version(name),
            phone,
            axis,
            said,
            named: people || phone || axis.is_some() || said.contains(&true),
            cells: 0,
            counts: [Counts::default(); DETECTORS],
        }
    }

    pub fn see(&mut self, value: Plain<'_>, rows: u64) {
        match value {
            Plain::Null => {}
            _ if !self.named && is_short(value) => self.cells += rows,
            Plain::Text(text) => self.see_text(without_fraction(text), rows),
            Plain::Whole(number) => self.see_number(format_args!("{number}"), rows),
            // As it is written, and a whole one without a point.
            Plain::Real(number) if number.fract() == 0.0 && number.abs() <= WHOLE => {
                self.see_number(format_args!("{}", number as i64), rows);
            }
            Plain::Real(number) => self.see_number(format_args!("{number}"), rows),
            Plain::Decimal(unscaled, scale) => self.see_text(written(unscaled, scale).as_bytes(), rows),
            Plain::Scaled(_) => self.cells += rows,
        }
    }

    fn see_number(&mut self, number: std::fmt::Arguments<'_>, rows: u64) {
        let mut text = [0u8; 400];
        let mut rest = &mut text[..];
        // The longest double has 330 characters.
        let written = rest.write_fmt(number).is_ok();
        let free = rest.len();
        let length = text.len() - free;
        self.see_text(if written { &text[..length] } else { b"" }, rows);
    }

    fn see_text(&mut self, text: &[u8], rows: u64) {
        self.cells += rows;
        let mut hits = scan(text);
        if self.named {
            self.see_by_name(text, &mut hits);
            if let Some(plain) = separators::plain(text) {
                self.see_by_name(&plain, &mut hits);
            }
        }
        if hits.is_empty() {
            return;
        }
        for (detector, counts) in Detector::ALL.iter().zip(&mut self.counts) {
            if hits.certain.has(*detector) {
                let version = *detector == Detector::IpAddress && self.version;
                counts.certain += if version { 0 } else { rows };
            } else if hits.passed.has(*detector) {
                counts.passed += rows;
            } else if hits.failed.has(*detector) {
                counts.failed += rows;
            }
        }
    }

    /// What counts only because the column is called as it is.
    fn see_by_name(&self, text: &[u8], hits: &mut Hits) {
        if self.people && std::str::from_utf8(text).is_ok_and(names::is_like_a_name) {
            hits.certain.add(Detector::PersonName);
        }
        if self.phone && is_plain_phone(text.trim_ascii()) {
            hits.certain.add(Detector::Phone);
        }
        if self.axis.is_some_and(|axis| is_degrees(text, axis)) {
            hits.certain.add(Detector::Coordinates);
        }
        for (detector, said) in Detector::ALL.iter().zip(self.said) {
            if said && super::detect::is_national(*detector, text.trim_ascii()) {
                hits.certain.add(*detector);
            }
        }
    }

    /// Plain digits that a test of one digit lets pass count when the column is called so, or when at least as many pass
    /// as fail: by chance it is one in ten.
    pub fn found(self) -> Found {
        let by_detector =
            Detector::ALL.iter().zip(&self.counts).zip(self.said).filter_map(|((detector, counts), said)| {
                let passed = if said || counts.passed >= counts.failed { counts.passed } else { 0 };
                let count = counts.certain + passed;
                (count > 0).then_some((*detector, count))
            });
        Found { by_detector: by_detector.collect(), cells: self.cells, column: self.name }
    }
}

/// Whether it is a number of few digits before its point, however many stand behind it.
fn is_short(value: Plain<'_>) -> bool {
    match value {
        Plain::Whole(number) => number.unsigned_abs() < u128::from(SHORT),
        Plain::Real(number) => number.abs() < f64::from(SHORT),
        Plain::Decimal(unscaled, scale) => scale >= 0 && unscaled.unsigned_abs() < u128::from(SHORT),
        Plain::Null | Plain::Text(_) | Plain::Scaled(_) => false,
    }
}

/// A decimal as it would be written, a whole one without a point.
pub(super) fn written(unscaled: i128, scale: i8) -> String {
    let behind = usize::from(scale.max(0).unsigned_abs());
    let zeros = if scale < 0 && unscaled != 0 { usize::from(scale.unsigned_abs()) } else { 0 };
    let digits = format!("{:0>width$}{:0<zeros$}", unscaled.unsigned_abs(), "", width = behind + 1);
    let (whole, part) = digits.split_at(digits.len() - behind);
    let sign = if unscaled < 0 { "-" } else { "" };
    if part.bytes().all(|byte| byte == b'0') { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
}

/// Whole numbers of a column with holes are often written as `123.0`, and decimals as `123.00`.
fn without_fraction(text: &[u8]) -> &[u8] {
    if !text.first().is_some_and(u8::is_ascii_digit) {
        return text;
    }
    let Some(point) = text.iter().position(|byte| *byte == b'.') else { return text };
    let (whole, zeros) = (&text[..point], &text[point + 1..]);
    let fits = !whole.is_empty()
        && whole.iter().all(u8::is_ascii_digit)
        && !zeros.is_empty()
        && zeros.iter().all(|byte| *byte == b'0');
    if fits { whole } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_short_number_is_nothing(
            whole in -9_999_999i128..=9_999_999,
            fraction in 0u64..1 << 53,
            shift in 0u32..80,
            scale in 0i8..12,
        ) {
            let real = whole as f64 + fraction as f64 / 2f64.powi(shift as i32);
            for value in [Plain::Whole(whole), Plain::Real(real), Plain::Real(-real), Plain::Decimal(whole, scale)] {
                if !is_short(value) {
                    continue;
                }
                let mut looked = Looked::new("a", true);
                looked.named = true;
                looked.see(value, 1);
                let none = looked.counts.iter().all(|counts| counts.certain + counts.passed + counts.failed == 0);
                prop_assert!(none && looked.cells == 1, "{value:?}");
            }
        }
    }
}
