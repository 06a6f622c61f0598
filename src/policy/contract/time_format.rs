//! How dates and times are written, in the letters that ODCS takes from Java's `DateTimeFormatter`: days and times in digits,
//! in whatever order.

use super::Moment;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

const SECOND: i128 = 1_000_000_000;
const MINUTE: i128 = 60 * SECOND;
const DAY: i128 = 1440 * MINUTE;
/// Letters of one format.
const LONGEST: usize = 64;

/// Letters of the zone, and what they may look like: + stands for either sign, 0 for a digit. For `Z` Java writes
/// `+0100`; the standard's own examples have `Z` and `+01:00` there.
const ZONES: [(&str, &[&str]); 10] = [
    ("X", &["+0000", "+00", "Z"]),
    ("XX", &["+0000", "Z"]),
    ("XXX", &["+00:00", "Z"]),
    ("x", &["+0000", "+00"]),
    ("xx", &["+0000"]),
    ("xxx", &["+00:00"]),
    ("Z", &["+00:00", "+0000", "Z"]),
    ("ZZ", &["+00:00", "+0000", "Z"]),
    ("ZZZ", &["+00:00", "+0000", "Z"]),
    ("ZZZZZ", &["+00:00", "Z"]),
];

/// A part of a format.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// So many digits of it, at the least and at the most.
    Digits(Unit, usize, usize),
    Zone(&'static [&'static str]),
    /// This character.
    Is(char),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    Fraction,
}

/// What a text says of each unit, and the minutes that its zone is ahead of UTC.
#[derive(Debug, Default)]
struct Said {
    units: [i32; 7],
    ahead: Option<i32>,
}

/// A format of days, timestamps or times of the day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeFormat {
    parts: Vec<Part>,
}

impl TimeFormat {
    /// Of `yyyy-MM-dd`, `dd.MM.yyyy HH:mm`, `M/d/yyyy`, `yyyy-MM-dd'T'HH:mm:ss.SSSXXX`, `HH:mm`, …; `None` of letters that
    /// are not known here, of names of months, of years without a century, and of parts that make neither a day nor a
    /// time.
    pub fn read(letters: &str) -> Option<Self> {
        if letters.len() > LONGEST {
            return None;
        }
        // Java's Y and D are other things; whoever writes both means a year and a day.
        let capitals = letters.contains("YYYY") && letters.contains("DD");
        let mut parts = Vec::new();
        let mut rest = letters;
        while let Some(first) = rest.chars().next() {
            let run = rest.len() - rest.trim_start_matches(first).len();
            let (word, behind) = rest.split_at_checked(run)?;
            if first == '\'' {
                let (quoted, behind) = rest.get(1..)?.split_once('\'')?;
                match quoted {
                    "" => parts.push(Part::Is('\'')),
                    "Z" => parts.push(Part::Zone(&["Z"])),
                    quoted => parts.extend(quoted.chars().map(Part::Is)),
                }
                rest = behind;
                continue;
            }
            rest = behind;
            if !first.is_ascii_alphanumeric() {
                parts.extend(word.chars().map(Part::Is));
                continue;
            }
            parts.push(match word {
                "yyyy" | "uuuu" => Part::Digits(Unit::Year, 4, 4),
                "YYYY" if capitals => Part::Digits(Unit::Year, 4, 4),
                "MM" => Part::Digits(Unit::Month, 2, 2),
                "M" => Part::Digits(Unit::Month, 1, 2),
                "dd" => Part::Digits(Unit::Day, 2, 2),
                "DD" if capitals => Part::Digits(Unit::Day, 2, 2),
                "d" => Part::Digits(Unit::Day, 1, 2),
                "HH" => Part::Digits(Unit::Hour, 2, 2),
                "H" => Part::Digits(Unit::Hour, 1, 2),
                "mm" => Part::Digits(Unit::Minute, 2, 2),
                "m" => Part::Digits(Unit::Minute, 1, 2),
                "ss" => Part::Digits(Unit::Second, 2, 2),
                "s" => Part::Digits(Unit::Second, 1, 2),
                "T" => Part::Is('T'),
                word if first == 'S' && run <= 9 => Part::Digits(Unit::Fraction, word.len(), word.len()),
                word => Part::Zone(ZONES.into_iter().find(|(letters, _)| *letters == word)?.1),
            });
        }
        let format = Self { parts };
        format.is_sound().then_some(format)
    }

    /// Whether the parts make a day, a time or both, each once, and can be told apart.
    fn is_sound(&self) -> bool {
        let count =
            |unit: Unit| self.parts.iter().filter(|part| matches!(part, Part::Digits(of, ..) if *of == unit)).count();
        let [year, month, day] = [Unit::Year, Unit::Month, Unit::Day].map(count);
        let [hour, minute, second, fraction] = [Unit::Hour, Unit::Minute, Unit::Second, Unit::Fraction].map(count);
        let zones = self.parts.iter().filter(|part| matches!(part, Part::Zone(_))).count();
        let dated = [year, month, day] == [1; 3];
        let timed = [hour, minute] == [1; 2] && fraction <= second && second <= 1;
        let no_day = [year, month, day] == [0; 3];
        let no_time = [hour, minute, second, fraction, zones] == [0; 5];
        let apart = self
            .parts
            .windows(2)
            .all(|pair| !matches!(pair, [Part::Digits(_, least, most), Part::Digits(..)] if least < most));
        apart && zones <= 1 && (dated && (timed || no_time) || no_day && timed)
    }

