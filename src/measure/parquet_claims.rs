//! What a Parquet file claims about itself, looked over before the decoder makes room for it. The decoder believes
//! counts of children, pages and values, and nests as deep as the file says; a small file could end the process.

use super::parquet_file::ParquetFile;
use super::parquet_table::unreadable;
use super::thrift::{BINARY, BYTE, FALSE, I32, I64, LIST, MAX_DEPTH, STRUCT, TRUE, Thrift};
use super::{MeasureError, parquet_gzip};
use crate::policy::finding::clean;
use parquet::basic::Compression;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::{ChunkReader, Length};

/// Bytes of a footer. Parsed it takes some twenty times as much at most.
const MAX_FOOTER: u64 = 16 << 20;
/// Bytes of one page, packed or unpacked.
const MAX_PAGE: u64 = 64 << 20;
/// Bytes of one page header; most have less than a hundred.
const MAX_HEADER: usize = 64 << 10;
const USUAL_HEADER: usize = 512;
/// `Encoding` in parquet.thrift: texts as what they add to the one before.
const DELTA_BYTE_ARRAY: u64 = 7;
/// Values as places in a dictionary.
const CODES: [u64; 2] = [2, 8];

/// Looks over the footer.
///
/// # Errors
/// Longer than [`MAX_FOOTER`]; a schema that nests too deep or has fewer elements than it says.
pub fn footer(file: &ParquetFile) -> Result<(), MeasureError> {
    let size = file.len();
    let tail = size.checked_sub(8).ok_or_else(|| unreadable("it ends too early"))?;
    let end = file.get_bytes(tail, 8).map_err(unreadable)?;
    let length = end.iter().take(4).rev().fold(0u64, |length, byte| length << 8 | u64::from(*byte));
    if !end.ends_with(b"PAR1") {
        return Err(unreadable("it does not end as a Parquet file does"));
    }
    let start = tail.checked_sub(length).ok_or_else(|| unreadable("its footer is longer than the file"))?;
    if length > MAX_FOOTER {
        return Err(MeasureError::TooLarge { what: "bytes in its footer", limit: MAX_FOOTER });
    }
    let bytes = file.get_bytes(start, length as usize).map_err(unreadable)?;
    let mut thrift = Thrift::new(&bytes);
    let mut last = 0;
    while let Some((id, kind)) = thrift.field(&mut last)? {
        of_kind(&FILE, id, kind)?;
        match id {
            2 => schema(&mut thrift)?,
            _ => thrift.skip(kind, 0)?,
        }
    }
    Ok(())
}

/// Elements stand in the order of a walk; each says how many of those that follow are its children.
fn schema(thrift: &mut Thrift<'_>) -> Result<(), MeasureError> {
    let (mut left, kind) = thrift.list()?;
    let mut open: Vec<u64> = Vec::new();
    while left > 0 {
        left -= 1;
        let mut children = 0;
        let mut last = 0;
        if kind != STRUCT {
            return Err(unreadable("its schema is no list of elements"));
        }
        while let Some((id, kind)) = thrift.field(&mut last)? {
            of_kind(&ELEMENT, id, kind)?;
            match id {
                5 => children = children.max(thrift.number()?.unsigned_abs()),
                10 => logical(thrift)?,
                _ => thrift.skip(kind, 0)?,
            }
        }
        if let Some(waiting) = open.last_mut() {
            *waiting = waiting.saturating_sub(1);
        }
        if children > left {
            return Err(unreadable(format!("its schema tells of {children} columns and has {left}")));
        }
        if children > 0 {
            open.push(children);
        }
        while open.last() == Some(&0) {
            open.pop();
        }
        if open.len() > MAX_DEPTH {
            return Err(MeasureError::TooLarge { what: "levels in its schema", limit: MAX_DEPTH as u64 });
        }
    }
    Ok(())
}

