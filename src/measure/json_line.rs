//! One object on one line, as in RFC 8259 to the letter, but for the words that Python writes for numbers that are none.
//! No recursion: what is nested is passed over.

/// Objects and arrays within each other.
const MAX_DEPTH: usize = 64;

/// A value, where it stands. Texts of places are had from [`Line::text`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    Null,
    Boolean(bool),
    Number(Place),
    /// `NaN`, `Infinity` or `-Infinity`.
    NotFinite(Place),
    Text(Place),
    Array,
    Object,
}

/// A part of the line, or of what was unescaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    start: usize,
    end: usize,
    unescaped: bool,
}

/// What is wrong with a line, and before which byte of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wrong {
    pub what: &'static str,
    pub at: usize,
}

/// A line and what its escaped texts mean.
pub struct Line<'a> {
    line: &'a str,
    at: usize,
    unescaped: String,
}

impl<'a> Line<'a> {
    /// `unescaped` is room that was used before.
    pub fn new(line: &'a str, mut unescaped: String) -> Self {
        unescaped.clear();
        Self { line, at: 0, unescaped }
    }

    pub fn text(&self, place: Place) -> &str {
        let all = if place.unescaped { self.unescaped.as_str() } else { self.line };
        all.get(place.start..place.end).unwrap_or_default()
    }

    /// The room, to be used again.
    pub fn room(self) -> String {
        self.unescaped
    }

    /// Calls `each` with every member of the object that the line is: the name, and the value.
    ///
    /// # Errors
    /// Not one object and nothing else, or nested too deep; and those of `each`.
    pub fn members<E: From<Wrong>>(&mut self, mut each: impl FnMut(&str, Token) -> Result<(), E>) -> Result<(), E> {
        self.pass_space();
        self.expect(b'{', "no object begins here")?;
        self.pass_space();
        if self.peek() == Some(b'}') {
            self.at += 1;
        } else {
            loop {
                let name = self.key()?;
                let value = self.value()?;
                each(self.text(name), value)?;
                self.pass_space();
                match self.peek() {
                    Some(b',') => self.at += 1,
                    Some(b'}') => {
                        self.at += 1;
                        break;
                    }
                    Some(_) | None => return Err(self.wrong("neither a comma nor the end of the object").into()),
                }
                self.pass_space();
            }
        }
        self.pass_space();
        if self.at == self.line.len() { Ok(()) } else { Err(self.wrong("something follows the object").into()) }
    }

    fn key(&mut self) -> Result<Place, Wrong> {
        self.pass_space();
        let name = self.string()?;
        self.pass_space();
        self.expect(b':', "no colon behind a name")?;
        self.pass_space();
        Ok(name)
    }

    fn value(&mut self) -> Result<Token, Wrong> {
        match self.peek() {
            Some(b'"') => self.string().map(Token::Text),
            Some(b'{') => self.nested().map(|()| Token::Object),
            Some(b'[') => self.nested().map(|()| Token::Array),
            Some(_) | None => self.plain(),
        }
    }

    /// A value without quotes and without parts.
    fn plain(&mut self) -> Result<Token, Wrong> {
        let start = self.at;
        let rest = self.line.get(start..).unwrap_or_default();
        let place = |end| Place { start, end, unescaped: false };
        let words = [("null", Token::Null), ("true", Token::Boolean(true)), ("false", Token::Boolean(false))];
        if let Some((word, token)) = words.into_iter().find(|(word, _)| rest.starts_with(word)) {
            self.at += word.len();
            return Ok(token);
        }
        if let Some(word) = ["NaN", "Infinity", "-Infinity"].into_iter().find(|word| rest.starts_with(word)) {
            self.at += word.len();
            return Ok(Token::NotFinite(place(self.at)));
        }
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        let whole = self.digits("no value")?;
        if self.line.as_bytes().get(whole) == Some(&b'0') && self.at > whole + 1 {
            return Err(Wrong { what: "a number begins with 0", at: whole });
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits("no digit behind the point")?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits("no digit in the exponent")?;
        }
        Ok(Token::Number(place(self.at)))
    }

    /// At least one; gives where the first stands.
    fn digits(&mut self, what: &'static str) -> Result<usize, Wrong> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at > start { Ok(start) } else { Err(self.wrong(what)) }
    }

