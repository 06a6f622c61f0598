use crate::api::*;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A model card or another document: Hugging Face form (YAML front matter and Markdown), plain Markdown, Model Card Toolkit, CycloneDX, SPDX 3 or Croissant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.sections) && self.sections.size() > 0 || has(self.frontMatter) && self.frontMatter.size() > 0 || has(self.topics) && self.topics.size() > 0 || has(self.licenses) && self.licenses.size() > 0").message("ask for at least one section, topic, license or front matter key"))]
pub struct DocumentationCheck {
    /// The evidence's name.
    pub evidence: Name,
    /// The format. Auto: told from the document, and the row says which it is.
    #[serde(default)]
    pub format: DocumentFormatName,
    /// Keys the front matter must give a value for; in JSON formats, paths of keys joined by dots.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    pub front_matter: Vec<Word>,
    /// SPDX identifiers. The document must state a license for each model or data set it describes, and every one must be among these, or an expression that these alone can meet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub licenses: Vec<LicenseId>,
    /// Sections that must be there and say something.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    pub sections: Vec<SectionSpec>,
    /// Topics that must be there and say something, wherever the document's format has its place for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub topics: Vec<TopicSpec>,
    /// Links to files must name a file of the bundle, links to headings one that is there. Web addresses are not visited.
    #[serde(default)]
    pub links_resolve: bool,
    /// Names of the evidence that lies beside the document and that its links may name by file name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub bundle: Vec<Name>,
}

/// A heading and how much must stand under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SectionSpec {
    /// The heading's text, compared without case; in JSON formats, a path of keys joined by dots.
    pub heading: Word,
    /// Fewest words; placeholders do not count.
    #[serde(default = "ten")]
    #[schemars(range(min = 1, max = 10000))]
    pub min_words: u32,
}

/// A topic and how much must be said about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TopicSpec {
    /// What it is about. docs/checks/documentation.md lists where each format says it.
    pub topic: TopicName,
    /// Fewest words; placeholders do not count.
    #[serde(default = "ten")]
    #[schemars(range(min = 1, max = 10000))]
    pub min_words: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum TopicName {
    IntendedUse,
    DataOrigins,
    Preprocessing,
    MetricRationale,
    Limitations,
    Mitigation,
    FeatureDictionary,
}

fn ten() -> u32 {
    10
}
