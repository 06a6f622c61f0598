//! Records of a CSV file one by one, as RFC 4180 has them and as the `csv` crate reads them, but that a line which is blank
//! is a row where there is one column and else an error, and so is a quote that is never closed. Most cells are not quoted and are
//! taken as they lie in the buffer.

use super::MeasureError;
use memchr::{memchr, memchr3};
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

/// Longest record in bytes. A quote that is never closed makes a record of all that follows.
const MAX_RECORD: usize = 8 << 20;
const BUFFER: usize = 1 << 17;
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

pub struct Records {
    file: Arc<File>,
    /// Where the file is read next.
    at: u64,
    buffer: Vec<u8>,
    /// What of the buffer was read and not handed out.
    from: usize,
    filled: usize,
    /// Of each record; not known before the first.
    columns: Option<usize>,
    scan: Scan,
}

/// The record that is looked at, and what decides where it ends.
struct Scan {
    /// Nothing follows what is in the buffer.
    whole: bool,
    /// Number of the line that is read next, from 1.
    line: u64,
    /// The last byte of the record before was a carriage return; a line feed may belong to it.
    returned: bool,
    /// Where each cell of the record begins and ends in its text.
    cells: Vec<(usize, usize)>,
    /// The record's text without quotes, when some of its cells have any.
    unquoted: Vec<u8>,
}

/// One record. All have as many cells as the first.
pub struct Record<'a> {
    text: &'a str,
    cells: &'a [(usize, usize)],
}

impl<'a> Record<'a> {
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    pub fn cell(&self, at: usize) -> &'a str {
        self.cells.get(at).and_then(|(from, to)| self.text.get(*from..*to)).unwrap_or_default()
    }

    pub fn iter(&self) -> impl Iterator<Item = &'a str> {
        (0..self.len()).map(|at| self.cell(at))
    }
}

/// How a look for a record ended.
enum Look {
    /// It takes so many bytes, and its text lies there, or without quotes in a place of its own.
    Found {
        taken: usize,
        text: Option<(usize, usize)>,
    },
    /// More bytes are needed to tell.
    More,
    End,
}

impl Records {
    /// From the header on.
    pub fn of(file: &Arc<File>) -> Self {
        Self {
            file: Arc::clone(file),
            at: 0,
            buffer: vec![0; BUFFER],
            from: 0,
            filled: 0,
            columns: None,
            scan: Scan { whole: false, line: 1, returned: false, cells: Vec::new(), unquoted: Vec::new() },
        }
    }

