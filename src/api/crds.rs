//! The CustomResourceDefinitions, generated from the types.

use super::*;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, JSONSchemaProps, JSONSchemaPropsOrArray, JSONSchemaPropsOrBool,
};
use kube::CustomResourceExt;

/// All definitions, in the order they are listed in the documentation.
pub fn all() -> Vec<CustomResourceDefinition> {
    let mut crds = vec![
        ModelRelease::crd(),
        GovernancePolicy::crd(),
        GateConfig::crd(),
        GateRun::crd(),
        ReleaseApproval::crd(),
        ReleaseAction::crd(),
        AdmittedRevision::crd(),
    ];
    for version in crds.iter_mut().flat_map(|crd| crd.spec.versions.iter_mut()) {
        if let Some(schema) = version.schema.as_mut().and_then(|s| s.open_api_v3_schema.as_mut()) {
            bound_integers(schema);
        }
    }
    crds
}

/// Kubernetes knows no unsigned formats: they become int32 with the bounds they stand for.
fn bound_integers(schema: &mut JSONSchemaProps) {
    if schema.format.as_deref() == Some("uint32") {
        schema.format = Some("int32".to_owned());
        schema.maximum.get_or_insert(f64::from(i32::MAX));
    }
    for property in schema.properties.iter_mut().flat_map(|p| p.values_mut()) {
        bound_integers(property);
    }
    if let Some(JSONSchemaPropsOrArray::Schema(items)) = schema.items.as_mut() {
        bound_integers(items);
    }
    if let Some(JSONSchemaPropsOrBool::Schema(values)) = schema.additional_properties.as_mut() {
        bound_integers(values);
    }
}

/// One Markdown page a kind: its fields with type, bounds and explain text.
pub fn explain_pages() -> Vec<(String, String)> {
    all().iter().map(|crd| (crd.spec.names.kind.to_lowercase(), page(crd))).collect()
}

fn page(crd: &CustomResourceDefinition) -> String {
    let names = &crd.spec.names;
    let short = names.short_names.iter().flatten().map(|s| format!("`{s}`")).collect::<Vec<_>>().join(", ");
    let mut out = format!("# {}\n\n`{}/{}`, {}, short name {short}.\n", names.kind, GROUP, VERSION, crd.spec.scope);
    let schema = crd.spec.versions.first().and_then(|v| v.schema.as_ref()).and_then(|s| s.open_api_v3_schema.as_ref());
    let schema = serde_json::to_value(schema).unwrap_or_default();
    if let Some(text) = schema["description"].as_str() {
        out.push_str(&format!("\n{text}\n"));
    }
    rules(&schema, "the object", &mut out);
    for part in ["spec", "status"] {
        if schema["properties"][part].is_object() {
            out.push_str(&format!("\n## {part}\n\n| field | type | what it is |\n| --- | --- | --- |\n"));
            fields(&schema["properties"][part], part, &mut out);
        }
    }
    out
}

fn rules(schema: &serde_json::Value, of: &str, out: &mut String) {
    for rule in schema["x-kubernetes-validations"].as_array().into_iter().flatten() {
        if let Some(message) = rule["message"].as_str() {
            out.push_str(&format!("\nRule on {of}: {message}.\n"));
        }
    }
}

fn fields(schema: &serde_json::Value, path: &str, out: &mut String) {
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(|r| r.as_str()).collect();
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let at = format!("{path}.{name}");
        let text = field["description"].as_str().unwrap_or_default().replace('|', "\\|").replace('\n', " ");
        let must = if required.contains(&name.as_str()) { ", required" } else { "" };
        out.push_str(&format!("| `{at}` | {}{must} | {text} |\n", type_text(field)));
        match field["type"].as_str() {
            Some("array") => fields(&field["items"], &format!("{at}[]"), out),
            Some("object") => fields(field, &at, out),
            Some(_) | None => {}
        }
    }
}

fn type_text(field: &serde_json::Value) -> String {
    let kind = field["type"].as_str().unwrap_or("any");
    let mut text = match field["enum"].as_array() {
        Some(values) => {
            values.iter().filter_map(|v| v.as_str()).map(|v| format!("`{v}`")).collect::<Vec<_>>().join(" ")
        }
        None => kind.to_owned(),
    };
    if let Some(default) = field.get("default").filter(|d| !d.is_object()) {
        text.push_str(&format!(", default `{}`", default.as_str().map_or_else(|| default.to_string(), str::to_owned)));
    }
    for (key, word) in [("minimum", "from"), ("maximum", "to"), ("maxLength", "at most"), ("maxItems", "at most")] {
        if let Some(number) = field[key].as_f64().filter(|_| field["enum"].is_null()) {
            text.push_str(&format!(", {word} {number}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Strings, lists and maps without a bound, by path. Metadata is the API server's own.
    fn unbounded(schema: &serde_json::Value, path: &str, found: &mut Vec<String>) {
        let kind = schema["type"].as_str().unwrap_or_default();
        let bounded = match kind {
            "string" => !schema["maxLength"].is_null() || !schema["enum"].is_null(),
            "array" => !schema["maxItems"].is_null(),
            "object" => schema["additionalProperties"].is_null() || !schema["maxProperties"].is_null(),
            _ => true,
        };
        if !bounded {
            found.push(format!("{path} ({kind})"));
        }
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            unbounded(property, &format!("{path}.{name}"), found);
        }
        for inner in ["items", "additionalProperties"] {
            if schema[inner].is_object() {
                unbounded(&schema[inner], &format!("{path}[]"), found);
            }
        }
    }

    fn undocumented(schema: &serde_json::Value, path: &str, found: &mut Vec<String>) {
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let at = format!("{path}.{name}");
            if property["description"].as_str().unwrap_or_default().is_empty() {
                found.push(at.clone());
            }
            undocumented(property, &at, found);
            undocumented(&property["items"], &at, found);
        }
    }

    #[test]
    fn every_string_list_and_map_is_bounded_and_every_field_explained() {
        let (mut open, mut silent) = (Vec::new(), Vec::new());
        for crd in all() {
            let schema = serde_json::to_value(&crd.spec.versions[0].schema).unwrap();
            for part in ["spec", "status"] {
                let part_schema = &schema["openAPIV3Schema"]["properties"][part];
                let path = format!("{}.{part}", crd.spec.names.kind);
                unbounded(part_schema, &path, &mut open);
                undocumented(part_schema, &path, &mut silent);
            }
        }
        assert_eq!(open, Vec::<String>::new(), "without a bound");
        assert_eq!(silent, Vec::<String>::new(), "without an explain text");
    }
}
