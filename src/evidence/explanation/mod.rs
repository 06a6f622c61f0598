//! Explanations: how much each feature counts for the model, overall and for single cases.

mod report;
mod stability;
mod tables;

pub use stability::{overlap, rank_correlation};

use super::EvidenceError;
use super::node::Node;
use super::recognise::{Body, recognise};
use crate::policy::{Digest, Format, Subject};
use std::collections::{BTreeMap, BTreeSet};

/// Features in one report; more are refused.
pub const MAX_FEATURES: usize = 20_000;
const MAX_NAME: usize = 512;

/// What a report says.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    pub format: Format,
    /// The model it is about, where the format can say.
    pub model: Option<Digest>,
    /// The data it was made on, where the format can say.
    pub data: Option<Digest>,
    /// Feature -> how much it counts, not negative, in the report's own unit.
    importance: BTreeMap<String, f64>,
    /// Cases that are explained one by one and have a name.
    cases: BTreeSet<String>,
    /// Cases that are explained one by one.
    local: u64,
}

impl Explanation {
    /// Reads a report of any known format, or of the one that is named.
    ///
    /// # Errors
    /// Those of [`recognise`]; `Shape` when it is nearly that format; `TooLarge` above [`MAX_FEATURES`];
    /// `NotFinite` for an importance that is no finite number.
    pub fn parse(bytes: &[u8], named: Option<Format>) -> Result<Self, EvidenceError> {
        let recognised = recognise(bytes, named, Subject::Explanation)?;
        let format = recognised.format;
        let mut read =
            Self { format, model: None, data: None, importance: BTreeMap::new(), cases: BTreeSet::new(), local: 0 };
        match (format, &recognised.body) {
            (Format::Csv, Body::Text(text)) => tables::read_csv(text, &mut read)?,
            (Format::Csv, _) => return Err(shape(format, "lines of feature,importance")),
            (_, Body::Json(value)) => {
                let node = Node::root(format, value);
                match format {
                    Format::Explanation => report::read(&node, &mut read)?,
                    Format::Shap => tables::read_shap(&node, &mut read)?,
                    Format::Alibi => tables::read_alibi(&node, &mut read)?,
                    Format::PermutationImportance => {
                        tables::read_columns(&node, "feature_names", "importances_mean", &mut read)?;
                    }
                    Format::InterpretMl => tables::read_columns(&node, "names", "scores", &mut read)?,
                    Format::Json => tables::read_object(&node, &mut read)?,
                    other => return Err(EvidenceError::OtherFormat { format: other, subject: Subject::Explanation }),
                }
            }
            (_, Body::Lines(_) | Body::Xml(_) | Body::Text(_)) => return Err(shape(format, "one JSON document")),
        }
        if read.importance.is_empty() {
            return Err(shape(format, "a report with at least one feature"));
        }
        Ok(read)
    }

    pub fn importance(&self) -> &BTreeMap<String, f64> {
        &self.importance
    }

    /// Cases that are explained one by one.
    pub fn local(&self) -> u64 {
        self.local
    }

    pub fn explains(&self, case: &str) -> bool {
        self.cases.contains(case)
    }

    /// The share, between 0 and 1, of all importance that these features have together. A pattern that ends in `*`
    /// stands for every feature that starts so; a term of several features is each of them. `None` when nothing has any
    /// importance.
    pub fn share(&self, patterns: &[String]) -> Option<f64> {
        let matches = |feature: &str| {
            patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
                Some(start) => feature.starts_with(start),
                None => feature == pattern,
            })
        };
        let counts = |term: &str| matches(term) || self.parts(term).any(matches);
        let some: f64 = self.importance.iter().filter(|(term, _)| counts(term)).map(|(_, value)| value).sum();
        self.total().map(|all| some / all)
    }

    /// InterpretML has terms for two features together, `a & b`, or `a x b` in older versions.
    fn parts<'t>(&self, term: &'t str) -> impl Iterator<Item = &'t str> {
        let pairs = self.format == Format::InterpretMl;
        let separated = move |separator| term.split(separator).filter(move |part| pairs && *part != term);
        [" & ", " x "].into_iter().flat_map(separated)
    }

    /// All importance together, greater than 0; `None` when nothing has any.
    pub fn total(&self) -> Option<f64> {
        Some(self.importance.values().sum()).filter(|all: &f64| *all > 0.0 && all.is_finite())
    }

    fn add(&mut self, feature: &str, value: f64) -> Result<(), EvidenceError> {
        if feature.len() > MAX_NAME {
            return Err(EvidenceError::TooLarge { what: "bytes in a feature's name", limit: MAX_NAME });
        }
        if self.importance.len() >= MAX_FEATURES {
            return Err(EvidenceError::TooLarge { what: "features", limit: MAX_FEATURES });
        }
        if !value.is_finite() {
            return Err(EvidenceError::NotFinite { what: format!("{value} for feature {feature:?}") });
        }
        match self.importance.insert(feature.to_owned(), value.abs()) {
            None => Ok(()),
            Some(_) => Err(shape(self.format, "a report that names each feature once")),
        }
    }
}

fn shape(format: Format, expected: &'static str) -> EvidenceError {
    EvidenceError::Shape { format, at: "/".to_owned(), expected }
}

#[cfg(test)]
mod tests;
