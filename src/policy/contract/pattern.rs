//! Patterns as contracts write them (ECMA-262), matched in linear time. What means something else here than there
//! is refused, so that no pattern passes for another one.

use regex::{Regex, RegexBuilder};

/// Longest pattern, in bytes.
const MAX_PATTERN: usize = 4096;
/// Bytes that a compiled pattern may take.
const MAX_COMPILED: usize = 1 << 20;
/// Groups within each other.
const MAX_NEST: u32 = 32;

/// A pattern that a whole value must match.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    regex: Regex,
}

/// Why a pattern cannot be matched here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    #[error("has more than {MAX_PATTERN} bytes")]
    TooLong,
    #[error("grows too large, or uses what takes more than linear time")]
    Refused,
    #[error("uses \\{0}, which other readers understand otherwise")]
    Escape(char),
}

impl Pattern {
    /// # Errors
    /// Too long or too large when compiled; look-around, references back, escapes that ECMA-262 does not have.
    pub fn read(text: &str) -> Result<Self, PatternError> {
        if text.len() > MAX_PATTERN {
            return Err(PatternError::TooLong);
        }
        let translated = translated(text)?;
        let built = |text: &str| {
            let mut builder = RegexBuilder::new(text);
            builder.size_limit(MAX_COMPILED).dfa_size_limit(MAX_COMPILED / 2).nest_limit(MAX_NEST);
            builder.build().map_err(|_| PatternError::Refused)
        };
        // By itself first: what closes more groups than it opens would open the one around it.
        built(&translated)?;
        Ok(Self { text: text.to_owned(), regex: built(&format!("^(?:{translated})$"))? })
    }

    /// Whether the whole value is of the pattern.
    pub fn matches(&self, value: &str) -> bool {
        self.regex.is_match(value)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}

/// Escapes that stand for several characters.
const CLASSES: [char; 8] = ['d', 'D', 'w', 'W', 's', 'S', 'p', 'P'];

/// The same pattern in the words of the `regex` crate: there `\d`, `\w` and `\b` know all scripts, `.` all ends of a
/// line but one, and classes can be joined and cut.
fn translated(text: &str) -> Result<String, PatternError> {
    let mut out = String::with_capacity(text.len() * 2);
    let mut in_class = false;
    let mut chars = text.chars().peekable();
    // What was read last is an escape that stands for several characters; where the class begins that is open.
    let (mut after_class, mut opened) = (false, 0);
    while let Some(c) = chars.next() {
        let escaped = c == '\\' && chars.peek().is_some_and(|next| CLASSES.contains(next));
        match c {
            '\\' => match chars.next() {
                Some('d') => out.push_str(if in_class { "0-9" } else { "[0-9]" }),
                Some('D') => out.push_str("[^0-9]"),
                Some('w') => out.push_str(if in_class { "0-9A-Za-z_" } else { "[0-9A-Za-z_]" }),
                Some('W') => out.push_str("[^0-9A-Za-z_]"),
                Some('b') if !in_class => out.push_str("(?-u:\\b)"),
                Some(escaped @ ('s' | 'S' | 't' | 'n' | 'r' | 'f' | 'v' | 'x' | 'u' | 'p' | 'P')) => {
                    out.extend(['\\', escaped])
                }
                Some(escaped) if escaped.is_ascii_punctuation() && !matches!(escaped, '<' | '>') => {
                    out.extend(['\\', escaped]);
                }
                Some(escaped @ (' ' | '<' | '>')) => out.push(escaped),
                Some(escaped) => return Err(PatternError::Escape(escaped)),
                None => return Err(PatternError::Refused),
            },
            '[' if !in_class => {
                in_class = true;
                out.push('[');
                if chars.next_if_eq(&'^').is_some() {
                    out.push('^');
                }
                opened = out.len();
                // An empty class; here a bracket that stands first would be one of its members.
                if chars.peek() == Some(&']') {
                    return Err(PatternError::Refused);
                }
            }
            ']' if in_class => {
                in_class = false;
                out.push(']');
            }
            // Here they begin a class within, or join two.
            '[' | '&' | '~' if in_class => out.extend(['\\', c]),
            '-' if in_class && chars.peek() == Some(&'-') => return Err(PatternError::Refused),
            // Beside `\w` and the like a dash is itself; here it would make a range with what the escape stands for.
            '-' if in_class
                && (after_class && chars.peek() != Some(&']') || out.len() > opened && begins_class(&chars)) =>
            {
                return Err(PatternError::Refused);
            }
            '.' if !in_class => out.push_str("[^\\n\\r\\u{2028}\\u{2029}]"),
            // Flags within a pattern, and names of groups in another way of writing them.
            '(' if !in_class && chars.peek() == Some(&'?') => {
                chars.next();
                match chars.peek() {
                    Some(':') => out.push_str("(?"),
                    Some('<') => out.push_str("(?"),
                    Some(_) | None => return Err(PatternError::Refused),
                }
            }
            _ => out.push(c),
        }
        after_class = escaped;
    }
    Ok(out)
}

/// Whether an escape follows that stands for several characters.
fn begins_class(chars: &std::iter::Peekable<std::str::Chars<'_>>) -> bool {
    let mut ahead = chars.clone();
    ahead.next() == Some('\\') && ahead.next().is_some_and(|next| CLASSES.contains(&next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_in_ecma_262() {
        let cases: [(&str, &[&str], &[&str]); 14] = [
            ("ACC[0-9]{8}", &["ACC12345678"], &["xACC12345678", "ACC123456789", "ACC12345678\n", ""]),
            ("^a|b$", &["a", "b"], &["ax", "xb"]),
            (r"\d+", &["12"], &["١٢", ""]),
            (r"[\d.]+", &["1.2"], &["1,2"]),
            (r"[\D]", &["x"], &["1"]),
            (r"\w+", &["a_1"], &["é"]),
            ("a.c", &["abc"], &["a\rc", "a\nc", "a\u{2028}c"]),
            ("[a&&b]+", &["a&b"], &["c"]),
            ("[[a]+", &["[a"], &["b"]),
            (r"x\/y\-z", &["x/y-z"], &["xy"]),
            ("(?:a|b)(?<n>c)?", &["a", "bc"], &["c"]),
            (r"a\b b", &["a b"], &["ab"]),
            (r"[\w-]+", &["a-1"], &["a.1"]),
            (r"[-\d]+", &["1-2"], &["a", "!"]),
        ];
        for (pattern, good, bad) in cases {
            let read = Pattern::read(pattern).unwrap();
            good.iter().for_each(|value| assert!(read.matches(value), "{pattern} {value:?}"));
            bad.iter().for_each(|value| assert!(!read.matches(value), "{pattern} {value:?}"));
        }
    }

    #[test]
    fn what_cannot_be_matched_in_linear_time_or_means_something_else_is_refused() {
        let nested = format!("{}a{}", "(".repeat(100), ")".repeat(100));
        for pattern in [
            "a)|(b",
            "(?=a)",
            "(?<!a)b",
            r"(a)\1",
            r"\Aa\z",
            "(?i)a",
            "[]",
            "[^]",
            "[a--b]",
            r"[\w-z ]",
            r"[ -\w]",
            r"[!-\D]",
            "(",
            "a{1000}{1000}{1000}",
            "\\",
            &nested,
        ] {
            assert!(Pattern::read(pattern).is_err(), "{pattern}");
        }
        assert_eq!(Pattern::read(&"a".repeat(MAX_PATTERN + 1)).unwrap_err(), PatternError::TooLong);
    }
}
