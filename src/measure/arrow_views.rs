//! Texts and bytes that stand anywhere in the buffers of their batch: short ones in the view itself, of long ones the place.

use super::MeasureError;
use super::arrow_buffer::Buffer;
use super::arrow_column::MAX_VALUE;
use super::arrow_file::{Bytes, too_large, unreadable};
use arrow_ipc::CompressionType;
use std::collections::VecDeque;

/// Bytes of a view.
const VIEW: usize = 16;
/// Longest value that stands in its view.
const INLINE: usize = 12;
/// Bytes that the compressed buffers of one batch may come to: they are held, since views point anywhere.
const MAX_HELD: u64 = 128 << 20;
/// Bytes that are read at once, since what follows is often asked for next.
const WINDOW: u64 = 1 << 16;

pub struct Views {
    views: Buffer,
    long: Vec<Long>,
    waiting: VecDeque<[u8; VIEW]>,
    lengths: VecDeque<usize>,
}

enum Long {
    Held(Vec<u8>),
    InFile { bytes: Bytes, window: Vec<u8>, from: u64 },
}

impl Views {
    pub fn open(views: Buffer, long: Vec<Bytes>, codec: Option<CompressionType>) -> Result<Self, MeasureError> {
        let mut held = 0u64;
        let long = long.into_iter().map(|bytes| match codec {
            None => Ok(Long::InFile { bytes, window: Vec::new(), from: 0 }),
            Some(_) => {
                let mut buffer = Buffer::open(bytes, codec)?;
                held = held.saturating_add(buffer.left());
                if held > MAX_HELD {
                    return Err(too_large("bytes of long texts in one batch", MAX_HELD));
                }
                let mut all = vec![0; usize::try_from(buffer.left()).map_err(unreadable)?];
                buffer.fill(&mut all)?;
                Ok(Long::Held(all))
            }
        });
        let long = long.collect::<Result<_, MeasureError>>()?;
        Ok(Self { views, long, waiting: VecDeque::new(), lengths: VecDeque::new() })
    }

    /// Reads so many of the next views.
    pub fn ready(&mut self, rows: usize) -> Result<&VecDeque<usize>, MeasureError> {
        while self.lengths.len() < rows {
            let mut view = [0; VIEW];
            self.views.fill(&mut view)?;
            self.waiting.push_back(view);
            // Of a null the view may be anything, and is not followed.
            let length = usize::try_from(word(&view, 0)).unwrap_or(0);
            self.lengths.push_back(length.min(MAX_VALUE as usize + 1));
        }
        Ok(&self.lengths)
    }

    /// The next value, if there is one.
    pub fn next(&mut self, valid: bool, into: &mut Vec<u8>) -> Result<(), MeasureError> {
        self.ready(1)?;
        self.lengths.pop_front();
        into.clear();
        let Some(view) = self.waiting.pop_front().filter(|_| valid) else { return Ok(()) };
        let length = usize::try_from(word(&view, 0)).map_err(|_| unreadable("a text has a negative length"))?;
        if length as u64 > MAX_VALUE {
            return Err(too_large("bytes in one value", MAX_VALUE));
        }
        if length <= INLINE {
            into.extend(view.iter().skip(4).take(length));
            return Ok(());
        }
        let long = usize::try_from(word(&view, 8)).ok().and_then(|index| self.long.get_mut(index));
        let at = u64::try_from(word(&view, 12)).ok();
        let (Some(long), Some(at)) = (long, at) else { return Err(unreadable("a text has no place")) };
        long.copy(at, length, into)?;
        if into.get(..4) == view.get(4..8) { Ok(()) } else { Err(unreadable("a text does not begin as its view says")) }
    }
}

impl Long {
    fn copy(&mut self, at: u64, length: usize, into: &mut Vec<u8>) -> Result<(), MeasureError> {
        match self {
            Self::Held(all) => {
                let at = usize::try_from(at).map_err(unreadable)?;
                let value = at.checked_add(length).and_then(|end| all.get(at..end));
                into.extend(value.ok_or_else(|| unreadable("a text lies outside of its buffer"))?);
                Ok(())
            }
            Self::InFile { bytes, window, from } => {
                let end = at.saturating_add(length as u64);
                if at < *from || end > *from + window.len() as u64 {
                    let most = bytes.len().saturating_sub(at).min(WINDOW.max(length as u64));
                    window.clear();
                    window.resize(usize::try_from(most).map_err(unreadable)?, 0);
                    bytes.read_at(at, window).map_err(unreadable)?;
                    *from = at;
                }
                let start = usize::try_from(at - *from).map_err(unreadable)?;
                let value = start.checked_add(length).and_then(|end| window.get(start..end));
                into.extend(value.ok_or_else(|| unreadable("a text lies outside of its buffer"))?);
                Ok(())
            }
        }
    }
}

fn word(view: &[u8; VIEW], at: usize) -> i32 {
    view.iter().skip(at).take(4).rev().fold(0u32, |sum, byte| sum << 8 | u32::from(*byte)) as i32
}
