//! Named numbers: what training and evaluation tools write, model cards, or plain JSON and CSV.

mod aif360;
mod cards;
mod drift_method;
mod evaluations;
mod evidently;
mod fairlearn;
mod mlflow;
mod plain;
mod presidio;

use super::node::Node;
use super::recognise::{Body, recognise};
use super::{Card, EvidenceError, MAX_DOCUMENT, TestReport};
use crate::policy::{Format, Subject};
use serde_json::Value;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Names of at most this many bytes and levels joined by dots.
const MAX_NAME: usize = 1024;
/// Bytes of all names together: what stands above a number is part of its name.
const MAX_NAMES: usize = 4 * MAX_DOCUMENT;

/// What stands under a name.
#[derive(Debug, Clone, PartialEq)]
enum Reading {
    /// Finite.
    Number(f64),
    /// `NaN`, `Infinity` and the like, as written.
    NotFinite(String),
    /// Something else, in a word.
    Other(&'static str),
}

impl Reading {
    fn of(number: f64) -> Self {
        if number.is_finite() { Self::Number(number) } else { Self::NotFinite(number.to_string()) }
    }
}

/// All named readings of one document.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Metrics {
    /// What they were read from.
    format: Option<Format>,
    named: BTreeMap<String, Reading>,
    /// Bytes of names so far, at most [`MAX_NAMES`].
    bytes: usize,
}

impl Metrics {
    /// Reads a document of any known format, or of the one that is named. How each format names its metrics is
    /// told in `docs/checks/metric.md`.
    ///
    /// # Errors
    /// Those of [`recognise`]; malformed; names a metric twice; a run that did not finish; results of tests that
    /// [`TestReport`] would not read: what contradicts itself measures nothing either.
    pub fn parse(bytes: &[u8], named: Option<Format>) -> Result<Self, EvidenceError> {
        let recognised = recognise(bytes, named, Subject::Metrics)?;
        let format = recognised.format;
        let mut metrics = Self { format: Some(format), ..Self::default() };
        if format.holds(Subject::Tests) {
            TestReport::of(&recognised)?;
        }
        match (format, &recognised.body) {
            (Format::Csv, Body::Text(text)) => plain::read_csv(text, &mut metrics)?,
            (Format::HuggingFace, Body::Text(_)) => cards::read_hugging_face(&Card::parse(bytes)?, &mut metrics)?,
            (Format::Garak, Body::Lines(lines)) => {
                let nodes = lines.iter().enumerate().map(|(index, line)| Node::line(format, index, line));
                evaluations::read_garak(&nodes.collect::<Vec<_>>(), &mut metrics)?;
            }
            (_, Body::Json(value)) => metrics.take(&Node::root(format, value))?,
            (_, Body::Lines(_) | Body::Xml(_) | Body::Text(_)) => {
                return Err(EvidenceError::Shape { format, at: "/".to_owned(), expected: "one JSON document" });
            }
        }
        Ok(metrics)
    }

    pub fn format(&self) -> Option<Format> {
        self.format
    }

    fn take(&mut self, node: &Node<'_>) -> Result<(), EvidenceError> {
        match node.format() {
            Format::MlFlow => mlflow::read(node.value(), self),
            Format::Json => plain::read_object(node.value(), self),
            Format::Evidently => evidently::read(node, self),
            Format::EvidentlyLegacy => evidently::read_legacy(node, self),
            Format::Fairlearn => fairlearn::read(node, self),
            Format::Garak => evaluations::read_garak(std::slice::from_ref(node), self),
            Format::GreatExpectations => evaluations::read_great_expectations(node, self),
            Format::Inspect => evaluations::read_inspect(node, self),
            Format::LmEval => evaluations::read_lm_eval(node, self),
            Format::Promptfoo => evaluations::read_promptfoo(node, self),
            Format::Kubeflow => evaluations::read_kubeflow(node, self),
            Format::Aif360 => aif360::read(node, self),
            Format::Presidio => presidio::read(node, self),
            Format::ModelCardToolkit => cards::read_toolkit(node, self),
            Format::CycloneDx => cards::read_cyclonedx(node, self),
            Format::Spdx => cards::read_spdx(node, self),
            other => Err(EvidenceError::OtherFormat { format: other, subject: Subject::Metrics }),
        }
    }

