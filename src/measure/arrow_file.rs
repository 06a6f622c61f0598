//! What an Arrow IPC file or stream is made of: a schema, and messages with dictionaries and rows, each by its place.
//! Nothing is believed that the size of the file or a bound contradicts.

use super::MeasureError;
use super::table::MAX_ROWS;
use arrow_ipc::{Message, MessageHeader, MetadataVersion, RecordBatch};
use arrow_schema::Schema;
use flatbuffers::VerifierOptions;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

/// How a file begins and ends.
pub const MAGIC: &[u8] = b"ARROW1";
/// How a message begins, and with it a stream.
pub const CONTINUED: &[u8] = &[0xff; 4];
/// At the end of a file: the length of its footer, and its magic.
const TAIL: u64 = 10;
/// Most bytes between the last batch and the footer: an end mark, and what aligns them.
const GAP: u64 = 128;
/// Bytes of one message without its body, and of a footer.
const MAX_METADATA: u64 = 32 << 20;
/// Messages in one file.
const MAX_PARTS: usize = 1 << 20;
/// What a verified message may come to when all that it refers to is written out.
const UNFOLDED: VerifierOptions = VerifierOptions {
    max_depth: 64,
    max_tables: 200_000,
    max_apparent_size: 64 << 20,
    ignore_missing_null_terminator: false,
};

#[derive(Debug)]
pub struct ArrowFile {
    file: Arc<File>,
    size: u64,
    pub schema: Schema,
    /// The dictionary of each column, by its id in the file.
    pub dictionaries: Vec<Option<i64>>,
    /// In the order in which they are to be read.
    pub parts: Vec<Part>,
    pub rows: u64,
}

/// A message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    at: u64,
    metadata: u64,
    body: u64,
    pub holds: Holds,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    Rows(u64),
    Dictionary {
        id: i64,
        /// It goes on where the one before ended, and does not take its place.
        more: bool,
    },
}

impl ArrowFile {
    /// # Errors
    /// Not whole, not of version 4 or 5 of the format, more messages or rows than the bounds.
    pub fn open(file: File) -> Result<Self, MeasureError> {
        let size = file.metadata().map_err(unreadable)?.len();
        let schema = Schema::empty();
        let mut read =
            Self { file: Arc::new(file), size, schema, dictionaries: Vec::new(), parts: Vec::new(), rows: 0 };
        let start = read.bytes(0, (MAGIC.len() as u64).min(size))?;
        if start == MAGIC {
            read.file()?;
        } else {
            read.stream()?;
        }
        Ok(read)
    }

    /// A file tells in its footer where everything is.
    fn file(&mut self) -> Result<(), MeasureError> {
        let start = MAGIC.len() as u64 + 2;
        let Some(tail) = self.size.checked_sub(TAIL).filter(|tail| *tail >= start) else { return Err(cut()) };
        let end = self.bytes(tail, TAIL)?;
        let Some((length, MAGIC)) = end.split_first_chunk::<4>() else { return Err(cut()) };
        let length = u64::try_from(i32::from_le_bytes(*length)).map_err(|_| unreadable("its footer has no length"))?;
        if length > MAX_METADATA {
            return Err(too_large("bytes in its footer", MAX_METADATA));
        }
        let Some(at) = tail.checked_sub(length).filter(|at| *at >= start) else { return Err(cut()) };
        let footer = self.bytes(at, length)?;
        let footer = arrow_ipc::root_as_footer_with_opts(&UNFOLDED, &footer).map_err(unreadable)?;
        known(footer.version())?;
        self.shape(footer.schema())?;
        let first = self.metadata(start, prefixed(&self.bytes(start + 4, 4)?))?;
        let first =
            verified(&first)?.header_as_schema().ok_or_else(|| unreadable("it does not begin with a schema"))?;
        let first = arrow_ipc::convert::try_fb_to_schema(first).map_err(unreadable)?;
        if first.fields() != self.schema.fields() {
            return Err(unreadable("its beginning and its footer tell of other columns"));
        }
        let dictionaries = footer.dictionaries().into_iter().flatten();
        let batches = footer.recordBatches().into_iter().flatten();
        let count =
            footer.dictionaries().map_or(0, |all| all.len()) + footer.recordBatches().map_or(0, |all| all.len());
        if count > MAX_PARTS {
            return Err(too_large("batches", MAX_PARTS as u64));
        }
        let mut known = BTreeSet::new();
        let mut reached = at;
        for (block, is_rows) in dictionaries.map(|block| (block, false)).chain(batches.map(|block| (block, true))) {
            let places = (u64::try_from(block.offset()), u64::try_from(block.metaDataLength()));
            let ((Ok(place), Ok(metadata)), Ok(body)) = (places, u64::try_from(block.bodyLength())) else {
                return Err(unreadable("a batch has a negative size"));
            };
            let whole = place.checked_add(metadata).and_then(|end| end.checked_add(body));
            if place < start || whole.is_none_or(|end| end > at) {
                return Err(unreadable("a batch lies outside of it"));
            }
            let part = self.part(place, metadata)?;
            match part {
                Some(part) if part.body == body && matches!(part.holds, Holds::Rows(_)) == is_rows => {
                    if let Holds::Dictionary { id, more: false } = part.holds
                        && !known.insert(id)
                    {
                        return Err(unreadable("a dictionary stands twice"));
                    }
                    reached = if self.parts.is_empty() { 0 } else { reached }.max(part.at + part.metadata + part.body);
                    self.add(part)?;
                }
                Some(_) | None => return Err(unreadable("a batch is not what its footer says")),
            }
        }
        // Of another file before it this one's footer would tell other things than its own.
        if at - reached > GAP { Err(unreadable("something lies between its batches and its footer")) } else { Ok(()) }
    }

