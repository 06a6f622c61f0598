//! `modelgate.dev/explanation/v1`, the one format that can say which model and which data it is about:
//! `{"schema": "modelgate.dev/explanation/v1", "model": {"digest": "sha256:…"}, "data": {"digest": "sha256:…"},
//!   "importance": {"income": 0.4, …}, "local": [{"case": "row-17", "importance": {"income": -0.2, …}}]}`

use super::Explanation;
use crate::evidence::EvidenceError;
use crate::evidence::node::Node;
use crate::policy::Digest;

const SCHEMA: &str = "modelgate.dev/explanation/v1";

pub fn read(node: &Node<'_>, read: &mut Explanation) -> Result<(), EvidenceError> {
    let schema = node.need("schema", SCHEMA)?;
    if schema.text()? != SCHEMA {
        return Err(schema.wrong(SCHEMA));
    }
    read.model = digest(node, "model")?;
    read.data = digest(node, "data")?;
    for (feature, value) in node.need("importance", "an object of features and numbers")?.entries()? {
        read.add(feature, value.number()?)?;
    }
    for case in node.items_of("local")? {
        let name = case.need("case", "a case's name")?;
        let importance = case.need("importance", "an object of features and numbers")?;
        let mut features = 0;
        for (_, value) in importance.entries()? {
            value.number()?;
            features += 1;
        }
        if features == 0 {
            return Err(importance.wrong("an object with at least one feature"));
        }
        if !read.cases.insert(name.text()?.to_owned()) {
            return Err(name.wrong("a name that no other case has"));
        }
        read.local += 1;
    }
    Ok(())
}

fn digest(node: &Node<'_>, key: &str) -> Result<Option<Digest>, EvidenceError> {
    let Some(digest) = node.get(key).and_then(|about| about.get("digest")) else { return Ok(None) };
    Digest::parse(digest.text()?).map(Some).map_err(|_| digest.wrong("sha256: and 64 hex digits"))
}
