//! A table in a file, CSV or Parquet, read as a stream. What is read is named by column.

use super::MeasureError;
use super::csv_table::CsvTable;
use super::parquet_table::ParquetTable;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

pub const MAX_COLUMNS: usize = 4096;
pub const MAX_ROWS: u64 = 50_000_000;
/// Different texts that one column is counted by.
pub const MAX_CATEGORIES: usize = 100_000;
/// Longest cell that is counted or grouped by, in bytes.
pub const MAX_TEXT: usize = 4096;
/// Cells of a text table that are held at once; more columns than that are read in several passes.
const CELLS_AT_ONCE: u64 = 1 << 22;

/// One cell. An empty CSV cell is null.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    Null,
    /// From a numeric Parquet column; may be NaN or infinite.
    Number(f64),
    /// From CSV (whatever it holds) or a Parquet column of texts or booleans.
    Text(&'a str),
}

/// What all cells of a column that are not null have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Finite numbers. Also said of a column without any value.
    Numbers,
    Text,
    /// Numbers, and this text which is none: NaN, inf.
    NotFinite(String),
    /// A type that nothing here compares: lists, dates, bytes.
    Unsupported(String),
}

/// A whole column, in no particular order.
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    Numbers {
        values: Vec<f64>,
        nulls: u64,
    },
    /// How often each text occurs.
    Texts {
        counts: BTreeMap<String, u64>,
        nulls: u64,
    },
}

pub struct Table {
    form: Form,
}

enum Form {
    Csv(CsvTable),
    Parquet(ParquetTable),
}

impl Table {
    /// Opens a table; Parquet is told by its first bytes, `PAR1`, everything else is read as CSV with a header.
    ///
    /// # Errors
    /// Unreadable, no header, a column named twice, more columns or rows than the bounds above.
    pub fn open(mut file: File) -> Result<Self, MeasureError> {
        let unreadable = |e: std::io::Error| MeasureError::Unreadable { format: "a table", why: e.to_string() };
        let mut magic = Vec::with_capacity(4);
        file.by_ref().take(4).read_to_end(&mut magic).map_err(unreadable)?;
        file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
        let form =
            if magic == b"PAR1" { Form::Parquet(ParquetTable::open(file)?) } else { Form::Csv(CsvTable::open(file)?) };
        let table = Self { form };
        let names = table.columns();
        if names.len() > MAX_COLUMNS {
            return Err(MeasureError::TooLarge { what: "columns", limit: MAX_COLUMNS as u64 });
        }
        let mut seen = BTreeSet::new();
        if let Some(twice) = names.iter().find(|name| !seen.insert(name.as_str())) {
            let why = format!("column {twice:?} stands twice in the header");
            return Err(MeasureError::Unreadable { format: table.format(), why });
        }
        if table.rows() > MAX_ROWS {
            return Err(MeasureError::TooLarge { what: "rows", limit: MAX_ROWS });
        }
        Ok(table)
    }

