//! One column of one batch of an Arrow file, some rows at a time, in the types that Parquet is read into as well.

use super::MeasureError;
use super::arrow_buffer::{Bits, Buffer};
use super::arrow_file::{Bytes, too_large, unreadable};
use super::arrow_views::Views;
use arrow_array::builder::{BinaryBuilder, FixedSizeBinaryBuilder, StringBuilder};
use arrow_array::types::{
    Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    Time32MillisecondType, Time64MicrosecondType, Time64NanosecondType, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow_array::{Array, ArrayRef, BooleanArray, DictionaryArray, NullArray, PrimitiveArray, StringArray};
use arrow_ipc::CompressionType;
use arrow_schema::{DataType, TimeUnit};
use std::collections::VecDeque;
use std::sync::Arc;

/// Longest text or bytes of one value.
pub const MAX_VALUE: u64 = 8 << 20;
const DAY: i64 = 86_400_000;

/// The type that a column is read into. What nothing here looks into stays as it is.
pub fn read_as(kind: &DataType) -> DataType {
    match kind {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => DataType::Utf8,
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => DataType::Binary,
        DataType::Decimal32(digits, scale) | DataType::Decimal64(digits, scale) => {
            DataType::Decimal128(*digits, *scale)
        }
        DataType::Date64 => DataType::Date32,
        DataType::Time32(TimeUnit::Second) => DataType::Time32(TimeUnit::Millisecond),
        DataType::Dictionary(codes, texts) if codes.is_integer() && read_as(texts) == DataType::Utf8 => {
            DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
        }
        other => other.clone(),
    }
}

/// Whether values of it can be read, or only whether there is one.
pub fn is_looked_into(kind: &DataType) -> bool {
    match kind {
        DataType::Dictionary(codes, texts) => codes.is_integer() && read_as(texts) == DataType::Utf8,
        DataType::Utf8View | DataType::BinaryView => true,
        kind => fixed(kind).is_some() || wide(kind).is_some() || matches!(kind, DataType::Null | DataType::Boolean),
    }
}

/// Bytes of each value, where all have as many.
fn fixed(kind: &DataType) -> Option<usize> {
    match kind {
        DataType::FixedSizeBinary(width) => {
            usize::try_from(*width).ok().filter(|width| (1..=MAX_VALUE as usize).contains(width))
        }
        DataType::Float16 | DataType::Duration(_) | DataType::Interval(_) | DataType::Decimal256(..) => None,
        kind => kind.primitive_width(),
    }
}

/// Whether the places of values take eight bytes; `None` of what has no such places.
fn wide(kind: &DataType) -> Option<bool> {
    match kind {
        DataType::Utf8 | DataType::Binary => Some(false),
        DataType::LargeUtf8 | DataType::LargeBinary => Some(true),
        _ => None,
    }
}

/// What a batch says of a column: its rows, its nulls, and the buffers that hold it.
pub struct Held {
    pub rows: u64,
    pub nulls: u64,
    pub buffers: Vec<Bytes>,
    pub codec: Option<CompressionType>,
}

pub struct ColumnReader<'a> {
    kind: &'a DataType,
    left: u64,
    valid: Option<Bits>,
    claimed: u64,
    nulls: u64,
    values: Source,
}

enum Source {
    /// Nothing is read but whether there is a value.
    Nothing,
    Fixed(Buffer, usize),
    Bits(Bits),
    Long(Long),
    Views(Views),
}

/// Texts and bytes: where each begins, and all of them behind each other.
struct Long {
    places: Buffer,
    wide: bool,
    /// Where the next one begins.
    at: Option<u64>,
    values: Buffer,
    /// Bytes of those of which the place is read.
    lengths: VecDeque<usize>,
}

