//! Where something stands in an object, in the words of `kubectl`: `spec.gates[3].metric.min`.

use crate::policy::finding::clean;
use serde_json::Value;
use std::fmt;

/// Longest name of a field that is shown: keys of maps are anything.
const SHOWN: usize = 80;

#[derive(Debug, Clone, Default)]
pub struct Place {
    path: String,
    /// The same for `kubectl explain`.
    fields: String,
    /// Name of the outermost item of a list that has one: which gate, which evidence.
    within: Option<String>,
}

impl Place {
    pub fn field(&self, name: &str) -> Self {
        let name = clean(name, SHOWN);
        let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let joined = |before: &str| if before.is_empty() { name.clone() } else { format!("{before}.{name}") };
        let path = if plain { joined(&self.path) } else { format!("{}[{name:?}]", self.path) };
        Self { path, fields: joined(&self.fields), within: self.within.clone() }
    }

    pub fn item(&self, at: usize, item: &Value) -> Self {
        let name = item.get("name").and_then(Value::as_str).map(|name| clean(name, SHOWN));
        let within = self.within.clone().or(name);
        Self { path: format!("{}[{at}]", self.path), fields: self.fields.clone(), within }
    }

    /// Fields alone, as `kubectl explain` takes them.
    pub fn fields(&self) -> &str {
        &self.fields
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path.is_empty() { "the object" } else { &self.path };
        match &self.within {
            Some(name) => write!(f, "{path} ({name})"),
            None => f.write_str(path),
        }
    }
}
