//! Test reports: how many tests there were, how they ended, in which suites, and some that did not pass.

mod deepchecks;
mod evidently;
mod garak;
mod great_expectations;
mod in_toto;
mod inspect;
mod junit;
mod lm_eval;
mod open_lineage;
mod promptfoo;

use super::EvidenceError;
use super::node::Node;
use super::recognise::{Body, Recognised, recognise};
use crate::policy::finding::clean;
use crate::policy::{Digest, Format, Subject};
use std::collections::{BTreeMap, BTreeSet};

/// Suites in one report; more are refused.
pub const MAX_SUITES: usize = 4096;
/// Names of tests that did not pass, kept for the message.
const KEPT_NAMES: usize = 8;
const NAME: usize = 120;

/// How one test ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Passed,
    /// It ran and did not hold, but its author calls that a warning.
    Warned,
    Failed,
    /// It broke, or did not run to its end.
    Errored,
    Skipped,
}

impl Ending {
    fn worse(self, other: Self) -> Self {
        let rank = |ending| match ending {
            Self::Passed => 0,
            Self::Warned => 1,
            Self::Skipped => 2,
            Self::Failed => 3,
            Self::Errored => 4,
        };
        if rank(other) > rank(self) { other } else { self }
    }
}

/// Tests by how they ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub passed: u64,
    pub warned: u64,
    pub failed: u64,
    pub errored: u64,
    pub skipped: u64,
}

impl Counts {
    /// All of them, skipped ones too.
    pub fn total(&self) -> u64 {
        self.ran().saturating_add(self.skipped)
    }

    /// Those that were not skipped.
    pub fn ran(&self) -> u64 {
        [self.passed, self.warned, self.failed, self.errored].into_iter().fold(0, u64::saturating_add)
    }

    fn add(&mut self, ending: Ending, number: u64) {
        let slot = match ending {
            Ending::Passed => &mut self.passed,
            Ending::Warned => &mut self.warned,
            Ending::Failed => &mut self.failed,
            Ending::Errored => &mut self.errored,
            Ending::Skipped => &mut self.skipped,
        };
        *slot = slot.saturating_add(number);
    }

    fn join(&mut self, other: Counts) {
        for (ending, number) in [
            (Ending::Passed, other.passed),
            (Ending::Warned, other.warned),
            (Ending::Failed, other.failed),
            (Ending::Errored, other.errored),
            (Ending::Skipped, other.skipped),
        ] {
            self.add(ending, number);
        }
    }
}

/// What a report, or several joined, came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TestReport {
    suites: BTreeMap<String, Counts>,
    /// The first few tests that failed or errored.
    bad: Vec<String>,
    formats: Vec<Format>,
    /// What a report says that it is about. Those of several reports are not joined: each speaks for itself.
    pub subjects: BTreeSet<Digest>,
    /// Tests that a report counts and does not list: subtests, assertions.
    pub beyond: u64,
}

impl TestReport {
    /// Reads a report of any known format, or of the one that is named.
    ///
    /// # Errors
    /// Those of [`recognise`]; `Shape` when it is nearly that format, or its own totals say otherwise; `Unfinished`
    /// when it was broken off; `TooLarge` for more than [`MAX_SUITES`] suites.
    pub fn parse(bytes: &[u8], named: Option<Format>) -> Result<Self, EvidenceError> {
        Self::of(&recognise(bytes, named, Subject::Tests)?)
    }

    pub(super) fn of(recognised: &Recognised<'_>) -> Result<Self, EvidenceError> {
        let format = recognised.format;
        let mut report = Self { formats: vec![format], ..Self::default() };
        match (format, &recognised.body) {
            (Format::JUnit, Body::Xml(text)) => junit::read(text, &mut report)?,
            (_, Body::Xml(_)) => return Err(mismatch(format, "XML")),
            (_, Body::Text(_)) | (Format::JUnit, Body::Json(_) | Body::Lines(_)) => {
                return Err(mismatch(format, "JSON or XML as the format has it"));
            }
            (Format::Garak | Format::OpenLineage | Format::InTotoTestResult, Body::Lines(lines)) => {
                let nodes = lines.iter().enumerate().map(|(index, line)| Node::line(format, index, line));
                report.take(&nodes.collect::<Vec<_>>())?;
            }
            (_, Body::Json(value)) => report.take(&[Node::root(format, value)])?,
            (_, Body::Lines(_)) => return Err(mismatch(format, "lines of JSON")),
        }
        Ok(report)
    }