    /// Whether it writes the day.
    pub fn is_dated(&self) -> bool {
        self.has(Unit::Day)
    }

    /// Whether it writes a zone.
    pub fn is_zoned(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Zone(_)))
    }

    fn has(&self, unit: Unit) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Digits(of, ..) if *of == unit))
    }

    /// Whether the text is written so. What it says must still be a day and a time.
    pub fn wrote(&self, text: &str) -> bool {
        self.said(text).is_some()
    }

    /// The point in time that a text says, of a format that writes the day.
    pub fn moment(&self, text: &str) -> Option<Moment> {
        let said = self.said(text).filter(|_| self.is_dated())?;
        let [year, month, day, ..] = said.units;
        let (year, month, day) = (i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?);
        let local = DateTime::from_parts(Date::new(year, month, day).ok()?, said.time()?);
        let ahead = i128::from(said.ahead.unwrap_or(0)) * MINUTE;
        let nanoseconds = local.to_zoned(TimeZone::UTC).ok()?.timestamp().as_nanosecond() - ahead;
        Some(Moment { nanoseconds, zoned: said.ahead.is_some(), timed: self.has(Unit::Hour) })
    }

    /// Nanoseconds since midnight, of a format that writes neither a day nor a zone.
    pub fn time_of_day(&self, text: &str) -> Option<i128> {
        let said = self.said(text).filter(|_| !self.is_dated() && !self.is_zoned())?;
        said.time()?;
        let [_, _, _, hour, minute, second, fraction] = said.units.map(i128::from);
        Some(((hour * 60 + minute) * 60 + second) * SECOND + fraction)
    }

    fn said(&self, text: &str) -> Option<Said> {
        let mut said = Said::default();
        let mut rest = text;
        for part in &self.parts {
            match part {
                Part::Is(char) => rest = rest.strip_prefix(*char)?,
                Part::Zone(looks) => {
                    let look =
                        looks.iter().find(|look| rest.get(..look.len()).is_some_and(|text| is_like(text, look)))?;
                    let (zone, behind) = rest.split_at_checked(look.len())?;
                    said.ahead = Some(minutes(zone));
                    rest = behind;
                }
                Part::Digits(unit, least, most) => {
                    let digits = rest.bytes().take(*most).take_while(u8::is_ascii_digit).count();
                    let (digits, behind) =
                        rest.split_at_checked(digits).filter(|(digits, _)| digits.len() >= *least)?;
                    let number: i32 = digits.parse().ok()?;
                    let finer = if *unit == Unit::Fraction { 10i32.pow(9 - digits.len() as u32) } else { 1 };
                    *said.units.get_mut(*unit as usize)? = number * finer;
                    rest = behind;
                }
            }
        }
        rest.is_empty().then_some(said)
    }

    /// Whether it could write a stored time without loss, and says a zone where that has one.
    pub fn can_write(&self, nanoseconds: i128, zoned: bool) -> bool {
        let fraction = self.parts.iter().find_map(|part| match part {
            Part::Digits(Unit::Fraction, digits, _) => Some(SECOND / 10i128.pow(*digits as u32)),
            _ => None,
        });
        let step = match fraction {
            Some(step) => step,
            None if self.has(Unit::Second) => SECOND,
            None if self.has(Unit::Minute) => MINUTE,
            None => DAY,
        };
        nanoseconds % step == 0 && zoned == self.is_zoned()
    }
}

