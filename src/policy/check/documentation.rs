use serde::{Deserialize, Serialize};

/// A model card: front matter keys present, sections present and saying something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Documentation {
    pub evidence: String,
    /// Keys that the YAML front matter must give a value for, e.g. `license`.
    #[serde(default)]
    pub front_matter: Vec<String>,
    #[serde(default)]
    pub sections: Vec<Section>,
}

/// A heading (compared without case and surrounding space) and how many words must stand under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Section {
    pub heading: String,
    pub min_words: u32,
}
