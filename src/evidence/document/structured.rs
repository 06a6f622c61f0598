//! Documents in JSON: how many words stand at each path of keys and below. Lists have no place in a path.

use super::card;
use crate::evidence::EvidenceError;
use crate::evidence::node::Node;
use crate::policy::{Format, Subject};
use serde_json::Value;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Bytes that all paths of keys have together.
const MAX_PATHS: usize = 8 << 20;
/// Bytes of one: every value below it is counted under it, each time by comparing it.
const MAX_PATH: usize = 16 << 10;

/// The parts of a document that speak about a model or data.
pub fn parts<'a>(node: &Node<'a>) -> Result<Vec<Node<'a>>, EvidenceError> {
    match node.format() {
        Format::CycloneDx => {
            let mut components = node.items_of("components")?;
            components.extend(node.get("metadata").and_then(|metadata| metadata.get("component")));
            let models: Vec<Node<'_>> =
                components.into_iter().filter(|component| component.get("modelCard").is_some()).collect();
            if models.is_empty() {
                return Err(node.wrong("a bill of materials with a modelCard"));
            }
            Ok(models)
        }
        Format::Spdx => {
            let mut found = Vec::new();
            for element in node.need("@graph", "a list of elements")?.items()? {
                if matches!(element.text_of("type")?, Some("ai_AIPackage" | "dataset_DatasetPackage")) {
                    found.push(element);
                }
            }
            if found.is_empty() {
                return Err(node.wrong("a graph with an ai_AIPackage or a dataset_DatasetPackage"));
            }
            Ok(found)
        }
        Format::ModelCardToolkit | Format::Croissant => node.entries().map(|_| vec![node.clone()]),
        Format::ModelPack => node.need("descriptor", "an object")?.entries().map(|_| vec![node.clone()]),
        other => Err(EvidenceError::OtherFormat { format: other, subject: Subject::Documentation }),
    }
}

/// Words at each path of the parts together.
pub fn read(parts: &[Node<'_>]) -> Result<BTreeMap<String, u32>, EvidenceError> {
    let mut paths = BTreeMap::new();
    parts.iter().try_for_each(|part| add(part.value(), &mut paths))?;
    Ok(paths)
}

fn add(value: &Value, paths: &mut BTreeMap<String, u32>) -> Result<(), EvidenceError> {
    // Own stack; depth is bounded by the parser. Keys stand in the path of all that lies below them, so a long one
    // would be held very often.
    let mut bytes = 0;
    let mut open: Vec<(Rc<Path>, &Value)> = vec![(Rc::default(), value)];
    while let Some((path, value)) = open.pop() {
        let words = match value {
            Value::Object(map) => {
                for (key, inner) in map {
                    let path = path.below(&card::normal(key));
                    bytes += path.text.len();
                    if path.text.len() > MAX_PATH {
                        return Err(EvidenceError::TooLarge { what: "bytes in a path of keys", limit: MAX_PATH });
                    }
                    if bytes > MAX_PATHS {
                        return Err(EvidenceError::TooLarge { what: "bytes in its paths of keys", limit: MAX_PATHS });
                    }
                    open.push((Rc::new(path), inner));
                }
                0
            }
            Value::Array(items) => {
                open.extend(items.iter().map(|item| (Rc::clone(&path), item)));
                0
            }
            Value::Null => 0,
            Value::Bool(_) | Value::Number(_) => 1,
            Value::String(text) => text.lines().map(card::words).fold(0, u32::saturating_add),
        };
        for place in path.ends.iter().filter_map(|end| path.text.get(..*end)) {
            match paths.get_mut(place) {
                Some(known) => *known = known.saturating_add(words),
                None => {
                    paths.insert(place.to_owned(), words);
                }
            }
        }
    }
    Ok(())
}

/// Keys from the outermost on, joined by dots, and where each ends. A key may hold dots itself.
#[derive(Default)]
struct Path {
    text: String,
    ends: Vec<usize>,
}

impl Path {
    fn below(&self, key: &str) -> Self {
        let text = if self.ends.is_empty() { key.to_owned() } else { format!("{}.{key}", self.text) };
        let ends = self.ends.iter().copied().chain([text.len()]).collect();
        Self { text, ends }
    }
}
