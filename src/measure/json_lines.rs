//! JSON lines: one object a line. Columns are the names of all objects; one that an object has not is null there.

mod lines;

use super::MeasureError;
use super::instants::instant;
use super::json_line::{Line, Token, Wrong};
use super::plain_cells::Plain;
use super::table::{Cell, Kind, MAX_COLUMNS, MAX_ROWS, MAX_TEXT};
use super::value::Value;
use crate::policy::contract::Number;
use lines::Lines;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::sync::Arc;

pub struct JsonLines {
    file: Arc<File>,
    columns: Vec<String>,
    positions: HashMap<String, usize>,
    seen: Vec<Seen>,
    rows: u64,
}

/// What the values of a column are.
#[derive(Debug, Clone, Default)]
struct Seen {
    numbers: bool,
    not_finite: Option<String>,
    booleans: bool,
    with_zone: bool,
    without_zone: bool,
    /// Texts that are no points in time.
    texts: bool,
    arrays: bool,
    objects: bool,
    /// The last row that has it.
    row: u64,
}

impl JsonLines {
    /// Whether a file begins as JSON does, and no header of a CSV file does: with a brace, and then a name in quotes or
    /// nothing; or with a bracket that holds objects, arrays or texts.
    pub fn begins(from: impl Read) -> io::Result<bool> {
        let mut bytes = BufReader::new(from).bytes();
        let mut next = |space: &[u8]| loop {
            match bytes.next().transpose() {
                Ok(Some(byte)) if space.contains(&byte) => {}
                other => return other,
            }
        };
        // A byte order mark may stand before.
        Ok(match next(b" \t\r\n\xef\xbb\xbf")? {
            Some(b'{') => matches!(next(b" \t\r\n")?, Some(b'"' | b'}') | None),
            Some(b'[') => matches!(next(b" \t\r\n")?, Some(b'{' | b'[' | b'"')),
            Some(_) | None => false,
        })
    }

    /// # Errors
    /// A line that is no object, a name twice in one, more or longer than the bounds.
    pub fn open(file: File) -> Result<Self, MeasureError> {
        let file = Arc::new(file);
        let (columns, positions, seen) = (Vec::new(), HashMap::new(), Vec::new());
        let mut table = Self { file: Arc::clone(&file), columns, positions, seen, rows: 0 };
        let mut lines = Lines::start(&file);
        let mut room = String::new();
        let mut tokens: Vec<(usize, Token)> = Vec::new();
        while let Some((line, number)) = lines.next()? {
            table.rows += 1;
            if table.rows > MAX_ROWS {
                return Err(MeasureError::TooLarge { what: "rows", limit: MAX_ROWS });
            }
            tokens.clear();
            let mut line = Line::new(line, room);
            line.members(|name, token| {
                tokens.push((table.column(name)?, token));
                Ok(())
            })
            .map_err(|trouble: Trouble| trouble.on(number))?;
            for (position, token) in &tokens {
                if let Some(seen) = table.seen.get_mut(*position) {
                    seen.take(*token, &line);
                }
            }
            room = line.room();
        }
        Ok(table)
    }

    /// The place of a name that an object has, which it must not have twice.
    fn column(&mut self, name: &str) -> Result<usize, Trouble> {
        let position = match self.positions.get(name) {
            Some(position) => *position,
            None => {
                if self.columns.len() == MAX_COLUMNS {
                    return Err(Trouble::Table(MeasureError::TooLarge { what: "columns", limit: MAX_COLUMNS as u64 }));
                }
                if name.len() > MAX_TEXT {
                    let what = "bytes in the name of a column";
                    return Err(Trouble::Table(MeasureError::TooLarge { what, limit: MAX_TEXT as u64 }));
                }
                self.positions.insert(name.to_owned(), self.columns.len());
                self.columns.push(name.to_owned());
                self.seen.push(Seen::default());
                self.columns.len() - 1
            }
        };
        match self.seen.get_mut(position) {
            Some(seen) if seen.row == self.rows => Err(Trouble::Twice(shown(name))),
            Some(seen) => {
                seen.row = self.rows;
                Ok(position)
            }
            None => Ok(position),
        }
    }

    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    pub fn rows(&self) -> u64 {
        self.rows
    }

