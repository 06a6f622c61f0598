//! One object of a file, as the API server would have taken it.

use super::FileError;
use super::files::MAX_NAME;
use crate::api::labels;
use crate::policy::finding::{clean, is_printable};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The object as the API server would have stored it: with a UID, a generation and a time.
pub(super) fn as_stored(object: &mut Value, kind: &str, namespace: &str, name: &str) {
    let Some(fields) = object.as_object_mut() else { return };
    let meta = fields.entry("metadata").or_insert_with(|| json!({}));
    let Some(meta) = meta.as_object_mut() else { return };
    meta.insert("name".to_owned(), name.into());
    if !namespace.is_empty() {
        meta.insert("namespace".to_owned(), namespace.into());
    }
    meta.remove("resourceVersion");
    // A Deployment that says no UID may be the one that any record of its name is about.
    let uid = match kind {
        "Deployment" => String::new(),
        _ => format!("{}-{namespace}-{name}", kind.to_lowercase()),
    };
    for (field, value) in
        [("uid", json!(uid)), ("generation", json!(1)), ("creationTimestamp", json!("1970-01-01T00:00:00Z"))]
    {
        if meta.get(field).is_none_or(Value::is_null) {
            meta.insert(field.to_owned(), value);
        }
    }
}

/// The Deployment as the API server holds one that is not admitted yet.
pub(super) fn held(mut deployment: Value) -> Value {
    if let Some(spec) = deployment.get_mut("spec").and_then(Value::as_object_mut) {
        spec.insert("paused".to_owned(), true.into());
    }
    if let Some(annotations) = deployment.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut) {
        annotations.remove(labels::ADMITTED);
    }
    deployment
}

/// Where a text stands that holds a character which is neither shown nor an end of a line, and which one.
pub(super) fn unprintable(object: &Value) -> Option<(String, char)> {
    let strange = |text: &str| text.chars().find(|c| !matches!(c, '\n' | '\r' | '\t') && !is_printable(*c));
    let mut open = vec![(String::new(), object)];
    while let Some((place, value)) = open.pop() {
        match value {
            Value::String(text) => {
                if let Some(c) = strange(text) {
                    return Some((place, c));
                }
            }
            Value::Array(items) => {
                open.extend(items.iter().enumerate().map(|(at, item)| (format!("{place}/{at}"), item)));
            }
            Value::Object(fields) => {
                for (key, value) in fields {
                    if let Some(c) = strange(key) {
                        return Some((format!("a field of {place}/"), c));
                    }
                    open.push((format!("{place}/{}", clean(key, MAX_NAME)), value));
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    None
}

/// The object, if it has no field that its kind does not know: a misspelt bound must not vanish.
pub(super) fn strict<K: DeserializeOwned>(file: &str, shown: &str, object: Value) -> Result<K, FileError> {
    let mut unknown = None;
    let read = serde_ignored::deserialize(object, |path| {
        let path = path.to_string();
        // The type itself says these.
        if path != "apiVersion" && path != "kind" {
            unknown.get_or_insert(path);
        }
    });
    match (unknown, read) {
        (Some(field), _) => Err(FileError::UnknownField {
            file: file.to_owned(),
            object: shown.to_owned(),
            field: field.replace(".?", ""),
        }),
        (None, Ok(object)) => Ok(object),
        (None, Err(error)) => {
            Err(FileError::Unfit { file: file.to_owned(), object: shown.to_owned(), problem: error.to_string() })
        }
    }
}

pub(super) fn content(object: &Value) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let map: k8s_openapi::api::core::v1::ConfigMap =
        serde_json::from_value(object.clone()).map_err(|error| error.to_string())?;
    let texts = map.data.into_iter().flatten().map(|(key, value)| (key, value.into_bytes()));
    let bytes = map.binary_data.into_iter().flatten().map(|(key, value)| (key, value.0));
    Ok(texts.chain(bytes).collect())
}
