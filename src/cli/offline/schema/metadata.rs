//! What every object has beside `spec` and `status`. A CustomResourceDefinition does not say it: the API server knows.

use super::{Place, Problem};
use crate::policy::finding::clean;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{JSONSchemaProps, JSONSchemaPropsOrBool};
use serde_json::Value;

/// Names and labels are parts of addresses: letters, digits and what joins them.
const NAME: &str = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";
const NAMESPACE: &str = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";
const LABEL: &str = "^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$";
/// Most bytes that the annotations of an object have together.
const MAX_ANNOTATIONS: usize = 256 << 10;
/// Most keys of a map that are told.
const TOLD: usize = 10;

/// Their schemas by name.
pub fn of_every_object() -> [(String, JSONSchemaProps); 3] {
    let text = || JSONSchemaProps { type_: Some("string".to_owned()), ..Default::default() };
    let bounded =
        |pattern: &str, most| JSONSchemaProps { max_length: Some(most), pattern: Some(pattern.to_owned()), ..text() };
    let map = |values: JSONSchemaProps| JSONSchemaProps {
        type_: Some("object".to_owned()),
        additional_properties: Some(JSONSchemaPropsOrBool::Schema(Box::new(values))),
        ..Default::default()
    };
    let fields = [
        ("name", bounded(NAME, 253)),
        ("namespace", bounded(NAMESPACE, 63)),
        ("labels", map(bounded(LABEL, 63))),
        ("annotations", map(text())),
    ];
    let metadata = JSONSchemaProps {
        type_: Some("object".to_owned()),
        properties: Some(fields.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()),
        // Its other fields are told by the type that reads it.
        x_kubernetes_preserve_unknown_fields: Some(true),
        ..Default::default()
    };
    [("apiVersion", text()), ("kind", text()), ("metadata", metadata)].map(|(name, schema)| (name.to_owned(), schema))
}

/// What a schema cannot say: keys of labels and annotations, and how much there is of these.
pub fn problems(object: &Value) -> Vec<Problem> {
    let mut found = Vec::new();
    for map in ["labels", "annotations"] {
        let place = Place::default().field("metadata").field(map);
        let Some(entries) = object.pointer(&format!("/metadata/{map}")).and_then(Value::as_object) else { continue };
        // Case matters in keys of labels alone.
        let folded = |key: &str| if map == "labels" { key.to_owned() } else { key.to_lowercase() };
        let bad = entries.keys().filter(|key| !is_key(&folded(key))).take(TOLD);
        found.extend(bad.map(|key| {
            let said =
                format!("\"{}\" is no key: write NAME or DOMAIN/NAME, a name of at most 63 characters", clean(key, 80));
            Problem::new(&place, said)
        }));
        let size = |(key, value): (&String, &Value)| key.len() + value.as_str().unwrap_or_default().len();
        if map == "annotations" && entries.iter().map(size).sum::<usize>() > MAX_ANNOTATIONS {
            found.push(Problem::new(&place, format!("has more than {MAX_ANNOTATIONS} bytes")));
        }
    }
    found
}

/// `name` or `example.com/name`.
fn is_key(key: &str) -> bool {
    let (domain, name) = key.split_once('/').map_or((None, key), |(domain, name)| (Some(domain), name));
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let ends = |text: &str| {
        [text.bytes().next(), text.bytes().last()].iter().all(|c| c.is_some_and(|c| c.is_ascii_alphanumeric()))
    };
    let is_domain = |domain: &str| {
        domain.len() <= 253
            && domain.split('.').all(|part| {
                ends(part) && part.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-')
            })
    };
    name.len() <= 63 && ends(name) && name.bytes().all(plain) && domain.is_none_or(is_domain)
}
