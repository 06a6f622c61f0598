//! Data contracts: the Open Data Contract Standard (ODCS), version 3, in YAML or JSON. Whatever may be a promise and
//! is not read as one is kept by its place, so that nothing passes because nobody looked at it.

mod declaration;
mod physical;
mod property;
mod quality;
mod service;

pub use declaration::{Properties, declarations};

use crate::evidence::EvidenceError;
use crate::evidence::node::Node;
use crate::policy::contract::{Contract, Object, Pattern, Unevaluated};
use crate::policy::{Digest, Format};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Columns of one object.
const MAX_COLUMNS: usize = 4096;
/// Rules of one object, on columns and on the whole.
const MAX_RULES: usize = 4096;
/// Patterns of a contract: each may take a megabyte when compiled.
const MAX_PATTERNS: usize = 64;

/// Keys that promise nothing about values, or that are read here.
const KEYS: [&str; 23] = [
    "apiVersion",
    "authoritativeDefinitions",
    "context",
    "contractCreatedTs",
    "customProperties",
    "dataProduct",
    "description",
    "domain",
    "id",
    "kind",
    "name",
    "price",
    "roles",
    "schema",
    "servers",
    "slaDefaultElement",
    "slaProperties",
    "status",
    "support",
    "tags",
    "team",
    "tenant",
    "version",
];

const OBJECT_KEYS: [&str; 16] = [
    "authoritativeDefinitions",
    "businessName",
    "context",
    "customProperties",
    "dataGranularityDescription",
    "deprecated",
    "description",
    "id",
    "logicalType",
    "name",
    "physicalName",
    "physicalType",
    "properties",
    "quality",
    "synonyms",
    "tags",
];

/// Reads a contract.
///
/// # Errors
/// Those of [`crate::evidence::text`]; `Unreadable` for what is no YAML or grows by aliases; `Shape` for what is
/// no contract of version 3, or has a rule that is not of its form.
pub fn read(bytes: &[u8]) -> Result<Contract, EvidenceError> {
    with_root(bytes, contract)
}

/// The whole document, if it says that it is a contract of version 3.
fn with_root<T>(bytes: &[u8], read: impl FnOnce(&Node<'_>) -> Result<T, EvidenceError>) -> Result<T, EvidenceError> {
    let value = yaml(crate::evidence::text(bytes)?)?;
    let node = Node::root(Format::Odcs, &value);
    if node.need("kind", "DataContract")?.text()? != "DataContract" {
        return Err(node.need("kind", "DataContract")?.wrong("DataContract"));
    }
    let api = node.need("apiVersion", "a version of the standard: v3.1.0")?;
    if !api.text()?.starts_with("v3.") {
        return Err(api.wrong("a version of the standard that begins with v3."));
    }
    read(&node)
}

fn contract(node: &Node<'_>) -> Result<Contract, EvidenceError> {
    let mut contract = Contract {
        id: node.need("id", "text")?.text()?.to_owned(),
        // 1.10 without quotes is the number 1.1.
        version: node.need("version", "text, in quotes")?.text()?.to_owned(),
        objects: Vec::new(),
        unevaluated: Vec::new(),
    };
    let mut patterns = MAX_PATTERNS;
    for schema in node.need("schema", "a list of objects")?.items()? {
        let object = object(&schema, &mut patterns)?;
        if contract.objects.iter().any(|other| other.name == object.name) {
            return Err(schema.wrong("an object that is named once"));
        }
        contract.objects.push(object);
    }
    others(node, &KEYS, "", &mut contract.unevaluated)?;
    service::read(node, &mut contract)?;
    Ok(contract)
}

/// Refuses repeated keys, includes, and documents that grow by aliases (the reader's own limits).
fn yaml(text: &str) -> Result<Value, EvidenceError> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_depth: 32, max_nodes: 100_000, max_aliases: 100, max_documents: 1 },
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let why = error.to_string().lines().next().unwrap_or_default().to_owned();
        EvidenceError::Unreadable { format: "YAML", why }
    })
}

fn object(node: &Node<'_>, patterns: &mut usize) -> Result<Object, EvidenceError> {
    let name = named(node)?;
    let mut object = Object {
        physical_name: node.text_of("physicalName")?.map(str::to_owned),
        name: name.clone(),
        ..Object::default()
    };
    others(node, &OBJECT_KEYS, &name, &mut object.unevaluated)?;
    let properties = node.items_of("properties")?;
    if properties.len() > MAX_COLUMNS {
        return Err(EvidenceError::TooLarge { what: "columns in one object", limit: MAX_COLUMNS });
    }
    let mut columns = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for property in &properties {
        let column = property::column_name(property)?;
        let first = seen.insert(column.clone()) && columns.insert(named(property)?, column).is_none();
        if !first {
            return Err(property.wrong("a column that is named once"));
        }
    }
    let mut around = Around { patterns, columns: &columns };
    for property in &properties {
        property::read(property, &mut around, &mut object)?;
    }
    quality::read(node, None, &name, &mut around, &mut object)?;
    if object.rules.len() > MAX_RULES {
        return Err(EvidenceError::TooLarge { what: "rules in one object", limit: MAX_RULES });
    }
    Ok(object)
}

fn named(node: &Node<'_>) -> Result<String, EvidenceError> {
    let name = node.need("name", "text")?;
    match name.text()? {
        "" => Err(name.wrong("a name")),
        text => Ok(text.to_owned()),
    }
}

/// What stands under a key that promises something: `null` there is a mistake, or a number that is none.
fn given<'a>(node: &Node<'a>, key: &str, expected: &'static str) -> Result<Option<Node<'a>>, EvidenceError> {
    match node.value().get(key) {
        None => Ok(None),
        Some(_) => node.need(key, expected).map(Some),
    }
}

/// What is known while an object is read.
struct Around<'a> {
    /// How many patterns may still be compiled.
    patterns: &'a mut usize,
    /// Names of properties, and those of their columns in the data.
    columns: &'a BTreeMap<String, String>,
}

impl Around<'_> {
    /// A pattern, if it is one that can be matched here.
    fn pattern(&mut self, node: &Node<'_>) -> Result<Option<Pattern>, EvidenceError> {
        let too_many = EvidenceError::TooLarge { what: "patterns", limit: MAX_PATTERNS };
        *self.patterns = self.patterns.checked_sub(1).ok_or(too_many)?;
        Ok(Pattern::read(node.text()?).ok())
    }
}

fn flag(node: &Node<'_>, key: &str) -> Result<bool, EvidenceError> {
    given(node, key, "true or false")?.map_or(Ok(false), |node| node.flag())
}

/// Something that nothing evaluates.
fn unevaluated(kind: &'static str, at: String, node: &Node<'_>) -> Unevaluated {
    Unevaluated { kind, at, said: Digest::of(node.value().to_string().as_bytes()) }
}

/// Keys that are not known may promise anything.
fn others(node: &Node<'_>, known: &[&str], at: &str, found: &mut Vec<Unevaluated>) -> Result<(), EvidenceError> {
    for (key, value) in node.entries()? {
        if !known.contains(&key) {
            let kind = if key == "relationships" { "relationships" } else { "key" };
            let dot = if at.is_empty() { "" } else { "." };
            found.push(unevaluated(kind, format!("{at}{dot}{key}"), &value));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
