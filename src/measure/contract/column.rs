//! One column while it is read: how many of its values break which of its rules.

use super::arrays::Settled;
use super::fault::{FAULTS, Fault, Faults};
use super::typed::{fits, fits_as_json, is_as_coarse, is_missing, is_of_form, is_one_of, is_stored_as, typed};
use super::{AHEAD, Broken, Measured, SECOND};
use crate::measure::Table;
use crate::measure::table::Typing;
use crate::measure::value::Value;
use crate::policy::contract::{Column, Counted, Family, Moment, Number, Object};

/// Characters of a value that is shown.
const SHOWN: usize = 24;

/// A column and what was seen of it.
pub struct Watched<'a> {
    pub position: usize,
    pub(super) column: &'a Column,
    typing: Typing,
    /// As the file itself says.
    stored: Option<Option<Family>>,
    /// Values that break a rule, and one of them.
    faults: [(u64, Option<String>); FAULTS.len()],
    /// Rules about this column alone: their places in the object, and the counts.
    rules: Vec<(usize, &'a Counted, u64)>,
    /// The most seconds that its newest value may be old.
    ages: Vec<u64>,
    newest: Option<i128>,
    /// Values that are no moments, where an age is asked.
    undated: u64,
    pub(super) settled: Settled,
}

impl<'a> Watched<'a> {
    pub fn new(column: &'a Column, object: &'a Object, position: usize, table: &Table) -> Self {
        let rules = object.rules.iter().enumerate().filter_map(|(index, rule)| match &rule.counted {
            Counted::Nulls { column: of }
            | Counted::Missing { column: of, .. }
            | Counted::Invalid { column: of, .. } => (*of == column.name).then_some((index, &rule.counted, 0)),
            Counted::Rows | Counted::Duplicates { .. } => None,
        });
        let ages = object.freshness.iter().filter(|asked| asked.column == column.name).map(|asked| asked.seconds);
        Self {
            position,
            column,
            typing: table.typing(),
            stored: table.stored(position),
            faults: Default::default(),
            rules: rules.collect(),
            ages: ages.collect(),
            newest: None,
            undated: 0,
            settled: Settled::default(),
        }
    }

    /// Takes one value. Whether that changed anything; what did not never will.
    pub fn take(&mut self, raw: Value<'_>) -> bool {
        if matches!(raw, Value::Null | Value::NotFinite) {
            self.take_none(raw, 1);
            return true;
        }
        let (column, missing) = (self.column, is_missing(raw));
        let typed = typed(raw, column, self.typing);
        let faults = self.faults(raw);
        let mut changed = !faults.is_empty();
        for fault in FAULTS.into_iter().filter(|fault| faults.has(*fault)) {
            let of_typed = match fault {
                Fault::Below
                | Fault::Above
                | Fault::Short
                | Fault::Long
                | Fault::Pattern
                | Fault::Multiple
                | Fault::Zone => typed,
                Fault::Missing => Some(Value::Null),
                Fault::NotFinite | Fault::Type | Fault::Stored | Fault::NotAllowed | Fault::Form => None,
            };
            self.fault(fault, of_typed.unwrap_or(raw), 1);
        }
        for (_, counted, count) in &mut self.rules {
            let counts = match counted {
                Counted::Nulls { .. } => missing,
                Counted::Missing { values, .. } => missing && values.null || is_one_of(values, raw, typed, self.typing),
                Counted::Invalid { allowed, pattern, .. } => {
                    allowed.as_ref().is_some_and(|values| !is_one_of(values, raw, typed, self.typing))
                        || pattern
                            .as_ref()
                            .is_some_and(|pattern| !raw.text().is_some_and(|text| pattern.matches(&text)))
                }
                Counted::Rows | Counted::Duplicates { .. } => false,
            };
            *count += u64::from(counts);
            changed |= counts;
        }
        if !self.ages.is_empty() {
            changed |= self.date(moment(typed, raw));
        }
        changed
    }

    /// Takes so many rows that hold nothing, or a number that is none.
    pub fn take_none(&mut self, raw: Value<'_>, rows: u64) {
        if rows > 0 && (self.column.required || self.column.key) {
            self.fault(Fault::Missing, Value::Null, rows);
        }
        if raw == Value::NotFinite {
            self.fault(Fault::NotFinite, raw, rows);
        }
        let typing = self.typing;
        for (_, counted, count) in &mut self.rules {
            let counts = match counted {
                Counted::Nulls { .. } => true,
                // In a text file an empty cell is the empty text as well.
                Counted::Missing { values, .. } => values.null || typing == Typing::Untold && values.texts.contains(""),
                Counted::Invalid { .. } => raw == Value::NotFinite,
                Counted::Rows | Counted::Duplicates { .. } => false,
            };
            *count += if counts { rows } else { 0 };
        }
    }

