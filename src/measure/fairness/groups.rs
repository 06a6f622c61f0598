//! Counts of groups and the measures over them.

use crate::measure::fractions;
use crate::policy::check::FairnessMeasure;
use std::collections::BTreeMap;

/// What is counted in one group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Group {
    pub rows: u64,
    /// Rows with the favourable prediction.
    pub selected: u64,
    /// Rows with the favourable label; 0 throughout when there is no label column.
    pub deserving: u64,
    /// Rows with both.
    pub deserving_selected: u64,
}

/// A share of a group, by which groups are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rate {
    /// Of all rows, those with the favourable prediction.
    Selection,
    /// Of rows with the favourable label, those with the favourable prediction.
    TruePositive,
    /// Of rows with the unfavourable label, those with the favourable prediction.
    FalsePositive,
    /// Of rows with the favourable label, those with the unfavourable prediction.
    FalseNegative,
    /// Of rows with the favourable prediction, those with the favourable label.
    Precision,
}

impl Group {
    /// Part and whole of a rate.
    pub fn part(&self, rate: Rate) -> (u64, u64) {
        match rate {
            Rate::Selection => (self.selected, self.rows),
            Rate::TruePositive => (self.deserving_selected, self.deserving),
            Rate::FalsePositive => (self.selected - self.deserving_selected, self.rows - self.deserving),
            Rate::FalseNegative => (self.deserving - self.deserving_selected, self.deserving),
            Rate::Precision => (self.deserving_selected, self.selected),
        }
    }

    /// `None` of an empty whole: such a rate is not 0.
    pub fn rate(&self, rate: Rate) -> Option<f64> {
        let (part, whole) = self.part(rate);
        (whole > 0).then(|| part as f64 / whole as f64)
    }
}

/// The groups of one sensitive attribute, or of several together, by value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Groups(pub BTreeMap<String, Group>);

/// One group's rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GroupRate<'a> {
    pub group: &'a str,
    pub rate: f64,
    pub part: u64,
    pub whole: u64,
}

impl GroupRate<'_> {
    /// Part and whole.
    pub(super) fn counts(&self) -> (u64, u64) {
        (self.part, self.whole)
    }

    pub(super) fn difference(&self, other: &Self) -> f64 {
        fractions::difference(self.counts(), other.counts())
    }

    /// This rate divided by another, which is not 0.
    pub(super) fn ratio(&self, other: &Self) -> f64 {
        fractions::ratio(self.counts(), other.counts())
    }
}

/// A measure with the two groups that made it.
#[derive(Debug, Clone, PartialEq)]
pub struct Gap<'a> {
    pub value: f64,
    pub rate: Rate,
    pub lowest: GroupRate<'a>,
    pub highest: GroupRate<'a>,
}

/// Why there is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undefined {
    OneGroup,
    NoFavorableLabels,
    NoUnfavorableLabels,
    /// In one of the groups.
    NoFavorablePredictions,
    /// In all of the groups.
    NobodySelected,
}

/// The rates by which a measure compares groups; none of one that needs scores.
pub(super) fn rates_of(measure: FairnessMeasure) -> &'static [Rate] {
    match measure {
        FairnessMeasure::DemographicParityDifference | FairnessMeasure::DemographicParityRatio => &[Rate::Selection],
        FairnessMeasure::EqualOpportunityDifference => &[Rate::TruePositive],
        FairnessMeasure::FalsePositiveRateDifference => &[Rate::FalsePositive],
        FairnessMeasure::FalseNegativeRateDifference => &[Rate::FalseNegative],
        FairnessMeasure::PredictiveParityDifference => &[Rate::Precision],
        FairnessMeasure::EqualizedOddsDifference => &[Rate::TruePositive, Rate::FalsePositive],
        FairnessMeasure::CalibrationGap => &[],
    }
}

impl Groups {
    /// The measure over all groups. Not for [`FairnessMeasure::CalibrationGap`], which needs scores.
    ///
    /// # Errors
    /// Says why there is no number: a rate of an empty set is not 0.
    pub fn measure(&self, measure: FairnessMeasure) -> Result<Gap<'_>, Undefined> {
        let gaps: Vec<Gap<'_>> =
            rates_of(measure).iter().map(|rate| self.difference(*rate)).collect::<Result<_, _>>()?;
        let gap = gaps.into_iter().reduce(|worst, next| if next.value > worst.value { next } else { worst });
        let gap = gap.ok_or(Undefined::NoFavorableLabels)?;
        match measure.is_ratio() {
            false => Ok(gap),
            true if gap.highest.part > 0 => Ok(Gap { value: gap.lowest.ratio(&gap.highest), ..gap }),
            true => Err(Undefined::NobodySelected),
        }
    }

    /// A rate of every group, of which there are at least two.
    pub(super) fn rates(&self, rate: Rate) -> Result<Vec<GroupRate<'_>>, Undefined> {
        if self.0.len() < 2 {
            return Err(Undefined::OneGroup);
        }
        let undefined = match rate {
            Rate::Selection => Undefined::OneGroup,
            Rate::TruePositive | Rate::FalseNegative => Undefined::NoFavorableLabels,
            Rate::FalsePositive => Undefined::NoUnfavorableLabels,
            Rate::Precision => Undefined::NoFavorablePredictions,
        };
        self.0
            .iter()
            .map(|(name, group)| {
                let (part, whole) = group.part(rate);
                Some(GroupRate { group: name, rate: group.rate(rate)?, part, whole })
            })
            .collect::<Option<_>>()
            .ok_or(undefined)
    }

    fn difference(&self, rate: Rate) -> Result<Gap<'_>, Undefined> {
        let rates = self.rates(rate)?;
        // The first of equal ones, so that the same group is always named.
        let lowest = rates.iter().copied().reduce(|low, next| if next.rate < low.rate { next } else { low });
        let highest = rates.iter().copied().reduce(|high, next| if next.rate > high.rate { next } else { high });
        let (lowest, highest) = lowest.zip(highest).ok_or(Undefined::OneGroup)?;
        Ok(Gap { value: lowest.difference(&highest), rate, lowest, highest })
    }

    /// Without groups of fewer rows, and how many those are.
    pub fn of_at_least(&self, rows: u64) -> (Self, usize) {
        let kept: BTreeMap<_, _> =
            self.0.iter().filter(|(_, group)| group.rows >= rows).map(|(name, group)| (name.clone(), *group)).collect();
        let left_out = self.0.len() - kept.len();
        (Self(kept), left_out)
    }
}
