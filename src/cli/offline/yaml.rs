//! YAML, and JSON, which is YAML too: within bounds, and as `kubectl` reads it.

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::fmt;

/// The documents of a text, without empty ones.
///
/// # Errors
/// Where it is not YAML, not within the bounds or not of this shape, in one line.
pub fn documents<T: DeserializeOwned>(text: &str) -> Result<Vec<T>, String> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_depth: 64, max_nodes: 1_000_000, max_aliases: 1000, max_documents: 10_000 },
    };
    let parsed: Vec<Option<T>> = serde_saphyr::from_multiple_with_options(text, options).map_err(|error| {
        let why = error.to_string().lines().next().unwrap_or_default().to_owned();
        // What the library advises its caller is of no use to who wrote the file.
        why.split("; set ").next().unwrap_or_default().split(", set ").next().unwrap_or_default().to_owned()
    })?;
    Ok(parsed.into_iter().flatten().collect())
}

/// A document whose keys are texts. To `kubectl`, `y: 1` has the key `true`: such a key is an error, not another one.
pub struct Document(pub Value);

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OfValue).map(Self)
    }
}

struct OfValue;

impl<'de> Visitor<'de> for OfValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not a finite number"))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut found = Vec::new();
        while let Some(Document(item)) = items.next_element()? {
            found.push(item);
        }
        Ok(found.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut found = Map::new();
        while let Some((Key(name), Document(value))) = fields.next_entry()? {
            found.insert(name, value);
        }
        Ok(found.into())
    }
}

struct Key(String);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OfKey).map(Self)
    }
}

struct OfKey;

impl Visitor<'_> for OfKey {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key that is a text: write it in quotes")
    }

    fn visit_str<E>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_i64<E>(self, number: i64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_u64<E>(self, number: u64) -> Result<String, E> {
        Ok(number.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(text: &str) -> Result<Vec<Value>, String> {
        documents::<Document>(text).map(|found| found.into_iter().map(|Document(value)| value).collect())
    }

    #[test]
    fn documents_are_read_and_empty_ones_left_out() {
        let text = "a: [1, -2, 0.5, x, 'yes', yes, ~, 18446744073709551615]\n---\n---\n{\"b\": {\"1\": null}}\n";
        let first = json!({"a": [1, -2, 0.5, "x", "yes", true, null, u64::MAX]});
        assert_eq!(read(text), Ok(vec![first, json!({"b": {"1": null}})]));
        assert_eq!(read("a: &x {b: 1}\nc: {<<: *x, d: 2}\n"), Ok(vec![json!({"a": {"b": 1}, "c": {"b": 1, "d": 2}})]));
        assert_eq!(read("12: a"), Ok(vec![json!({"12": "a"})]));
    }

    #[test]
    fn a_key_that_kubectl_would_change_is_told_with_its_line() {
        for key in ["y", "no", "on", "true", "~", "1.5"] {
            let said = read(&format!("a:\n  {key}: label\n")).unwrap_err();
            assert!(said.contains("line 2") && said.contains("write it in quotes"), "{key}: {said}");
            assert_eq!(read(&format!("'{key}': 1")), Ok(vec![json!({ key: 1 })]));
        }
    }

    #[test]
    fn what_two_readers_may_read_differently_is_refused() {
        for text in ["a: 1\na: 2", "a: .nan", "a: .inf", "a: 1e999", "a: [", "? [a]\n: b"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
