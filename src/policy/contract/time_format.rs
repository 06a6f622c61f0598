//! How dates and times are written, in the letters that ODCS takes from Java's `DateTimeFormatter`: the formats that keep
//! the order of ISO 8601.

const SECOND: i128 = 1_000_000_000;
const MINUTE: i128 = 60 * SECOND;
const DAY: i128 = 1440 * MINUTE;

/// All that a text may show but its zone: 0 stands for a digit, everything else for itself.
const WITH_T: &str = "0000-00-00T00:00:00.000000000";
const WITH_SPACE: &str = "0000-00-00 00:00:00.000000000";
/// Where the day ends there, and the time of the day begins.
const DAY_END: usize = 10;
const CLOCK: usize = 11;

/// Letters of the zone, and what they may look like: + stands for either sign. For `Z` Java writes `+0100`; the
/// standard's own examples have `Z` and `+01:00` there.
const ZONES: [(&str, &[&str]); 12] = [
    ("", &[""]),
    ("'Z'", &["Z"]),
    ("X", &["Z", "+00", "+0000"]),
    ("XX", &["Z", "+0000"]),
    ("XXX", &["Z", "+00:00"]),
    ("x", &["+00", "+0000"]),
    ("xx", &["+0000"]),
    ("xxx", &["+00:00"]),
    ("Z", &["Z", "+0000", "+00:00"]),
    ("ZZ", &["Z", "+0000", "+00:00"]),
    ("ZZZ", &["Z", "+0000", "+00:00"]),
    ("ZZZZZ", &["Z", "+00:00"]),
];

/// A format of days, timestamps or times of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeFormat {
    mask: &'static str,
    zones: &'static [&'static str],
    /// Nanoseconds from one time that it can write to the next.
    step: i128,
}

impl TimeFormat {
    /// Of `yyyy-MM-dd`, `yyyy-MM-dd'T'HH:mm:ss.SSSXXX`, `HH:mm`, …; `None` of letters or an order that are not known here.
    pub fn read(letters: &str) -> Option<Self> {
        let day = ["yyyy-MM-dd", "uuuu-MM-dd", "YYYY-MM-DD"].iter().find_map(|day| letters.strip_prefix(day));
        let (start, mask, clock) = match day {
            Some("") => return Some(Self { mask: WITH_T.get(..DAY_END)?, zones: &[""], step: DAY }),
            Some(rest) => [("'T'", WITH_T), ("T", WITH_T), (" ", WITH_SPACE)]
                .iter()
                .find_map(|(between, mask)| Some((0, *mask, rest.strip_prefix(between)?)))?,
            None => (CLOCK, WITH_T, letters),
        };
        let rest = clock.strip_prefix("HH:mm")?;
        let (end, step, zone) = match rest.strip_prefix(":ss").map(|rest| (rest, rest.strip_prefix('.'))) {
            None => (CLOCK + 5, MINUTE, rest),
            Some((rest, None)) => (CLOCK + 8, SECOND, rest),
            Some((_, Some(rest))) => {
                let zone = rest.trim_start_matches('S');
                let digits = rest.len() - zone.len();
                let finest = u32::try_from(digits).ok().filter(|digits| (1..=9).contains(digits))?;
                (CLOCK + 9 + digits, SECOND / 10i128.pow(finest), zone)
            }
        };
        let (_, zones) = ZONES.into_iter().find(|(letters, _)| *letters == zone)?;
        Some(Self { mask: mask.get(start..end)?, zones, step })
    }

    /// Whether it writes the day.
    pub fn is_dated(&self) -> bool {
        self.mask.as_bytes().get(4) == Some(&b'-')
    }

    /// Whether it writes a zone.
    pub fn is_zoned(&self) -> bool {
        self.zones != [""]
    }

    /// Whether the text is written so. What it says must still be a day and a time.
    pub fn wrote(&self, text: &str) -> bool {
        let parts = text.split_at_checked(self.mask.len());
        parts.is_some_and(|(moment, zone)| is_like(moment, self.mask) && self.zones.iter().any(|z| is_like(zone, z)))
    }

    /// Whether it could write a stored time without loss, and says a zone where that has one.
    pub fn can_write(&self, nanoseconds: i128, zoned: bool) -> bool {
        nanoseconds % self.step == 0 && zoned == self.is_zoned()
    }
}

