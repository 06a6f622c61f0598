//! A file line by line.

use super::unreadable;
use crate::measure::MeasureError;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

/// Longest line in bytes.
pub const MAX_LINE: u64 = 8 << 20;
const AHEAD: usize = 1 << 16;

/// Lines that hold something, each of bounded size.
pub struct Lines {
    reader: BufReader<FromStart>,
    line: Vec<u8>,
    number: u64,
}

impl Lines {
    pub fn start(file: &Arc<File>) -> Self {
        let reader = BufReader::with_capacity(AHEAD, FromStart { file: Arc::clone(file), at: 0 });
        Self { reader, line: Vec::new(), number: 0 }
    }

    /// The next line and its number.
    ///
    /// # Errors
    /// Unreadable, too long, not UTF-8.
    pub fn next(&mut self) -> Result<Option<(&str, u64)>, MeasureError> {
        loop {
            self.line.clear();
            let mut bounded = self.reader.by_ref().take(MAX_LINE + 1);
            bounded.read_until(b'\n', &mut self.line).map_err(|error| unreadable(error.to_string()))?;
            self.number += 1;
            if self.line.is_empty() {
                return Ok(None);
            }
            if self.line.len() as u64 > MAX_LINE {
                return Err(MeasureError::TooLarge { what: "bytes in one line", limit: MAX_LINE });
            }
            if self.number == 1 && self.line.starts_with(b"\xef\xbb\xbf") {
                self.line.drain(..3);
            }
            // No object stands there, so no row does.
            if !self.line.trim_ascii().is_empty() {
                break;
            }
        }
        let number = self.number;
        match std::str::from_utf8(&self.line) {
            Ok(line) => Ok(Some((line, number))),
            Err(_) => Err(unreadable(format!("line {number} is not UTF-8"))),
        }
    }
}

/// Reads by place: several threads read one file at a time, and its own position is theirs together.
struct FromStart {
    file: Arc<File>,
    at: u64,
}

impl Read for FromStart {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}