    /// Passes over an object or an array and all that is in it.
    fn nested(&mut self) -> Result<(), Wrong> {
        // Whether each of those that are open is an object.
        let mut open: Vec<bool> = Vec::new();
        loop {
            match self.peek() {
                Some(begin @ (b'{' | b'[')) => {
                    let is_object = begin == b'{';
                    if open.len() + 1 == MAX_DEPTH {
                        return Err(self.wrong("nested too deep"));
                    }
                    open.push(is_object);
                    self.at += 1;
                    self.pass_space();
                    if self.peek() == Some(if is_object { b'}' } else { b']' }) {
                        self.at += 1;
                        open.pop();
                    } else {
                        if is_object {
                            self.key()?;
                        }
                        continue;
                    }
                }
                Some(b'"') => {
                    let kept = self.unescaped.len();
                    self.string()?;
                    self.unescaped.truncate(kept);
                }
                Some(_) | None => {
                    self.plain()?;
                }
            }
            loop {
                let Some(is_object) = open.last().copied() else { return Ok(()) };
                self.pass_space();
                match (self.peek(), is_object) {
                    (Some(b','), _) => {
                        self.at += 1;
                        self.pass_space();
                        if is_object {
                            self.key()?;
                        }
                        break;
                    }
                    (Some(b'}'), true) | (Some(b']'), false) => {
                        self.at += 1;
                        open.pop();
                    }
                    (Some(_) | None, _) => return Err(self.wrong("neither a comma nor an end")),
                }
            }
        }
    }

    fn string(&mut self) -> Result<Place, Wrong> {
        self.expect(b'"', "no text in quotes")?;
        let start = self.at;
        let mut copied = start;
        let unescaped = self.unescaped.len();
        loop {
            match self.peek() {
                None => return Err(self.wrong("a text without end")),
                Some(b'"') => {
                    let end = self.at;
                    self.at += 1;
                    if self.unescaped.len() == unescaped && copied == start {
                        return Ok(Place { start, end, unescaped: false });
                    }
                    self.unescaped.push_str(self.line.get(copied..end).unwrap_or_default());
                    return Ok(Place { start: unescaped, end: self.unescaped.len(), unescaped: true });
                }
                Some(b'\\') => {
                    self.unescaped.push_str(self.line.get(copied..self.at).unwrap_or_default());
                    self.at += 1;
                    let meant = self.escape()?;
                    self.unescaped.push(meant);
                    copied = self.at;
                }
                Some(0..0x20) => return Err(self.wrong("a control character in a text")),
                Some(_) => self.at += 1,
            }
        }
    }

    fn escape(&mut self) -> Result<char, Wrong> {
        let byte = self.peek().unwrap_or_default();
        self.at += 1;
        Ok(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.unit()?;
                let both = match first {
                    0xd800..=0xdbff => {
                        let pair = self.line.as_bytes().get(self.at..).is_some_and(|rest| rest.starts_with(b"\\u"));
                        if !pair {
                            return Err(self.wrong("half a character"));
                        }
                        self.at += 2;
                        [first, self.unit()?].to_vec()
                    }
                    _ => vec![first],
                };
                let mut meant = char::decode_utf16(both);
                match (meant.next(), meant.next()) {
                    (Some(Ok(one)), None) => one,
                    (_, _) => return Err(self.wrong("half a character")),
                }
            }
            _ => return Err(self.wrong("an escape that is none")),
        })
    }

    /// Four hexadecimal digits.
    fn unit(&mut self) -> Result<u16, Wrong> {
        let digits = self.line.get(self.at..self.at + 4);
        let digits = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let unit = digits.and_then(|digits| u16::from_str_radix(digits, 16).ok());
        self.at += 4;
        unit.ok_or_else(|| self.wrong("an escape that is none"))
    }

    fn peek(&self) -> Option<u8> {
        self.line.as_bytes().get(self.at).copied()
    }

    fn pass_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8, what: &'static str) -> Result<(), Wrong> {
        if self.peek() == Some(byte) {
            self.at += 1;
            Ok(())
        } else {
            Err(self.wrong(what))
        }
    }

    fn wrong(&self, what: &'static str) -> Wrong {
        Wrong { what, at: self.at + 1 }
    }
}

#[cfg(test)]
mod tests;
