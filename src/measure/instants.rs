//! Points in time, as microseconds since 1970 in UTC. A time without a zone counts as UTC.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Of a text as in RFC 3339, or a date or time without a zone: 2026-01-31, 2026-01-31T12:00:00. Also says whether
/// the text names a zone.
pub fn instant(text: &str) -> Option<(f64, bool)> {
    // What cannot be a date is told without parsing it.
    if text.as_bytes().get(4) != Some(&b'-') || text.len() > 64 {
        return None;
    }
    let (instant, zoned) = match text.parse::<Timestamp>() {
        Ok(instant) => (instant, true),
        Err(_) => (text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp(), false),
    };
    let nanoseconds = f64::from(instant.subsec_nanosecond()) / 1000.0;
    Some((instant.as_second() as f64 * 1e6 + nanoseconds, zoned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones() {
        let noon = 1_769_860_800_000_000.0;
        for (text, instant_is, zoned) in [
            ("2026-01-31T12:00:00Z", noon, true),
            ("2026-01-31T14:00:00+02:00", noon, true),
            ("2026-01-31T12:00:00", noon, false),
            ("2026-01-31 12:00:00.5", noon + 500_000.0, false),
            ("2026-01-31", noon - 12.0 * 3600e6, false),
            ("1969-12-31T23:59:59.25Z", -750_000.0, true),
        ] {
            assert_eq!(instant(text), Some((instant_is, zoned)), "{text}");
        }
        for text in ["", "2026", "2026-13-01", "1234-567", "today", "12:00:00"] {
            assert_eq!(instant(text), None, "{text}");
        }
    }
}