    /// A stream is one message behind the other, the schema first; its end is a message of no length.
    fn stream(&mut self) -> Result<(), MeasureError> {
        let mut at = 0;
        let mut schema_is_known = false;
        loop {
            let prefix = self.bytes(at, 8.min(self.size.saturating_sub(at)))?;
            let Some((mark, length)) = prefix.split_at_checked(4).filter(|(_, length)| length.len() == 4) else {
                return Err(cut());
            };
            if mark != CONTINUED {
                return Err(unreadable("a message does not begin where the one before ends"));
            }
            let metadata = prefixed(length);
            if metadata == 8 {
                return match (schema_is_known, at + 8 == self.size) {
                    (true, true) => Ok(()),
                    (false, _) => Err(unreadable("it has no schema")),
                    (true, false) => Err(unreadable("something follows its end")),
                };
            }
            let body = if schema_is_known {
                let part = self.part(at, metadata)?.ok_or_else(|| unreadable("it has two schemas"))?;
                self.add(part)?;
                part.body
            } else {
                let bytes = self.metadata(at, metadata)?;
                let message = verified(&bytes)?;
                self.shape(message.header_as_schema())?;
                schema_is_known = true;
                u64::try_from(message.bodyLength()).map_err(unreadable)?
            };
            at = at.saturating_add(metadata).saturating_add(body);
            if at > self.size {
                return Err(cut());
            }
        }
    }

    fn shape(&mut self, schema: Option<arrow_ipc::Schema<'_>>) -> Result<(), MeasureError> {
        let schema = schema.ok_or_else(|| unreadable("it has no schema"))?;
        if schema.endianness() != arrow_ipc::Endianness::Little {
            return Err(unreadable("its numbers are big-endian"));
        }
        let fields = schema.fields().into_iter().flatten();
        self.dictionaries = fields.map(|field| field.dictionary().map(|coded| coded.id())).collect();
        self.schema = arrow_ipc::convert::try_fb_to_schema(schema).map_err(unreadable)?;
        Ok(())
    }

    fn add(&mut self, part: Part) -> Result<(), MeasureError> {
        if self.parts.len() == MAX_PARTS {
            return Err(too_large("batches", MAX_PARTS as u64));
        }
        if let Holds::Rows(rows) = part.holds {
            self.rows = self.rows.saturating_add(rows);
            if self.rows > MAX_ROWS {
                return Err(too_large("rows", MAX_ROWS));
            }
        }
        self.parts.push(part);
        Ok(())
    }

    /// The message at a place; `None` for a schema.
    fn part(&self, at: u64, metadata: u64) -> Result<Option<Part>, MeasureError> {
        let bytes = self.metadata(at, metadata)?;
        let message = verified(&bytes)?;
        let body = u64::try_from(message.bodyLength()).map_err(unreadable)?;
        let holds = match message.header_type() {
            MessageHeader::Schema => return Ok(None),
            MessageHeader::RecordBatch => {
                let batch = message.header_as_record_batch().ok_or_else(|| unreadable("a batch holds nothing"))?;
                Holds::Rows(u64::try_from(batch.length()).map_err(unreadable)?)
            }
            MessageHeader::DictionaryBatch => {
                let batch = message.header_as_dictionary_batch();
                let batch = batch.ok_or_else(|| unreadable("a dictionary holds nothing"))?;
                Holds::Dictionary { id: batch.id(), more: batch.isDelta() }
            }
            _ => return Err(unreadable("it holds something else than rows")),
        };
        Ok(Some(Part { at, metadata, body, holds }))
    }

