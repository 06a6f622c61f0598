//! Blank lines of a CSV file with one column. Each is a row whose only cell is empty (RFC 4180, section 2), but the reader
//! passes over them. It gets to read `""` there instead.

use std::io::{self, Read};

const CHUNK: usize = 1 << 16;

/// What the last byte was part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// Nothing has been said yet. What is blank before the header is no row.
    Top,
    LineStart,
    /// A carriage return. A line feed may belong to it.
    Return,
    CellStart,
    Cell,
    Quoted,
    /// A quote within quotes: the last one, or the first of two.
    Quote,
}

impl At {
    fn behind(self, byte: u8) -> Self {
        match (self, byte) {
            (Self::Quoted, b'"') => Self::Quote,
            (Self::Quoted, _) | (Self::Quote, b'"') => Self::Quoted,
            (Self::Top | Self::LineStart | Self::Return | Self::CellStart, b'"') => Self::Quoted,
            // Of a byte order mark.
            (Self::Top, b'\n' | b'\r' | 0xef | 0xbb | 0xbf) => Self::Top,
            (_, b'\n') => Self::LineStart,
            (_, b'\r') => Self::Return,
            (_, b',') => Self::CellStart,
            (_, _) => Self::Cell,
        }
    }
}

pub struct BlankLines<R> {
    from: R,
    at: At,
    raw: Vec<u8>,
    /// What may be read, and how much of it was.
    ready: Vec<u8>,
    given: usize,
}

impl<R: Read> BlankLines<R> {
    pub fn new(from: R) -> Self {
        Self { from, at: At::Top, raw: vec![0; CHUNK], ready: Vec::new(), given: 0 }
    }

    fn fill(&mut self) -> io::Result<()> {
        let read = self.from.read(&mut self.raw)?;
        if read == 0 && self.at == At::Quoted {
            return Err(io::Error::other("a quote in its last line is not closed"));
        }
        self.ready.clear();
        self.given = 0;
        for byte in self.raw.iter().take(read) {
            let is_blank = match byte {
                b'\n' => self.at == At::LineStart,
                b'\r' => self.at == At::LineStart || self.at == At::Return,
                _ => false,
            };
            if is_blank {
                self.ready.extend(b"\"\"");
            }
            self.ready.push(*byte);
            self.at = self.at.behind(*byte);
        }
        Ok(())
    }
}

impl<R: Read> Read for BlankLines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.ready.len() {
            self.fill()?;
        }
        let read = self.ready.get(self.given..).unwrap_or_default().read(buffer)?;
        self.given += read;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives its bytes one by one.
    struct Slow<'a>(&'a [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let some = buffer.len().min(1);
            self.0.read(&mut buffer[..some])
        }
    }

    #[test]
    fn each_is_an_empty_cell() {
        for (text, read) in [
            ("a\n\n1\n", "a\n\"\"\n1\n"),
            ("a\n1\n\n\n", "a\n1\n\"\"\n\"\"\n"),
            ("a\r\n\r\n1\r\n\r\n", "a\r\n\"\"\r\n1\r\n\"\"\r\n"),
            ("a\r\r1\r", "a\r\"\"\r1\r"),
            // One end of a line, not two; and none at the end of the file.
            ("a\r\n1", "a\r\n1"),
            ("\u{feff}\n\r\na\n", "\u{feff}\n\r\na\n"),
            // Within quotes a line is no line.
            ("a\n\"1\n\n\"\n\n", "a\n\"1\n\n\"\n\"\"\n"),
            ("a\n\"1\"\"\n\n\"\n", "a\n\"1\"\"\n\n\"\n"),
            ("a\n\"\"\n\n", "a\n\"\"\n\"\"\n"),
            ("a\nx\"\n\ny\n", "a\nx\"\n\"\"\ny\n"),
        ] {
            let mut whole = String::new();
            BlankLines::new(text.as_bytes()).read_to_string(&mut whole).unwrap();
            assert_eq!(whole, read, "{text:?}");
            let mut slow = String::new();
            BlankLines::new(Slow(text.as_bytes())).read_to_string(&mut slow).unwrap();
            assert_eq!(slow, read, "{text:?}");
        }
        for text in ["a\n\"1\n2\n", "a\n\"1\"\"\n"] {
            assert!(BlankLines::new(text.as_bytes()).read_to_string(&mut String::new()).is_err(), "{text:?}");
        }
    }
}
