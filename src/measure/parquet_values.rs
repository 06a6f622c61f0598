//! Values of one Parquet column in one batch, whatever its type.

use super::decimals::{nearest, too_many};
use super::table::Kind;
use super::value::Value;
use crate::policy::contract::{Family, Number};
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Date64Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    Time32MillisecondType, Time32SecondType, Time64MicrosecondType, Time64NanosecondType, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, TimeUnit};

const DAY: i128 = 86_400 * SECOND;
const SECOND: i128 = 1_000_000_000;
const MILLISECOND: i128 = 1_000_000;
const MICROSECOND: i128 = 1000;

/// Gives the value of a row.
pub type OfRow<'a> = Box<dyn Fn(usize) -> Value<'a> + 'a>;

pub fn values(array: &ArrayRef) -> OfRow<'_> {
    macro_rules! typed {
        ($kind:ty, $value:expr) => {{
            let values = array.as_primitive::<$kind>();
            Box::new(move |row| if values.is_null(row) { Value::Null } else { $value(values.value(row)) })
        }};
    }
    macro_rules! whole {
        ($kind:ty) => {
            typed!($kind, |value| Value::Number(Number::Whole(i128::from(value))))
        };
    }
    macro_rules! timestamp {
        ($kind:ty, $unit:expr, $zoned:expr) => {{
            let zoned = $zoned;
            typed!($kind, move |value| Value::Timestamp { nanoseconds: i128::from(value) * $unit, zoned })
        }};
    }
    if let Some(coded) = array.as_dictionary_opt::<arrow_array::types::Int32Type>()
        && let Some(texts) = coded.values().as_string_opt::<i32>()
    {
        let valid = |code: &usize| *code < texts.len() && texts.is_valid(*code);
        return Box::new(move |row| {
            coded.key(row).filter(valid).map_or(Value::Null, |code| Value::Text(texts.value(code)))
        });
    }
    match array.data_type() {
        DataType::Null => Box::new(|_| Value::Null),
        DataType::Boolean => {
            let bits = array.as_boolean();
            Box::new(move |row| if bits.is_null(row) { Value::Null } else { Value::Boolean(bits.value(row)) })
        }
        DataType::Int8 => whole!(Int8Type),
        DataType::Int16 => whole!(Int16Type),
        DataType::Int32 => whole!(Int32Type),
        DataType::Int64 => whole!(Int64Type),
        DataType::UInt8 => whole!(UInt8Type),
        DataType::UInt16 => whole!(UInt16Type),
        DataType::UInt32 => whole!(UInt32Type),
        DataType::UInt64 => whole!(UInt64Type),
        DataType::Float32 => typed!(Float32Type, |value| Value::of_real(f64::from(value))),
        DataType::Float64 => typed!(Float64Type, Value::of_real),
        DataType::Decimal128(digits, scale) => {
            let (most, scale) = (too_many(*digits), *scale);
            typed!(Decimal128Type, move |value: i128| match value.unsigned_abs() < most {
                true => decimal(value, scale),
                false => Value::Other,
            })
        }
        DataType::Utf8 => {
            let texts = array.as_string::<i32>();
            Box::new(move |row| if texts.is_null(row) { Value::Null } else { Value::Text(texts.value(row)) })
        }
        DataType::Utf8View => {
            let texts = array.as_string_view();
            Box::new(move |row| if texts.is_null(row) { Value::Null } else { Value::Text(texts.value(row)) })
        }
        DataType::Binary => {
            let bytes = array.as_binary::<i32>();
            Box::new(move |row| if bytes.is_null(row) { Value::Null } else { Value::Bytes(bytes.value(row)) })
        }
        DataType::FixedSizeBinary(_) => {
            let bytes = array.as_fixed_size_binary();
            Box::new(move |row| if bytes.is_null(row) { Value::Null } else { Value::Bytes(bytes.value(row)) })
        }
        DataType::Date32 => typed!(Date32Type, |days| Value::Date(i128::from(days) * DAY)),
        DataType::Date64 => typed!(Date64Type, |time| Value::Date(i128::from(time) * MILLISECOND)),
        DataType::Timestamp(unit, zone) => match unit {
            TimeUnit::Second => timestamp!(TimestampSecondType, SECOND, zone.is_some()),
            TimeUnit::Millisecond => timestamp!(TimestampMillisecondType, MILLISECOND, zone.is_some()),
            TimeUnit::Microsecond => timestamp!(TimestampMicrosecondType, MICROSECOND, zone.is_some()),
            TimeUnit::Nanosecond => timestamp!(TimestampNanosecondType, 1, zone.is_some()),
        },
        DataType::Time32(TimeUnit::Second) => typed!(Time32SecondType, |time| Value::Time(i128::from(time) * SECOND)),
        DataType::Time32(TimeUnit::Millisecond) => {
            typed!(Time32MillisecondType, |time| Value::Time(i128::from(time) * MILLISECOND))
        }
        DataType::Time64(TimeUnit::Microsecond) => {
            typed!(Time64MicrosecondType, |time| Value::Time(i128::from(time) * MICROSECOND))
        }
        DataType::Time64(TimeUnit::Nanosecond) => typed!(Time64NanosecondType, |time| Value::Time(i128::from(time))),
        _ => Box::new(move |row| if array.is_null(row) { Value::Null } else { Value::Other }),
    }
}

/// A decimal is exact when it is whole, and else the nearest double.
fn decimal(value: i128, scale: i8) -> Value<'static> {
    let Some(ten) = 10i128.checked_pow(u32::from(scale.unsigned_abs())) else { return Value::Other };
    let number = match scale {
        0 => Some(Number::Whole(value)),
        ..0 => value.checked_mul(ten).map(Number::Whole),
        1.. if value % ten == 0 => Some(Number::Whole(value / ten)),
        1.. => Number::real(nearest(value, scale)),
    };
    number.map_or(Value::Other, Value::Number)
}

/// What a column of this type holds in common.
pub fn kind(stored: &DataType) -> Kind {
    match stored {
        DataType::Utf8 | DataType::Boolean => Kind::Text,
        DataType::Date32 => Kind::Instants { zoned: false },
        DataType::Timestamp(_, zone) => Kind::Instants { zoned: zone.is_some() },
        // A column without any value; it holds nothing but nulls.
        DataType::Null
        | DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::UInt8
        | DataType::UInt16
        | DataType::UInt32
        | DataType::UInt64
        | DataType::Float32
        | DataType::Float64
        | DataType::Decimal128(..) => Kind::Numbers,
        other => Kind::Unsupported(other.to_string()),
    }
}

/// What the column's type is in the words of contracts.
pub fn family(kind: &DataType) -> Option<Family> {
    match kind {
        DataType::Utf8 => Some(Family::Text),
        DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::UInt8
        | DataType::UInt16
        | DataType::UInt32
        | DataType::UInt64 => Some(Family::Integer),
        DataType::Float32 | DataType::Float64 => Some(Family::Float),
        DataType::Decimal128(digits, after_point) => {
            Some(Family::Decimal { digits: Some(u32::from(*digits)), after_point: u32::try_from(*after_point).ok() })
        }
        DataType::Boolean => Some(Family::Boolean),
        DataType::Date32 | DataType::Date64 => Some(Family::Date),
        DataType::Timestamp(_, zone) => Some(Family::Timestamp { zoned: Some(zone.is_some()), after_point: None }),
        DataType::Time32(_) | DataType::Time64(_) => Some(Family::Time { after_point: None }),
        _ => None,
    }
}
