//! Types as databases and files call them.

use crate::policy::contract::{Family, Range, Stored};

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
            let after_point = arguments.get(1).copied().or(arguments.first().map(|_| 0));
            of(Family::Decimal { digits: arguments.first().copied(), after_point }, 2)?
        }
        "boolean" | "bool" => of(Family::Boolean, 0)?,
        "date" | "date32" => of(Family::Date, 0)?,
        "timestamp"
        | "datetime"
        | "timestamptz"
        | "timestamp_tz"
        | "timestamp_ntz"
        | "timestamp with time zone"
        | "timestamp without time zone" => of(Family::Timestamp, 1)?,
        "time" => of(Family::Time, 1)?,
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
        assert_eq!(stored("SmallInt").unwrap().range, Range::between(-32768, 32767));
        // int8 has eight bits here and eight bytes there.
        for name in ["int8", "jsonb", "varchar(", "varchar(x)", "varchar(1,2)", "int(11)", "map<string, int>", "", "()"]
        {
            assert_eq!(stored(name), None, "{name}");
        }
    }
}
