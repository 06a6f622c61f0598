//! One buffer of a batch, whole or compressed, as a stream of bytes: what it unpacks to is never held.

use super::MeasureError;
use super::arrow_file::{Bytes, unreadable};
use arrow_ipc::CompressionType;
use std::io::{self, BufReader, Read};

const AHEAD: usize = 1 << 16;
/// Bytes behind the point that a compressed buffer may refer back to, as a power of two: what zstd asks for up to level 19.
const WINDOW_LOG: u32 = 23;
/// Of a compressed buffer: the length that it unpacks to; −1 says that it is as it is.
const PREFIX: u64 = 8;

pub struct Buffer {
    from: Box<dyn Read>,
    /// So many bytes are promised.
    left: u64,
}

impl Buffer {
    pub fn open(mut bytes: Bytes, codec: Option<CompressionType>) -> Result<Self, MeasureError> {
        // A buffer of no length has nothing before it either.
        let Some(codec) = codec.filter(|_| bytes.len() > 0) else { return Ok(Self::plain(bytes)) };
        if bytes.len() < PREFIX {
            return Err(unreadable("a compressed buffer is too short"));
        }
        let mut prefix = [0; PREFIX as usize];
        bytes.read_exact(&mut prefix).map_err(unreadable)?;
        let length = i64::from_le_bytes(prefix);
        let left = match u64::try_from(length) {
            Ok(left) => left,
            Err(_) if length == -1 => return Ok(Self::plain(bytes)),
            Err(_) => return Err(unreadable("a compressed buffer unpacks to a negative length")),
        };
        let packed = BufReader::with_capacity(AHEAD, bytes);
        let from: Box<dyn Read> = match codec {
            CompressionType::ZSTD => {
                let mut decoder = zstd::stream::read::Decoder::with_buffer(packed).map_err(unreadable)?;
                decoder.window_log_max(WINDOW_LOG).map_err(unreadable)?;
                Box::new(BufReader::with_capacity(AHEAD, decoder))
            }
            CompressionType::LZ4_FRAME => Box::new(lz4_flex::frame::FrameDecoder::new(packed)),
            _ => return Err(unreadable("a buffer is compressed in a way that is not known here")),
        };
        Ok(Self { from, left })
    }

    fn plain(bytes: Bytes) -> Self {
        Self { left: bytes.len(), from: Box::new(BufReader::with_capacity(AHEAD, bytes)) }
    }

    /// Bytes that it claims to have still.
    pub fn left(&self) -> u64 {
        self.left
    }

    /// Fills all of `into` with the bytes that come next.
    pub fn fill(&mut self, into: &mut [u8]) -> Result<(), MeasureError> {
        self.left = self.left.checked_sub(into.len() as u64).ok_or_else(|| unreadable("a buffer is too short"))?;
        self.from.read_exact(into).map_err(unreadable)
    }

    pub fn pass_over(&mut self, count: u64) -> Result<(), MeasureError> {
        self.left = self.left.checked_sub(count).ok_or_else(|| unreadable("a buffer is too short"))?;
        let passed = io::copy(&mut self.from.by_ref().take(count), &mut io::sink()).map_err(unreadable)?;
        if passed == count { Ok(()) } else { Err(unreadable("a buffer is too short")) }
    }
}

/// Bits, from the lowest of each byte on.
pub struct Bits {
    from: Buffer,
    byte: u8,
    used: u8,
}

impl Bits {
    pub fn new(from: Buffer) -> Self {
        Self { from, byte: 0, used: 8 }
    }

    pub fn next(&mut self, count: usize) -> Result<Vec<bool>, MeasureError> {
        let mut bits = Vec::with_capacity(count);
        let waiting = usize::from(8 - self.used);
        let mut bytes = vec![0; count.saturating_sub(waiting).div_ceil(8)];
        self.from.fill(&mut bytes)?;
        let mut bytes = bytes.into_iter();
        for _ in 0..count {
            if self.used == 8 {
                self.byte = bytes.next().unwrap_or_default();
                self.used = 0;
            }
            bits.push(self.byte >> self.used & 1 == 1);
            self.used += 1;
        }
        Ok(bits)
    }
}
