use crate::api::*;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A model card (Hugging Face form: YAML front matter and Markdown).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.sections) && self.sections.size() > 0 || has(self.frontMatter) && self.frontMatter.size() > 0").message("ask for at least one section or front matter key"))]
pub struct DocumentationCheck {
    /// The evidence's name.
    pub evidence: Name,
    /// Keys the front matter must give a value for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    pub front_matter: Vec<Word>,
    /// Sections that must be there and say something.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    pub sections: Vec<SectionSpec>,
}

/// A heading and how much must stand under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SectionSpec {
    /// The heading's text, compared without case.
    pub heading: Word,
    /// Fewest words; placeholders do not count.
    #[serde(default = "ten")]
    #[schemars(range(min = 1, max = 10000))]
    pub min_words: u32,
}

fn ten() -> u32 {
    10
}
