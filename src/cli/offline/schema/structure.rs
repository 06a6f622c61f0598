//! Types and bounds of the schemas.

use super::stored::field;
use super::{Place, Problem, pattern};
use crate::policy::finding::clean;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    JSON, JSONSchemaProps, JSONSchemaPropsOrArray,
};
use serde_json::Value;
use std::fmt;

/// Longest text of an object that a problem shows, in bytes.
const SHOWN: usize = 80;
/// Most problems that are looked for in one object.
const MOST: usize = 100;

/// Where an object is not of the schema's shape.
pub fn problems(kind: &str, schema: &JSONSchemaProps, object: &Value) -> Vec<Problem> {
    let mut look = Look { kind: kind.to_lowercase(), found: Vec::new() };
    look.value(schema, object, &Place::default());
    look.found
}

struct Look {
    kind: String,
    found: Vec<Problem>,
}

impl Look {
    fn tell(&mut self, place: &Place, said: impl Into<String>) {
        if self.found.len() < MOST {
            self.found.push(Problem::new(place, said));
        }
    }

    fn value(&mut self, schema: &JSONSchemaProps, value: &Value, place: &Place) {
        let taken = |words: &[JSON]| words.iter().any(|word| word.0 == *value);
        if let Some(words) = schema.enum_.as_ref().filter(|words| !taken(words)) {
            let words: Vec<_> = words.iter().filter_map(|word| word.0.as_str()).collect();
            return self.tell(place, format!("found {}, expected one of {}", shown(value), words.join(", ")));
        }
        if value.is_null() && schema.nullable == Some(true) {
            return;
        }
        let kind = schema.type_.as_deref().unwrap_or_default();
        if !is(kind, value) {
            let said = format!("found {}, expected {}{}", shown(value), expected(kind), advice(kind, value));
            return self.tell(place, said);
        }
        match value {
            Value::String(text) => self.text(schema, text, place),
            Value::Number(_) => self.number(schema, value, place),
            Value::Array(items) => self.items(schema, items, place),
            Value::Object(fields) => self.fields(schema, fields, place),
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn text(&mut self, schema: &JSONSchemaProps, text: &str, place: &Place) {
        let size = text.chars().count();
        if text.is_empty() && schema.min_length.is_some_and(|least| least > 0) {
            self.tell(place, "is empty: give it a value, or leave it out if it may be");
        } else if !within(size, schema.min_length, schema.max_length) {
            let said = format!("has {size} characters, expected {}", bounds(schema.min_length, schema.max_length));
            self.tell(place, said);
        } else if let Some(pattern) = schema.pattern.as_deref().filter(|pattern| !pattern::fits(pattern, text)) {
            self.tell(place, format!("found {}, expected a text of the form {pattern}", shown(&text.into())));
        }
    }

    fn number(&mut self, schema: &JSONSchemaProps, value: &Value, place: &Place) {
        let fits = |least: f64, most: f64| value.as_f64().is_some_and(|number| number >= least && number <= most);
        let (least, most) = match schema.format.as_deref() {
            Some("int32") => (f64::from(i32::MIN), f64::from(i32::MAX)),
            // A number that i64 does not hold is a float to an API server.
            Some("int64") if value.as_i64().is_none() => (f64::INFINITY, f64::NEG_INFINITY),
            Some(_) | None => (f64::NEG_INFINITY, f64::INFINITY),
        };
        if !fits(schema.minimum.unwrap_or(least).max(least), schema.maximum.unwrap_or(most).min(most)) {
            self.tell(place, format!("found {value}, expected {}", bounds(schema.minimum, schema.maximum)));
        }
    }

    fn items(&mut self, schema: &JSONSchemaProps, items: &[Value], place: &Place) {
        if !within(items.len(), schema.min_items, schema.max_items) {
            let said = format!("has {} items, expected {}", items.len(), bounds(schema.min_items, schema.max_items));
            // So many are not looked at one by one.
            return self.tell(place, said);
        }
        if let Some(JSONSchemaPropsOrArray::Schema(of)) = &schema.items {
            items.iter().enumerate().for_each(|(at, item)| self.value(of, item, &place.item(at, item)));
        }
        let keys = schema.x_kubernetes_list_map_keys.as_deref().unwrap_or_default();
        let key = |item| match schema.x_kubernetes_list_type.as_deref() {
            Some("map") => Some(Key::Fields(keys.iter().map(|key| Value::get(item, key)).collect())),
            Some("set") => Some(Key::Whole(item)),
            Some(_) | None => None,
        };
        let given: Vec<_> = items.iter().map(key).collect();
        for (at, item) in items.iter().enumerate().filter(|(at, _)| given[*at].is_some()) {
            if let Some(first) = given[..at].iter().position(|earlier| *earlier == given[at]) {
                let by = if keys.is_empty() { "item".to_owned() } else { keys.join(" and ") };
                let said = format!("has the same {by} as item [{first}] of the list: give each once");
                self.tell(&place.item(at, item), said);
            }
        }
    }

    fn fields(&mut self, schema: &JSONSchemaProps, fields: &serde_json::Map<String, Value>, place: &Place) {
        if !within(fields.len(), schema.min_properties, schema.max_properties) {
            let bounds = bounds(schema.min_properties, schema.max_properties);
            return self.tell(place, format!("has {} entries, expected {bounds}", fields.len()));
        }
        for name in schema.required.iter().flatten().filter(|name| !fields.contains_key(*name)) {
            self.tell(&place.field(name), "is missing");
        }
        for (name, value) in fields {
            let at = place.field(name);
            match field(schema, name) {
                Some(of) => self.value(of, value, &at),
                None if schema.x_kubernetes_preserve_unknown_fields == Some(true) => {}
                None => {
                    let before = if place.fields().is_empty() { "" } else { "." };
                    let explain = format!("kubectl explain {}{before}{}", self.kind, place.fields());
                    self.tell(&at, format!("there is no such field: see {explain}"));
                }
            }
        }
    }
}

/// By what an item of a list is told from the others.
#[derive(PartialEq)]
enum Key<'a> {
    Whole(&'a Value),
    Fields(Vec<Option<&'a Value>>),
}

fn is(kind: &str, value: &Value) -> bool {
    match kind {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}

fn expected(kind: &str) -> &str {
    match kind {
        "string" => "a string",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        "array" => "a list",
        "object" => "fields with values",
        other => other,
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(value) => format!("the boolean {value}"),
        Value::Number(value) => format!("the number {value}"),
        Value::String(text) => format!("\"{}\"", clean(text, SHOWN)),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "fields with values".to_owned(),
    }
}

/// What to do about a value of another type.
fn advice(kind: &str, value: &Value) -> &'static str {
    match (kind, value) {
        ("string", Value::Bool(_) | Value::Number(_)) => ": write it in quotes",
        ("integer", Value::String(text)) if text.parse::<i64>().is_ok() => ": write it without quotes",
        ("boolean", Value::String(text)) if text.parse::<bool>().is_ok() => ": write it without quotes",
        ("integer", Value::Number(_)) => ": write it without a point, an exponent or a leading zero",
        ("array", _) => ": write each item after a dash",
        (_, Value::Null) => ": give it a value, or leave it out",
        (_, _) => "",
    }
}

fn within(size: usize, least: Option<i64>, most: Option<i64>) -> bool {
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    least.is_none_or(|least| size >= least) && most.is_none_or(|most| size <= most)
}

fn bounds<N: fmt::Display>(least: Option<N>, most: Option<N>) -> String {
    match (least, most) {
        (Some(least), Some(most)) => format!("from {least} to {most}"),
        (Some(least), None) => format!("at least {least}"),
        (None, Some(most)) => format!("at most {most}"),
        (None, None) => "one that an integer of the API holds".to_owned(),
    }
}
