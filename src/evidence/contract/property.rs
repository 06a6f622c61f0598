//! What a contract says about one column.

use super::{Around, flag, given, named, others, physical, quality, unevaluated};
use crate::evidence::EvidenceError;
use crate::evidence::node::Node;
use crate::policy::contract::{
    Column, Edge, Form, Logical, Moment, Number, Object, Range, TimeFormat, Unevaluated, Values, time_of_day,
};
use serde_json::Value;

/// Keys that promise nothing about values, or that are read here.
const KEYS: [&str; 32] = [
    "authoritativeDefinitions",
    "businessName",
    "classification",
    "context",
    "criticalDataElement",
    "customProperties",
    "deprecated",
    "description",
    "encryptedName",
    "enum",
    "examples",
    "id",
    "items",
    "logicalType",
    "logicalTypeOptions",
    "map",
    "name",
    "partitionKeyPosition",
    "partitioned",
    "physicalName",
    "physicalType",
    "primaryKey",
    "primaryKeyPosition",
    "properties",
    "quality",
    "required",
    "synonyms",
    "tags",
    "transformDescription",
    "transformLogic",
    "transformSourceObjects",
    "unique",
];

/// Values of one list.
const MAX_VALUES: usize = 20_000;

/// The name that the data has for it.
pub fn column_name(node: &Node<'_>) -> Result<String, EvidenceError> {
    let name = named(node)?;
    Ok(node.text_of("physicalName")?.filter(|name| !name.is_empty()).map_or(name, str::to_owned))
}

pub fn read(node: &Node<'_>, around: &mut Around<'_>, object: &mut Object) -> Result<(), EvidenceError> {
    let at = format!("{}.{}", object.name, named(node)?);
    let open = &mut object.unevaluated;
    let mut column = Column {
        name: column_name(node)?,
        property: named(node)?,
        required: flag(node, "required")?,
        unique: flag(node, "unique")?,
        key: flag(node, "primaryKey")?,
        classification: node.text_of("classification")?.filter(|class| !class.trim().is_empty()).map(str::to_owned),
        ..Column::default()
    };
    others(node, &KEYS, &at, open)?;
    // What is promised of the values within a value is looked at by nobody.
    for key in ["items", "map", "properties"] {
        if let Some(inner) = node.get(key) {
            open.push(unevaluated("key", format!("{at}.{key}"), &inner));
        }
    }
    if let Some(logical) = node.get("logicalType") {
        column.logical = match logical.text()? {
            "string" => Some(Logical::Text),
            "integer" => Some(Logical::Integer),
            "number" => Some(Logical::Number),
            "boolean" => Some(Logical::Boolean),
            "date" => Some(Logical::Date),
            "timestamp" => Some(Logical::Timestamp),
            "time" => Some(Logical::Time),
            _ => {
                open.push(unevaluated("logicalType", format!("{at}.logicalType"), node));
                None
            }
        };
    }
    if let Some(physical) = node.get("physicalType") {
        column.stored = physical::stored(physical.text()?);
        if column.stored.is_none() {
            open.push(unevaluated("physicalType", format!("{at}.physicalType"), &physical));
        }
    }
    if let Some(list) = given(node, "enum", "a list of values")? {
        column.allowed = Some(values(&list, true)?);
    }
    if let Some(options) = node.get("logicalTypeOptions") {
        self::options(&options, &mut column, &at, (around, open))?;
    }
    let name = column.name.clone();
    object.columns.push(column);
    quality::read(node, Some(&name), &at, around, object)
}

/// Scalars of a list; in an enumeration each stands under `value`.
pub fn values(list: &Node<'_>, enumerated: bool) -> Result<Values, EvidenceError> {
    let mut values = Values::default();
    let mut count = 0;
    for item in list.items()? {
        count += 1;
        let item = if enumerated && item.value().is_object() { item.need("value", "a value")? } else { item };
        match item.value() {
            Value::Null => values.null = true,
            Value::Bool(flag) => {
                values.texts.insert(flag.to_string());
            }
            Value::Number(_) => {
                values.numbers.insert(number(&item)?);
            }
            Value::String(text) => {
                values.texts.insert(text.clone());
            }
            Value::Array(_) | Value::Object(_) => return Err(item.wrong("a text, a number or true or false")),
        }
    }
    match count {
        0 => Err(list.wrong("a list of at least one value")),
        1..=MAX_VALUES => Ok(values),
        _ => Err(EvidenceError::TooLarge { what: "values in one list", limit: MAX_VALUES }),
    }
}

fn number(node: &Node<'_>) -> Result<Number, EvidenceError> {
    let whole = node.value().as_i64().map(i128::from).or_else(|| node.value().as_u64().map(i128::from));
    let real = node.value().as_f64().and_then(Number::real);
    whole.map(Number::Whole).or(real).ok_or_else(|| node.wrong("a number"))
}

