//! The bytes of a Parquet file, read by place, so that threads can share one file.

use bytes::{Bytes, BytesMut};
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{ChunkReader, Length};
use std::fs::File;
use std::hint::black_box;
use std::io::{self, BufReader, Read};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

/// Page headers are small and lie before their pages: little is read ahead.
const AHEAD: usize = 512;
/// Bytes of a part that is read in one go. A longer one is read page by page.
const MAX_PART: u64 = 2 << 20;
/// More bytes than pages of most files have, packed or not.
const PAGE: usize = 4 << 20;

#[derive(Debug, Clone)]
pub struct ParquetFile {
    file: Arc<File>,
    size: u64,
    part: Part,
}

/// Some of the file's bytes that are at hand, and where they begin.
#[derive(Debug, Clone, Default)]
struct Part {
    start: u64,
    bytes: Bytes,
}

impl Part {
    /// From a place on, as far as they reach.
    fn from(&self, at: u64) -> Option<Bytes> {
        let skip = usize::try_from(at.checked_sub(self.start)?).ok()?;
        (skip < self.bytes.len()).then(|| self.bytes.slice(skip..))
    }
}

impl ParquetFile {
    pub fn new(file: File) -> io::Result<Self> {
        keep_freed_pages();
        let size = file.metadata()?.len();
        Ok(Self { file: Arc::new(file), size, part: Part::default() })
    }

    /// The same file with the pages of a column in a row group at hand, if they are not too many. `room` is memory to use
    /// again, see [`Self::into_room`].
    pub fn with_part(&self, (start, length): (u64, u64), mut room: BytesMut) -> Result<Self> {
        let mut file = self.clone();
        if length <= MAX_PART {
            room.resize(length as usize, 0);
            self.file.read_exact_at(&mut room, start)?;
            file.part = Part { start, bytes: room.freeze() };
        }
        Ok(file)
    }

    /// The memory that a part took, when nobody looks at it any more.
    pub fn into_room(self) -> BytesMut {
        self.part.bytes.try_into_mut().unwrap_or_default()
    }
}

/// Has the C library keep what is freed for the next page. It gives blocks of more than 128 KiB back at once, and to hand out
/// the same memory again is more work for the kernel than decoding the page is. The largest block that was ever freed moves that
/// bound (mallopt(3), `M_MMAP_THRESHOLD`); this one is never touched, so it takes no memory.
fn keep_freed_pages() {
    drop(black_box(Vec::<u8>::with_capacity(PAGE)));
}

impl Length for ParquetFile {
    fn len(&self) -> u64 {
        self.size
    }
}

impl ChunkReader for ParquetFile {
    type T = BufReader<From>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        let from = From { file: Arc::clone(&self.file), at: start, part: self.part.clone() };
        Ok(BufReader::with_capacity(AHEAD, from))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        // A length that the file only claims must not be given room.
        if start.checked_add(length as u64).is_none_or(|end| end > self.size) {
            return Err(ParquetError::EOF(format!("{length} bytes from {start} on, of {}", self.size)));
        }
        if let Some(bytes) = self.part.from(start).filter(|bytes| bytes.len() >= length) {
            return Ok(bytes.slice(..length));
        }
        let mut bytes = vec![0; length];
        self.file.read_exact_at(&mut bytes, start)?;
        Ok(bytes.into())
    }
}

/// The file from a place on.
#[derive(Debug)]
pub struct From {
    file: Arc<File>,
    at: u64,
    part: Part,
}

impl Read for From {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = match self.part.from(self.at) {
            Some(bytes) => (&bytes[..]).read(buffer)?,
            None => self.file.read_at(buffer, self.at)?,
        };
        self.at += count as u64;
        Ok(count)
    }
}