    /// The number under this name.
    ///
    /// # Errors
    /// `MetricMissing` (which lists some names that are there), `NotFinite`, or `NotANumber`.
    pub fn number(&self, name: &str) -> Result<f64, EvidenceError> {
        match self.named.get(name) {
            Some(Reading::Number(number)) => Ok(*number),
            Some(Reading::NotFinite(text)) => {
                Err(EvidenceError::NotFinite { what: format!("{text} for metric {name:?}") })
            }
            Some(Reading::Other(kind)) => Err(EvidenceError::NotANumber { name: name.to_owned(), kind }),
            None => Err(EvidenceError::MetricMissing { name: name.to_owned(), present: self.some_names() }),
        }
    }

    fn some_names(&self) -> String {
        let some: Vec<&str> = self.named.keys().take(4).map(String::as_str).collect();
        match (some.is_empty(), self.named.len().saturating_sub(some.len())) {
            (true, _) => "none at all".to_owned(),
            (false, 0) => some.join(", "),
            (false, more) => format!("{} and {more} more", some.join(", ")),
        }
    }

    fn add(&mut self, name: String, reading: Reading, format: &'static str) -> Result<(), EvidenceError> {
        if name.len() > MAX_NAME {
            return Err(EvidenceError::TooLarge { what: "bytes in a metric's name", limit: MAX_NAME });
        }
        self.spend(&name)?;
        match self.named.entry(name) {
            Entry::Vacant(free) => {
                free.insert(reading);
                Ok(())
            }
            Entry::Occupied(taken) => {
                Err(EvidenceError::Unreadable { format, why: format!("metric {:?} stands twice", taken.key()) })
            }
        }
    }

    /// A name that several values may share; it then stands for none of them.
    fn add_short(&mut self, name: String, reading: Reading) -> Result<(), EvidenceError> {
        if name.len() > MAX_NAME {
            return Ok(());
        }
        self.spend(&name)?;
        match self.named.entry(name) {
            Entry::Vacant(free) => {
                free.insert(reading);
            }
            Entry::Occupied(mut taken) => {
                if *taken.get() != reading {
                    taken.insert(Reading::Other("several values"));
                }
            }
        }
        Ok(())
    }

    fn spend(&mut self, name: &str) -> Result<(), EvidenceError> {
        self.bytes = self.bytes.saturating_add(name.len());
        let crowded = EvidenceError::TooLarge { what: "bytes in all names of metrics", limit: MAX_NAMES };
        if self.bytes > MAX_NAMES { Err(crowded) } else { Ok(()) }
    }

    /// All numbers below a node, their names joined by dots.
    fn add_tree(&mut self, name: &str, value: &Value) -> Result<(), EvidenceError> {
        if name.len() > MAX_NAME {
            return Ok(());
        }
        let mut open = vec![(name.to_owned(), value)];
        while let Some((name, value)) = open.pop() {
            match value {
                Value::Object(map) => {
                    for (key, value) in map {
                        let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                        if name.len() <= MAX_NAME {
                            self.spend(&name)?;
                            open.push((name, value));
                        }
                    }
                }
                leaf @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
                    self.add_short(name, reading(leaf))?;
                }
            }
        }
        Ok(())
    }
}

fn reading(value: &Value) -> Reading {
    match value {
        Value::Number(number) => number.as_f64().map_or(Reading::Other("a number out of range"), Reading::Number),
        Value::String(text) => match text.parse::<f64>() {
            Ok(number) if !number.is_finite() => Reading::NotFinite(text.chars().take(12).collect()),
            Ok(_) | Err(_) => Reading::Other("text"),
        },
        Value::Null => Reading::Other("null"),
        Value::Bool(_) => Reading::Other("true or false"),
        Value::Array(_) => Reading::Other("a list"),
        Value::Object(_) => Reading::Other("an object"),
    }
}

/// A number that the format writes as text.
fn reading_of_text(value: &Value) -> Reading {
    match value.as_str().map(|text| text.trim().parse::<f64>()) {
        Some(Ok(number)) if number.is_finite() => Reading::Number(number),
        Some(Ok(_) | Err(_)) | None => reading(value),
    }
}

#[cfg(test)]
mod tests;
