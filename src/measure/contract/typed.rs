//! Values as what their contract says they are. A CSV cell is read as it, and in JSON a text as a time; elsewhere a value
//! must be stored so.

use crate::measure::table::Typing;
use crate::measure::value::Value;
use crate::policy::contract::{Column, Family, Form, Logical, Moment, Number, Values, time_of_day};

/// The value as the column's logical type; `None` when it is of another one.
pub fn typed<'a>(value: Value<'a>, column: &Column, typing: Typing) -> Option<Value<'a>> {
    let Some(logical) = column.logical else { return Some(value) };
    let form = column.form.as_ref();
    match (value, logical) {
        (Value::Text(_), Logical::Text) => Some(value),
        (Value::Text(text), _) if typing == Typing::Untold => read(text, logical, form),
        (Value::Text(text), Logical::Date | Logical::Timestamp | Logical::Time) if typing == Typing::OfValues => {
            read(text, logical, form)
        }
        (Value::Written { number, .. }, Logical::Integer) if number.is_whole() => Some(Value::Number(number)),
        (Value::Written { number, .. }, Logical::Number) => Some(Value::Number(number)),
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
            | Value::Written { .. }
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

/// Whether there is no value: none at all, a number that is none, or the word for one (`NaN`, `-inf`), with which some
/// programs write that a text is missing.
pub fn is_missing(value: Value<'_>) -> bool {
    match value {
        Value::Null | Value::NotFinite => true,
        Value::Text(text) => {
            let word = text.trim();
            // Digits may be a name, however large a number they are.
            word.ends_with(|last: char| last.is_ascii_alphabetic()) && word.parse::<f64>().is_ok()
        }
        Value::Boolean(_)
        | Value::Number(_)
        | Value::Written { .. }
        | Value::Bytes(_)
        | Value::Date(_)
        | Value::Timestamp { .. }
        | Value::Time(_)
        | Value::Other => false,
    }
}

fn read(text: &str, logical: Logical, form: Option<&Form>) -> Option<Value<'static>> {
    match logical {
        Logical::Text => None,
        Logical::Integer => Number::parse(text).filter(|number| number.is_whole()).map(Value::Number),
        Logical::Number => Number::parse(text).map(Value::Number),
        Logical::Boolean => boolean(text).map(Value::Boolean),
        Logical::Date => {
            moment(text, form).filter(|moment| !moment.timed).map(|moment| Value::Date(moment.nanoseconds))
        }
        // A day alone is its first moment: that is how some tools write a column of midnights.
        Logical::Timestamp => {
            moment(text, form).map(|Moment { nanoseconds, zoned, .. }| Value::Timestamp { nanoseconds, zoned })
        }
        Logical::Time => clock(text, form).map(Value::Time),
    }
}

/// A point in time as the contract writes it, or else as ISO 8601 does: that it is written so is another question.
pub fn moment(text: &str, form: Option<&Form>) -> Option<Moment> {
    let asked = match form {
        Some(Form::Time(format)) => format.moment(text),
        Some(Form::Uuid | Form::Ipv4 | Form::Ipv6) | None => None,
    };
    asked.or_else(|| Moment::parse(text))
}