/// What a column means: one structure of several.
fn logical(thrift: &mut Thrift<'_>) -> Result<(), MeasureError> {
    let mut last = 0;
    while let Some((which, kind)) = thrift.field(&mut last)? {
        let fields: &[(i64, u8)] = match which {
            5 => &[(1, I32), (2, I32)],
            7 | 8 => &[(1, TRUE), (2, STRUCT)],
            10 => &[(1, BYTE), (2, TRUE)],
            16 => &[(1, BYTE)],
            17 => &[(1, BINARY)],
            18 => &[(1, BINARY), (2, I32)],
            _ => &[],
        };
        if kind != STRUCT {
            return Err(unreadable("a type in its schema is no structure"));
        }
        let mut last = 0;
        while let Some((id, kind)) = thrift.field(&mut last)? {
            of_kind(fields, id, kind)?;
            thrift.skip(kind, 0)?;
        }
    }
    Ok(())
}

/// The decoder reads a field that it knows as what it should be, whatever kind the file gives it; what follows would
/// then be read differently there and here.
fn of_kind(known: &[(i64, u8)], id: i64, kind: u8) -> Result<(), MeasureError> {
    let kind = if kind == FALSE { TRUE } else { kind };
    match known.iter().find(|(known, _)| *known == id) {
        Some((_, asked)) if *asked != kind => Err(unreadable("a part of its description is of another type")),
        Some(_) | None => Ok(()),
    }
}

/// What the pages of a column say of themselves.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Pages {
    /// Bytes of the largest page in which a text may be as long as the whole page.
    pub growing: u64,
    /// Most bytes of a page to each of its values.
    pub of_value: u64,
    /// Bytes of the largest dictionary.
    pub dictionary: u64,
    /// Some values stand in their pages as they are, and not as codes.
    pub plain: bool,
}

impl Pages {
    /// These and others together.
    pub fn and(self, other: Self) -> Self {
        Self {
            growing: self.growing.max(other.growing),
            of_value: self.of_value.max(other.of_value),
            dictionary: self.dictionary.max(other.dictionary),
            plain: self.plain || other.plain,
        }
    }
}

/// How a column may be packed: ways whose unpacking has an end that is known before.
///
/// # Errors
/// Another way, by its name.
pub fn packing(column: &ColumnChunkMetaData) -> Result<(), MeasureError> {
    match column.compression() {
        Compression::UNCOMPRESSED
        | Compression::SNAPPY
        | Compression::ZSTD(_)
        | Compression::GZIP(_)
        | Compression::LZ4_RAW => Ok(()),
        other => {
            let codec = other.to_string();
            let codec = codec.split('(').next().unwrap_or_default();
            let column = clean(column.column_path().string().as_str(), 60);
            Err(unreadable(format!(
                "column {column:?} is packed with {codec}, which is not read: pack it with Snappy, Zstandard, LZ4_RAW or Gzip"
            )))
        }
    }
}

/// Looks over the headers of all pages of a column in a row group.
///
/// # Errors
/// A page of more than [`MAX_PAGE`], more values in a dictionary than it has bytes, a page that unpacks to more than it says.
pub fn pages(file: &ParquetFile, column: &ColumnChunkMetaData) -> Result<Pages, MeasureError> {
    let is_gzip = matches!(column.compression(), Compression::GZIP(_));
    pages_within(file, column.byte_range(), is_gzip)
}

fn pages_within(file: &ParquetFile, (start, length): (u64, u64), is_gzip: bool) -> Result<Pages, MeasureError> {
    let end = start.checked_add(length).filter(|end| *end <= file.len());
    let end = end.ok_or_else(|| unreadable("a column lies outside of the file"))?;
    let (mut at, mut pages) = (start, Pages::default());
    while at < end {
        let (page, header) = page(file, at, end)?;
        if page.unpacked.max(page.packed) > MAX_PAGE {
            return Err(MeasureError::TooLarge { what: "bytes in one page", limit: MAX_PAGE });
        }
        if page.dictionary_values > page.unpacked {
            return Err(unreadable("a dictionary has fewer bytes than values"));
        }
        if page.encoding == DELTA_BYTE_ARRAY {
            pages.growing = page.unpacked.max(pages.growing);
        }
        if let Some(values) = page.values {
            pages.of_value = (page.unpacked / values.max(1)).max(pages.of_value);
            pages.plain |= !CODES.contains(&page.encoding);
        } else {
            pages.dictionary = page.unpacked.max(pages.dictionary);
        }
        let body = at + header as u64;
        if is_gzip && !page.as_it_is {
            let (packed, unpacked) = (page.packed.checked_sub(page.levels), page.unpacked.checked_sub(page.levels));
            let (Some(packed), Some(unpacked)) = (packed, unpacked) else {
                return Err(unreadable("a page is shorter than its levels"));
            };
            parquet_gzip::within(file, body + page.levels, packed, unpacked)?;
        }
        at = body + page.packed;
    }
    Ok(pages)
}

