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

use super::node::Node;
use super::recognise::{Body, recognise};
use super::{EvidenceError, MAX_DOCUMENT};
use crate::policy::{Digest, Format, Subject};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Findings in one report; more are refused.
pub const MAX_WEAKNESSES: usize = 50_000;
/// Bytes of all findings of one report together: several may each take a copy of the same text.
const MAX_TEXT: usize = 4 * MAX_DOCUMENT;

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
    /// What tells it from others with the same identifier and place in the same report: a file, a component, a column.
    spot: String,
    /// `None` when nobody rated it.
    pub rating: Option<Rating>,
    pub fix: Fix,
    /// `None` when the report does not say such things.
    pub known_exploited: Option<bool>,
    /// The report itself calls it ignored, excused or not applicable.
    pub suppressed: bool,
}

impl Weakness {
    /// Identifiers without the first are aliases. Nothing is cut: exceptions and other reports are compared with it.
    fn new<'a>(ids: impl IntoIterator<Item = &'a str>, place: &str) -> Self {
        let mut ids = ids.into_iter().map(|id| id.trim().to_owned()).filter(|id| !id.is_empty());
        let first = ids.next().unwrap_or_else(|| "unnamed".to_owned());
        let ids: BTreeSet<String> = std::iter::once(first.clone()).chain(ids).collect();
        let id = ids.iter().find(|id| is_cve(id)).cloned().unwrap_or(first);
        Self {
            id,
            ids,
            place: place.trim().to_owned(),
            spot: String::new(),
            rating: None,
            fix: Fix::Unsaid,
            known_exploited: None,
            suppressed: false,
        }
    }

    fn at(mut self, spot: impl Into<String>) -> Self {
        self.spot = spot.into();
        self
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
        self.known_exploited = self.known_exploited.max(other.known_exploited);
        self.suppressed &= other.suppressed;
    }

    /// Bytes that it takes, roughly.
    fn size(&self) -> usize {
        const EACH: usize = 32;
        let texts = self.ids.iter().chain([&self.id, &self.place, &self.spot]);
        texts.map(|text| text.len().saturating_add(EACH)).fold(0, usize::saturating_add)
    }
}

/// One report, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    pub format: Format,
    pub scanned: Scanned,
    /// What the scanner says it could not look at, or was told not to.
    pub unscanned: u64,
    /// When the scan ended.
    pub at: Option<Timestamp>,
    /// When the scanner's database was made.
    pub database_at: Option<Timestamp>,
    /// Digests of what was scanned (image, model file).
    pub subjects: BTreeSet<Digest>,
    /// Findings that were suppressed or left out and that the report only counts.
    pub unlisted: u64,
    /// Whether it says of a weakness that it is known to be exploited. If not, silence means nothing.
    pub tells_exploited: bool,
    weaknesses: Vec<Weakness>,
    /// Bytes of all weaknesses.
    text: usize,
}

impl Scan {
    /// Reads a report of any known format, or of the one that is named.
    ///
    /// # Errors
    /// Those of [`recognise`]; `Shape` when it is nearly that format; `NotScanned` when it is no report of a scan;
    /// `TooLarge` above [`MAX_WEAKNESSES`] findings or four times [`MAX_DOCUMENT`] of text in them.
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
            unlisted: 0,
            tells_exploited: false,
            weaknesses: Vec::new(),
            text: 0,
        }
    }

    pub fn weaknesses(&self) -> &[Weakness] {
        &self.weaknesses
    }

    fn add(&mut self, weakness: Weakness) -> Result<(), EvidenceError> {
        if weakness.ids.iter().filter(|id| is_cve(id)).count() < 2 {
            return self.add_one(weakness);
        }
        // An advisory about several CVEs is each of them: what excuses one excuses no other, and other scanners name
        // them one by one.
        let (cves, ids) = weakness.ids.into_iter().partition::<BTreeSet<_>, _>(|id| is_cve(id));
        let bare = Weakness { ids, ..weakness };
        cves.into_iter().try_for_each(|cve| {
            let mut ids = bare.ids.clone();
            ids.insert(cve.clone());
            self.add_one(Weakness { id: cve, ids, ..bare.clone() })
        })
    }

    fn add_one(&mut self, weakness: Weakness) -> Result<(), EvidenceError> {
        if self.weaknesses.len() >= MAX_WEAKNESSES {
            return Err(EvidenceError::TooLarge { what: "findings", limit: MAX_WEAKNESSES });
        }
        self.text = self.text.saturating_add(weakness.size());
        if self.text > MAX_TEXT {
            return Err(EvidenceError::TooLarge { what: "bytes of findings", limit: MAX_TEXT });
        }
        self.weaknesses.push(weakness);
        Ok(())
    }
}

/// The findings of several scans, each thing once: the same place under the same best-known identifier. Two spots of one
/// scan are two things; the first of them is the first of another scan's.
pub fn joined(scans: impl IntoIterator<Item = Scan>) -> Vec<Weakness> {
    let mut all: BTreeMap<(String, String), Vec<Weakness>> = BTreeMap::new();
    for scan in scans {
        let mut found: BTreeMap<(String, String), BTreeMap<String, Weakness>> = BTreeMap::new();
        for weakness in scan.weaknesses {
            let spots = found.entry((weakness.place.to_lowercase(), weakness.id.clone())).or_default();
            match spots.get_mut(&weakness.spot) {
                Some(known) => known.join(weakness),
                None => {
                    spots.insert(weakness.spot.clone(), weakness);
                }
            }
        }
        for (key, spots) in found {
            let known = all.entry(key).or_default();
            for (nth, weakness) in spots.into_values().enumerate() {
                match known.get_mut(nth) {
                    Some(same) => same.join(weakness),
                    None => known.push(weakness),
                }
            }
        }
    }
    all.into_values().flatten().collect()
}

/// A package by name and version; a name may be scoped by its ecosystem elsewhere, so it is left out.
fn package(name: &str, version: Option<&str>) -> String {
    match version.filter(|version| !version.is_empty()) {
        Some(version) => format!("{name} {version}"),
        None => name.to_owned(),
    }
}

/// `CVE-2025-99001`: a number of one vulnerability, where other identifiers may stand for several.
fn is_cve(id: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    id.strip_prefix("CVE-").and_then(|rest| rest.split_once('-')).is_some_and(|(year, nth)| digits(year) && digits(nth))
}

/// `sha256:…` wherever it stands in a text such as `registry/name@sha256:…`.
fn digest_in(text: &str) -> Option<Digest> {
    let start = text.find("sha256:")?;
    Digest::parse(text.get(start..start.checked_add(71)?)?).ok()
}

#[cfg(test)]
mod tests;