impl Said {
    fn time(&self) -> Option<Time> {
        let [_, _, _, hour, minute, second, fraction] = self.units;
        let small = |unit: i32| i8::try_from(unit).ok();
        Time::new(small(hour)?, small(minute)?, small(second)?, fraction).ok()
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

/// Minutes that a zone is ahead of UTC: `Z`, `+01`, `-0130`, `+01:30`.
fn minutes(zone: &str) -> i32 {
    let digits: Vec<i32> = zone.bytes().filter(u8::is_ascii_digit).map(|digit| i32::from(digit - b'0')).collect();
    let at = |place: usize| digits.get(place).copied().unwrap_or(0);
    let ahead = (at(0) * 10 + at(1)) * 60 + at(2) * 10 + at(3);
    if zone.starts_with('-') { -ahead } else { ahead }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn texts_are_written_so_to_the_letter() {
        let cases: [(&str, &[&str], &[&str]); 14] = [
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
            ("dd.MM.yyyy", &["31.01.2026"], &["2026-01-31", "31.1.2026", "31.01.26", "31-01-2026", "31.01.2026 "]),
            ("M/d/yyyy H:mm", &["1/31/2026 8:30", "01/31/2026 12:00"], &["/31/2026 8:30", "001/31/2026 8:30"]),
            ("yyyyMMdd", &["20260131"], &["2026-01-31", "2026131"]),
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
            "yy-MM-dd",
            "yyyy-MM",
            "MM-dd",
            "dd MMM yyyy",
            "YYYY-MM-dd",
            "yyyy-MM-DD",
            "yyyy-DDD",
            "yyyy-MM-dd yyyy",
            "yyyyMd",
            "yyyy-MM-dd hh:mm",
            "yyyy-MM-dd HH",
            "mm:ss",
            "HH:mm.SSS",
            "yyyy-MM-dd HH:mm:ss.SSSSSSSSSS",
            "yyyy-MM-dd HH:mm:ss VV",
            "yyyy-MM-dd'T'HH:mm:ssXXXX",
            "yyyy-MM-ddX",
            "yyyy-MM-dd'T",
            "date",
        ] {
            assert_eq!(TimeFormat::read(letters), None, "{letters}");
        }
        assert_eq!(TimeFormat::read(&format!("yyyy-MM-dd{}", " ".repeat(100))), None);
    }

    #[test]
    fn moments() {
        let moment = |letters: &str, text: &str| TimeFormat::read(letters).unwrap().moment(text);
        for (letters, text, iso) in [
            ("dd.MM.yyyy", "31.01.2026", "2026-01-31"),
            ("M/d/yyyy", "1/31/2026", "2026-01-31"),
            ("yyyy-dd-MM", "2026-02-01", "2026-01-02"),
            ("dd.MM.yyyy HH:mm", "31.01.2026 12:00", "2026-01-31T12:00:00"),
            ("yyyyMMdd'T'HHmmss.SSSX", "20260131T120000.250+02", "2026-01-31T12:00:00.25+02:00"),
            ("yyyy-MM-dd'T'HH:mm:ssXXX", "2026-01-31T12:00:00-01:30", "2026-01-31T12:00:00-01:30"),
            ("HH:mm, d.M.yyyy", "23:59, 1.1.1970", "1970-01-01T23:59:00"),
        ] {
            assert_eq!(moment(letters, text), Moment::parse(iso), "{letters} {text}");
            assert!(moment(letters, text).is_some());
        }
        for (letters, text) in [
            ("dd.MM.yyyy", "31.02.2026"),
            ("dd.MM.yyyy", "00.01.2026"),
            ("dd.MM.yyyy HH:mm", "01.01.2026 24:00"),
            ("HH:mm", "08:30"),
        ] {
            assert_eq!(moment(letters, text), None, "{letters} {text}");
        }
        let time = |letters: &str, text: &str| TimeFormat::read(letters).unwrap().time_of_day(text);
        assert_eq!(time("H:mm", "8:30"), Some(30_600 * SECOND));
        assert_eq!((time("HH:mm", "25:00"), time("HH:mmX", "08:30Z")), (None, None));
    }

    #[test]
    fn stored_times_are_not_finer_and_have_the_zone_that_it_has() {
        let can = |letters: &str, nanoseconds: i128, zoned: bool| {
            TimeFormat::read(letters).unwrap().can_write(nanoseconds, zoned)
        };
        assert!(can("yyyy-MM-dd", -DAY, false) && !can("dd.MM.yyyy", 1, false));
        assert!(can("HH:mm", MINUTE, false) && !can("HH:mm", SECOND, false));
        assert!(can("HH:mm:ss", SECOND, false) && !can("HH:mm:ss", SECOND / 10, false));
        assert!(can("HH:mm:ss.SSS", 1_000_000, false) && !can("HH:mm:ss.SSS", 1000, false));
        assert!(can("HH:mm:ss.SSSSSSSSS", 1, false));
        assert!(can("HH:mmXXX", 0, true) && !can("HH:mmXXX", 0, false) && !can("HH:mm", 0, true));
        assert!(
            TimeFormat::read("yyyy-MM-dd").unwrap().is_dated() && !TimeFormat::read("HH:mm:ss.S").unwrap().is_dated()
        );
    }

    proptest! {
        /// Whatever order a time is written in, it is the same time.
        #[test]
        fn any_order_says_the_same(year in 1970i16..2100, month in 1i8..13, day in 1i8..29, hour in 0i8..24, minute in 0i8..60) {
            let iso = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:00Z");
            let expected = Moment::parse(&iso).unwrap();
            for (letters, text) in [
                ("dd.MM.yyyy HH:mmX", format!("{day:02}.{month:02}.{year:04} {hour:02}:{minute:02}Z")),
                ("H:mm M/d/yyyyXXX", format!("{hour}:{minute:02} {month}/{day}/{year:04}+00:00")),
                ("yyyyMMddHHmmxx", format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}+0000")),
            ] {
                prop_assert_eq!(TimeFormat::read(letters).unwrap().moment(&text), Some(expected), "{} {}", letters, text);
            }
        }

        #[test]
        fn no_text_and_no_letters_break_it(letters in ".{0,24}", text in ".{0,24}") {
            if let Some(format) = TimeFormat::read(&letters) {
                format.moment(&text);
                format.time_of_day(&text);
            }
        }
    }
}
