//! CSV as in RFC 4180, with a header: one pass to know it, one more for each group of columns that is asked for.

use super::MeasureError;
use super::blank_lines::BlankLines;
use super::instants::instant;
use super::table::{Cell, Kind, MAX_COLUMNS, MAX_ROWS};
use csv::ByteRecord;
use std::cell::Cell as Shared;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::rc::Rc;
use std::sync::Arc;

/// Longest line in bytes. A quote that is never closed makes a line of all that follows.
const MAX_LINE: usize = 8 << 20;

pub struct CsvTable {
    file: Arc<File>,
    columns: Vec<String>,
    kinds: Vec<Kind>,
    rows: u64,
}

impl CsvTable {
    pub fn open(file: File) -> Result<Self, MeasureError> {
        let file = Arc::new(file);
        let mut lines = Lines::start(&file, false);
        let mut record = ByteRecord::new();
        if !lines.next(&mut record)? {
            return Err(MeasureError::Empty);
        }
        let one_column = record.len() == 1;
        if one_column {
            lines = Lines::start(&file, true);
            lines.next(&mut record)?;
        }
        if record.len() > MAX_COLUMNS {
            return Err(MeasureError::TooLarge { what: "columns", limit: MAX_COLUMNS as u64 });
        }
        let columns: Vec<String> =
            record.iter().map(|cell| text(cell, 1).map(str::to_owned)).collect::<Result<_, _>>()?;
        let mut kinds: Vec<Option<Kind>> = vec![None; columns.len()];
        let (mut rows, mut last) = (0, 0);
        while lines.next(&mut record)? {
            rows += 1;
            last = record.position().map_or(0, csv::Position::byte);
            if rows > MAX_ROWS {
                return Err(MeasureError::TooLarge { what: "rows", limit: MAX_ROWS });
            }
            for (kind, cell) in kinds.iter_mut().zip(&record) {
                let cell = text(cell, rows + 1)?;
                if !cell.is_empty() && *kind != Some(Kind::Text) {
                    *kind = Some(with(kind.take(), cell));
                }
            }
        }
        if !one_column {
            closed(&file, last)?;
        }
        let kinds = kinds.into_iter().map(|kind| kind.unwrap_or(Kind::Numbers)).collect();
        Ok(Self { file, columns, kinds, rows })
    }

    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    pub fn rows(&self) -> u64 {
        self.rows
    }

    pub fn kind(&self, position: usize) -> Kind {
        self.kinds[position].clone()
    }

    pub fn visit(
        &self,
        positions: &[usize],
        mut visit: impl FnMut(&[Cell<'_>]) -> Result<(), MeasureError>,
    ) -> Result<(), MeasureError> {
        let mut lines = Lines::start(&self.file, self.columns.len() == 1);
        let mut record = ByteRecord::new();
        lines.next(&mut record)?;
        let mut line = 1;
        while lines.next(&mut record)? {
            line += 1;
            let mut row = [Cell::Null; 8];
            let mut longer;
            let cells: &mut [Cell<'_>] = match row.get_mut(..positions.len()) {
                Some(cells) => cells,
                None => {
                    longer = vec![Cell::Null; positions.len()];
                    &mut longer
                }
            };
            for (cell, position) in cells.iter_mut().zip(positions) {
                // Lines have equal lengths, or reading them would have failed.
                let bytes = record.get(*position).unwrap_or_default();
                if !bytes.is_empty() {
                    *cell = Cell::Text(text(bytes, line)?);
                }
            }
            visit(cells)?;
        }
        if line != self.rows + 1 {
            let why = format!("it had {} rows and now has {}", self.rows, line - 1);
            return Err(MeasureError::Unreadable { format: "CSV", why });
        }
        Ok(())
    }
}

/// What a column is that was `so_far` and also holds this cell.
fn with(so_far: Option<Kind>, cell: &str) -> Kind {
    match so_far {
        None | Some(Kind::Numbers) | Some(Kind::NotFinite(_)) if cell.parse::<f64>().is_ok_and(f64::is_finite) => {
            so_far.unwrap_or(Kind::Numbers)
        }
        None | Some(Kind::Numbers) | Some(Kind::NotFinite(_)) if cell.parse::<f64>().is_ok() => {
            Kind::NotFinite(cell.chars().take(12).collect())
        }
        None => instant(cell).map_or(Kind::Text, |(_, zoned)| Kind::Instants { zoned }),
        Some(Kind::Instants { zoned }) if instant(cell).is_some_and(|(_, too)| too == zoned) => {
            Kind::Instants { zoned }
        }
        Some(Kind::Numbers | Kind::NotFinite(_) | Kind::Instants { .. } | Kind::Text | Kind::Unsupported(_)) => {
            Kind::Text
        }
    }
}

fn text(bytes: &[u8], line: u64) -> Result<&str, MeasureError> {
    std::str::from_utf8(bytes)
        .map_err(|_| MeasureError::Unreadable { format: "CSV", why: format!("line {line} is not UTF-8") })
}

/// A quote that is never closed makes one cell of all the rows behind it, and the reader does not mind. Where all are
/// closed the last line has an even number of them (RFC 4180, section 2).
fn closed(file: &Arc<File>, last: u64) -> Result<(), MeasureError> {
    let mut tail = Vec::new();
    let mut rest = Bounded { file: Arc::clone(file), at: last, since_last: Rc::default() };
    let unreadable = |why: String| MeasureError::Unreadable { format: "CSV", why };
    rest.read_to_end(&mut tail).map_err(|error| unreadable(error.to_string()))?;
    match tail.iter().filter(|byte| **byte == b'"').count() % 2 {
        0 => Ok(()),
        _ => Err(unreadable("a quote in its last line is not closed".to_owned())),
    }
}

/// Lines of equal length, each of bounded size.
struct Lines {
    reader: csv::Reader<Box<dyn Read>>,
    since_last: Rc<Shared<usize>>,
}

impl Lines {
    /// With one column a blank line is a line too, and a quote that is not closed is an error by itself.
    fn start(file: &Arc<File>, one_column: bool) -> Self {
        let since_last = Rc::new(Shared::new(0));
        let bounded = Bounded { file: Arc::clone(file), at: 0, since_last: Rc::clone(&since_last) };
        let source: Box<dyn Read> = if one_column { Box::new(BlankLines::new(bounded)) } else { Box::new(bounded) };
        // The header is read as any other line, so that it is bounded and counted too.
        let reader = csv::ReaderBuilder::new().has_headers(false).buffer_capacity(1 << 16).from_reader(source);
        Self { reader, since_last }
    }

    fn next(&mut self, record: &mut ByteRecord) -> Result<bool, MeasureError> {
        let more = self
            .reader
            .read_byte_record(record)
            .map_err(|e| MeasureError::Unreadable { format: "CSV", why: e.to_string() })?;
        self.since_last.set(0);
        Ok(more)
    }
}

/// Reads by place: several threads read one file at a time, and its own position is theirs together.
struct Bounded {
    file: Arc<File>,
    at: u64,
    since_last: Rc<Shared<usize>>,
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.since_last.get() > MAX_LINE {
            return Err(io::Error::other(format!("a line is longer than {MAX_LINE} bytes; a quote may not be closed")));
        }
        let read = self.file.read_at(buffer, self.at)?;
        self.at += read as u64;
        self.since_last.set(self.since_last.get() + read);
        Ok(read)
    }
}
