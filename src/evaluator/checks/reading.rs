//! Evidence as one gate reads it, piece after piece. What is wrong with a piece is the gate's finding.

use super::words::without_number;
use crate::evaluator::slice::SliceError;
use crate::evaluator::sources::Sources;
use crate::evidence::{EvidenceError, MAX_DOCUMENT};
use crate::measure::Table;
use crate::policy::{Digest, Finding, FindingReason, Format, Gate, Outcome};

/// The pieces read so far, by digest.
pub struct Reading<'a> {
    gate: &'a Gate,
    sources: &'a mut Sources,
    digests: Vec<Digest>,
}

impl<'a> Reading<'a> {
    pub fn new(gate: &'a Gate, sources: &'a mut Sources) -> Self {
        Self { gate, sources, digests: Vec::new() }
    }

    /// A document, whole, and what it says.
    ///
    /// # Errors
    /// A finding that says why there is nothing to read, or why it cannot be.
    pub fn document<T>(
        &mut self,
        evidence: &str,
        parse: impl FnOnce(&[u8]) -> Result<T, EvidenceError>,
    ) -> Result<T, Box<Finding>> {
        let document = match self.sources.document(evidence, MAX_DOCUMENT) {
            Ok(document) => document,
            Err(error) => return Err(self.without_number(error.verdict(), evidence, error)),
        };
        self.digests.push(document.digest);
        parse(&document.bytes).map_err(|error| self.without_number(error.verdict(), evidence, error))
    }

    /// Keeps what a piece was read as.
    pub fn read_as(&mut self, evidence: &str, format: Format) {
        self.sources.read_as(evidence, format.words());
    }

    /// A table, to be read as a stream.
    ///
    /// # Errors
    /// A finding that says why there is nothing to read, or why it cannot be.
    pub fn table<T>(
        &mut self,
        evidence: &str,
        read: impl FnOnce(&Table) -> Result<T, SliceError>,
    ) -> Result<T, Box<Finding>> {
        let table = match self.sources.table(evidence) {
            Ok(table) => table,
            Err(error) => return Err(self.without_number(error.verdict(), evidence, error)),
        };
        self.digests.push(table.digest);
        let read = Table::open(table.file).map_err(SliceError::from).and_then(|table| {
            self.sources.read_as(evidence, table.format());
            read(&table)
        });
        read.map_err(|error| self.without_number(error.verdict(), evidence, error))
    }

    /// The gate's finding when a piece that was read says nothing of use.
    pub fn unusable(&self, evidence: &str, error: &EvidenceError) -> Box<Finding> {
        self.without_number(error.verdict(), evidence, error)
    }

    /// The digest of a piece that is not read, only compared with.
    ///
    /// # Errors
    /// A finding that says why it is not there.
    pub fn digest(&mut self, evidence: &str) -> Result<Digest, Box<Finding>> {
        match self.sources.digest(evidence) {
            Ok(digest) => {
                self.digests.push(digest.clone());
                Ok(digest)
            }
            Err(error) => Err(self.without_number(error.verdict(), evidence, error)),
        }
    }

    /// The last part of the path that a named piece of evidence is known by.
    pub fn file_name(&self, evidence: &str) -> Option<&str> {
        self.sources.file_name(evidence)
    }

    fn without_number(
        &self,
        verdict: (Outcome, FindingReason),
        evidence: &str,
        wrong: impl std::fmt::Display,
    ) -> Box<Finding> {
        Box::new(without_number(self.gate, verdict, evidence, wrong, self.digests.clone()))
    }

    /// The gate's finding, on all that was read.
    pub fn finding(self, outcome: Outcome, reason: FindingReason, message: impl AsRef<str>) -> Finding {
        Finding::new(self.gate.key.clone(), outcome, reason, message).with_evidence(self.digests)
    }
}
