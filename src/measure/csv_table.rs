//! CSV as in RFC 4180, with a header: one pass to know it, one more for each group of columns that is asked for. Columns of
//! numbers are kept aside in the first pass, where there is room.

use super::MeasureError;
use super::csv_numbers::{Aside, Numbers, Writer};
use super::csv_records::Records;
use super::instants::instant;
use super::table::{Cell, Kind, MAX_COLUMNS, MAX_ROWS};
use std::fs::File;
use std::sync::Arc;

pub struct CsvTable {
    file: Arc<File>,
    columns: Vec<String>,
    kinds: Vec<Kind>,
    rows: u64,
    numbers: Option<Numbers>,
}

impl CsvTable {
    pub fn open(file: File, aside: Option<Aside>) -> Result<Self, MeasureError> {
        let file = Arc::new(file);
        let mut records = Records::of(&file);
        let columns: Vec<String> = match records.next()? {
            None => return Err(MeasureError::Empty),
            Some(header) if header.len() > MAX_COLUMNS => {
                return Err(MeasureError::TooLarge { what: "columns", limit: MAX_COLUMNS as u64 });
            }
            Some(header) => header.iter().map(str::to_owned).collect(),
        };
        let mut kinds: Vec<Option<Kind>> = vec![None; columns.len()];
        let mut writer = aside.map(|aside| Writer::new(aside, columns.len()));
        let mut rows = 0;
        while let Some(record) = records.next()? {
            rows += 1;
            if rows > MAX_ROWS {
                return Err(MeasureError::TooLarge { what: "rows", limit: MAX_ROWS });
            }
            for (at, (kind, cell)) in kinds.iter_mut().zip(record.iter()).enumerate() {
                let number = match kind {
                    _ if cell.is_empty() => None,
                    Some(Kind::Text) => continue,
                    Some(Kind::Instants { .. }) => {
                        *kind = Some(with(kind.take(), cell, None));
                        continue;
                    }
                    _ => {
                        let number = cell.parse::<f64>().ok();
                        if !matches!(kind, Some(Kind::Numbers)) || !number.is_some_and(f64::is_finite) {
                            *kind = Some(with(kind.take(), cell, number));
                        }
                        number
                    }
                };
                if let Some(writer) = &mut writer {
                    writer.put(at, number);
                }
            }
            writer = writer.and_then(Writer::row);
        }
        let kinds = kinds.into_iter().map(|kind| kind.unwrap_or(Kind::Numbers)).collect();
        Ok(Self { file, columns, kinds, rows, numbers: writer.and_then(Writer::finish) })
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

    /// The numbers that were kept aside, if the column is one of numbers.
    pub fn numbers(&self, position: usize) -> Option<&Numbers> {
        self.numbers.as_ref().filter(|_| self.kinds[position] == Kind::Numbers)
    }

    pub fn visit(
        &self,
        positions: &[usize],
        mut visit: impl FnMut(&[Cell<'_>]) -> Result<(), MeasureError>,
    ) -> Result<(), MeasureError> {
        let mut records = Records::of(&self.file);
        records.next()?;
        let mut rows = 0;
        while let Some(record) = records.next()? {
            rows += 1;
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
                let text = record.cell(*position);
                if !text.is_empty() {
                    *cell = Cell::Text(text);
                }
            }
            visit(cells)?;
        }
        if rows != self.rows {
            let why = format!("it had {} rows and now has {rows}", self.rows);
            return Err(MeasureError::Unreadable { format: "CSV", why });
        }
        Ok(())
    }
}

/// What a column is that was `so_far` and also holds this cell, which reads as this number if as any.
fn with(so_far: Option<Kind>, cell: &str, number: Option<f64>) -> Kind {
    match (so_far, number) {
        (None | Some(Kind::Numbers), Some(number)) if number.is_finite() => Kind::Numbers,
        (Some(Kind::NotFinite(text)), Some(number)) if number.is_finite() => Kind::NotFinite(text),
        (None | Some(Kind::Numbers | Kind::NotFinite(_)), Some(_)) => Kind::NotFinite(cell.chars().take(12).collect()),
        (None, None) => instant(cell).map_or(Kind::Text, |(_, zoned)| Kind::Instants { zoned }),
        (Some(Kind::Instants { zoned }), _) if instant(cell).is_some_and(|(_, too)| too == zoned) => {
            Kind::Instants { zoned }
        }
        (Some(Kind::Numbers | Kind::NotFinite(_) | Kind::Instants { .. } | Kind::Text | Kind::Unsupported(_)), _) => {
            Kind::Text
        }
    }
}