impl<'a> ColumnReader<'a> {
    pub fn open(kind: &'a DataType, held: Held) -> Result<Self, MeasureError> {
        let Held { rows, nulls, buffers, codec } = held;
        let mut buffers = buffers.into_iter();
        let mut next = || buffers.next().ok_or_else(|| unreadable("a batch has too few buffers"));
        let mut open = || next().and_then(|bytes| Buffer::open(bytes, codec));
        let nullable = !matches!(kind, DataType::Null | DataType::Union(..) | DataType::RunEndEncoded(..));
        let valid = if nullable { Some(open()?) } else { None };
        let values = match kind {
            DataType::Boolean => Source::Bits(Bits::new(open()?)),
            DataType::Utf8View | DataType::BinaryView => {
                let views = open()?;
                Source::Views(Views::open(views, buffers.collect(), codec)?)
            }
            DataType::Dictionary(codes, _) if is_looked_into(kind) => {
                Source::Fixed(open()?, codes.primitive_width().unwrap_or(1))
            }
            kind => match (fixed(kind), wide(kind)) {
                (Some(width), _) => Source::Fixed(open()?, width),
                (None, Some(wide)) => {
                    let places = open()?;
                    let values = open()?;
                    Source::Long(Long { places, wide, at: None, values, lengths: VecDeque::new() })
                }
                (None, None) => Source::Nothing,
            },
        };
        let has_nulls = nullable && nulls > 0;
        let valid = valid.filter(|valid| valid.left() > 0 && rows > 0);
        if has_nulls && valid.is_none() {
            return Err(unreadable("a column has nulls and does not tell which"));
        }
        let claimed = if nullable { nulls } else { 0 };
        Ok(Self { kind, left: rows, valid: valid.map(Bits::new), claimed, nulls: 0, values })
    }

    /// How many of the next rows, at most `rows`, take no more than so many bytes; at least one.
    pub fn fits(&mut self, rows: usize, budget: usize) -> Result<usize, MeasureError> {
        let lengths: &VecDeque<usize> = match &mut self.values {
            Source::Long(long) => long.ready(rows)?,
            Source::Views(views) => views.ready(rows)?,
            Source::Fixed(_, width) => return Ok(rows.min(budget / *width).max(1)),
            Source::Nothing | Source::Bits(_) => return Ok(rows),
        };
        let mut sum = 0usize;
        let within = lengths.iter().take(rows).take_while(|length| {
            sum = sum.saturating_add(**length);
            sum <= budget
        });
        Ok(within.count().max(1))
    }

    /// The next rows. Those of a dictionary are codes into `texts`.
    pub fn take(&mut self, rows: usize, texts: Option<&ArrayRef>) -> Result<ArrayRef, MeasureError> {
        self.left = self.left.checked_sub(rows as u64).ok_or_else(|| unreadable("a batch has fewer rows"))?;
        let valid = self.valid.as_mut().map(|valid| valid.next(rows)).transpose()?;
        self.nulls += valid.iter().flatten().filter(|valid| !**valid).count() as u64;
        if self.left == 0 && self.nulls != self.claimed {
            return Err(unreadable("a column has not as many nulls as it says"));
        }
        let is_valid = |row: usize| valid.as_ref().is_none_or(|valid| valid.get(row).copied().unwrap_or(false));
        match &mut self.values {
            Source::Nothing if *self.kind == DataType::Null => Ok(Arc::new(NullArray::new(rows))),
            Source::Nothing => {
                let one = |row: usize| is_valid(row).then_some(true);
                Ok(Arc::new((0..rows).map(one).collect::<BooleanArray>()))
            }
            Source::Bits(bits) => {
                let bits = bits.next(rows)?;
                let one = |(row, bit): (usize, &bool)| is_valid(row).then_some(*bit);
                Ok(Arc::new(bits.iter().enumerate().map(one).collect::<BooleanArray>()))
            }
            Source::Fixed(buffer, width) => {
                let mut bytes = vec![0; rows * *width];
                buffer.fill(&mut bytes)?;
                match self.kind {
                    DataType::Dictionary(codes, _) => codes_of(&bytes, codes, rows, is_valid, texts),
                    DataType::FixedSizeBinary(width) => {
                        let mut all = FixedSizeBinaryBuilder::with_capacity(rows, *width);
                        let width = usize::try_from(*width).map_err(unreadable)?;
                        for (row, value) in bytes.chunks_exact(width).enumerate() {
                            match is_valid(row) {
                                true => all.append_value(value).map_err(unreadable)?,
                                false => all.append_null(),
                            }
                        }
                        Ok(Arc::new(all.finish()))
                    }
                    kind => numbers(kind, &bytes, valid),
                }
            }
            Source::Long(long) => {
                let mut bytes = Vec::new();
                let mut all = Values::new(self.kind);
                for row in 0..rows {
                    let length = long.lengths.pop_front().ok_or_else(|| unreadable("a text has no place"))?;
                    bytes.resize(length, 0);
                    long.values.fill(&mut bytes)?;
                    all.push(is_valid(row).then_some(&bytes))?;
                }
                Ok(all.finish())
            }
            Source::Views(views) => {
                let mut bytes = Vec::new();
                let mut all = Values::new(self.kind);
                for row in 0..rows {
                    views.next(is_valid(row), &mut bytes)?;
                    all.push(is_valid(row).then_some(&bytes))?;
                }
                Ok(all.finish())
            }
        }
    }
}

