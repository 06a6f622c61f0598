//! Documentation: model cards, bills of materials and data set descriptions, reduced to what is said where.

mod card;
mod license;
mod links;
mod structured;
mod topics;

pub use card::Card;

use super::EvidenceError;
use super::node::Node;
use super::recognise::{Body, recognise};
use crate::policy::check::Topic;
use crate::policy::{Format, Subject};
use license::Licenses;
use std::collections::BTreeMap;

/// A document of any known format.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    pub format: Format,
    said: Said,
    licenses: Licenses,
}

#[derive(Debug, Clone, PartialEq)]
enum Said {
    /// Headings and front matter.
    Prose(Card),
    /// Path of keys, joined by dots, lower case -> words there and below.
    Paths(BTreeMap<String, u32>),
}

impl Document {
    /// Reads a document of any known format, or of the one that is named.
    ///
    /// # Errors
    /// Those of [`recognise`] and of [`Card::parse`]; `Shape` when it is nearly that format.
    pub fn parse(bytes: &[u8], named: Option<Format>) -> Result<Self, EvidenceError> {
        let recognised = recognise(bytes, named, Subject::Documentation)?;
        let format = recognised.format;
        let (said, licenses) = match (format, &recognised.body) {
            (Format::HuggingFace | Format::Markdown, Body::Text(_)) => {
                let card = Card::parse(bytes)?;
                let licenses = license::of_card(&card);
                (Said::Prose(card), licenses)
            }
            (
                Format::ModelCardToolkit | Format::CycloneDx | Format::Spdx | Format::Croissant | Format::ModelPack,
                Body::Json(value),
            ) => {
                let root = Node::root(format, value);
                let parts = structured::parts(&root)?;
                (Said::Paths(structured::read(&parts)?), license::of_json(format, &parts, &root)?)
            }
            (_, Body::Json(_) | Body::Lines(_) | Body::Xml(_) | Body::Text(_)) => {
                let expected = "a document in the syntax of its format";
                return Err(EvidenceError::Shape { format, at: "/".to_owned(), expected });
            }
        };
        Ok(Self { format, said, licenses })
    }

    /// Whether a key of the front matter, or a path of keys (`considerations.limitations`), has a value that says
    /// something.
    pub fn says(&self, key: &str) -> bool {
        match &self.said {
            Said::Prose(card) => card.says(key),
            Said::Paths(paths) => paths.get(&card::normal(key)).is_some_and(|words| *words > 0),
        }
    }

    /// Words under a heading, or at a path of keys and below; `None` when it is not there. Case does not matter.
    pub fn words(&self, section: &str) -> Option<u32> {
        match &self.said {
            Said::Prose(card) => card.words(section),
            Said::Paths(paths) => paths.get(&card::normal(section)).copied(),
        }
    }

    /// Words about a topic, where this format has its place: the best of several places. `None` when none is there.
    pub fn words_about(&self, topic: Topic) -> Option<u32> {
        topics::places(self.format, topic).iter().filter_map(|place| self.words(place)).max()
    }

    /// Where a topic would stand in this format, for the message.
    pub fn place_of(&self, topic: Topic) -> Option<&'static str> {
        topics::places(self.format, topic).first().copied()
    }

    /// Licenses of each model or data set that is described: SPDX identifiers and expressions, or the document's own
    /// words. A list is empty where none is stated.
    pub fn licenses(&self) -> &[Vec<String>] {
        &self.licenses
    }

    /// Links to other files, and to headings of its own that are not there. Links with a scheme are not looked at.
    pub fn links(&self) -> &[String] {
        match &self.said {
            Said::Prose(card) => card.links(),
            Said::Paths(_) => &[],
        }
    }
}

/// Whether a document of any form holds a line that says something: no heading, comment, code or placeholder.
///
/// # Errors
/// Those of [`super::text`]; `Empty` when no line does.
pub fn says_something(bytes: &[u8]) -> Result<(), EvidenceError> {
    if card::says_something(super::text(bytes)?) { Ok(()) } else { Err(EvidenceError::Empty) }
}

#[cfg(test)]
mod tests;
