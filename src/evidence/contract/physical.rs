//! Types as databases and files call them.

use crate::policy::contract::{Family, Range, Stored};

/// Digits that a decimal may have.
const MAX_DIGITS: u32 = 38;

/// The type of that name, if its meaning is the same wherever it is used.
pub fn stored(name: &str) -> Option<Stored> {
    let (word, arguments) = match name.split_once('(') {
        Some((word, rest)) => (word, Some(rest.trim_end().strip_suffix(')')?)),
        None => (name, None),
    };
    let word = word.trim().to_ascii_lowercase();
    let arguments: Vec<u32> = match arguments {
        Some(list) => list.split(',').map(|one| one.trim().parse().ok()).collect::<Option<_>>()?,
        None => Vec::new(),
    };
    let of = |family, most_arguments: usize| (arguments.len() <= most_arguments).then_some(family);
    let timestamp = |zoned| Family::Timestamp { zoned, after_point: arguments.first().copied() };
    let mut range = Range::default();
    let mut whole = |low: i128, high: i128| {
        range = Range::between(low, high);
        Family::Integer
    };
    let family = match word.as_str() {
        "string" | "text" | "utf8" | "clob" => of(Family::Text, 0)?,
        "varchar" | "nvarchar" | "varchar2" | "nvarchar2" | "char" | "nchar" | "character" | "character varying" => {
            of(Family::Text, 1)?
        }
        "smallint" | "int2" | "int16" | "short" => whole(i16::MIN.into(), i16::MAX.into()),
        "int" | "integer" | "int4" | "int32" => whole(i32::MIN.into(), i32::MAX.into()),
        "bigint" | "int64" | "long" => whole(i64::MIN.into(), i64::MAX.into()),
        "uint8" => whole(0, u8::MAX.into()),
        "uint16" => whole(0, u16::MAX.into()),
        "uint32" => whole(0, u32::MAX.into()),
        "uint64" => whole(0, u64::MAX.into()),
        "double" | "double precision" | "float64" | "float8" | "float" | "float32" | "float4" | "real" => {
            of(Family::Float, 0)?
        }
        "decimal" | "numeric" => {
            let digits = arguments.first().copied();
            let after_point = arguments.get(1).copied().or(digits.map(|_| 0));
            // With more digits after the point than there are, one database means this and another nothing.
            if digits.is_some_and(|digits| !(1..=MAX_DIGITS).contains(&digits) || after_point > Some(digits)) {
                return None;
            }
            of(Family::Decimal { digits, after_point }, 2)?
        }
        "boolean" | "bool" => of(Family::Boolean, 0)?,
        "date" | "date32" => of(Family::Date, 0)?,
        "timestamp" | "datetime" => of(timestamp(None), 1)?,
        "timestamptz" | "timestamp_tz" | "timestamp with time zone" => of(timestamp(Some(true)), 1)?,
        "timestamp_ntz" | "timestamp without time zone" => of(timestamp(Some(false)), 1)?,
        "time" => of(Family::Time { after_point: arguments.first().copied() }, 1)?,
        _ => return None,
    };
    if family == Family::Integer && !arguments.is_empty() {
        return None;
    }
    let max_length = if family == Family::Text { arguments.first().map(|length| u64::from(*length)) } else { None };
    Some(Stored { name: name.to_owned(), family, range, max_length })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_name() {
        let family = |name: &str| stored(name).map(|stored| stored.family);
        assert_eq!(stored("VARCHAR(18)").unwrap().max_length, Some(18));
        assert_eq!(family("double precision"), Some(Family::Float));
        assert_eq!(family("decimal(10, 2)"), Some(Family::Decimal { digits: Some(10), after_point: Some(2) }));
        assert_eq!(family("NUMERIC(5)"), Some(Family::Decimal { digits: Some(5), after_point: Some(0) }));
        let timestamp = |zoned, after_point| Some(Family::Timestamp { zoned, after_point });
        assert_eq!(family("TIMESTAMP(3)"), timestamp(None, Some(3)));
        assert_eq!(family("timestamptz"), timestamp(Some(true), None));
        assert_eq!(family("timestamp without time zone"), timestamp(Some(false), None));
        assert_eq!(family("TIME(0)"), Some(Family::Time { after_point: Some(0) }));
        assert_eq!(stored("SmallInt").unwrap().range, Range::between(-32768, 32767));
        // int8 has eight bits here and eight bytes there.
        for name in [
            "int8",
            "jsonb",
            "varchar(",
            "varchar(x)",
            "varchar(1,2)",
            "int(11)",
            "map<string, int>",
            "",
            "()",
            "decimal(2,3)",
            "decimal(0)",
            "decimal(39)",
            "decimal(5,-2)",
            "timestamp(3) with time zone",
            "timetz",
        ] {
            assert_eq!(stored(name), None, "{name}");
        }
    }
}
