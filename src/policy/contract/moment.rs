//! Dates, timestamps and times of the day, as texts (ISO 8601) and as nanoseconds. A time without a zone counts as UTC.

use jiff::Timestamp;
use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;

/// A point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Since 1970 in UTC.
    pub nanoseconds: i128,
    /// The text names a zone.
    pub zoned: bool,
    /// The text has a time of the day.
    pub timed: bool,
}

impl Moment {
    /// Of a text: 2026-01-31, 2026-01-31T12:00:00, 2026-01-31 12:00:00+02:00.
    pub fn parse(text: &str) -> Option<Self> {
        // What cannot be a date is told without parsing it.
        // The name of a zone in brackets is not read.
        if text.as_bytes().get(4) != Some(&b'-') || text.len() > 64 || text.contains('[') {
            return None;
        }
        let (instant, zoned) = match text.parse::<Timestamp>() {
            Ok(instant) => (instant, true),
            Err(_) => (text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp(), false),
        };
        Some(Self { nanoseconds: instant.as_nanosecond(), zoned, timed: text.len() > 10 })
    }
}

/// Nanoseconds since midnight of a time of the day: 08:30, 08:30:00.5.
pub fn time_of_day(text: &str) -> Option<i128> {
    // A zone would be passed over.
    if text.as_bytes().get(2) != Some(&b':') || text.len() > 32 || text.contains(['[', '+', '-', 'Z', 'z']) {
        return None;
    }
    let time = text.parse::<Time>().ok()?;
    let seconds = (i128::from(time.hour()) * 60 + i128::from(time.minute())) * 60 + i128::from(time.second());
    Some(seconds * 1_000_000_000 + i128::from(time.subsec_nanosecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        let noon = 1_769_860_800_000_000_000;
        for (text, nanoseconds, zoned, timed) in [
            ("2026-01-31T12:00:00Z", noon, true, true),
            ("2026-01-31T14:00:00+02:00", noon, true, true),
            ("2026-01-31 12:00:00.000000001", noon + 1, false, true),
            ("2026-01-31", noon - 12 * 3_600_000_000_000, false, false),
        ] {
            assert_eq!(Moment::parse(text), Some(Moment { nanoseconds, zoned, timed }), "{text}");
        }
        for text in [
            "",
            "2026",
            "2026-13-01",
            "20260131",
            "31.01.2026",
            "today",
            "12:00:00",
            "2026-01-31T12:00:00[America/New_York]",
        ] {
            assert_eq!(Moment::parse(text), None, "{text}");
        }
        assert_eq!(time_of_day("08:30:00.5"), Some(30_600_500_000_000));
        for text in ["", "8:30", "24:30", "08-30", "2026-01-31T08:30:00"] {
            assert_eq!(time_of_day(text), None, "{text}");
        }
    }
}
