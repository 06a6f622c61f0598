//! What an API server changes in an object before it looks at it: nulls that stand for nothing, and defaults.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    JSONSchemaProps, JSONSchemaPropsOrArray, JSONSchemaPropsOrBool,
};
use serde_json::Value;

/// Drops nulls of fields that take none, and fills in defaults where nothing stands.
pub fn fill(schema: &JSONSchemaProps, value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, value| !value.is_null() || field(schema, name).is_none_or(takes_null));
            for (name, of) in schema.properties.iter().flatten() {
                if let Some(default) = &of.default
                    && !fields.contains_key(name)
                {
                    fields.insert(name.clone(), default.0.clone());
                }
            }
            for (name, value) in fields {
                field(schema, name).into_iter().for_each(|of| fill(of, value));
            }
        }
        Value::Array(items) => {
            if let Some(JSONSchemaPropsOrArray::Schema(of)) = &schema.items {
                items.iter_mut().for_each(|item| fill(of, item));
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The schema of a field or of a map's values.
pub fn field<'a>(schema: &'a JSONSchemaProps, name: &str) -> Option<&'a JSONSchemaProps> {
    let values = || match &schema.additional_properties {
        Some(JSONSchemaPropsOrBool::Schema(values)) => Some(&**values),
        Some(JSONSchemaPropsOrBool::Bool(_)) | None => None,
    };
    schema.properties.as_ref().and_then(|fields| fields.get(name)).or_else(values)
}

fn takes_null(schema: &JSONSchemaProps) -> bool {
    schema.nullable == Some(true)
}
