//! Comparing one number with a minimum and a maximum: the single place where a number becomes an outcome.

use super::{Decimal, FindingReason, Outcome};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Inclusive bounds on a number. A gate with neither bound asks nothing and can never pass.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Limits {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<Decimal>,
}

impl Limits {
    pub fn at_least(min: Decimal) -> Self {
        Self { min: Some(min), max: None }
    }

    pub fn at_most(max: Decimal) -> Self {
        Self { min: None, max: Some(max) }
    }

    /// NaN and infinities are `Error`, whatever the bounds: no comparison with them means anything.
    pub fn judge(&self, value: f64) -> (Outcome, FindingReason) {
        if !value.is_finite() {
            return (Outcome::Error, FindingReason::NotFinite);
        }
        match (&self.min, &self.max) {
            (None, None) => (Outcome::Error, FindingReason::NothingAsked),
            (Some(min), _) if value < min.value() => (Outcome::Fail, FindingReason::BelowMinimum),
            (_, Some(max)) if value > max.value() => (Outcome::Fail, FindingReason::AboveMaximum),
            (Some(_), _) | (None, Some(_)) => (Outcome::Pass, FindingReason::WithinLimits),
        }
    }
}

/// `>= 0.8`, `<= 0.05`, `>= 0.1 and <= 0.3`, `= 0`.
impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.min, &self.max) {
            (None, None) => f.write_str("nothing"),
            (Some(min), None) => write!(f, ">= {min}"),
            (None, Some(max)) => write!(f, "<= {max}"),
            (Some(min), Some(max)) if min == max => write!(f, "= {min}"),
            (Some(min), Some(max)) => write!(f, ">= {min} and <= {max}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn table() {
        let both = Limits { min: Some(decimal("0.1")), max: Some(decimal("0.3")) };
        let cases: [(&Limits, f64, Outcome, FindingReason); 9] = [
            (&Limits::at_least(decimal("0.8")), 0.8, Outcome::Pass, FindingReason::WithinLimits),
            (&Limits::at_least(decimal("0.8")), 0.79999, Outcome::Fail, FindingReason::BelowMinimum),
            (&Limits::at_most(decimal("0.05")), 0.05, Outcome::Pass, FindingReason::WithinLimits),
            (&Limits::at_most(decimal("0.05")), 0.06, Outcome::Fail, FindingReason::AboveMaximum),
            (&both, 0.2, Outcome::Pass, FindingReason::WithinLimits),
            (&both, 0.05, Outcome::Fail, FindingReason::BelowMinimum),
            (&both, f64::NAN, Outcome::Error, FindingReason::NotFinite),
            (&Limits::at_most(decimal("1")), f64::NEG_INFINITY, Outcome::Error, FindingReason::NotFinite),
            (&Limits::default(), 0.0, Outcome::Error, FindingReason::NothingAsked),
        ];
        for (limits, value, outcome, reason) in cases {
            assert_eq!(limits.judge(value), (outcome, reason), "{value} {limits}");
        }
    }
}
