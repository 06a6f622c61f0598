//! The one parser from API shapes to inside types, and from Job results. What it refuses, nothing
//! behind it sees.

mod check;
mod own_result;
mod policy;
mod records;
mod release;
mod result;

pub use own_result::own_result;
pub use policy::{compile, plan};
pub use records::{SUPERSEDED, action, admitted, approval, counted, created, finding_row, gate_row, outcome, run};
pub use release::{prior, release};
pub use result::result;

use crate::policy::decimal::InvalidDecimal;
use crate::policy::digest::InvalidDigest;
use crate::policy::gate::InvalidGateKey;

/// Something in an API object that the API server let through and that still cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IntakeError {
    #[error("{at}: {source}")]
    Digest { at: String, source: InvalidDigest },
    #[error("{at}: {source}")]
    Decimal { at: String, source: InvalidDecimal },
    #[error("{0}")]
    GateKey(#[from] InvalidGateKey),
    #[error("{at}: {text:?} is not a duration like 90s, 5m or 1h30m")]
    Duration { at: String, text: String },
    #[error("{at}: {text:?} is not a time")]
    Time { at: String, text: String },
    #[error("{at}: {problem}")]
    Shape { at: String, problem: String },
}

/// Seconds of a Go duration without days, as the API's pattern allows it.
///
/// # Errors
/// `Duration`, which names `at`.
pub fn seconds(at: &str, text: &str) -> Result<u64, IntakeError> {
    let bad = || IntakeError::Duration { at: at.to_owned(), text: text.chars().take(40).collect() };
    let (mut total, mut number) = (0u64, None::<u64>);
    for c in text.chars() {
        match c {
            '0'..='9' => {
                let digit = u64::from(c as u32 - '0' as u32);
                number = Some(number.unwrap_or(0).checked_mul(10).and_then(|n| n.checked_add(digit)).ok_or_else(bad)?);
            }
            'h' | 'm' | 's' => {
                let unit = if c == 'h' {
                    3600
                } else if c == 'm' {
                    60
                } else {
                    1
                };
                let part = number.take().and_then(|n| n.checked_mul(unit)).ok_or_else(bad)?;
                total = total.checked_add(part).ok_or_else(bad)?;
            }
            _ => return Err(bad()),
        }
    }
    if number.is_some() || text.is_empty() { Err(bad()) } else { Ok(total) }
}

fn time(at: &str, text: &str) -> Result<jiff::Timestamp, IntakeError> {
    text.parse().map_err(|_| IntakeError::Time { at: at.to_owned(), text: text.chars().take(40).collect() })
}

fn digest(at: &str, text: &str) -> Result<crate::policy::Digest, IntakeError> {
    crate::policy::Digest::parse(text).map_err(|source| IntakeError::Digest { at: at.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, expected) in [("90s", 90), ("5m", 300), ("1h30m", 5400), ("0s", 0)] {
            assert_eq!(seconds("x", text).unwrap(), expected);
        }
        for bad in ["", "5", "h", "1d", "1h5", "-1s", "99999999999999999999s", "1.5h"] {
            assert!(seconds("x", bad).is_err(), "{bad}");
        }
    }
}
