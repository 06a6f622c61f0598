//! JSON with limits: depth is known before anything recurses, and a key said twice is refused.

use super::EvidenceError;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

/// Objects and arrays within each other.
pub const MAX_DEPTH: usize = 64;
/// Numbers, strings, objects, arrays and so on, all together: bounds the memory of the parsed tree.
pub const MAX_VALUES: usize = 200_000;

/// Reads one document.
///
/// # Errors
/// Those of [`super::text`]; `TooLarge` for depth or count; `NotFinite` for the bare words `NaN` and `Infinity`
/// that Python writes; `Unreadable` with line and column for anything else that is not JSON.
pub fn parse(bytes: &[u8]) -> Result<Value, EvidenceError> {
    one(super::text(bytes)?, &Cell::new(MAX_VALUES)).map_err(|(error, _)| error)
}

/// Reads one document a line; blank lines are passed over. The limit on values is for all lines together.
///
/// # Errors
/// As for [`parse`], with the number of the line.
pub fn parse_lines(bytes: &[u8]) -> Result<Vec<Value>, EvidenceError> {
    let left = Cell::new(MAX_VALUES);
    let filled = super::text(bytes)?.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let read = filled.map(|(index, line)| {
        one(line, &left).map_err(|(error, why)| match why {
            Some(why) => EvidenceError::Unreadable { format: "JSON lines", why: format!("line {}: {why}", index + 1) },
            None => error,
        })
    });
    read.collect()
}

/// The text with the bare words `NaN`, `Infinity` and `-Infinity` as `null`: for documents in which no number that
/// decides anything stands where Python writes them. `null` is no number and no text, so it never passes for one.
pub fn without_nan(text: &str) -> Cow<'_, str> {
    let mut kept = String::new();
    let (mut copied, mut at, mut in_string) = (0, 0, false);
    let bytes = text.as_bytes();
    while let Some(byte) = bytes.get(at) {
        let rest = text.get(at..).unwrap_or_default();
        match byte {
            b'\\' if in_string => at += 1,
            b'"' => in_string = !in_string,
            b'N' | b'I' | b'-' if !in_string => {
                let word = ["NaN", "Infinity", "-Infinity"].into_iter().find(|word| rest.starts_with(word));
                if let Some(word) = word {
                    kept.push_str(text.get(copied..at).unwrap_or_default());
                    kept.push_str("null");
                    at += word.len();
                    copied = at;
                    continue;
                }
            }
            _ => {}
        }
        at += 1;
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    kept.push_str(text.get(copied..).unwrap_or_default());
    Cow::Owned(kept)
}

/// The error again in words where it is about syntax.
fn one(text: &str, left: &Cell<usize>) -> Result<Value, (EvidenceError, Option<String>)> {
    look_over(text).map_err(|error| (error, None))?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let parsed = Strict { left }.deserialize(&mut deserializer).and_then(|v| deserializer.end().map(|()| v));
    parsed.map_err(|error| match left.get() {
        0 => (EvidenceError::TooLarge { what: "JSON values", limit: MAX_VALUES }, None),
        _ => {
            let why = error.to_string();
            (EvidenceError::Unreadable { format: "JSON", why: why.clone() }, Some(why))
        }
    })
}

/// One pass without recursion: depth, and words that are no JSON but are common.
fn look_over(text: &str) -> Result<(), EvidenceError> {
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    let (mut line, mut line_start) = (1usize, 0usize);
    for (at, byte) in text.bytes().enumerate() {
        if byte == b'\n' {
            (line, line_start) = (line + 1, at + 1);
        }
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(EvidenceError::TooLarge { what: "JSON levels", limit: MAX_DEPTH });
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'N' | b'I' => {
                let word = ["NaN", "Infinity"].into_iter().find(|word| text[at..].starts_with(word));
                if let Some(word) = word {
                    let what = format!("{word} at line {line} column {}", at - line_start + 1);
                    return Err(EvidenceError::NotFinite { what });
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Builds a [`Value`], counting values and refusing repeated keys.
#[derive(Clone, Copy)]
struct Strict<'a> {
    left: &'a Cell<usize>,
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        match self.left.get() {
            0 => return Err(D::Error::custom("too many values")),
            left => self.left.set(left - 1),
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }
    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("number out of range"))
    }
    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if object.contains_key(&key) {
                return Err(A::Error::custom(format!("key {key:?} stands twice in one object")));
            }
            let value = entries.next_value_seed(self)?;
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_is_json() {
        let value = parse(br#"{"a": [1, -2, 0.5, "x\"[[", true, null], "b": {"c": 18446744073709551615}}"#).unwrap();
        assert_eq!(value["a"][3], "x\"[[");
        assert_eq!(value["b"]["c"], u64::MAX);
    }

    #[test]
    fn bare_nan_is_null_outside_of_text() {
        let cases = [
            (r#"{"a": NaN, "b": [-Infinity, Infinity], "c": -1}"#, r#"{"a": null, "b": [null, null], "c": -1}"#),
            (r#"{"NaN": "NaN \" NaN", "é": "\\\\"}"#, r#"{"NaN": "NaN \" NaN", "é": "\\\\"}"#),
            ("NaN", "null"),
            ("", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(without_nan(text), expected);
        }
    }

    #[test]
    fn refuses_the_rest_with_a_place() {
        let cases: [(&str, &str); 11] = [
            ("{\"a\": 1", "EOF while parsing an object at line 1 column 7"),
            ("{\"a\": \"b", "EOF while parsing a string"),
            ("{\"a\": 1,\n \"a\": 2}", "key \"a\" stands twice in one object at line 2"),
            ("{\"a\": {\"b\": 1, \"b\": 2}}", "key \"b\" stands twice"),
            ("{\"a\":\n NaN}", "NaN at line 2 column 2"),
            ("[-Infinity]", "Infinity at line 1 column 3"),
            ("{\"a\": 1} {}", "trailing characters at line 1 column 10"),
            ("{\"a\": 1e999}", "number out of range"),
            ("{\"a\": 01}", "invalid number"),
            ("{'a': 1}", "key must be a string"),
            ("nothing", "expected ident"),
        ];
        for (text, said) in cases {
            let error = parse(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
        assert_eq!(parse(b"\n"), Err(EvidenceError::Empty));
    }

    #[test]
    fn deep_or_crowded_documents_are_too_large() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let nested = |depth: usize| format!("{}0{}", open.repeat(depth), close.repeat(depth));
            assert!(parse(nested(MAX_DEPTH).as_bytes()).is_ok());
            let too_deep = Err(EvidenceError::TooLarge { what: "JSON levels", limit: MAX_DEPTH });
            assert_eq!(parse(nested(MAX_DEPTH + 1).as_bytes()), too_deep);
            // A megabyte of it, closed or not.
            assert_eq!(parse(nested(10_000).as_bytes()), too_deep);
            assert_eq!(parse(open.repeat(1 << 20 >> 2).as_bytes()), too_deep);
        }
        let many = format!("[{}0]", "0,".repeat(MAX_VALUES));
        assert_eq!(parse(many.as_bytes()), Err(EvidenceError::TooLarge { what: "JSON values", limit: MAX_VALUES }));
        let enough = format!("[{}0]", "0,".repeat(MAX_VALUES - 2));
        assert!(parse(enough.as_bytes()).is_ok());
    }
}