impl Long {
    /// Reads the places of so many of the next values.
    fn ready(&mut self, rows: usize) -> Result<&VecDeque<usize>, MeasureError> {
        if self.at.is_none() {
            let first = self.place(0)?;
            self.values.pass_over(first)?;
            self.at = Some(first);
        }
        let mut at = self.at.unwrap_or_default();
        while self.lengths.len() < rows {
            let end = self.place(at)?;
            if end - at > MAX_VALUE {
                return Err(too_large("bytes in one value", MAX_VALUE));
            }
            self.lengths.push_back((end - at) as usize);
            at = end;
        }
        self.at = Some(at);
        Ok(&self.lengths)
    }

    fn place(&mut self, least: u64) -> Result<u64, MeasureError> {
        let mut bytes = [0; 8];
        let (short, _) = bytes.split_at_mut(4);
        if self.wide {
            self.places.fill(&mut bytes)?
        } else {
            self.places.fill(short)?
        }
        let place = i64::from_le_bytes(bytes);
        // Of four bytes, one too high to be positive there is less than the one before here.
        let place = if self.wide { place } else { i64::from(place as i32) };
        u64::try_from(place).ok().filter(|place| *place >= least).ok_or_else(|| unreadable("texts are out of order"))
    }
}

/// Texts or bytes that are being gathered.
enum Values {
    Texts(StringBuilder),
    Bytes(BinaryBuilder),
}

impl Values {
    fn new(kind: &DataType) -> Self {
        match read_as(kind) {
            DataType::Binary => Self::Bytes(BinaryBuilder::new()),
            _ => Self::Texts(StringBuilder::new()),
        }
    }

    fn push(&mut self, value: Option<&Vec<u8>>) -> Result<(), MeasureError> {
        match (self, value) {
            (Self::Texts(all), Some(bytes)) => {
                all.append_value(std::str::from_utf8(bytes).map_err(|_| unreadable("a text is not UTF-8"))?);
            }
            (Self::Texts(all), None) => all.append_null(),
            (Self::Bytes(all), Some(bytes)) => all.append_value(bytes),
            (Self::Bytes(all), None) => all.append_null(),
        }
        Ok(())
    }

    fn finish(self) -> ArrayRef {
        match self {
            Self::Texts(mut all) => Arc::new(all.finish()),
            Self::Bytes(mut all) => Arc::new(all.finish()),
        }
    }
}

macro_rules! natives {
    ($bytes:expr, $native:ty) => {
        $bytes.chunks_exact(size_of::<$native>()).map(|bytes| {
            let mut one = [0; size_of::<$native>()];
            one.copy_from_slice(bytes);
            <$native>::from_le_bytes(one)
        })
    };
}

