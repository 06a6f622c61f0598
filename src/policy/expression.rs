//! Limits on the text of a CEL expression, told from its characters alone.
//!
//! The CEL library recurses over what it parses and knows no cost limit, so a text must prove itself
//! small before it may reach it. What cannot be read here with certainty is refused: the library's
//! lexer drops characters that it does not know and carries on, and a text that the two read
//! differently could hide its depth.

mod facts;

pub use facts::{EVIDENCE, FACTS, Fact, Kind, NameError, ROW, check_names, check_row_names, evidence_paths};

/// Longest text, in bytes.
pub const MAX_TEXT: usize = 4096;
/// Most brackets and `?` open at one place.
pub const MAX_NESTING: usize = 32;
/// Most names, literals, operators and brackets.
pub const MAX_PARTS: usize = 512;
/// Most loops (`all`, `exists`, `exists_one`, `map`, `filter`) inside one another.
pub const MAX_NESTED_LOOPS: usize = 2;
/// Most loops altogether.
pub const MAX_LOOPS: usize = 8;

const LOOPS: [&str; 6] = ["all", "exists", "exists_one", "existsOne", "map", "filter"];

/// Why a text may not be compiled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExpressionError {
    #[error("the expression is empty")]
    Empty,
    #[error("the expression has {0} bytes; {MAX_TEXT} are allowed")]
    TooLong(usize),
    #[error("the expression nests deeper than {MAX_NESTING} brackets at byte {0}")]
    TooDeep(usize),
    #[error("the expression has more than {MAX_PARTS} names, literals and operators; split the gate into several")]
    TooManyParts,
    #[error("loops stand more than {MAX_NESTED_LOOPS} deep inside one another at byte {0}")]
    LoopsTooDeep(usize),
    #[error("the expression has more than {MAX_LOOPS} loops; split the gate into several")]
    TooManyLoops,
    #[error("brackets do not pair at byte {0}")]
    Unpaired(usize),
    #[error("a quoted text that starts at byte {0} does not end, or has an escape that CEL does not know")]
    BadQuote(usize),
    #[error("{0:?} at byte {1} means nothing in CEL")]
    UnknownCharacter(char, usize),
}

impl ExpressionError {
    /// Whether the text is refused for its size rather than for its form.
    pub fn is_cost(&self) -> bool {
        match self {
            Self::TooLong(_) | Self::TooDeep(_) | Self::TooManyParts | Self::LoopsTooDeep(_) | Self::TooManyLoops => {
                true
            }
            Self::Empty | Self::Unpaired(_) | Self::BadQuote(_) | Self::UnknownCharacter(..) => false,
        }
    }
}

/// Tells whether a text is small enough to be compiled. Says nothing on whether it is correct CEL.
pub fn check_limits(text: &str) -> Result<(), ExpressionError> {
    parts(text).map(|_| ())
}

/// Names, literals, and single characters of operators and brackets, in their order; at most [`MAX_PARTS`].
fn parts(text: &str) -> Result<Vec<&str>, ExpressionError> {
    if text.len() > MAX_TEXT {
        return Err(ExpressionError::TooLong(text.len()));
    }
    let mut scan = Scan { text, at: 0, parts: Vec::new(), loops: 0, open: Vec::new() };
    scan.run()?;
    if scan.parts.is_empty() { Err(ExpressionError::Empty) } else { Ok(scan.parts) }
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
    parts: Vec<&'a str>,
    loops: usize,
    open: Vec<Open>,
}

/// Something that must be closed before what surrounds it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Bracket {
        closes_with: u8,
        is_loop: bool,
    },
    /// `?` nests all that follows it, up to the bracket around it.
    Question,
}

