//! Decimal numbers as people write them in a policy: text in quotes, so that no client rounds them.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A decimal of at most 15 digits before and 15 after the point; keeps the text it was written as.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Decimal(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a decimal number: write it in quotes, like \"0.8\" (at most 15 digits on either side of the point)"
)]
pub struct InvalidDecimal(String);

impl Decimal {
    pub fn parse(text: &str) -> Result<Self, InvalidDecimal> {
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = match unsigned.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (unsigned, None),
        };
        let digits = |s: &str| (1..=15).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_digit());
        let whole_fits = digits(whole) && (whole == "0" || !whole.starts_with('0'));
        if whole_fits && fraction.is_none_or(digits) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidDecimal(text.chars().take(40).collect()))
        }
    }

    pub fn whole(number: u32) -> Self {
        Self(number.to_string())
    }

    /// The nearest binary number. Always finite: the form allows at most 15 + 15 digits.
    pub fn value(&self) -> f64 {
        self.0.parse().unwrap_or(f64::NAN)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Decimal {
    type Error = InvalidDecimal;
    fn try_from(text: String) -> Result<Self, InvalidDecimal> {
        Self::parse(&text)
    }
}

impl From<Decimal> for String {
    fn from(decimal: Decimal) -> String {
        decimal.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        for good in ["0", "-0", "0.8", "-12.50", "999999999999999.123456789012345"] {
            assert!(Decimal::parse(good).unwrap().value().is_finite(), "{good}");
        }
        for bad in
            ["", "-", ".5", "1.", "01", "+1", "1e3", "NaN", "inf", "1000000000000000", "0.1234567890123456", " 1"]
        {
            assert!(Decimal::parse(bad).is_err(), "{bad}");
        }
    }
}