    /// One document, or all lines of one.
    fn take(&mut self, lines: &[Node<'_>]) -> Result<(), EvidenceError> {
        let format = lines.first().map(Node::format);
        match format {
            Some(Format::Garak) => garak::read(lines, self)?,
            Some(Format::OpenLineage) => open_lineage::read(lines, self)?,
            Some(_) | None => lines.iter().try_for_each(|node| self.take_one(node))?,
        }
        Ok(())
    }

    fn take_one(&mut self, node: &Node<'_>) -> Result<(), EvidenceError> {
        match node.format() {
            Format::Deepchecks => deepchecks::read(node, self),
            Format::Evidently => evidently::read(node, self),
            Format::EvidentlyLegacy => evidently::read_legacy(node, self),
            Format::GreatExpectations => great_expectations::read(node, self),
            Format::InTotoTestResult => in_toto::read(node, self),
            Format::Inspect => inspect::read(node, self),
            Format::LmEval => lm_eval::read(node, self),
            Format::Promptfoo => promptfoo::read(node, self),
            other => Err(EvidenceError::OtherFormat { format: other, subject: Subject::Tests }),
        }
    }

    /// Adds another report. Suites of the same name are added up.
    ///
    /// # Errors
    /// `TooLarge` for more than [`MAX_SUITES`] suites.
    pub fn join(&mut self, other: TestReport) -> Result<(), EvidenceError> {
        for (suite, counts) in other.suites {
            self.suite(&suite)?.join(counts);
        }
        self.bad.extend(other.bad);
        self.bad.truncate(KEPT_NAMES);
        self.formats.extend(other.formats);
        self.beyond = self.beyond.saturating_add(other.beyond);
        Ok(())
    }

    /// All suites together.
    pub fn counts(&self) -> Counts {
        self.suites.values().fold(Counts::default(), |mut all, counts| {
            all.join(*counts);
            all
        })
    }

    /// The suite of exactly this name.
    pub fn suite_named(&self, name: &str) -> Option<Counts> {
        self.suites.get(name).copied()
    }

    pub fn suites(&self) -> impl Iterator<Item = (&str, &Counts)> {
        self.suites.iter().map(|(name, counts)| (name.as_str(), counts))
    }

    /// Some tests that failed or errored, cut to a printable length.
    pub fn bad(&self) -> &[String] {
        &self.bad
    }

    /// Formats read, in order.
    pub fn formats(&self) -> &[Format] {
        &self.formats
    }

    fn suite(&mut self, name: &str) -> Result<&mut Counts, EvidenceError> {
        let name = clean(name, NAME);
        if self.suites.len() >= MAX_SUITES && !self.suites.contains_key(&name) {
            return Err(EvidenceError::TooLarge { what: "test suites", limit: MAX_SUITES });
        }
        Ok(self.suites.entry(name).or_default())
    }

    fn record(&mut self, suite: &str, test: &str, ending: Ending) -> Result<(), EvidenceError> {
        self.record_many(suite, test, ending, 1)
    }

    fn record_many(&mut self, suite: &str, test: &str, ending: Ending, number: u64) -> Result<(), EvidenceError> {
        self.suite(suite)?.add(ending, number);
        let is_bad = number > 0 && matches!(ending, Ending::Failed | Ending::Errored);
        if is_bad && self.bad.len() < KEPT_NAMES {
            self.bad.push(clean(test, NAME));
        }
        Ok(())
    }
}

fn mismatch(format: Format, expected: &'static str) -> EvidenceError {
    EvidenceError::Shape { format, at: "/".to_owned(), expected }
}

#[cfg(test)]
mod tests;
