//! Reports of vulnerability scanners: what was found, on what, how long ago.

mod bandit;
mod cargo_audit;
mod cyclonedx;
mod grype;
mod in_toto;
mod osv;
mod pip_audit;
mod sarif;
mod severity;
mod trivy;

pub use cyclonedx::Statements;
pub use severity::Rating;

use super::EvidenceError;
use super::node::Node;
use super::recognise::{Body, recognise};
use crate::policy::finding::clean;
use crate::policy::{Digest, Format, Subject};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Findings in one report; more are refused.
pub const MAX_WEAKNESSES: usize = 50_000;
const NAME: usize = 120;

/// Whether a newer version is free of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fix {
    No,
    /// The report does not say.
    Unsaid,
    Yes,
}

/// How much was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scanned {
    /// The report lists nothing that was scanned: no finding in it means nothing.
    Nothing,
    /// The format names what was scanned, but does not count it.
    Unsaid,
    /// Packages, targets or lines, whatever the format counts.
    Counted(u64),
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weakness {
    /// The identifier that other scanners know best: a CVE if there is one.
    pub id: String,
    /// All its identifiers.
    pub ids: BTreeSet<String>,
    /// Package, or file and line for findings in code.
    pub place: String,
    /// `None` when nobody rated it.
    pub rating: Option<Rating>,
    pub fix: Fix,
    pub known_exploited: bool,
}

impl Weakness {
    /// Identifiers without the first are aliases.
    fn new<'a>(ids: impl IntoIterator<Item = &'a str>, place: &str) -> Self {
        let mut ids = ids.into_iter().map(|id| clean(id.trim(), NAME)).filter(|id| !id.is_empty());
        let first = ids.next().unwrap_or_else(|| "unnamed".to_owned());
        let ids: BTreeSet<String> = std::iter::once(first.clone()).chain(ids).collect();
        let id = ids.iter().find(|id| id.starts_with("CVE-")).cloned().unwrap_or(first);
        Self { id, ids, place: clean(place, NAME), rating: None, fix: Fix::Unsaid, known_exploited: false }
    }

    fn rated(mut self, rating: Option<Rating>) -> Self {
        self.rating = rating;
        self
    }

    fn fixed(mut self, fix: Fix) -> Self {
        self.fix = fix;
        self
    }

    /// The worse of two reports of the same thing.
    fn join(&mut self, other: Weakness) {
        self.ids.extend(other.ids);
        self.rating = self.rating.max(other.rating);
        self.fix = self.fix.max(other.fix);
        self.known_exploited |= other.known_exploited;
    }
}

/// One report, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    pub format: Format,
    pub scanned: Scanned,
    /// What the scanner says it could not look at.
    pub unscanned: u64,
    /// When the scan ended.
    pub at: Option<Timestamp>,
    /// When the scanner's database was made.
    pub database_at: Option<Timestamp>,
    /// Digests of what was scanned (image, model file).
    pub subjects: BTreeSet<Digest>,
    /// Findings that the scanner or the code's author suppressed; they are not among the weaknesses.
    pub suppressed: u64,
    weaknesses: Vec<Weakness>,
}

impl Scan {
    /// Reads a report of any known format, or of the one that is named.
    ///
    /// # Errors
    /// Those of [`recognise`]; `Shape` when it is nearly that format; `TooLarge` above [`MAX_WEAKNESSES`] findings.
    pub fn parse(bytes: &[u8], named: Option<Format>) -> Result<Self, EvidenceError> {
        let recognised = recognise(bytes, named, Subject::Vulnerabilities)?;
        let format = recognised.format;
        let Body::Json(value) = &recognised.body else {
            return Err(EvidenceError::Shape { format, at: "/".to_owned(), expected: "one JSON document" });
        };
        let node = Node::root(format, value);
        let mut scan = Self::of(format);
        match format {
            Format::Bandit => bandit::read(&node, &mut scan)?,
            Format::CargoAudit => cargo_audit::read(&node, &mut scan)?,
            Format::CycloneDx => cyclonedx::read(&node, &mut scan)?,
            Format::Grype => grype::read(&node, &mut scan)?,
            Format::InTotoVulns => in_toto::read(&node, &mut scan)?,
            Format::Osv => osv::read(&node, &mut scan)?,
            Format::PipAudit => pip_audit::read(&node, &mut scan)?,
            Format::Sarif => sarif::read(&node, &mut scan)?,
            Format::Trivy => trivy::read(&node, &mut scan)?,
            other => return Err(EvidenceError::OtherFormat { format: other, subject: Subject::Vulnerabilities }),
        }
        Ok(scan)
    }

    fn of(format: Format) -> Self {
        Self {
            format,
            scanned: Scanned::Nothing,
            unscanned: 0,
            at: None,
            database_at: None,
            subjects: BTreeSet::new(),
            suppressed: 0,
            weaknesses: Vec::new(),
        }
    }

    pub fn weaknesses(&self) -> &[Weakness] {
        &self.weaknesses
    }

    fn add(&mut self, weakness: Weakness) -> Result<(), EvidenceError> {
        if self.weaknesses.len() >= MAX_WEAKNESSES {
            return Err(EvidenceError::TooLarge { what: "findings", limit: MAX_WEAKNESSES });
        }
        self.weaknesses.push(weakness);
        Ok(())
    }
}

/// The findings of several scans, each thing once: the same place under the same best-known identifier.
pub fn joined<'a>(scans: impl IntoIterator<Item = &'a Scan>) -> Vec<Weakness> {
    let mut all: BTreeMap<(String, String), Weakness> = BTreeMap::new();
    for weakness in scans.into_iter().flat_map(|scan| &scan.weaknesses) {
        let key = (weakness.place.to_lowercase(), weakness.id.clone());
        match all.get_mut(&key) {
            Some(known) => known.join(weakness.clone()),
            None => {
                all.insert(key, weakness.clone());
            }
        }
    }
    all.into_values().collect()
}

/// A package by name and version; a name may be scoped by its ecosystem elsewhere, so it is left out.
fn package(name: &str, version: Option<&str>) -> String {
    match version.filter(|version| !version.is_empty()) {
        Some(version) => format!("{name} {version}"),
        None => name.to_owned(),
    }
}

/// `sha256:…` wherever it stands in a text such as `registry/name@sha256:…`.
fn digest_in(text: &str) -> Option<Digest> {
    let start = text.find("sha256:")?;
    Digest::parse(text.get(start..start.checked_add(71)?)?).ok()
}

#[cfg(test)]
mod tests;