    /// The next record, the header first; `None` behind the last.
    ///
    /// # Errors
    /// Unreadable, too long, not UTF-8, another number of cells than the first, a quote that is not closed.
    pub fn next(&mut self) -> Result<Option<Record<'_>>, MeasureError> {
        let line = self.scan.line;
        let (start, taken, text) = loop {
            match self.look()? {
                Look::End => return Ok(None),
                Look::More => self.fill()?,
                Look::Found { taken, text } => break (self.from, taken, text),
            }
        };
        self.from += taken;
        let columns = *self.columns.get_or_insert(self.scan.cells.len());
        if self.scan.cells.len() != columns {
            let (found, line) = (self.scan.cells.len(), self.scan.line - 1);
            return Err(unreadable(format!("a record has {found} cells, the header has {columns} (line: {line})")));
        }
        let bytes = match text {
            Some((from, to)) => self.buffer.get(start + from..start + to).unwrap_or_default(),
            None => &self.scan.unquoted,
        };
        let text = str::from_utf8(bytes).map_err(|_| unreadable(format!("line {line} is not UTF-8")))?;
        Ok(Some(Record { text, cells: &self.scan.cells }))
    }

    fn look(&mut self) -> Result<Look, MeasureError> {
        let mut data = self.buffer.get(self.from..self.filled).unwrap_or_default();
        if self.at == self.filled as u64 && self.from == 0 {
            if data.len() < BYTE_ORDER_MARK.len() && !self.scan.whole {
                return Ok(Look::More);
            }
            if data.starts_with(BYTE_ORDER_MARK) {
                self.from = BYTE_ORDER_MARK.len();
                data = data.get(self.from..).unwrap_or_default();
            }
        }
        let mut at = 0;
        // Blank lines: before the header they are nothing, a row where a row has one cell, and else none.
        while let Some(byte @ (b'\n' | b'\r')) = data.get(at) {
            at += 1;
            if *byte == b'\n' && std::mem::take(&mut self.scan.returned) {
                continue;
            }
            self.scan.returned = *byte == b'\r';
            self.scan.line += 1;
            match self.columns {
                Some(1) => {
                    self.scan.cells.clear();
                    self.scan.cells.push((0, 0));
                    return Ok(Look::Found { taken: at, text: Some((0, 0)) });
                }
                Some(_) => {
                    return Err(unreadable(format!("line {} is blank, and a row may be missing", self.scan.line - 1)));
                }
                None => {}
            }
        }
        self.from += at;
        let data = data.get(at..).unwrap_or_default();
        match (data, self.scan.whole) {
            ([], true) => Ok(Look::End),
            ([], false) => Ok(Look::More),
            _ => self.scan.record(data),
        }
    }

    /// Makes room behind what is not handed out, and reads on.
    fn fill(&mut self) -> Result<(), MeasureError> {
        self.buffer.copy_within(self.from..self.filled, 0);
        self.filled -= self.from;
        self.from = 0;
        if self.filled > MAX_RECORD {
            let why = format!("a line is longer than {MAX_RECORD} bytes; a quote may not be closed");
            return Err(unreadable(why));
        }
        if self.filled > self.buffer.len() / 2 {
            self.buffer.resize(2 * self.buffer.len(), 0);
        }
        let room = self.buffer.get_mut(self.filled..).unwrap_or_default();
        // By place: several threads read one file at a time, and its own position is theirs together.
        let read = self.file.read_at(room, self.at).map_err(|error| unreadable(error.to_string()))?;
        self.at += read as u64;
        self.filled += read;
        self.scan.whole = read == 0;
        Ok(())
    }
}

impl Scan {
    /// Looks for one record at the start of `data`, which is not empty.
    fn record(&mut self, data: &[u8]) -> Result<Look, MeasureError> {
        self.cells.clear();
        let mut at = 0;
        let end = loop {
            let rest = data.get(at..).unwrap_or_default();
            if rest.first() == Some(&b'"') {
                return self.with_quotes(data);
            }
            match memchr3(b',', b'\n', b'\r', rest) {
                Some(length) => {
                    self.cells.push((at, at + length));
                    at += length + 1;
                    if rest.get(length) != Some(&b',') {
                        break at - 1;
                    }
                }
                None if self.whole => {
                    self.cells.push((at, data.len()));
                    at = data.len();
                    break at;
                }
                None => return Ok(Look::More),
            }
        };
        self.line += 1;
        self.returned = data.get(end) == Some(&b'\r');
        Ok(Look::Found { taken: at, text: Some((0, end)) })
    }

    /// The same for a record of which a cell begins with a quote.
    fn with_quotes(&mut self, data: &[u8]) -> Result<Look, MeasureError> {
        self.cells.clear();
        self.unquoted.clear();
        let (mut at, mut lines) = (0, 1);
        loop {
            let from = self.unquoted.len();
            if data.get(at) == Some(&b'"') {
                at += 1;
                loop {
                    let rest = data.get(at..).unwrap_or_default();
                    let Some(length) = memchr(b'"', rest) else {
                        let error = || unreadable("a quote in its last line is not closed".to_owned());
                        return if self.whole { Err(error()) } else { Ok(Look::More) };
                    };
                    let inside = rest.get(..length).unwrap_or_default();
                    lines += inside.iter().filter(|byte| **byte == b'\n').count() as u64;
                    self.unquoted.extend_from_slice(inside);
                    at += length + 1;
                    match data.get(at) {
                        Some(b'"') => {
                            self.unquoted.push(b'"');
                            at += 1;
                        }
                        // Whether a second quote follows is not known yet.
                        None if !self.whole => return Ok(Look::More),
                        Some(_) | None => break,
                    }
                }
            }
            // What stands behind a closing quote belongs to the cell.
            let rest = data.get(at..).unwrap_or_default();
            let length = match memchr3(b',', b'\n', b'\r', rest) {
                Some(length) => length,
                None if self.whole => rest.len(),
                None => return Ok(Look::More),
            };
            self.unquoted.extend_from_slice(rest.get(..length).unwrap_or_default());
            self.cells.push((from, self.unquoted.len()));
            at += length;
            let end = data.get(at);
            at = data.len().min(at + 1);
            if end != Some(&b',') {
                self.line += lines;
                self.returned = end == Some(&b'\r');
                return Ok(Look::Found { taken: at, text: None });
            }
        }
    }
}