    /// Takes a value's point in time, if it is one.
    fn date(&mut self, moment: Option<i128>) -> bool {
        let before = (self.newest, self.undated);
        match moment {
            Some(nanoseconds) => self.newest = self.newest.max(Some(nanoseconds)),
            None => self.undated += 1,
        }
        (self.newest, self.undated) != before
    }

    /// Whether these rules ask no more of values than that they are of a type and lie in a range.
    pub(super) fn asks_for_ranges_alone(&self) -> bool {
        let column = self.column;
        let of_values = self.rules.iter().all(|(_, counted, _)| match counted {
            Counted::Nulls { .. } => true,
            Counted::Missing { values, .. } => values.texts.is_empty() && values.numbers.is_empty(),
            Counted::Invalid { .. } => false,
            Counted::Rows | Counted::Duplicates { .. } => true,
        });
        let coarse = column.stored.as_ref().is_some_and(|stored| match stored.family {
            Family::Timestamp { after_point, .. } | Family::Time { after_point } => after_point.is_some(),
            Family::Text
            | Family::Integer
            | Family::Float
            | Family::Decimal { .. }
            | Family::Boolean
            | Family::Date => false,
        });
        of_values && !coarse && column.allowed.is_none() && column.form.is_none() && column.multiple_of.is_none()
    }

    /// Takes rows of which these are the smallest and the largest value, where rules ask for ranges alone. `false`, and
    /// nothing is taken, when one of the rules is broken.
    pub(super) fn take_between(&mut self, smallest: Value<'_>, largest: Value<'_>) -> bool {
        let dated = |value| moment(typed(value, self.column, self.typing), value);
        let fine = |value| self.faults(value).is_empty() && (self.ages.is_empty() || dated(value).is_some());
        if !fine(smallest) || !fine(largest) {
            return false;
        }
        if !self.ages.is_empty() {
            self.date(dated(largest));
        }
        true
    }

    /// What is wrong with a value, as the column's own rules go.
    fn faults(&self, raw: Value<'_>) -> Faults {
        let (column, mut faults) = (self.column, Faults::default());
        let typed = typed(raw, column, self.typing);
        if raw == Value::NotFinite {
            faults.add(Fault::NotFinite);
        }
        if (column.required || column.key) && is_missing(raw) {
            faults.add(Fault::Missing);
        }
        match typed {
            Some(value) => self.logical(value, raw, &mut faults),
            None => faults.add(Fault::Type),
        }
        self.physical(raw, &mut faults);
        if column.allowed.as_ref().is_some_and(|values| !is_one_of(values, raw, typed, self.typing)) {
            faults.add(Fault::NotAllowed);
        }
        faults
    }

    /// Against what is asked of values of the column's logical type. A format is asked of what is written.
    fn logical(&self, value: Value<'_>, raw: Value<'_>, faults: &mut Faults) {
        let column = self.column;
        if column.form.as_ref().is_some_and(|form| !is_of_form(raw, form)) {
            faults.add(Fault::Form);
        }
        let place = match value {
            Value::Number(number) => Some(number),
            Value::Date(at) | Value::Timestamp { nanoseconds: at, .. } | Value::Time(at) => Some(Number::Whole(at)),
            Value::Null
            | Value::Boolean(_)
            | Value::Written { .. }
            | Value::NotFinite
            | Value::Text(_)
            | Value::Bytes(_)
            | Value::Other => None,
        };
        if let Some(place) = place {
            if column.range.is_below(place) {
                faults.add(Fault::Below);
            }
            if column.range.is_above(place) {
                faults.add(Fault::Above);
            }
            let is_multiple = |of: i64| matches!(place, Number::Whole(whole) if whole % i128::from(of) == 0);
            if column.multiple_of.is_some_and(|of| !is_multiple(of)) {
                faults.add(Fault::Multiple);
            }
        }
        if let (Some(asked), Value::Timestamp { zoned, .. }) = (column.zoned, value)
            && asked != zoned
        {
            faults.add(Fault::Zone);
        }
        if let Value::Text(text) = value {
            let lengths = column.lengths;
            if lengths.min.is_some() || lengths.max.is_some() {
                let length = text.chars().count() as u64;
                if lengths.min.is_some_and(|min| length < min) {
                    faults.add(Fault::Short);
                }
                if lengths.max.is_some_and(|max| length > max) {
                    faults.add(Fault::Long);
                }
            }
            if column.pattern.as_ref().is_some_and(|pattern| !pattern.matches(text)) {
                faults.add(Fault::Pattern);
            }
        }
    }

