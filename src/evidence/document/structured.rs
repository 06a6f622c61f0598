//! Documents in JSON: how many words stand at each path of keys and below. Lists have no place in a path.

use super::card;
use crate::evidence::EvidenceError;
use crate::evidence::node::Node;
use crate::policy::Format;
use serde_json::Value;
use std::collections::BTreeMap;

/// Reads the parts of a document that speak about a model or data.
pub fn read(format: Format, value: &Value) -> Result<BTreeMap<String, u32>, EvidenceError> {
    let node = Node::root(format, value);
    let mut paths = BTreeMap::new();
    match format {
        Format::CycloneDx => {
            let mut components = node.items_of("components")?;
            components.extend(node.get("metadata").and_then(|metadata| metadata.get("component")));
            let models: Vec<_> =
                components.into_iter().filter(|component| component.get("modelCard").is_some()).collect();
            if models.is_empty() {
                return Err(node.wrong("a bill of materials with a modelCard"));
            }
            models.iter().for_each(|model| add(model.value(), &mut paths));
        }
        Format::Spdx => {
            let mut found = false;
            for element in node.need("@graph", "a list of elements")?.items()? {
                if matches!(element.text_of("type")?, Some("ai_AIPackage" | "dataset_DatasetPackage")) {
                    add(element.value(), &mut paths);
                    found = true;
                }
            }
            if !found {
                return Err(node.wrong("a graph with an ai_AIPackage or a dataset_DatasetPackage"));
            }
        }
        _ => {
            node.entries().map(|_| ())?;
            add(value, &mut paths);
        }
    }
    Ok(paths)
}

fn add(value: &Value, paths: &mut BTreeMap<String, u32>) {
    // Own stack; depth and size are bounded by the parser.
    let mut open: Vec<(Vec<String>, &Value)> = vec![(Vec::new(), value)];
    while let Some((path, value)) = open.pop() {
        let words = match value {
            Value::Object(map) => {
                for (key, inner) in map {
                    let mut path = path.clone();
                    path.push(card::normal(key));
                    open.push((path, inner));
                }
                0
            }
            Value::Array(items) => {
                open.extend(items.iter().map(|item| (path.clone(), item)));
                0
            }
            Value::Null => 0,
            Value::Bool(_) | Value::Number(_) => 1,
            Value::String(text) => text.lines().map(card::words).fold(0, u32::saturating_add),
        };
        for length in 1..=path.len() {
            let place = path.iter().take(length).map(String::as_str).collect::<Vec<_>>().join(".");
            let slot: &mut u32 = paths.entry(place).or_default();
            *slot = slot.saturating_add(words);
        }
    }
}
