//! One value of a table as it is stored, without rounding.

use crate::policy::contract::Number;
use std::borrow::Cow;

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// None; an empty CSV cell.
    Null,
    Boolean(bool),
    Number(Number),
    /// A number of JSON lines, and how it is written there.
    Written {
        number: Number,
        text: &'a str,
    },
    /// NaN, or infinite.
    NotFinite,
    /// From CSV whatever it holds.
    Text(&'a str),
    Bytes(&'a [u8]),
    /// Nanoseconds from 1970 to the day's midnight.
    Date(i128),
    /// Nanoseconds since 1970 in UTC.
    Timestamp {
        nanoseconds: i128,
        zoned: bool,
    },
    /// Nanoseconds since midnight.
    Time(i128),
    /// Of a type that nothing here looks into: lists, structures; a decimal that is not of its column's type.
    Other,
}

impl Value<'_> {
    pub fn of_real(value: f64) -> Self {
        Number::real(value).map_or(Self::NotFinite, Self::Number)
    }

    /// As a text, if it has one.
    pub fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Boolean(true) => Some("true".into()),
            Self::Boolean(false) => Some("false".into()),
            Self::Number(number) => Some(number.to_string().into()),
            Self::Text(text) | Self::Written { text, .. } => Some((*text).into()),
            Self::Date(nanoseconds) | Self::Timestamp { nanoseconds, .. } => {
                let text = jiff::Timestamp::from_nanosecond(*nanoseconds).ok()?.to_string();
                let length = if matches!(self, Self::Date(_)) { 10 } else { text.len() };
                Some(text.get(..length)?.to_owned().into())
            }
            Self::Time(nanoseconds) => {
                let seconds = nanoseconds / 1_000_000_000;
                let (rest, mut fraction) = (nanoseconds % 1_000_000_000, String::new());
                if rest != 0 {
                    fraction = format!(".{rest:09}").trim_end_matches('0').to_owned();
                }
                let whole = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
                Some((whole + &fraction).into())
            }
            Self::Null | Self::NotFinite | Self::Bytes(_) | Self::Other => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_keeps_its_fraction() {
        for (nanoseconds, text) in
            [(30_600_000_000_000, "08:30:00"), (30_600_500_000_000, "08:30:00.5"), (1, "00:00:00.000000001")]
        {
            assert_eq!(Value::Time(nanoseconds).text().as_deref(), Some(text));
        }
    }
}
