//! Every bound of every schema is looked at, and nothing in them is passed over.

use super::pattern::within;
use super::*;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::JSONSchemaPropsOrArray;
use serde_json::json;
use std::collections::BTreeSet;

/// What the schemas say and is looked at, or is for people or for updates alone.
const KNOWN: [&str; 24] = [
    "additionalProperties",
    "default",
    "description",
    "enum",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "nullable",
    "pattern",
    "properties",
    "required",
    "type",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-list-type",
    "x-kubernetes-map-type",
    "x-kubernetes-preserve-unknown-fields",
    "x-kubernetes-validations",
    "title",
];

fn all() -> Vec<&'static JSONSchemaProps> {
    let (mut open, mut found) = (SCHEMAS.values().collect::<Vec<_>>(), Vec::new());
    while let Some(schema) = open.pop() {
        open.extend(within(schema));
        found.push(schema);
    }
    found
}

fn found(schema: &JSONSchemaProps, value: &Value) -> String {
    structure::problems("Kind", schema, value).iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn nothing_that_a_schema_says_is_passed_over() {
    for schema in all() {
        let fields = serde_json::to_value(schema).unwrap();
        for name in fields.as_object().unwrap().keys() {
            assert!(KNOWN.contains(&name.as_str()), "{name}: {fields}");
        }
        let types = ["string", "integer", "boolean", "array", "object"];
        assert!(types.contains(&fields["type"].as_str().unwrap()), "{fields}");
        let format = fields["format"].as_str();
        assert!([None, Some("int32"), Some("int64")].contains(&format), "{fields}");
        assert!(!matches!(schema.items, Some(JSONSchemaPropsOrArray::Schemas(_))), "{fields}");
        let list = fields["x-kubernetes-list-type"].as_str();
        assert!([None, Some("map"), Some("set"), Some("atomic")].contains(&list), "{fields}");
        for rule in schema.x_kubernetes_validations.iter().flatten() {
            let plain =
                rule.message_expression.is_none() && rule.field_path.is_none() && rule.optional_old_self.is_none();
            assert!(plain && rule.message.is_some(), "{rule:?}");
        }
    }
}

/// One value for each bound, just on the wrong side of it.
#[test]
fn every_bound_of_every_schema_refuses() {
    let mut kinds = BTreeSet::new();
    let mut refuses = |bound: &'static str, schema: &JSONSchemaProps, value: Value, said: &str| {
        let found = found(schema, &value);
        assert!(found.contains(said), "{bound}: {value} of {schema:?}: {found:?}");
        kinds.insert(bound);
    };
    for schema in all() {
        let kind = schema.type_.as_deref().unwrap();
        let size = |bound: i64| usize::try_from(bound).unwrap();
        let other = if kind == "string" { json!(1) } else { json!("x") };
        refuses("type", schema, other, if schema.enum_.is_some() { "expected one of" } else { "expected " });
        if schema.nullable != Some(true) {
            refuses("nullable", schema, Value::Null, "found nothing");
        }
        if schema.enum_.is_some() {
            refuses("enum", schema, json!("No Such Word"), "expected one of");
        }
        if let Some(least) = schema.min_length {
            refuses("minLength", schema, json!("x".repeat(size(least) - 1)), "is empty");
        }
        if let Some(most) = schema.max_length {
            refuses("maxLength", schema, json!("ü".repeat(size(most) + 1)), "characters, expected ");
        }
        if schema.pattern.is_some() {
            let fitting = |text: &&str| found(schema, &json!(text)).contains("of the form");
            let bad = ["\u{1} x", "-", "/"].into_iter().find(fitting).unwrap_or_else(|| panic!("{:?}", schema.pattern));
            refuses("pattern", schema, json!(bad), "of the form");
        }
        if let Some(least) = schema.minimum {
            refuses("minimum", schema, json!(least as i64 - 1), "expected from ");
        }
        if let Some(most) = schema.maximum {
            refuses("maximum", schema, json!(most as i64 + 1), "expected from ");
        }
        if schema.format.as_deref() == Some("int32") {
            refuses("int32", schema, json!(1_i64 << 31), "expected ");
            refuses("int32", schema, json!(-(1_i64 << 31) - 1), "expected ");
        }
        if schema.format.as_deref() == Some("int64") {
            refuses("int64", schema, json!(u64::MAX), "expected ");
        }
        if let Some(least) = schema.min_items {
            refuses("minItems", schema, json!(vec![Value::Null; size(least) - 1]), "items, expected ");
        }
        if let Some(most) = schema.max_items {
            refuses("maxItems", schema, json!(vec![Value::Null; size(most) + 1]), "items, expected ");
        }
        if let Some(most) = schema.max_properties {
            let many: serde_json::Map<_, _> = (0..=most).map(|at| (at.to_string(), Value::Null)).collect();
            refuses("maxProperties", schema, many.into(), "entries, expected ");
        }
        for name in schema.required.iter().flatten() {
            refuses("required", schema, json!({}), &format!("{name}: is missing"));
        }
        match schema.x_kubernetes_list_type.as_deref() {
            Some("map") => {
                let keys = schema.x_kubernetes_list_map_keys.as_ref().unwrap();
                let one: serde_json::Map<_, _> = keys.iter().map(|key| (key.clone(), json!("x"))).collect();
                refuses("list of type map", schema, json!([one, one]), "has the same ");
            }
            Some("set") => refuses("list of type set", schema, json!(["x", "y", "x"]), "has the same item as item [0]"),
            Some(_) | None => {}
        }
        let closed = schema.additional_properties.is_none() && schema.x_kubernetes_preserve_unknown_fields.is_none();
        if kind == "object" && closed {
            refuses("properties", schema, json!({"noSuchField": 1}), "noSuchField: there is no such field");
        }
    }
    assert_eq!(kinds.len(), 17, "{kinds:?}");
}

