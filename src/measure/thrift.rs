//! Thrift's compact protocol, as far as a Parquet file's description of itself must be passed over: bounded in depth,
//! and no length is believed.

use super::MeasureError;
use super::parquet_table::unreadable;

/// Structures, or groups of a schema, within each other.
pub const MAX_DEPTH: usize = 32;

pub const TRUE: u8 = 1;
pub const FALSE: u8 = 2;
pub const BYTE: u8 = 3;
pub const I16: u8 = 4;
pub const I32: u8 = 5;
pub const I64: u8 = 6;
pub const DOUBLE: u8 = 7;
pub const BINARY: u8 = 8;
pub const LIST: u8 = 9;
pub const SET: u8 = 10;
pub const MAP: u8 = 11;
pub const STRUCT: u8 = 12;
pub const UUID: u8 = 13;

/// Bytes, and how far they were read.
pub struct Thrift<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Thrift<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Bytes that were read.
    pub fn at(&self) -> usize {
        self.at
    }

    fn byte(&mut self) -> Result<u8, MeasureError> {
        let byte = self.bytes.get(self.at).copied().ok_or_else(|| unreadable("it ends within its own description"))?;
        self.at += 1;
        Ok(byte)
    }

    fn varint(&mut self) -> Result<u64, MeasureError> {
        let (mut value, mut shift) = (0u64, 0);
        loop {
            let byte = self.byte()?;
            if shift > 63 {
                return Err(unreadable("a number in its description does not end"));
            }
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
            shift += 7;
        }
    }

    pub fn number(&mut self) -> Result<i64, MeasureError> {
        let value = self.varint()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    pub fn size(&mut self) -> Result<u64, MeasureError> {
        u64::try_from(self.number()?).map_err(|_| unreadable("a size in its description is negative"))
    }

    /// The next field of a structure: its number and kind. `None` at the end.
    pub fn field(&mut self, last: &mut i64) -> Result<Option<(i64, u8)>, MeasureError> {
        let byte = self.byte()?;
        if byte == 0 {
            return Ok(None);
        }
        *last = match byte >> 4 {
            0 => self.number()?,
            more => last.saturating_add(i64::from(more)),
        };
        Ok(Some((*last, byte & 0x0f)))
    }

    /// How many elements, of which kind.
    pub fn list(&mut self) -> Result<(u64, u8), MeasureError> {
        let byte = self.byte()?;
        let count = match byte >> 4 {
            15 => self.varint()?,
            few => u64::from(few),
        };
        self.fits(count)?;
        Ok((count, byte & 0x0f))
    }

    /// Every element takes a byte at least.
    fn fits(&self, count: u64) -> Result<(), MeasureError> {
        match count <= (self.bytes.len() - self.at) as u64 {
            true => Ok(()),
            false => Err(unreadable("its description claims more than it holds")),
        }
    }

    fn pass(&mut self, count: u64) -> Result<(), MeasureError> {
        self.fits(count)?;
        self.at += count as usize;
        Ok(())
    }

    pub fn skip(&mut self, kind: u8, depth: usize) -> Result<(), MeasureError> {
        if depth > MAX_DEPTH {
            return Err(MeasureError::TooLarge { what: "levels in its description", limit: MAX_DEPTH as u64 });
        }
        match kind {
            TRUE | FALSE => Ok(()),
            BYTE => self.pass(1),
            I16 | I32 | I64 => self.varint().map(|_| ()),
            DOUBLE => self.pass(8),
            UUID => self.pass(16),
            BINARY => {
                let length = self.varint()?;
                self.pass(length)
            }
            LIST | SET => {
                let (count, kind) = self.list()?;
                (0..count).try_for_each(|_| self.element(kind, depth))
            }
            MAP => {
                let count = self.varint()?;
                self.fits(count)?;
                if count == 0 {
                    return Ok(());
                }
                let kinds = self.byte()?;
                (0..count).try_for_each(|_| {
                    self.element(kinds >> 4, depth)?;
                    self.element(kinds & 0x0f, depth)
                })
            }
            STRUCT => {
                let mut last = 0;
                while let Some((_, kind)) = self.field(&mut last)? {
                    self.skip(kind, depth + 1)?;
                }
                Ok(())
            }
            _ => Err(unreadable("its description holds an unknown type")),
        }
    }

    /// In a list, truth takes a byte of its own.
    fn element(&mut self, kind: u8, depth: usize) -> Result<(), MeasureError> {
        match kind {
            TRUE | FALSE => self.pass(1),
            kind => self.skip(kind, depth + 1),
        }
    }
}
