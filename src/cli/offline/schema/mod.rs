//! What the API server would say to an object: the schema of its CustomResourceDefinition, read here. First nulls and
//! defaults, then types and bounds, and once these hold the rules.

mod metadata;
mod pattern;
mod place;
mod rules;
mod stored;
mod structure;

use crate::api;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::JSONSchemaProps;
use place::Place;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

/// Schemas by kind, with what every object has beside.
static SCHEMAS: LazyLock<BTreeMap<String, JSONSchemaProps>> = LazyLock::new(|| {
    let schemas = api::crds().into_iter().filter_map(|crd| {
        let version = crd.spec.versions.into_iter().next()?;
        let mut schema = version.schema?.open_api_v3_schema?;
        schema.properties.get_or_insert_default().extend(metadata::of_every_object());
        Some((crd.spec.names.kind, schema))
    });
    schemas.collect()
});

/// Something for which an object would be refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    place: String,
    said: String,
}

impl Problem {
    fn new(place: &Place, said: impl Into<String>) -> Self {
        Self { place: place.to_string(), said: said.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.said)
    }
}

/// Fills in what the API server would, and tells for what it would refuse to create the object. Of kinds that are not
/// Modelgate's nothing is known, and nothing said.
pub(super) fn problems(kind: &str, object: &mut Value) -> Vec<Problem> {
    let Some(schema) = SCHEMAS.get(kind) else { return Vec::new() };
    stored::fill(schema, object);
    let mut found = metadata::problems(object);
    found.extend(structure::problems(kind, schema, object));
    if found.is_empty() { rules::problems(schema, object) } else { found }
}

#[cfg(test)]
mod tests;