fn unreadable(why: String) -> MeasureError {
    MeasureError::Unreadable { format: "CSV", why }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Write;

    fn read(bytes: &[u8]) -> Result<Vec<Vec<String>>, MeasureError> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        let mut records = Records::of(&Arc::new(file));
        let mut all = Vec::new();
        while let Some(record) = records.next()? {
            all.push(record.iter().map(str::to_owned).collect());
        }
        Ok(all)
    }

    /// As the crate reads them, or `None` when it does not.
    fn by_the_crate(bytes: &[u8]) -> Option<Vec<Vec<String>>> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
        reader.records().map(|record| record.ok().map(|record| record.iter().map(str::to_owned).collect())).collect()
    }

    fn texts() -> impl Strategy<Value = String> {
        let parts = prop::sample::select(vec![
            "a", "bc", ",", ",", "\n", "\n", "\r", "\r\n", "\"", "\"\"", "é", " ", "\u{feff}",
        ]);
        prop::collection::vec(parts, 0..40).prop_map(|parts| parts.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn as_the_crate_reads_them(text in texts()) {
            let theirs = by_the_crate(text.as_bytes());
            match read(text.as_bytes()) {
                Ok(ours) if ours.first().is_some_and(|header| header.len() == 1) => {
                    // The crate passes over blank lines.
                    let filled = |rows: &[Vec<String>]| {
                        rows.iter().filter(|row| **row != [""]).cloned().collect::<Vec<_>>()
                    };
                    prop_assert_eq!(Some(filled(&ours)), theirs.as_deref().map(filled));
                }
                Ok(ours) => prop_assert_eq!(Some(ours), theirs),
                Err(error) => {
                    prop_assert!(theirs.is_none() || ["not closed", "is blank"].iter().any(|own| error.to_string().contains(own)), "{} {:?}", error, theirs);
                }
            }
        }

    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]

        /// Wherever the buffer ends.
        #[test]
        fn in_parts(cell in "[a-c\",\n]{0,12}", rows in 9000usize..9100) {
            let quoted = format!("\"{}\"", cell.replace('"', "\"\""));
            let text = format!("a,b\r\n{}", format!("{quoted},plain text of some length\r\n").repeat(rows));
            let all = read(text.as_bytes()).unwrap();
            prop_assert_eq!(all.len(), rows + 1);
            prop_assert!(all[1..].iter().all(|row| *row == [cell.as_str(), "plain text of some length"]));
        }
    }

    #[test]
    fn a_blank_line_is_a_row_of_one_empty_cell() {
        for (text, cells) in [
            ("a\n\n1\n", &["a", "", "1"][..]),
            ("a\n1\n\n\n", &["a", "1", "", ""]),
            ("a\r\n\r\n1\r\n\r\n", &["a", "", "1", ""]),
            ("a\r\r1\r", &["a", "", "1"]),
            // One end of a line, not two; and none at the end of the file.
            ("a\r\n1", &["a", "1"]),
            ("\u{feff}\n\r\na\n", &["a"]),
            // Within quotes a line is no line.
            ("a\n\"1\n\n\"\n\n", &["a", "1\n\n", ""]),
            ("a\n\"1\"\"\n\n\"\n", &["a", "1\"\n\n"]),
            ("a\n\"\"\n\n", &["a", "", ""]),
            ("a\nx\"\n\ny\n", &["a", "x\"", "", "y"]),
        ] {
            let rows: Vec<Vec<String>> = cells.iter().map(|cell| vec![(*cell).to_owned()]).collect();
            assert_eq!(read(text.as_bytes()).unwrap(), rows, "{text:?}");
        }
        for text in ["a\n\"1\n2\n", "a\n\"1\"\"\n"] {
            assert!(read(text.as_bytes()).is_err(), "{text:?}");
        }
    }
}
