//! How far from equality groups may be at a confidence, over every two of them.

use super::groups::{Gap, Groups, Undefined, rates_of};
use super::interval::{Share, between, of_ratio};
use crate::policy::check::FairnessMeasure;

/// The two groups, and the rate, whose interval reaches farthest from equality.
#[derive(Debug, Clone, PartialEq)]
pub struct Bound<'a> {
    pub gap: Gap<'a>,
    /// The far end of the interval: its upper one for a difference, its lower one for a ratio.
    pub end: f64,
}

impl Groups {
    /// The farthest end of all intervals. It need not be that of the two groups that are farthest apart: few rows reach
    /// far. No account is taken of there being many intervals.
    ///
    /// # Errors
    /// As [`Groups::measure`].
    pub fn bound(&self, measure: FairnessMeasure, confidence: f64) -> Result<Bound<'_>, Undefined> {
        let mut farthest = self.measure(measure).map(|gap| {
            let end = if measure.is_ratio() { f64::INFINITY } else { f64::NEG_INFINITY };
            Bound { gap, end }
        })?;
        for rate in rates_of(measure) {
            let rates = self.rates(*rate)?;
            let shares: Vec<Share> = rates.iter().map(|one| Share::new(one.counts(), confidence)).collect();
            for (one, share) in rates.iter().zip(&shares) {
                for (other, other_share) in rates.iter().zip(&shares).filter(|(other, _)| other.group != one.group) {
                    // A difference has two ends that differ in size; a ratio's are even.
                    let end = match measure.is_ratio() {
                        true if one.rate > other.rate => continue,
                        true => of_ratio(one.counts(), other.counts(), confidence).map(|interval| interval.0),
                        false => Some(between(*share, *other_share).1),
                    };
                    let Some(end) = end else { continue };
                    if if measure.is_ratio() { end < farthest.end } else { end > farthest.end } {
                        let (lowest, highest) = if one.rate <= other.rate { (*one, *other) } else { (*other, *one) };
                        let value = match measure.is_ratio() {
                            true => lowest.ratio(&highest),
                            false => lowest.difference(&highest),
                        };
                        farthest = Bound { gap: Gap { value, rate: *rate, lowest, highest }, end };
                    }
                }
            }
        }
        Ok(farthest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::fairness::Group;
    use crate::measure::fairness::interval::of_difference;

    fn groups(counts: &[(&str, u64, u64)]) -> Groups {
        let group = |(name, selected, rows): &(&str, u64, u64)| {
            let group = Group { rows: *rows, selected: *selected, ..Group::default() };
            ((*name).to_owned(), group)
        };
        Groups(counts.iter().map(group).collect())
    }

    #[test]
    fn of_every_two() {
        let measure = FairnessMeasure::DemographicParityDifference;
        let two = groups(&[("a", 9, 10), ("b", 3, 10)]);
        let bound = two.bound(measure, 0.95).unwrap();
        assert_eq!((bound.end, bound.gap.highest.group), (of_difference((9, 10), (3, 10), 0.95).1, "a"));
        // Equal rates, and one of them of few rows.
        let equal = groups(&[("a", 900, 1000), ("b", 9, 10)]);
        let bound = equal.bound(measure, 0.95).unwrap();
        let ends = [of_difference((900, 1000), (9, 10), 0.95).1, of_difference((9, 10), (900, 1000), 0.95).1];
        assert_eq!((bound.gap.value, bound.end), (0.0, ends[0].max(ends[1])));
        let ratio = equal.bound(FairnessMeasure::DemographicParityRatio, 0.95).unwrap();
        assert_eq!(Some(ratio.end), of_ratio((9, 10), (900, 1000), 0.95).map(|interval| interval.0));
        assert!(two.bound(measure, 1.0).unwrap().end > two.bound(measure, 0.95).unwrap().end);
        let empty = groups(&[("a", 9, 10), ("b", 0, 0)]);
        assert!(empty.bound(measure, 0.95).is_err());
    }
}
