use crate::policy::Format;
use serde::{Deserialize, Serialize};

/// A model card or another document: keys present, sections and topics present and saying something, links that lead
/// somewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Documentation {
    pub evidence: String,
    /// `None`: told from the document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// Keys that the YAML front matter must give a value for, e.g. `license`; a path of keys in other formats.
    #[serde(default)]
    pub front_matter: Vec<String>,
    /// SPDX identifiers; every license that is stated is met by these. Empty: nothing is asked of licenses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub licenses: Vec<String>,
    #[serde(default)]
    pub sections: Vec<Section>,
    #[serde(default)]
    pub topics: Vec<TopicAsked>,
    /// Links to files must name one of `bundle`, links to headings one that is there.
    #[serde(default)]
    pub links_resolve: bool,
    /// Evidence that lies beside the document.
    #[serde(default)]
    pub bundle: Vec<String>,
}

/// A heading (compared without case and surrounding space) and how many words must stand under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Section {
    pub heading: String,
    pub min_words: u32,
}

/// A topic, wherever the document's format has its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TopicAsked {
    pub topic: Topic,
    pub min_words: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Topic {
    IntendedUse,
    DataOrigins,
    Preprocessing,
    MetricRationale,
    Limitations,
    Mitigation,
    FeatureDictionary,
}