    /// Against the type that values are stored as.
    fn physical(&self, raw: Value<'_>, faults: &mut Faults) {
        let Some(asked) = &self.column.stored else { return };
        let number = match raw {
            Value::Number(number) | Value::Written { number, .. } => Some(number),
            Value::Text(text) if self.typing == Typing::Untold && asked.family == Family::Integer => {
                Number::parse(text)
            }
            _ => None,
        };
        let too_long = |text: &str| asked.max_length.is_some_and(|max| text.chars().count() as u64 > max);
        let fits = match raw {
            Value::Text(text) if too_long(text) => false,
            _ if self.typing == Typing::OfValues => fits_as_json(raw, asked.family, self.column.form.as_ref()),
            Value::Text(text) => self.typing != Typing::Untold || fits(text, asked.family, self.column.form.as_ref()),
            Value::Timestamp { nanoseconds, .. } | Value::Time(nanoseconds) => is_as_coarse(nanoseconds, asked.family),
            // In a column of decimals, one with more digits than the file says they have.
            Value::Other => !matches!(self.stored, Some(Some(Family::Decimal { .. }))),
            _ => true,
        };
        if !fits || number.is_some_and(|number| asked.range.is_below(number) || asked.range.is_above(number)) {
            faults.add(Fault::Stored);
        }
    }

    fn fault(&mut self, fault: Fault, value: Value<'_>, rows: u64) {
        let (count, example) = &mut self.faults[fault as usize];
        if *count == 0 && self.column.is_public() {
            *example = value.text().map(|text| shown(&text));
        }
        *count += rows;
    }

    /// Adds what was broken.
    pub fn tell(&self, found: &mut Measured) {
        let column = self.column;
        if let (Some(asked), Some(stored)) = (&column.stored, self.stored)
            && !stored.is_some_and(|stored| is_stored_as(stored, asked.family))
        {
            found.broken.push(Broken::of(
                Some(&column.name),
                format!("is not stored as {}", shown_name(&asked.name)),
                None,
            ));
        }
        for (fault, (count, example)) in FAULTS.into_iter().zip(&self.faults) {
            if *count > 0 {
                let broken = Broken::of(Some(&column.name), fault.words(column), Some(*count));
                found.broken.push(Broken { example: example.clone(), ..broken });
            }
        }
        let asked = [
            column.required || column.key,
            column.logical.is_some(),
            column.stored.is_some(),
            column.range.low.is_some(),
            column.range.high.is_some(),
            column.lengths.min.is_some(),
            column.lengths.max.is_some(),
            column.pattern.is_some(),
            column.allowed.is_some(),
            column.form.is_some(),
            column.multiple_of.is_some(),
            column.zoned.is_some(),
        ];
        found.rules += asked.into_iter().filter(|asked| *asked).count() as u64;
    }

    /// Counts of the rules about this column alone, by their places in the object.
    pub fn counted(&self) -> impl Iterator<Item = (usize, u64)> + '_ {
        self.rules.iter().map(|(index, _, count)| (*index, *count))
    }

    /// How old the newest value is.
    pub fn freshness(&self, now: Option<i128>, found: &mut Measured) {
        let name = Some(self.column.name.as_str());
        for most in &self.ages {
            found.rules += 1;
            if self.undated > 0 {
                found.broken.push(Broken::of(name, "no date, where an age is asked", Some(self.undated)));
                continue;
            }
            let Some(newest) = self.newest else {
                found.broken.push(Broken::of(name, "has no value, where an age is asked", None));
                continue;
            };
            let Some(age) = now.map(|now| now - newest) else {
                found.broken.push(Broken::of(name, "has an age that nobody can tell", None));
                continue;
            };
            if age < -AHEAD {
                found.broken.push(Broken::of(name, "has a newest value in the future", None));
            } else if age > i128::from(*most) * SECOND {
                let hours = |seconds: i128| seconds / 3600;
                let what = format!("is {} h old, asked at most {} h", hours(age / SECOND), hours(i128::from(*most)));
                found.broken.push(Broken::of(name, what, None));
            }
        }
    }
}

/// A point in time, from a value of whatever type.
fn moment(typed: Option<Value<'_>>, raw: Value<'_>) -> Option<i128> {
    match typed.unwrap_or(raw) {
        Value::Date(nanoseconds) | Value::Timestamp { nanoseconds, .. } => Some(nanoseconds),
        Value::Text(text) => Moment::parse(text).map(|moment| moment.nanoseconds),
        Value::Null
        | Value::Boolean(_)
        | Value::Number(_)
        | Value::Written { .. }
        | Value::NotFinite
        | Value::Bytes(_)
        | Value::Time(_)
        | Value::Other => None,
    }
}

/// The start of a value, with everything that does not show itself as its code.
fn shown(text: &str) -> String {
    let cut: String = text.chars().take(SHOWN).collect();
    let more = if cut.len() < text.len() { "…" } else { "" };
    format!("{:?}", format!("{cut}{more}"))
}

pub fn shown_name(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}