impl<'a> Scan<'a> {
    fn run(&mut self) -> Result<(), ExpressionError> {
        let mut name = "";
        while let Some(byte) = self.peek(0) {
            if matches!(byte, b'\t' | b' ' | b'\r' | b'\n' | 0x0c) {
                self.at += 1;
                continue;
            }
            if byte == b'/' && self.peek(1) == Some(b'/') {
                self.skip_while(|b| b != b'\n');
                continue;
            }
            if self.parts.len() == MAX_PARTS {
                return Err(ExpressionError::TooManyParts);
            }
            let start = self.at;
            let last_name = std::mem::take(&mut name);
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'_' => name = self.name_or_prefixed_quote()?,
                b'0'..=b'9' => {
                    self.skip_while(|b| b.is_ascii_alphanumeric());
                }
                b'"' | b'\'' => self.quote(self.at, false)?,
                b'`' => self.quoted_name()?,
                b'(' => self.push(b')', LOOPS.contains(&last_name))?,
                b'[' => self.push(b']', false)?,
                b'{' => self.push(b'}', false)?,
                b')' | b']' | b'}' => self.pop(byte)?,
                b'?' => {
                    self.at += 1;
                    self.nest(Open::Question)?;
                }
                b'.' | b',' | b':' | b'+' | b'-' | b'*' | b'/' | b'%' | b'<' | b'>' | b'=' | b'!' | b'&' | b'|' => {
                    self.at += 1;
                }
                _ => return Err(self.unknown_character()),
            }
            self.parts.push(self.text.get(start..self.at).unwrap_or_default());
        }
        match self.open.iter().any(|open| *open != Open::Question) {
            true => Err(ExpressionError::Unpaired(self.text.len())),
            false => Ok(()),
        }
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    fn skip_while(&mut self, wanted: impl Fn(u8) -> bool) -> &'a str {
        let start = self.at;
        while self.peek(0).is_some_and(&wanted) {
            self.at += 1;
        }
        self.text.get(start..self.at).unwrap_or_default()
    }

    fn unknown_character(&self) -> ExpressionError {
        let character = self.text.get(self.at..).and_then(|rest| rest.chars().next()).unwrap_or('\u{fffd}');
        ExpressionError::UnknownCharacter(character, self.at)
    }

    /// `r`, `b` and `br` directly before a quote belong to it.
    fn name_or_prefixed_quote(&mut self) -> Result<&'a str, ExpressionError> {
        let start = self.at;
        let name = self.skip_while(|b| b.is_ascii_alphanumeric() || b == b'_');
        let quoted = matches!(self.peek(0), Some(b'"' | b'\''));
        match name {
            "r" | "R" | "br" | "bR" | "Br" | "BR" if quoted => self.quote(start, true).map(|()| ""),
            "b" | "B" if quoted => self.quote(start, false).map(|()| ""),
            _ => Ok(name),
        }
    }

    fn quoted_name(&mut self) -> Result<(), ExpressionError> {
        let start = self.at;
        self.at += 1;
        let name = self.skip_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b'/' | b' '));
        if name.is_empty() || self.peek(0) != Some(b'`') {
            return Err(ExpressionError::BadQuote(start));
        }
        self.at += 1;
        Ok(())
    }

    fn quote(&mut self, start: usize, raw: bool) -> Result<(), ExpressionError> {
        let mark = self.peek(0);
        let is_triple = self.peek(1) == mark && self.peek(2) == mark;
        self.at += if is_triple { 3 } else { 1 };
        loop {
            match self.peek(0) {
                None => return Err(ExpressionError::BadQuote(start)),
                byte if byte == mark && !is_triple => {
                    self.at += 1;
                    return Ok(());
                }
                byte if byte == mark && self.peek(1) == mark && self.peek(2) == mark => {
                    self.at += 3;
                    return Ok(());
                }
                Some(b'\n' | b'\r') if !is_triple => return Err(ExpressionError::BadQuote(start)),
                Some(b'\\') if !raw => {
                    let length = self.escape_length().ok_or(ExpressionError::BadQuote(start))?;
                    self.at += length;
                }
                Some(_) => self.at += 1,
            }
        }
    }

    /// Bytes of the escape that starts here, backslash included.
    fn escape_length(&self) -> Option<usize> {
        let hex = |from: usize, count: usize| {
            (from..from + count).all(|i| self.peek(i).is_some_and(|b| b.is_ascii_hexdigit())).then_some(from + count)
        };
        let octal = |i: usize| self.peek(i).is_some_and(|b| (b'0'..=b'7').contains(&b));
        match self.peek(1)? {
            b'a' | b'b' | b'f' | b'n' | b'r' | b't' | b'v' | b'"' | b'\'' | b'\\' | b'?' | b'`' => Some(2),
            b'x' | b'X' => hex(2, 2),
            b'u' => hex(2, 4),
            b'U' => hex(2, 8),
            b'0'..=b'3' if octal(2) && octal(3) => Some(4),
            _ => None,
        }
    }

    fn push(&mut self, closes_with: u8, is_loop: bool) -> Result<(), ExpressionError> {
        self.at += 1;
        self.nest(Open::Bracket { closes_with, is_loop })?;
        if !is_loop {
            return Ok(());
        }
        self.loops += 1;
        let around = self.open.iter().filter(|open| matches!(open, Open::Bracket { is_loop: true, .. })).count();
        if around > MAX_NESTED_LOOPS {
            return Err(ExpressionError::LoopsTooDeep(self.at));
        }
        if self.loops > MAX_LOOPS {
            return Err(ExpressionError::TooManyLoops);
        }
        Ok(())
    }

    fn nest(&mut self, open: Open) -> Result<(), ExpressionError> {
        self.open.push(open);
        if self.open.len() > MAX_NESTING { Err(ExpressionError::TooDeep(self.at)) } else { Ok(()) }
    }

    fn pop(&mut self, closing: u8) -> Result<(), ExpressionError> {
        self.at += 1;
        while self.open.last() == Some(&Open::Question) {
            self.open.pop();
        }
        match self.open.pop() {
            Some(Open::Bracket { closes_with, .. }) if closes_with == closing => Ok(()),
            Some(_) | None => Err(ExpressionError::Unpaired(self.at)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_expressions_are_within_limits() {
        for text in [
            "true",
            "evidence.metrics.data.metrics.accuracy >= 0.8 && !(declared.purpose == 'test')",
            "evidence.runs.all(r, r.seeds.exists(s, s > 3)) // every run",
            r#"release.name.startsWith("a\u00e9\x41\101") || r'\(((' == r"\q" || b"x" == br'\'"#,
            "'''a ( \n ''' == \"\"\"[[ \" \"\"\" ? 1 : 2",
            "`a-b` in {'k': [1, 2.5e-3, 0xFFu, -1]}",
            "'((((((((((((((((((((((((((((((((((((((((('.size() == 41",
            "evidence.x.filter(e, e > 1).map(e, e * 2).all(e, e > 2)",
        ] {
            assert_eq!(check_limits(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn sizes_are_limited() {
        let nested = |n: usize| format!("{}true{}", "(".repeat(n), ")".repeat(n));
        assert_eq!(check_limits(&nested(MAX_NESTING)), Ok(()));
        let chain = |n: usize| vec!["1"; n].join("+");
        assert_eq!(check_limits(&chain(256)), Ok(()));
        let loops = |n: usize| format!("{}true{}", "[1].all(x, ".repeat(n), ")".repeat(n));
        assert_eq!(check_limits(&loops(2)), Ok(()));
        let ternaries = |n: usize| format!("{}0", "true ? 1 : ".repeat(n));
        assert_eq!(check_limits(&ternaries(MAX_NESTING)), Ok(()));
        for (text, expected) in [
            (nested(MAX_NESTING + 1), ExpressionError::TooDeep(33)),
            (nested(2000), ExpressionError::TooDeep(33)),
            (format!("{}{}", "[".repeat(40), "]".repeat(40)), ExpressionError::TooDeep(33)),
            (format!("{}{}", "{1:".repeat(40), "}".repeat(40)), ExpressionError::TooDeep(97)),
            (ternaries(MAX_NESTING + 1), ExpressionError::TooDeep(358)),
            (chain(257), ExpressionError::TooManyParts),
            ("!".repeat(2000) + "true", ExpressionError::TooManyParts),
            ("-".repeat(2000) + "1", ExpressionError::TooManyParts),
            (format!("a{}", ".b".repeat(600)), ExpressionError::TooManyParts),
            (loops(3), ExpressionError::LoopsTooDeep(30)),
            (["[1].all(x, true)"; 9].join("&&"), ExpressionError::TooManyLoops),
            ("a".repeat(MAX_TEXT + 1), ExpressionError::TooLong(MAX_TEXT + 1)),
            (" ".repeat(1_000_000), ExpressionError::TooLong(1_000_000)),
        ] {
            let shown = text.get(..60).unwrap_or(&text);
            let found = check_limits(&text);
            assert_eq!(found, Err(expected), "{shown}");
            assert!(found.is_err_and(|e| e.is_cost()), "{shown}");
        }
    }

    /// Each of these could hide brackets from a reader that skips what it does not know.
    #[test]
    fn what_cannot_be_read_with_certainty_is_refused() {
        for text in [
            "",
            " // only a comment",
            "\"((((",
            "'a\n(((('",
            r"'\q(((('",
            r"'\x4(((('",
            r"'\u12(((('",
            r"'\777('",
            r#""\"#,
            "'''((((",
            "`a(`",
            "``",
            "(]",
            ")",
            "(",
            "{)}",
            "a ? (b : c",
            "a @ b",
            "a # b",
            "a ; b",
            "a \\ b",
            "é",
            "a\u{a0}b",
            "\u{0}",
        ] {
            let found = check_limits(text);
            assert!(found.as_ref().is_err_and(|e| !e.is_cost()), "{text:?} {found:?}");
        }
    }

    proptest::proptest! {
        /// Any text is judged without a panic.
        #[test]
        fn any_text(text in "[\\PC\\n]{0,200}") {
            let _ = check_limits(&text);
        }
    }
}