#[test]
fn what_stands_in_a_file_is_told_without_what_a_terminal_obeys_and_not_at_length() {
    let schema = SCHEMAS.get("ModelRelease").unwrap();
    let (long, strange) = ("x".repeat(10_000), "\u{1b}[2J\n");
    for text in [long.as_str(), strange] {
        for object in [
            json!({ text: 1 }),
            json!({"spec": {"model": {"digest": text}}}),
            json!({"spec": {"evidence": [{"name": text}]}}),
        ] {
            for problem in problems("ModelRelease", &mut object.clone()) {
                let said = problem.to_string();
                assert!(said.len() < 600 && !said.contains(['\u{1b}', '\n']), "{said:?}");
            }
            assert!(!structure::problems("ModelRelease", schema, &object).is_empty());
        }
    }
}

/// A million items or fields are neither compared with one another nor told one by one.
#[test]
fn an_object_of_any_size_is_refused_soon_and_briefly() {
    let many = vec![json!({"name": "e"}); 200_000];
    let fields: serde_json::Map<_, _> = (0..200_000).map(|at| (format!("f{at}"), json!(1))).collect();
    let labels = json!({"metadata": {"name": "m", "labels": fields}});
    for object in
        [json!({"spec": {"evidence": many}}), json!({ "spec": fields }), Value::Object(fields.clone()), labels]
    {
        let found = problems("ModelRelease", &mut object.clone());
        assert!((1..=100).contains(&found.len()), "{}", found.len());
    }
}

#[test]
fn defaults_and_nulls_are_as_an_api_server_stores_them() {
    let mut policy = json!({"apiVersion": "modelgate.dev/v1alpha1", "kind": "GovernancePolicy", "metadata": {"name": "p"},
        "spec": {"match": {"namespaceSelector": {"matchLabels": {"a": "b"}}}, "enforcement": "Enforce", "adoptExisting": null,
            "gates": [{"name": "g", "metric": {"evidence": "e", "name": "n", "min": "1", "max": null}}],
            "risk": {"tiers": {"medium": null}}}});
    assert_eq!(problems("GovernancePolicy", &mut policy), []);
    assert_eq!(policy["spec"]["risk"]["tiers"], json!({"medium": 30, "high": 60, "critical": 85}));
    assert_eq!(policy["spec"]["gates"][0]["metric"]["format"], "Auto");
    assert_eq!(policy["spec"]["gates"][0]["metric"]["max"], Value::Null);
    assert_ne!(policy["spec"]["adoptExisting"], Value::Null);
}