#[derive(Default)]
struct Page {
    packed: u64,
    unpacked: u64,
    dictionary_values: u64,
    /// Of a page of data, nulls among them.
    values: Option<u64>,
    encoding: u64,
    /// Bytes before the values that are never packed.
    levels: u64,
    /// Nothing of it is packed, whatever the column says.
    as_it_is: bool,
}

/// The header at a place, and its own length.
fn page(file: &ParquetFile, at: u64, end: u64) -> Result<(Page, usize), MeasureError> {
    let read = |room: usize| {
        let length = room.min(usize::try_from(end - at).unwrap_or(room));
        let bytes = file.get_bytes(at, length).map_err(unreadable)?;
        let mut thrift = Thrift::new(&bytes);
        header(&mut thrift).map(|page| (page, thrift.at()))
    };
    read(USUAL_HEADER).or_else(|_| read(MAX_HEADER))
}

/// `PageHeader` in parquet.thrift. A field that stands twice might be read as the other one by the decoder.
fn header(thrift: &mut Thrift<'_>) -> Result<Page, MeasureError> {
    let mut page = Page::default();
    let (mut last, mut seen) = (0, 0);
    while let Some((id, kind)) = thrift.field(&mut last)? {
        of_kind(&HEADER, id, kind)?;
        once(&mut seen, id)?;
        let fields: &[(i64, u8)] = match id {
            2 => {
                page.unpacked = thrift.size()?;
                continue;
            }
            3 => {
                page.packed = thrift.size()?;
                continue;
            }
            5 => &DATA,
            7 => &DICTIONARY,
            8 => &DATA_2,
            _ => {
                thrift.skip(kind, 0)?;
                continue;
            }
        };
        let (mut last, mut seen) = (0, 0);
        while let Some((inner, kind)) = thrift.field(&mut last)? {
            of_kind(fields, inner, kind)?;
            once(&mut seen, inner)?;
            match (id, inner) {
                (7, 1) => page.dictionary_values = thrift.size()?,
                (5 | 8, 1) => {
                    let values = thrift.size()?;
                    page.values = Some(page.values.map_or(values, |known| known.min(values)));
                }
                (5, 2) | (8, 4) => page.encoding = page.encoding.max(thrift.size()?),
                (8, 5 | 6) => page.levels = page.levels.saturating_add(thrift.size()?),
                (8, 7) => page.as_it_is = kind == FALSE,
                _ => thrift.skip(kind, 0)?,
            }
        }
    }
    Ok(page)
}

/// `seen` has a bit for each field that was there.
fn once(seen: &mut u64, id: i64) -> Result<(), MeasureError> {
    let bit = u32::try_from(id).ok().and_then(|id| 1u64.checked_shl(id)).unwrap_or(0);
    if *seen & bit != 0 {
        return Err(unreadable("a part of its description stands twice"));
    }
    *seen |= bit;
    Ok(())
}

/// Fields by number, as parquet.thrift has them.
const FILE: [(i64, u8); 7] = [(1, I32), (2, LIST), (3, I64), (4, LIST), (5, LIST), (6, BINARY), (7, LIST)];
const ELEMENT: [(i64, u8); 10] =
    [(1, I32), (2, I32), (3, I32), (4, BINARY), (5, I32), (6, I32), (7, I32), (8, I32), (9, I32), (10, STRUCT)];
const HEADER: [(i64, u8); 8] =
    [(1, I32), (2, I32), (3, I32), (4, I32), (5, STRUCT), (6, STRUCT), (7, STRUCT), (8, STRUCT)];
const DATA: [(i64, u8); 5] = [(1, I32), (2, I32), (3, I32), (4, I32), (5, STRUCT)];
const DICTIONARY: [(i64, u8); 3] = [(1, I32), (2, I32), (3, TRUE)];
const DATA_2: [(i64, u8); 8] = [(1, I32), (2, I32), (3, I32), (4, I32), (5, I32), (6, I32), (7, TRUE), (8, STRUCT)];

#[cfg(test)]
mod tests;