/// A time of the day, likewise.
fn clock(text: &str, form: Option<&Form>) -> Option<i128> {
    let asked = match form {
        Some(Form::Time(format)) => format.time_of_day(text),
        Some(Form::Uuid | Form::Ipv4 | Form::Ipv6) | None => None,
    };
    asked.or_else(|| time_of_day(text))
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

/// Whether a text can be stored as it is.
pub fn fits(text: &str, family: Family, form: Option<&Form>) -> bool {
    match family {
        Family::Text => true,
        Family::Integer => Number::parse(text).is_some_and(Number::is_whole),
        Family::Float => Number::parse(text).is_some(),
        Family::Decimal { digits, after_point } => decimal(text, digits, after_point),
        Family::Boolean => boolean(text).is_some(),
        Family::Date => moment(text, form).is_some_and(|moment| !moment.timed),
        Family::Timestamp { zoned, .. } => moment(text, form).is_some_and(|moment| {
            zoned.is_none_or(|zoned| zoned == moment.zoned) && is_as_coarse(moment.nanoseconds, family)
        }),
        Family::Time { .. } => clock(text, form).is_some_and(|time| is_as_coarse(time, family)),
    }
}

/// Whether a time has no more digits after the point than the type has.
pub fn is_as_coarse(nanoseconds: i128, family: Family) -> bool {
    match family {
        Family::Timestamp { after_point: Some(digits), .. } | Family::Time { after_point: Some(digits) } => {
            nanoseconds % 10i128.pow(9u32.saturating_sub(digits)) == 0
        }
        Family::Timestamp { after_point: None, .. }
        | Family::Time { after_point: None }
        | Family::Text
        | Family::Integer
        | Family::Float
        | Family::Decimal { .. }
        | Family::Boolean
        | Family::Date => true,
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

/// Whether a value of JSON can be stored so: numbers as numbers, texts as texts and times.
pub fn fits_as_json(value: Value<'_>, family: Family, form: Option<&Form>) -> bool {
    match (value, family) {
        (Value::Written { text, .. }, Family::Integer | Family::Float | Family::Decimal { .. }) => {
            fits(text, family, form)
        }
        (Value::Text(text), Family::Text | Family::Date | Family::Timestamp { .. } | Family::Time { .. }) => {
            fits(text, family, form)
        }
        (Value::Boolean(_), Family::Boolean) => true,
        (_, _) => false,
    }
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
        (Family::Timestamp { zoned, .. }, Family::Timestamp { zoned: asked, .. }) => asked.is_none() || zoned == asked,
        (Family::Time { .. }, Family::Time { .. }) => true,
        (one, other) => one == other,
    }
}

/// Whether the value is one of the set.
pub fn is_one_of(values: &Values, raw: Value<'_>, typed: Option<Value<'_>>, typing: Typing) -> bool {
    let by_text = |value: Value<'_>| value.text().is_some_and(|text| values.texts.contains(&*text));
    let number = match (typed, raw) {
        (Some(Value::Number(number)), _) | (_, Value::Number(number) | Value::Written { number, .. }) => Some(number),
        (_, Value::Text(text)) if typing == Typing::Untold && !values.numbers.is_empty() => Number::parse(text),
        _ => None,
    };
    by_text(raw)
        || number.is_some_and(|number| values.numbers.contains(&number))
        || matches!(typed, Some(Value::Boolean(_))) && typed.is_some_and(by_text)
}

/// Whether a text is written so, or a stored time could be.
pub fn is_of_form(value: Value<'_>, form: &Form) -> bool {
    match (form, value) {
        (Form::Time(format), Value::Text(text)) => format.wrote(text),
        (Form::Time(format), Value::Date(at) | Value::Time(at)) => format.can_write(at, false),
        (Form::Time(format), Value::Timestamp { nanoseconds, zoned }) => format.can_write(nanoseconds, zoned),
        (Form::Uuid, Value::Text(text)) => {
            text.len() == 36
                && text.bytes().enumerate().all(|(at, byte)| match at {
                    8 | 13 | 18 | 23 => byte == b'-',
                    _ => byte.is_ascii_hexdigit(),
                })
        }
        (Form::Ipv4, Value::Text(text)) => text.parse::<std::net::Ipv4Addr>().is_ok(),
        (Form::Ipv6, Value::Text(text)) => text.parse::<std::net::Ipv6Addr>().is_ok(),
        (Form::Time(_) | Form::Uuid | Form::Ipv4 | Form::Ipv6, _) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::contract::TimeFormat;

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
        let is = |text: &str, form: &Form| is_of_form(Value::Text(text), form);
        assert!(is(uuid, &Form::Uuid) && !is(&uuid.replace('-', "0"), &Form::Uuid));
        assert!(is("10.0.0.1", &Form::Ipv4) && !is("10.0.0.256", &Form::Ipv4));
        assert!(is("::1", &Form::Ipv6) && !is("1", &Form::Ipv6));
        let at = &Form::Time(TimeFormat::read("yyyy-MM-dd HH:mm").unwrap());
        assert!(is("2026-01-31 12:00", at) && !is("2026-01-31T12:00", at));
        let stored = |nanoseconds, zoned| is_of_form(Value::Timestamp { nanoseconds, zoned }, at);
        assert!(stored(60_000_000_000, false) && !stored(1_000_000_000, false) && !stored(0, true));
        assert!(!is_of_form(Value::Number(Number::Whole(0)), at));
    }

    #[test]
    fn words_for_no_number_are_no_value() {
        for text in ["NaN", "nan", " -inf ", "+Infinity"] {
            assert!(is_missing(Value::Text(text)), "{text}");
        }
        for text in ["", "Nancy", "in", "f", "1e999", "0", "12345e6789"] {
            assert!(!is_missing(Value::Text(text)), "{text}");
        }
    }
}
