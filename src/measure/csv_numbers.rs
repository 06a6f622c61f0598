//! The numbers of a CSV table, kept column by column in a file aside when the table is read for the first time, so that no
//! text is parsed twice and one column can be read without the others.

use super::MeasureError;
use super::rows::Selected;
use std::fs::File;
use std::os::unix::fs::FileExt;

/// Values of all columns together that are written at once.
const AT_ONCE: usize = 1 << 16;
const BYTES: usize = size_of::<f64>();
/// An empty cell. No number of a column is NaN, or it is no column of numbers.
const NULL: f64 = f64::NAN;

/// Room for numbers: an empty file that nobody else has, and how many bytes it may grow to.
#[derive(Debug)]
pub struct Aside {
    pub file: File,
    pub most: u64,
}

/// Block by block; in each a part of every column, one after the other.
pub struct Numbers {
    aside: Aside,
    columns: usize,
    /// Rows of a block.
    height: usize,
    rows: u64,
}

/// Takes row by row.
pub struct Writer {
    numbers: Numbers,
    block: Vec<u8>,
    in_block: usize,
}

impl Writer {
    pub fn new(aside: Aside, columns: usize) -> Self {
        let height = (AT_ONCE / columns.max(1)).max(1);
        let block = vec![0; height * columns * BYTES];
        Self { numbers: Numbers { aside, columns, height, rows: 0 }, block, in_block: 0 }
    }

    /// Puts a cell of the row that is being taken; what is not put is left as it was and means nothing.
    #[inline]
    pub fn put(&mut self, column: usize, number: Option<f64>) {
        let at = (column * self.numbers.height + self.in_block) * BYTES;
        if let Some(place) = self.block.get_mut(at..at + BYTES) {
            place.copy_from_slice(&number.unwrap_or(NULL).to_le_bytes());
        }
    }

    /// Ends a row. `None` when there is no more room; nothing is lost then but time.
    pub fn row(mut self) -> Option<Self> {
        self.numbers.rows += 1;
        self.in_block += 1;
        if self.in_block == self.numbers.height { self.write() } else { Some(self) }
    }

    pub fn finish(self) -> Option<Numbers> {
        let left = self.in_block;
        let written = if left > 0 { self.write() } else { Some(self) };
        written.map(|written| written.numbers)
    }

    fn write(mut self) -> Option<Self> {
        let block = (self.numbers.rows - 1) / self.numbers.height as u64;
        let at = block * self.block.len() as u64;
        if at + self.block.len() as u64 > self.numbers.aside.most {
            return None;
        }
        self.numbers.aside.file.write_all_at(&self.block, at).ok()?;
        self.in_block = 0;
        Some(self)
    }
}

impl Numbers {
    /// Calls `each` with the numbers of one column, part by part. Gives the number of nulls.
    ///
    /// # Errors
    /// Unreadable, and those of `each`.
    pub fn read(
        &self,
        column: usize,
        rows: Option<&Selected>,
        each: &mut dyn FnMut(&[f64]) -> Result<(), MeasureError>,
    ) -> Result<u64, MeasureError> {
        let part = self.height * BYTES;
        let mut bytes = vec![0; part];
        let mut numbers: Vec<f64> = Vec::with_capacity(self.height);
        let (mut first, mut nulls) = (0, 0);
        while first < self.rows {
            let block = first / self.height as u64;
            let at = (block * self.columns as u64 + column as u64) * part as u64;
            let count = usize::try_from(self.rows - first).unwrap_or(self.height).min(self.height);
            self.aside.file.read_exact_at(&mut bytes, at).map_err(|error| MeasureError::Unreadable {
                format: "CSV",
                why: format!("its numbers are lost: {error}"),
            })?;
            let (all, _) = bytes.as_chunks::<BYTES>();
            let selected =
                all.iter().zip(first..).take(count).filter(|(_, row)| rows.is_none_or(|rows| rows.contains(*row)));
            numbers.clear();
            let mut seen = 0;
            numbers.extend(
                selected
                    .map(|(value, _)| f64::from_le_bytes(*value))
                    .inspect(|_| seen += 1)
                    .filter(|value| !value.is_nan()),
            );
            nulls += seen - numbers.len() as u64;
            each(&numbers)?;
            first += count as u64;
        }
        Ok(nulls)
    }
}
