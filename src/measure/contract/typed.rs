//! Values as what their contract says they are. A CSV cell is read as it; a Parquet value must be stored so.

use crate::measure::value::Value;
use crate::policy::contract::{Family, Form, Logical, Moment, Number, Values, time_of_day};

/// The value as this type; `None` when it is of another one.
pub fn typed<'a>(value: Value<'a>, logical: Option<Logical>, from_text: bool) -> Option<Value<'a>> {
    let Some(logical) = logical else { return Some(value) };
    match (value, logical) {
        (Value::Text(_), Logical::Text) => Some(value),
        (Value::Text(text), _) if from_text => read(text, logical),
        (Value::Number(number), Logical::Integer) if number.is_whole() => Some(value),
        (Value::Number(_), Logical::Number)
        | (Value::Boolean(_), Logical::Boolean)
        | (Value::Date(_), Logical::Date)
        | (Value::Timestamp { .. }, Logical::Timestamp)
        | (Value::Time(_), Logical::Time) => Some(value),
        (
            Value::Null
            | Value::Boolean(_)
            | Value::Number(_)
            | Value::NotFinite
            | Value::Text(_)
            | Value::Bytes(_)
            | Value::Date(_)
            | Value::Timestamp { .. }
            | Value::Time(_)
            | Value::Other,
            _,
        ) => None,
    }
}

fn read(text: &str, logical: Logical) -> Option<Value<'static>> {
    match logical {
        Logical::Text => None,
        Logical::Integer => Number::parse(text).filter(|number| number.is_whole()).map(Value::Number),
        Logical::Number => Number::parse(text).map(Value::Number),
        Logical::Boolean => boolean(text).map(Value::Boolean),
        Logical::Date => {
            Moment::parse(text).filter(|moment| !moment.timed).map(|moment| Value::Date(moment.nanoseconds))
        }
        // A day alone is its first moment: that is how some tools write a column of midnights.
        Logical::Timestamp => {
            Moment::parse(text).map(|Moment { nanoseconds, zoned, .. }| Value::Timestamp { nanoseconds, zoned })
        }
        Logical::Time => time_of_day(text).map(Value::Time),
    }
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

/// Whether a text can be stored as it is.
pub fn fits(text: &str, family: Family) -> bool {
    match family {
        Family::Text => true,
        Family::Integer => Number::parse(text).is_some_and(Number::is_whole),
        Family::Float => Number::parse(text).is_some(),
        Family::Decimal { digits, after_point } => decimal(text, digits, after_point),
        Family::Boolean => boolean(text).is_some(),
        Family::Date => Moment::parse(text).is_some_and(|moment| !moment.timed),
        Family::Timestamp => Moment::parse(text).is_some(),
        Family::Time => time_of_day(text).is_some(),
    }
}

fn decimal(text: &str, digits: Option<u32>, after_point: Option<u32>) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (before, after) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if before.is_empty() && after.is_empty() || !all_digits(before) || !all_digits(after) {
        return false;
    }
    let (before, after) = (before.trim_start_matches('0').len(), after.trim_end_matches('0').len());
    let room_after = after_point.map_or(usize::MAX, |room| room as usize);
    let room_before =
        digits.map_or(usize::MAX, |digits| (digits as usize).saturating_sub(after_point.unwrap_or(0) as usize));
    after <= room_after && before <= room_before
}

/// Whether a column that is stored as the one type is of the other.
pub fn is_stored_as(stored: Family, asked: Family) -> bool {
    match (stored, asked) {
        (Family::Decimal { .. }, Family::Decimal { digits: None, .. }) => true,
        (
            Family::Decimal { digits: Some(own), after_point: Some(own_after) },
            Family::Decimal { digits: Some(digits), after_point },
        ) => {
            let after = after_point.unwrap_or(0);
            own_after <= after && own.saturating_sub(own_after) <= digits.saturating_sub(after)
        }
        (one, other) => one == other,
    }
}

/// Whether the value is one of the set.
pub fn is_one_of(values: &Values, raw: Value<'_>, typed: Option<Value<'_>>, from_text: bool) -> bool {
    let by_text = |value: Value<'_>| value.text().is_some_and(|text| values.texts.contains(&*text));
    let number = match (typed, raw) {
        (Some(Value::Number(number)), _) | (_, Value::Number(number)) => Some(number),
        (_, Value::Text(text)) if from_text && !values.numbers.is_empty() => Number::parse(text),
        _ => None,
    };
    by_text(raw)
        || number.is_some_and(|number| values.numbers.contains(&number))
        || matches!(typed, Some(Value::Boolean(_))) && typed.is_some_and(by_text)
}

pub fn is_of_form(text: &str, form: Form) -> bool {
    match form {
        Form::Uuid => {
            text.len() == 36
                && text.bytes().enumerate().all(|(at, byte)| match at {
                    8 | 13 | 18 | 23 => byte == b'-',
                    _ => byte.is_ascii_hexdigit(),
                })
        }
        Form::Ipv4 => text.parse::<std::net::Ipv4Addr>().is_ok(),
        Form::Ipv6 => text.parse::<std::net::Ipv6Addr>().is_ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_fit_by_their_digits() {
        for (text, fit) in [
            ("999.99", true),
            ("-0999.990", true),
            ("1000", false),
            ("0.001", false),
            ("1e2", false),
            (".", false),
            ("", false),
            ("5.", true),
        ] {
            assert_eq!(decimal(text, Some(5), Some(2)), fit, "{text}");
        }
        let of = |digits, after_point| Family::Decimal { digits: Some(digits), after_point: Some(after_point) };
        assert!(is_stored_as(of(4, 2), of(5, 2)) && !is_stored_as(of(5, 3), of(5, 2)));
        assert!(!is_stored_as(of(5, 1), of(5, 2)) && !is_stored_as(Family::Float, of(5, 2)));
    }

    #[test]
    fn forms() {
        let uuid = "0c9b2e0e-6ad1-4f2c-9d7c-3f0a5a3c2f11";
        assert!(is_of_form(uuid, Form::Uuid) && !is_of_form(&uuid.replace('-', "0"), Form::Uuid));
        assert!(is_of_form("10.0.0.1", Form::Ipv4) && !is_of_form("10.0.0.256", Form::Ipv4));
        assert!(is_of_form("::1", Form::Ipv6) && !is_of_form("1", Form::Ipv6));
    }
}