fn options(
    options: &Node<'_>,
    column: &mut Column,
    at: &str,
    (around, open): (&mut Around<'_>, &mut Vec<Unevaluated>),
) -> Result<(), EvidenceError> {
    for (key, _) in options.entries()? {
        let option = options.need(key, "a value")?;
        let known = match (column.logical, key) {
            (Some(Logical::Integer | Logical::Number | Logical::Date | Logical::Timestamp | Logical::Time), _)
                if edge(options, &option, key, column)? =>
            {
                true
            }
            (Some(Logical::Text), "minLength") => {
                column.lengths.min = Some(option.count()?);
                true
            }
            (Some(Logical::Text), "maxLength") => {
                column.lengths.max = Some(option.count()?);
                true
            }
            (Some(Logical::Text), "pattern") => {
                column.pattern = around.pattern(&option)?;
                column.pattern.is_some()
            }
            (Some(Logical::Integer | Logical::Number), "multipleOf") => {
                column.multiple_of = option.value().as_i64().filter(|number| *number > 0);
                column.multiple_of.is_some()
            }
            (Some(Logical::Timestamp | Logical::Time), "timezone") => {
                // Whether a time of the day has a zone is not told by any file that is read here.
                column.zoned = Some(option.flag()?).filter(|_| column.logical == Some(Logical::Timestamp));
                column.zoned.is_some()
            }
            // Times without a zone count as UTC.
            (Some(Logical::Timestamp | Logical::Time), "defaultTimezone") => {
                ["UTC", "Etc/UTC", "GMT", "Z"].contains(&option.text()?)
            }
            (Some(_), "format") => format(option.text()?, column),
            (Some(_) | None, _) => false,
        };
        if !known {
            let kind = match key {
                "format" => "format",
                "pattern" => "pattern",
                _ => "logicalTypeOptions",
            };
            open.push(unevaluated(kind, format!("{at}.{key}"), &option));
        }
    }
    exclude(options, &mut column.range);
    // A date with a time of the day is a timestamp; before version 3.1 there was no other way to write one.
    if column.logical == Some(Logical::Date) && options.text_of("format")?.is_some_and(|format| format.contains('H')) {
        column.logical = Some(Logical::Timestamp);
    }
    Ok(())
}

/// Whether the key is an end of the range, which then has it.
fn edge(options: &Node<'_>, option: &Node<'_>, key: &str, column: &mut Column) -> Result<bool, EvidenceError> {
    let (low, exclusive) = match key {
        "minimum" => (true, false),
        "exclusiveMinimum" => (true, true),
        "maximum" => (false, false),
        "exclusiveMaximum" => (false, true),
        _ => return Ok(false),
    };
    // Version 3.0 had the edge and, beside it, whether it is exclusive.
    if let (true, Some(excluded)) = (exclusive, option.value().as_bool()) {
        return Ok(!excluded || options.get(if low { "minimum" } else { "maximum" }).is_some());
    }
    // The ends are written as ISO 8601 does, or as the values are.
    let format = options.text_of("format")?.and_then(TimeFormat::read);
    let format = format.as_ref();
    let at = match column.logical {
        Some(Logical::Date | Logical::Timestamp) => {
            let text = option.text()?;
            let own = format.and_then(|format| format.moment(text));
            own.or_else(|| Moment::parse(text)).map(|moment| moment.nanoseconds)
        }
        Some(Logical::Time) => {
            let text = option.text()?;
            format.and_then(|format| format.time_of_day(text)).or_else(|| time_of_day(text))
        }
        Some(Logical::Integer | Logical::Number | Logical::Text | Logical::Boolean) | None => None,
    };
    let at = match column.logical {
        Some(Logical::Date | Logical::Timestamp | Logical::Time) => {
            Number::Whole(at.ok_or_else(|| option.wrong("a date or a time, as ISO 8601 or the format writes it"))?)
        }
        Some(Logical::Integer | Logical::Number | Logical::Text | Logical::Boolean) | None => number(option)?,
    };
    let edge = Edge { at, exclusive };
    if low {
        column.range.raise(edge)
    } else {
        column.range.lower(edge)
    }
    Ok(true)
}

/// Edges of which version 3.0 says that they are exclusive.
fn exclude(options: &Node<'_>, range: &mut Range) {
    let excluded = |key: &str| options.get(key).is_some_and(|flag| flag.value().as_bool() == Some(true));
    if let Some(low) = range.low.as_mut().filter(|_| excluded("exclusiveMinimum")) {
        low.exclusive = true;
    }
    if let Some(high) = range.high.as_mut().filter(|_| excluded("exclusiveMaximum")) {
        high.exclusive = true;
    }
}

/// Whether values are held to the format, by what the column now asks.
fn format(format: &str, column: &mut Column) -> bool {
    match column.logical {
        Some(logical @ (Logical::Date | Logical::Timestamp | Logical::Time)) => {
            // Of a time of the day the zone is not read.
            let fits = |format: &TimeFormat| match logical {
                Logical::Time => !format.is_dated() && !format.is_zoned(),
                _ => format.is_dated(),
            };
            column.form = TimeFormat::read(format).filter(fits).map(Form::Time);
            column.form.is_some()
        }
        Some(Logical::Integer) => {
            let range = match format {
                "i8" => Range::between(i8::MIN.into(), i8::MAX.into()),
                "i16" => Range::between(i16::MIN.into(), i16::MAX.into()),
                "i32" => Range::between(i32::MIN.into(), i32::MAX.into()),
                "i64" => Range::between(i64::MIN.into(), i64::MAX.into()),
                "u8" => Range::between(0, u8::MAX.into()),
                "u16" => Range::between(0, u16::MAX.into()),
                "u32" => Range::between(0, u32::MAX.into()),
                "u64" => Range::between(0, u64::MAX.into()),
                _ => return false,
            };
            range.low.into_iter().for_each(|low| column.range.raise(low));
            range.high.into_iter().for_each(|high| column.range.lower(high));
            true
        }
        Some(Logical::Number) => format == "f64",
        Some(Logical::Text) => {
            column.form = match format {
                "uuid" => Some(Form::Uuid),
                "ipv4" => Some(Form::Ipv4),
                "ipv6" => Some(Form::Ipv6),
                _ => None,
            };
            column.form.is_some()
        }
        Some(Logical::Boolean) | None => false,
    }
}