    pub fn kind(&self, position: usize) -> Kind {
        self.seen[position].kind()
    }

    /// Calls `visit` with the cells of each row: numbers as doubles, truth values as texts.
    pub fn visit(
        &self,
        positions: &[usize],
        mut visit: impl FnMut(&[Cell<'_>]) -> Result<(), MeasureError>,
    ) -> Result<(), MeasureError> {
        for position in positions {
            if let Kind::Unsupported(kind) = self.kind(*position) {
                return Err(MeasureError::UnsupportedType { column: self.columns[*position].clone(), kind });
            }
        }
        self.rows_of(positions, |line, tokens| {
            let mut few = [Cell::Null; 8];
            let mut longer;
            let cells: &mut [Cell<'_>] = match few.get_mut(..tokens.len()) {
                Some(cells) => cells,
                None => {
                    longer = vec![Cell::Null; tokens.len()];
                    &mut longer
                }
            };
            for (cell, token) in cells.iter_mut().zip(tokens) {
                *cell = match *token {
                    Token::Text(place) => Cell::of_text(line.text(place)),
                    Token::Number(place) | Token::NotFinite(place) => Cell::Number(number(line.text(place))),
                    Token::Boolean(true) => Cell::Text("true"),
                    Token::Boolean(false) => Cell::Text("false"),
                    // What is nested was refused before.
                    Token::Null | Token::Array | Token::Object => Cell::Null,
                };
            }
            visit(cells)
        })
    }

    /// Calls `visit` with each value, row by row, as it is written.
    pub fn values(
        &self,
        positions: &[usize],
        mut visit: impl FnMut(usize, Value<'_>) -> Result<(), MeasureError>,
    ) -> Result<(), MeasureError> {
        self.rows_of(positions, |line, tokens| {
            tokens.iter().enumerate().try_for_each(|(nth, token)| {
                let value = match *token {
                    Token::Null => Value::Null,
                    Token::Boolean(flag) => Value::Boolean(flag),
                    Token::Number(place) => {
                        let text = line.text(place);
                        Number::parse(text).map_or(Value::NotFinite, |number| Value::Written { number, text })
                    }
                    Token::NotFinite(_) => Value::NotFinite,
                    Token::Text(place) => Value::Text(line.text(place)),
                    Token::Array | Token::Object => Value::Other,
                };
                visit(nth, value)
            })
        })
    }

    /// Calls `each` with the values of each row; numbers as they are written, an empty text null as in CSV.
    pub fn plain_rows(
        &self,
        positions: &[usize],
        each: &mut dyn FnMut(&[Plain<'_>]) -> Result<(), MeasureError>,
    ) -> Result<(), MeasureError> {
        for position in positions {
            if let Some(kind) = self.seen[*position].nested() {
                let column = self.columns[*position].clone();
                return Err(MeasureError::UnsupportedType { column, kind: kind.to_owned() });
            }
        }
        self.rows_of(positions, |line, tokens| {
            let plain = |token: &Token| match *token {
                Token::Null | Token::Array | Token::Object => Plain::Null,
                Token::Boolean(true) => Plain::Text(b"true"),
                Token::Boolean(false) => Plain::Text(b"false"),
                Token::Text(place) | Token::Number(place) | Token::NotFinite(place) => match line.text(place) {
                    "" => Plain::Null,
                    text => Plain::Text(text.as_bytes()),
                },
            };
            each(&tokens.iter().map(plain).collect::<Vec<_>>())
        })
    }

    /// Calls `each` with every line and what it holds in these columns, in the order asked.
    fn rows_of(
        &self,
        positions: &[usize],
        mut each: impl FnMut(&Line<'_>, &[Token]) -> Result<(), MeasureError>,
    ) -> Result<(), MeasureError> {
        // A column may be asked for more than once.
        let mut wanted: Vec<Vec<usize>> = vec![Vec::new(); self.columns.len()];
        for (nth, position) in positions.iter().enumerate() {
            wanted[*position].push(nth);
        }
        let mut lines = Lines::start(&self.file);
        let mut tokens = vec![Token::Null; positions.len()];
        let mut room = String::new();
        let mut rows = 0;
        while let Some((line, number)) = lines.next()? {
            rows += 1;
            tokens.fill(Token::Null);
            let mut line = Line::new(line, room);
            // Objects mostly name the same columns in the same order.
            let mut expected = 0;
            line.members(|name, token| {
                let position = match self.columns.get(expected) {
                    Some(next) if next == name => expected,
                    Some(_) | None => *self.positions.get(name).ok_or(Trouble::Changed)?,
                };
                expected = position + 1;
                for nth in wanted.get(position).into_iter().flatten() {
                    if let Some(slot) = tokens.get_mut(*nth) {
                        *slot = token;
                    }
                }
                Ok(())
            })
            .map_err(|trouble: Trouble| trouble.on(number))?;
            each(&line, &tokens)?;
            room = line.room();
        }
        if rows == self.rows { Ok(()) } else { Err(Trouble::Changed.on(0)) }
    }
}

impl Seen {
    fn take(&mut self, token: Token, line: &Line<'_>) {
        match token {
            Token::Null => {}
            Token::Boolean(_) => self.booleans = true,
            Token::Number(place) | Token::NotFinite(place) => {
                self.numbers = true;
                let text = line.text(place);
                if self.not_finite.is_none() && !number(text).is_finite() {
                    self.not_finite = Some(text.chars().take(12).collect());
                }
            }
            Token::Text(_) if self.texts => {}
            Token::Text(place) => match line.text(place) {
                "" => {}
                text => match instant(text) {
                    Some((_, true)) => self.with_zone = true,
                    Some((_, false)) => self.without_zone = true,
                    None => self.texts = true,
                },
            },
            Token::Array => self.arrays = true,
            Token::Object => self.objects = true,
        }
    }

    fn nested(&self) -> Option<&'static str> {
        match (self.arrays, self.objects) {
            (true, _) => Some("array"),
            (false, true) => Some("object"),
            (false, false) => None,
        }
    }

    fn kind(&self) -> Kind {
        let texts = self.texts || self.with_zone || self.without_zone;
        let kinds = [
            ("number", self.numbers),
            ("text", texts),
            ("boolean", self.booleans),
            ("array", self.arrays),
            ("object", self.objects),
        ];
        let names: Vec<&str> = kinds.into_iter().filter(|(_, there)| *there).map(|(name, _)| name).collect();
        match &names[..] {
            [] => Kind::Numbers,
            ["number"] => self.not_finite.clone().map_or(Kind::Numbers, Kind::NotFinite),
            ["text"] if !self.texts && self.with_zone != self.without_zone => Kind::Instants { zoned: self.with_zone },
            ["text"] | ["boolean"] => Kind::Text,
            several => Kind::Unsupported(several.join(" and ")),
        }
    }
}

/// The nearest double; infinite where there is none.
fn number(text: &str) -> f64 {
    text.parse().unwrap_or(f64::NAN)
}

/// What is wrong on a line.
enum Trouble {
    Syntax(Wrong),
    Twice(String),
    /// The file is no longer what it was when it was opened.
    Changed,
    Table(MeasureError),
}

impl From<Wrong> for Trouble {
    fn from(wrong: Wrong) -> Self {
        Self::Syntax(wrong)
    }
}

impl Trouble {
    fn on(self, line: u64) -> MeasureError {
        match self {
            Self::Syntax(Wrong { what, at }) => {
                unreadable(format!("{what}, at line {line} column {at}; each line is one whole object"))
            }
            Self::Twice(name) => unreadable(format!("{name} stands twice in the object on line {line}")),
            Self::Changed => unreadable("it changed while it was read".to_owned()),
            Self::Table(error) => error,
        }
    }
}

fn unreadable(why: String) -> MeasureError {
    MeasureError::Unreadable { format: "JSON lines", why }
}

fn shown(name: &str) -> String {
    format!("{:?}", name.chars().take(40).collect::<String>())
}

#[cfg(test)]
mod tests;