/// Values of a type with as many bytes for each.
fn numbers(kind: &DataType, bytes: &[u8], valid: Option<Vec<bool>>) -> Result<ArrayRef, MeasureError> {
    let is_valid = |row: usize| valid.as_ref().is_none_or(|valid| valid.get(row).copied().unwrap_or(false));
    macro_rules! array {
        ($kind:ty, $native:ty) => {
            gathered!($kind, natives!(bytes, $native).collect::<Vec<_>>())
        };
    }
    macro_rules! gathered {
        ($kind:ty, $values:expr) => {
            PrimitiveArray::<$kind>::try_new($values.into(), valid.clone().map(Into::into)).map_err(unreadable)?
        };
    }
    macro_rules! of_zone {
        ($kind:ty, $zone:expr) => {
            Arc::new(array!($kind, i64).with_timezone_opt($zone.clone()))
        };
    }
    // What stands where there is no value may be anything.
    macro_rules! converted {
        ($native:ty, $to:expr, $wrong:literal) => {{
            let mut all = Vec::with_capacity(bytes.len() / size_of::<$native>());
            for (row, value) in natives!(bytes, $native).enumerate() {
                let value = if is_valid(row) { value } else { 0 };
                all.push($to(value).ok_or_else(|| unreadable($wrong))?);
            }
            all
        }};
    }
    Ok(match kind {
        DataType::Int8 => Arc::new(array!(Int8Type, i8)),
        DataType::Int16 => Arc::new(array!(Int16Type, i16)),
        DataType::Int32 => Arc::new(array!(Int32Type, i32)),
        DataType::Int64 => Arc::new(array!(Int64Type, i64)),
        DataType::UInt8 => Arc::new(array!(UInt8Type, u8)),
        DataType::UInt16 => Arc::new(array!(UInt16Type, u16)),
        DataType::UInt32 => Arc::new(array!(UInt32Type, u32)),
        DataType::UInt64 => Arc::new(array!(UInt64Type, u64)),
        DataType::Float32 => Arc::new(array!(Float32Type, f32)),
        DataType::Float64 => Arc::new(array!(Float64Type, f64)),
        DataType::Decimal32(..) => {
            let values = natives!(bytes, i32).map(i128::from).collect::<Vec<_>>();
            Arc::new(gathered!(Decimal128Type, values).with_data_type(read_as(kind)))
        }
        DataType::Decimal64(..) => {
            let values = natives!(bytes, i64).map(i128::from).collect::<Vec<_>>();
            Arc::new(gathered!(Decimal128Type, values).with_data_type(read_as(kind)))
        }
        DataType::Decimal128(..) => Arc::new(array!(Decimal128Type, i128).with_data_type(kind.clone())),
        DataType::Date32 => Arc::new(array!(Date32Type, i32)),
        DataType::Date64 => {
            let days = |time: i64| i32::try_from(time / DAY).ok().filter(|_| time % DAY == 0);
            Arc::new(gathered!(Date32Type, converted!(i64, days, "a date is no day")))
        }
        DataType::Time32(TimeUnit::Second) => {
            let milliseconds = |time: i32| time.checked_mul(1000);
            Arc::new(gathered!(Time32MillisecondType, converted!(i32, milliseconds, "a time is later than midnight")))
        }
        DataType::Time32(_) => Arc::new(array!(Time32MillisecondType, i32)),
        DataType::Time64(TimeUnit::Microsecond) => Arc::new(array!(Time64MicrosecondType, i64)),
        DataType::Time64(_) => Arc::new(array!(Time64NanosecondType, i64)),
        DataType::Timestamp(TimeUnit::Second, zone) => of_zone!(TimestampSecondType, zone),
        DataType::Timestamp(TimeUnit::Millisecond, zone) => of_zone!(TimestampMillisecondType, zone),
        DataType::Timestamp(TimeUnit::Microsecond, zone) => of_zone!(TimestampMicrosecondType, zone),
        DataType::Timestamp(TimeUnit::Nanosecond, zone) => of_zone!(TimestampNanosecondType, zone),
        other => return Err(unreadable(format!("a column of {other} has no values of one size"))),
    })
}

/// Codes of any width; one that stands for a text which is none is none.
fn codes_of(
    bytes: &[u8],
    kind: &DataType,
    rows: usize,
    is_valid: impl Fn(usize) -> bool,
    texts: Option<&ArrayRef>,
) -> Result<ArrayRef, MeasureError> {
    let texts = texts.cloned().unwrap_or_else(|| Arc::new(StringArray::from(Vec::<&str>::new())));
    let mut codes: Vec<Option<i32>> = Vec::with_capacity(rows);
    let mut push = |code: Option<usize>| {
        let row = codes.len();
        let code = match is_valid(row) {
            true => {
                Some(code.filter(|code| *code < texts.len()).ok_or_else(|| unreadable("a code stands for no text"))?)
            }
            false => None,
        };
        let code = code.filter(|code| texts.is_valid(*code));
        codes.push(code.map(i32::try_from).transpose().map_err(unreadable)?);
        Ok::<(), MeasureError>(())
    };
    macro_rules! all {
        ($native:ty) => {
            natives!(bytes, $native).try_for_each(|code| push(usize::try_from(code).ok()))?
        };
    }
    match kind {
        DataType::Int8 => all!(i8),
        DataType::Int16 => all!(i16),
        DataType::Int32 => all!(i32),
        DataType::Int64 => all!(i64),
        DataType::UInt8 => all!(u8),
        DataType::UInt16 => all!(u16),
        DataType::UInt32 => all!(u32),
        DataType::UInt64 => all!(u64),
        other => return Err(unreadable(format!("codes are of type {other}"))),
    }
    let codes = PrimitiveArray::<Int32Type>::from(codes);
    Ok(Arc::new(DictionaryArray::try_new(codes, texts).map_err(unreadable)?))
}
