//! All methods on one column of both sides.

use super::{Answer, Answers, Ask, Chance, FEWEST_VALUES, NotComparable, Plan, Side, SideError, Source};
use crate::measure::chi_square::Contingency;
use crate::measure::numbers::Numbers;
use crate::measure::sums::Sum;
use crate::measure::table::Take;
use crate::measure::texts::Texts;
use crate::measure::walk::{self, Scratch, Wanted};
use crate::measure::{MeasureError, fractions, key, shares};
use crate::policy::check::DriftMethod;
use std::collections::BTreeMap;

/// One column of both sides.
pub struct Sides<'a> {
    pub reference: Source<'a>,
    pub current: Source<'a>,
    pub ask: &'a Ask,
    pub plan: Plan,
    pub rows: (u64, u64),
}

impl Sides<'_> {
    pub fn of_numbers(&self, one: (&Numbers, u64), two: (&Numbers, u64), scratch: &mut Scratch) -> Answers {
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
        let take = self.plan.take;
        let again_one = |each: &mut dyn FnMut(&[u64])| self.reference.again(&self.ask.column, take, each);
        let again_two = |each: &mut dyn FnMut(&[u64])| self.current.again(&self.ask.column, take, each);
        let in_reference = |error| SideError { side: Side::Reference, error };
        let some = some_on_both_sides(n, m);
        // The largest distance that numbers can have of which a profile tells the lower end: one side as far down as it can
        // be, the other as far up.
        let distance = Wanted { distance: wanted.distance, ..Wanted::default() };
        let lowest = |source: Source<'_>| source.lowest(&self.ask.column).filter(|_| wanted.distance);
        let (low_one, low_two) = (lowest(self.reference), lowest(self.current));
        let mut walked = walk::Walked::default();
        if some.is_ok() && wanted != Wanted::default() {
            let first = |numbers| walk::Side { numbers, again: &again_one };
            let second = |numbers| walk::Side { numbers, again: &again_two };
            let (as_read, low) = (first(one.0), low_one.as_ref().map(first));
            let ones: Vec<_> =
                [(&as_read, wanted)].into_iter().chain(low.as_ref().map(|low| (low, distance))).collect();
            let mut all = walk::walk_each(&ones, &second(two.0), scratch).map_err(in_reference)?.into_iter();
            walked = all.next().unwrap_or_default();
            let low = low_two.as_ref().map(|low| walk::walk(&as_read, &second(low), distance, scratch));
            let low = low.transpose().map_err(in_reference)?;
            walked.farthest = all.chain(low).fold(walked.farthest, |farthest, low| farthest.max(low.farthest));
        }
        let same_value = both_constant.then_some(NotComparable::OneValue);
        // Empty cells are left out, so few values may be all that there is.
        let doubt = || same_value.clone().or(few_values(n, m));
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
            true => Ok(Answer { statistic, chance: None, doubt: same_value.clone() }),
            false => Err(NotComparable::NotFinite),
        };
        // Instants are counted in microseconds and told in seconds.
        let unit = if take == Take::Instants { 1e-6 } else { 1.0 };
        let test = || {
            if !(self.reference.every_value(&self.ask.column) && self.current.every_value(&self.ask.column)) {
                return Err(NotComparable::NotInProfile);
            }
            let mut table = walked.values;
            table.add(nulls.0, nulls.1);
            table.test().ok_or(NotComparable::OneValue)
        };
        let of_values =
            |answer: Result<Answer, NotComparable>| answer.map(|answer| Answer { doubt: doubt(), ..answer });
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
                    let chance = Chance::OfDistance { n, m, steps: walked.farthest };
                    Ok(Answer { statistic, chance: Some(chance), doubt: doubt() })
                }
                (M::Wasserstein, Ok(())) => of_values(plain(walked.area(n, m) * unit)),
                (M::NormalizedWasserstein, Ok(())) => {
                    if !self.reference.every_value(&self.ask.column) {
                        Err(NotComparable::NotInProfile)
                    } else {
                        let deviation = deviation(one.0, n, &again_one).map_err(in_reference)?;
                        match (both_constant, deviation > 0.0) {
                            (true, _) => Err(NotComparable::OneValue),
                            (false, _) if !deviation.is_finite() => Err(NotComparable::NotFinite),
                            (false, false) => Err(NotComparable::ConstantReference),
                            (false, true) => of_values(plain(walked.area(n, m) / deviation)),
                        }
                    }
                }
                (M::ChiSquare, Ok(())) => test().map(|test| Answer {
                    statistic: test.statistic,
                    chance: Some(Chance::Known(test.p)),
                    doubt: None,
                }),
                (M::CramersV, Ok(())) => test().and_then(|test| plain(test.v)),
                (M::NewCategoryShare, Ok(())) => Err(NotComparable::NotText),
            };
            answers.insert(*method, answer);
        }
        Ok(answers)
    }

    pub fn of_texts(&self, one: &Texts, two: &Texts) -> BTreeMap<DriftMethod, Result<Answer, NotComparable>> {
        let nulls = (one.nulls, two.nulls);
        let some = some_on_both_sides(one.count(), two.count());
        let bins = [one.both(two).as_slice(), &[nulls]].concat();
        let constant = nulls == (0, 0) && bins.len() == 2;
        let types = self.plan.types_differ.then_some(NotComparable::DifferentTypes);
        let doubt = || types.clone().or(constant.then_some(NotComparable::OneValue));
        let plain = |statistic: f64| Ok(Answer { statistic, chance: None, doubt: doubt() });
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
            (M::ChiSquare, Ok(())) => test().map(|test| Answer {
                statistic: test.statistic,
                chance: Some(Chance::Known(test.p)),
                doubt: types.clone(),
            }),
            (M::CramersV, Ok(())) => test().and_then(|test| plain(test.v)),
            (M::NewCategoryShare, Ok(())) => {
                let new = two.sorted().into_iter().filter(|(text, _)| one.get(text) == 0).map(|(_, count)| count);
                let doubt = types.clone().or(few_values(one.count(), two.count()));
                Ok(Answer { doubt, ..share(new.sum::<u64>() as f64 / two.count() as f64) })
            }
            (M::KolmogorovSmirnov | M::Wasserstein | M::NormalizedWasserstein, Ok(())) => {
                Err(types.clone().unwrap_or(NotComparable::NotNumeric))
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

fn few_values(reference: u64, current: u64) -> Option<NotComparable> {
    match (reference < FEWEST_VALUES, current < FEWEST_VALUES) {
        (false, false) => None,
        (true, true) => Some(NotComparable::FewValues),
        (true, false) | (false, true) => Some(NotComparable::FewValuesOnOneSide),
    }
}

/// An answer that also a column of one value gives.
fn share(statistic: f64) -> Answer {
    Answer { statistic, chance: None, doubt: None }
}

/// How far the shares of empty cells are apart.
fn missing_share(nulls: (u64, u64), rows: (u64, u64)) -> f64 {
    fractions::difference((nulls.0, rows.0), (nulls.1, rows.1))
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
            Numbers::Held { keys: held, .. } => keys(held),
            Numbers::Extent { .. } => again(&mut keys)?,
        }
        Ok::<f64, MeasureError>(sum.total())
    };
    // From the lowest on, so that large numbers that lie close together lose nothing to rounding.
    let low = numbers.extent().map_or(0.0, |(low, _)| key::value(low));
    let mean = sum(&|value| value - low)? / count as f64;
    let squares = sum(&|value| (value - low - mean).powi(2))?;
    Ok((squares / count as f64).sqrt())
}
