//! One digest for one JSON value, whatever the order of its members.

use crate::policy::Digest;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

/// Digest of a JSON value: members in order of their names, members that are null left out (the
/// API server writes some absent fields as null in one object and not at all in another).
pub fn digest(value: &Value) -> Digest {
    let mut hasher = Sha256::new();
    feed(&mut hasher, value);
    hasher.into()
}

// Every value begins with its own byte and every text and list with its length, so no two values
// feed the same bytes.
fn feed(hasher: &mut Sha256, value: &Value) {
    match value {
        Value::Null => hasher.update(b"n"),
        Value::Bool(true) => hasher.update(b"t"),
        Value::Bool(false) => hasher.update(b"f"),
        Value::Number(number) => tagged(hasher, b"#", number.to_string().as_bytes()),
        Value::String(text) => tagged(hasher, b"s", text.as_bytes()),
        Value::Array(items) => {
            tagged(hasher, b"[", &[]);
            hasher.update(length(items.len()));
            items.iter().for_each(|item| feed(hasher, item));
        }
        Value::Object(members) => feed_members(hasher, members),
    }
}

fn feed_members(hasher: &mut Sha256, members: &Map<String, Value>) {
    let mut present: Vec<_> = members.iter().filter(|(_, value)| !value.is_null()).collect();
    present.sort_unstable_by_key(|(name, _)| *name);
    tagged(hasher, b"{", &[]);
    hasher.update(length(present.len()));
    for (name, value) in present {
        tagged(hasher, b"k", name.as_bytes());
        feed(hasher, value);
    }
}

fn tagged(hasher: &mut Sha256, tag: &[u8; 1], bytes: &[u8]) {
    hasher.update(tag);
    hasher.update(length(bytes.len()));
    hasher.update(bytes);
}

fn length(n: usize) -> [u8; 8] {
    (n as u64).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn order_and_nulls_do_not_count() {
        let one: Value = serde_json::from_str(r#"{"a": 1, "b": {"c": null, "d": [true]}}"#).unwrap();
        let other: Value = serde_json::from_str(r#"{"b": {"d": [true]}, "x": null, "a": 1}"#).unwrap();
        assert_eq!(digest(&one), digest(&other));
    }

    #[test]
    fn any_other_difference_counts() {
        let values = [
            json!({"a": 1}),
            json!({"a": "1"}),
            json!({"a": [1]}),
            json!({"a": {}}),
            json!({"a": []}),
            json!({"a": false}),
            json!({}),
            json!([]),
            json!(null),
            json!(["a", 1]),
            json!(["ab", "c"]),
            json!(["a", "bc"]),
            json!([["a"], "bc"]),
            json!([null]),
            json!({"a": {"b": "c"}}),
            json!({"a": "b", "c": "d"}),
            json!({"a": "t"}),
            json!({"as\u{1}\0\0\0\0\0\0\0": true}),
        ];
        for (i, one) in values.iter().enumerate() {
            for other in &values[i + 1..] {
                assert_ne!(digest(one), digest(other), "{one} and {other}");
            }
        }
    }
}