fn is_like(text: &str, mask: &str) -> bool {
    let is_so = |(byte, mask): (u8, u8)| match mask {
        b'0' => byte.is_ascii_digit(),
        b'+' => byte == b'+' || byte == b'-',
        _ => byte == mask,
    };
    text.len() == mask.len() && text.bytes().zip(mask.bytes()).all(is_so)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_written_so_to_the_letter() {
        let cases: [(&str, &[&str], &[&str]); 11] = [
            ("yyyy-MM-dd", &["2026-01-31"], &["2026-1-31", "20260131", "2026-01-31T00:00", "2026-01-31Z"]),
            ("uuuu-MM-dd HH:mm", &["2026-01-31 12:00"], &["2026-01-31T12:00", "2026-01-31 12:00:00", "2026-01-31"]),
            ("yyyy-MM-dd'T'HH:mm:ss", &["2026-01-31T12:00:00"], &["2026-01-31T12:00:00Z", "2026-01-31 12:00:00"]),
            (
                "yyyy-MM-dd HH:mm:ss.SSS",
                &["2026-01-31 12:00:00.120"],
                &["2026-01-31 12:00:00.12", "2026-01-31 12:00:00"],
            ),
            (
                "YYYY-MM-DDTHH:mm:ss.SSSZ",
                &["2026-01-31T12:00:00.000Z", "2026-01-31T12:00:00.000+0100", "2026-01-31T12:00:00.000-01:00"],
                &["2026-01-31T12:00:00.000", "2026-01-31T12:00:00.000+01", "2026-01-31T12:00:00.000Zx"],
            ),
            ("HH:mmX", &["12:00Z", "12:00+01", "12:00+0130"], &["12:00", "12:00+01:30"]),
            ("HH:mm:ssXXX", &["12:00:00Z", "12:00:00+01:00"], &["12:00:00+0100", "12:00:00z"]),
            ("HH:mm:ssxxx", &["12:00:00+00:00"], &["12:00:00Z"]),
            ("HH:mm:ss'Z'", &["12:00:00Z"], &["12:00:00+00:00"]),
            ("HH:mm", &["08:30"], &["8:30", "08:30:00", "", "é8:30"]),
            ("HH:mm:ss.SSSSSSSSS", &["08:30:00.123456789"], &["08:30:00.1234567890"]),
        ];
        for (letters, good, bad) in cases {
            let format = TimeFormat::read(letters).unwrap();
            assert!(good.iter().all(|text| format.wrote(text)), "{letters}");
            assert!(!bad.iter().any(|text| format.wrote(text)), "{letters}");
        }
    }

    #[test]
    fn other_letters_are_not_known() {
        for letters in [
            "",
            "dd.MM.yyyy",
            "yyyy-dd-MM",
            "yy-MM-dd",
            "yyyy-MM-dd ",
            "yyyy-MM-ddHH:mm",
            "yyyy-MM-dd hh:mm",
            "yyyy-MM-dd HH",
            "yyyy-MM-dd HH:mm:ss.",
            "yyyy-MM-dd HH:mm:ss.SSSSSSSSSS",
            "yyyy-MM-dd HH:mm:ss VV",
            "yyyy-MM-dd'T'HH:mm:ssXXXX",
            "yyyy-MM-ddX",
            "H:mm",
        ] {
            assert_eq!(TimeFormat::read(letters), None, "{letters}");
        }
    }

    #[test]
    fn stored_times_are_not_finer_and_have_the_zone_that_it_has() {
        let can = |letters: &str, nanoseconds: i128, zoned: bool| {
            TimeFormat::read(letters).unwrap().can_write(nanoseconds, zoned)
        };
        assert!(can("yyyy-MM-dd", -DAY, false) && !can("yyyy-MM-dd", 1, false));
        assert!(can("HH:mm", MINUTE, false) && !can("HH:mm", SECOND, false));
        assert!(can("HH:mm:ss", SECOND, false) && !can("HH:mm:ss", SECOND / 10, false));
        assert!(can("HH:mm:ss.SSS", 1_000_000, false) && !can("HH:mm:ss.SSS", 1000, false));
        assert!(can("HH:mm:ss.SSSSSSSSS", 1, false));
        assert!(can("HH:mmXXX", 0, true) && !can("HH:mmXXX", 0, false) && !can("HH:mm", 0, true));
        assert!(
            TimeFormat::read("yyyy-MM-dd").unwrap().is_dated() && !TimeFormat::read("HH:mm:ss.S").unwrap().is_dated()
        );
    }
}