    pub fn format(&self) -> &'static str {
        match &self.form {
            Form::Csv(_) => "CSV",
            Form::Parquet(_) => "Parquet",
        }
    }

    pub fn columns(&self) -> &[String] {
        match &self.form {
            Form::Csv(csv) => csv.columns(),
            Form::Parquet(parquet) => parquet.columns(),
        }
    }

    pub fn rows(&self) -> u64 {
        match &self.form {
            Form::Csv(csv) => csv.rows(),
            Form::Parquet(parquet) => parquet.rows(),
        }
    }

    /// Where a column stands.
    ///
    /// # Errors
    /// `ColumnMissing`, naming some that are there.
    pub fn position(&self, column: &str) -> Result<usize, MeasureError> {
        self.columns().iter().position(|name| name == column).ok_or_else(|| {
            let some = self.columns().iter().take(6).map(String::as_str).collect::<Vec<_>>().join(", ");
            let present = match self.columns().len() {
                0..=6 => some,
                more => format!("{some} and {} more", more - 6),
            };
            MeasureError::ColumnMissing { column: column.to_owned(), present }
        })
    }

    /// What the column at this position holds.
    pub fn kind(&self, position: usize) -> Kind {
        match &self.form {
            Form::Csv(csv) => csv.kind(position),
            Form::Parquet(parquet) => parquet.kind(position),
        }
    }

    /// How many columns to ask [`Table::read`] for at once: Parquet keeps columns apart, CSV does not.
    pub fn columns_at_once(&self) -> usize {
        match &self.form {
            Form::Parquet(_) => 1,
            Form::Csv(csv) => usize::try_from(CELLS_AT_ONCE / csv.rows().max(1)).unwrap_or(1).clamp(1, 64),
        }
    }

    /// Reads whole columns, each as numbers or as counted texts.
    ///
    /// # Errors
    /// Unreadable cells, a number that is not finite, more different texts than [`MAX_CATEGORIES`].
    pub fn read(&self, wanted: &[(usize, Kind)]) -> Result<Vec<Column>, MeasureError> {
        let mut columns: Vec<Column> = wanted
            .iter()
            .map(|(_, kind)| match kind {
                Kind::Numbers => Column::Numbers { values: self.room(), nulls: 0 },
                Kind::Text | Kind::NotFinite(_) | Kind::Unsupported(_) => {
                    Column::Texts { counts: BTreeMap::new(), nulls: 0 }
                }
            })
            .collect();
        let positions: Vec<usize> = wanted.iter().map(|(position, _)| *position).collect();
        match &self.form {
            Form::Csv(csv) => csv.visit(&positions, |row| {
                for ((column, cell), position) in columns.iter_mut().zip(row).zip(&positions) {
                    column.push(*cell, &self.columns()[*position])?;
                }
                Ok(())
            })?,
            Form::Parquet(parquet) => {
                for (column, position) in columns.iter_mut().zip(&positions) {
                    parquet.append(*position, column)?;
                }
            }
        }
        Ok(columns)
    }

    /// Calls `visit` once for each row with the cells of these columns, in the order asked.
    ///
    /// # Errors
    /// Those of the reader and of `visit`.
    pub fn visit(
        &self,
        positions: &[usize],
        visit: impl FnMut(&[Cell<'_>]) -> Result<(), MeasureError>,
    ) -> Result<(), MeasureError> {
        match &self.form {
            Form::Csv(csv) => csv.visit(positions, visit),
            Form::Parquet(parquet) => parquet.visit(positions, visit),
        }
    }

    /// The row count of a Parquet file is only claimed, so room is made for no more than a million rows ahead.
    fn room(&self) -> Vec<f64> {
        Vec::with_capacity(usize::try_from(self.rows()).unwrap_or(0).min(1 << 20))
    }
}

impl Column {
    /// Adds one cell; `name` is for the error.
    pub(super) fn push(&mut self, cell: Cell<'_>, name: &str) -> Result<(), MeasureError> {
        match (self, cell) {
            (Column::Numbers { nulls, .. } | Column::Texts { nulls, .. }, Cell::Null) => *nulls += 1,
            (Column::Numbers { values, .. }, Cell::Number(value)) => values.push(finite(value, name)?),
            (Column::Numbers { values, .. }, Cell::Text(text)) => match text.parse::<f64>() {
                Ok(value) => values.push(finite(value, name)?),
                Err(_) => {
                    let why = format!("column {name:?} changed from numbers to text while it was read");
                    return Err(MeasureError::Unreadable { format: "a table", why });
                }
            },
            (Column::Texts { counts, .. }, Cell::Number(value)) => count(counts, &value.to_string())?,
            (Column::Texts { counts, .. }, Cell::Text(text)) => count(counts, text)?,
        }
        Ok(())
    }
}

pub(super) fn finite(value: f64, name: &str) -> Result<f64, MeasureError> {
    if value.is_finite() {
        // Minus zero becomes zero, so that equal numbers have equal bits.
        Ok(value + 0.0)
    } else {
        Err(MeasureError::NotFinite { column: name.to_owned(), text: value.to_string() })
    }
}

fn count(counts: &mut BTreeMap<String, u64>, text: &str) -> Result<(), MeasureError> {
    if let Some(count) = counts.get_mut(text) {
        *count += 1;
        return Ok(());
    }
    if text.len() > MAX_TEXT {
        return Err(MeasureError::TooLarge { what: "bytes in one cell", limit: MAX_TEXT as u64 });
    }
    if counts.len() == MAX_CATEGORIES {
        return Err(MeasureError::TooLarge { what: "different texts in one column", limit: MAX_CATEGORIES as u64 });
    }
    counts.insert(text.to_owned(), 1);
    Ok(())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::io::Write;

    pub fn try_table_of(bytes: &[u8]) -> Result<Table, MeasureError> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        Table::open(file)
    }

    pub fn table_of(bytes: &[u8]) -> Table {
        try_table_of(bytes).unwrap()
    }

    #[test]
    fn csv_with_a_byte_order_mark_and_quotes() {
        let table = table_of("\u{feff}\"a\",b c\r\n\"1\",\"x, \"\"y\"\"\"\r\n,\r\n-2.5e1,z\r\n".as_bytes());
        assert_eq!(table.columns(), ["a", "b c"]);
        assert_eq!((table.rows(), table.kind(0), table.kind(1)), (3, Kind::Numbers, Kind::Text));
        let columns = table.read(&[(1, Kind::Text), (0, Kind::Numbers)]).unwrap();
        let counts = BTreeMap::from([("x, \"y\"".to_owned(), 1), ("z".to_owned(), 1)]);
        assert_eq!(columns[0], Column::Texts { counts, nulls: 1 });
        assert_eq!(columns[1], Column::Numbers { values: vec![1.0, -25.0], nulls: 1 });
    }

    #[test]
    fn what_is_not_a_table() {
        let wide = (0..=MAX_COLUMNS).map(|i| i.to_string()).collect::<Vec<_>>().join(",");
        let open_quote = format!("a,b\n1,\"{}", "x\n".repeat(5 << 20));
        let cases: [(&[u8], &str); 8] = [
            (b"", "has no rows"),
            (b"\n\n", "has no rows"),
            (b"a,a\n1,2\n", "column \"a\" stands twice"),
            (b"a,b\n1,2\n1,2,3\n", "line: 3"),
            (wide.as_bytes(), "more than 4096 columns"),
            (open_quote.as_bytes(), "a quote may not be closed"),
            (b"PAR1", "Parquet"),
            (b"PAR1xxxxxxxxxxxxPAR1", "Parquet"),
        ];
        for (bytes, said) in cases {
            let error = try_table_of(bytes).err().map(|e| e.to_string()).unwrap_or_default();
            assert!(error.contains(said), "{said}: {error}");
        }
    }

    #[test]
    fn nan_is_not_a_number_and_not_a_word() {
        let table = table_of(b"a,b\n1,x\nNaN,inf\n-inf,y\n");
        assert_eq!(table.kind(0), Kind::NotFinite("-inf".to_owned()));
        assert_eq!(table.kind(1), Kind::Text);
    }

    #[test]
    fn both_forms_of_the_mortgage_data_are_the_same_table() {
        let open = |name: &str| {
            let path = format!("{}/examples/mortgage/evidence/v2/{name}", env!("CARGO_MANIFEST_DIR"));
            Table::open(File::open(path).unwrap()).unwrap()
        };
        for name in ["training", "recent", "predictions"] {
            let (csv, parquet) = (open(&format!("{name}.csv")), open(&format!("{name}.parquet")));
            assert_eq!((csv.columns(), csv.rows()), (parquet.columns(), parquet.rows()));
            for position in 0..csv.columns().len() {
                let wanted = [(position, csv.kind(position))];
                assert_eq!(csv.kind(position), parquet.kind(position));
                assert_eq!(csv.read(&wanted), parquet.read(&wanted), "{name} {position}");
            }
        }
    }

    #[test]
    fn a_damaged_parquet_file_is_an_error_or_the_same_size() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/mortgage/evidence/v2/recent.parquet");
        let whole = std::fs::read(path).unwrap();
        let read_all = |bytes: &[u8]| {
            let table = try_table_of(bytes)?;
            let wanted: Vec<_> = (0..table.columns().len()).map(|at| (at, table.kind(at))).collect();
            table.read(&wanted).map(|columns| columns.len())
        };
        assert_eq!(read_all(&whole), Ok(12));
        for cut in (4..whole.len()).step_by(97) {
            assert!(read_all(&whole[..cut]).is_err(), "cut at {cut}");
        }
        // Bits turned one at a time: whatever comes out, nothing crashes.
        std::panic::set_hook(Box::new(|_| {}));
        let mut refused = 0;
        for at in (0..whole.len()).step_by(11) {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x55;
            refused += usize::from(read_all(&damaged).is_err());
        }
        let _ = std::panic::take_hook();
        assert!(refused > 0);
    }
}