    /// Looks into a message's metadata.
    pub fn look<T>(
        &self,
        part: &Part,
        look: impl FnOnce(&RecordBatch<'_>) -> Result<T, MeasureError>,
    ) -> Result<T, MeasureError> {
        let bytes = self.metadata(part.at, part.metadata)?;
        let message = verified(&bytes)?;
        let batch = match part.holds {
            Holds::Rows(_) => message.header_as_record_batch(),
            Holds::Dictionary { .. } => message.header_as_dictionary_batch().and_then(|batch| batch.data()),
        };
        look(&batch.ok_or_else(|| unreadable("a batch holds nothing"))?)
    }

    /// Some bytes of a message's body, to be read as a stream.
    pub fn body(&self, part: &Part, offset: i64, length: i64) -> Result<Bytes, MeasureError> {
        let (Ok(offset), Ok(length)) = (u64::try_from(offset), u64::try_from(length)) else {
            return Err(unreadable("a buffer has a negative size"));
        };
        if offset.checked_add(length).is_none_or(|end| end > part.body) {
            return Err(unreadable("a buffer lies outside of its batch"));
        }
        let at = part.at + part.metadata + offset;
        Ok(Bytes { file: Arc::clone(&self.file), at, left: length })
    }

    /// The flatbuffer of a message, without what stands before it.
    fn metadata(&self, at: u64, length: u64) -> Result<Vec<u8>, MeasureError> {
        if length > MAX_METADATA {
            return Err(too_large("bytes in the description of a batch", MAX_METADATA));
        }
        let mut bytes = self.bytes(at, length)?;
        match bytes.split_at_checked(4) {
            Some((mark, _)) if mark == CONTINUED && bytes.len() >= 8 => {
                bytes.drain(..8);
                Ok(bytes)
            }
            Some(_) | None => Err(unreadable("a message has no beginning; before version 0.15 it had none")),
        }
    }

    fn bytes(&self, at: u64, length: u64) -> Result<Vec<u8>, MeasureError> {
        // A length that the file only claims must not be given room.
        if at.checked_add(length).is_none_or(|end| end > self.size) {
            return Err(cut());
        }
        let mut bytes = vec![0; usize::try_from(length).map_err(unreadable)?];
        self.file.read_exact_at(&mut bytes, at).map_err(unreadable)?;
        Ok(bytes)
    }
}

/// Bytes of a message's metadata and of what stands before it, by the length that it tells.
fn prefixed(length: &[u8]) -> u64 {
    length.iter().rev().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte)) + 8
}

fn verified(bytes: &[u8]) -> Result<Message<'_>, MeasureError> {
    let message = arrow_ipc::root_as_message_with_opts(&UNFOLDED, bytes).map_err(unreadable)?;
    known(message.version())?;
    Ok(message)
}

fn known(version: MetadataVersion) -> Result<(), MeasureError> {
    match version {
        MetadataVersion::V4 | MetadataVersion::V5 => Ok(()),
        _ => Err(unreadable("it is of a version of the format that is not known here")),
    }
}

/// A part of the file. Reads by place: several threads read one file at a time.
#[derive(Debug, Clone)]
pub struct Bytes {
    file: Arc<File>,
    at: u64,
    left: u64,
}

impl Bytes {
    pub fn len(&self) -> u64 {
        self.left
    }

    /// Those from `at` on, as many as fit.
    pub fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<()> {
        match at.checked_add(into.len() as u64) {
            Some(end) if end <= self.left => self.file.read_exact_at(into, self.at + at),
            Some(_) | None => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it points outside of its buffer")),
        }
    }
}

impl Read for Bytes {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let read = self.file.read_at(buffer.get_mut(..most).unwrap_or_default(), self.at)?;
        self.at += read as u64;
        self.left -= read as u64;
        Ok(read)
    }
}

pub fn unreadable(why: impl ToString) -> MeasureError {
    MeasureError::Unreadable { format: "Arrow IPC", why: why.to_string() }
}

pub fn too_large(what: &'static str, limit: u64) -> MeasureError {
    MeasureError::TooLarge { what, limit }
}

fn cut() -> MeasureError {
    unreadable("it does not end as it should; it may be cut")
}
