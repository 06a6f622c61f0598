//! CycloneDX: a bill of materials with its vulnerabilities, read as a scan; or statements about vulnerabilities (VEX),
//! read to take back what another scan found.

use super::{Fix, MAX_TEXT, Rating, Scan, Scanned, Weakness, digest_in, is_cve, package};
use crate::evidence::EvidenceError;
use crate::evidence::json;
use crate::evidence::node::Node;
use crate::policy::{Digest, Format};
use std::collections::{BTreeMap, BTreeSet};

/// Identifiers of one vulnerability: each place that it affects takes a copy of all.
const MAX_IDS: usize = 100;

pub fn read(node: &Node<'_>, scan: &mut Scan) -> Result<(), EvidenceError> {
    if let Some(metadata) = node.get("metadata") {
        scan.at = metadata.get("timestamp").map(|at| at.time()).transpose()?;
        if let Some(component) = metadata.get("component") {
            subjects(&component, scan)?;
        }
    }
    let components = components(node)?;
    if !components.is_empty() {
        scan.scanned = Scanned::Counted(components.len() as u64);
    }
    // A bill of materials alone lists what there is, not what is wrong with it; Trivy writes an empty list beside it.
    let listed = node.items_of("vulnerabilities")?;
    if listed.is_empty() {
        return Err(EvidenceError::NotScanned { format: node.format() });
    }
    for found in listed {
        let suppressed = taken_back(&found)?;
        let mut rating = None;
        for rated in found.items_of("ratings")? {
            let score = rated.get("score").map(|score| score.number()).transpose()?.and_then(Rating::of_score);
            rating = rating.max(score).max(rated.text_of("severity")?.and_then(Rating::of_word));
        }
        let fix = match found.text_of("recommendation")? {
            Some(text) if !text.is_empty() => Fix::Yes,
            Some(_) | None => Fix::Unsaid,
        };
        let ids = ids(&found)?;
        let affected = found.items_of("affects")?;
        let mut places = Vec::new();
        for one in &affected {
            let reference = one.need("ref", "a component's reference")?.text()?;
            places.push((components.get(reference).cloned().unwrap_or_else(|| name_of(reference)), reference));
        }
        if places.is_empty() {
            places.push(("the subject".to_owned(), ""));
        }
        for (place, reference) in places {
            let weakness = Weakness::new(ids.iter().copied(), &place).at(reference).rated(rating).fixed(fix);
            scan.add(Weakness { suppressed, ..weakness })?;
        }
    }
    Ok(())
}

/// Reference -> name and version.
fn components(node: &Node<'_>) -> Result<BTreeMap<String, String>, EvidenceError> {
    let mut all = BTreeMap::new();
    for (index, component) in node.items_of("components")?.into_iter().enumerate() {
        let place = package(component.need("name", "a component's name")?.text()?, component.text_of("version")?);
        let reference = component.text_of("bom-ref")?.map_or_else(|| format!("#{index}"), str::to_owned);
        all.insert(reference, place);
    }
    Ok(all)
}

fn subjects(component: &Node<'_>, scan: &mut Scan) -> Result<(), EvidenceError> {
    for hash in component.items_of("hashes")? {
        if hash.text_of("alg")? == Some("SHA-256") {
            let content = hash.need("content", "a digest in hex")?;
            scan.subjects.extend(Digest::parse(&format!("sha256:{}", content.text()?)).ok());
        }
    }
    for key in ["purl", "version", "bom-ref"] {
        scan.subjects.extend(component.text_of(key)?.and_then(|text| digest_in(&text.replace("%3A", ":"))));
    }
    Ok(())
}

fn ids<'a>(found: &Node<'a>) -> Result<Vec<&'a str>, EvidenceError> {
    let mut ids = vec![found.need("id", "an identifier")?.text()?];
    for reference in found.items_of("references")? {
        ids.extend(reference.text_of("id")?);
    }
    if ids.len() > MAX_IDS {
        return Err(EvidenceError::TooLarge { what: "identifiers of one vulnerability", limit: MAX_IDS });
    }
    Ok(ids)
}

/// States in which the component is said not to be affected.
fn taken_back(found: &Node<'_>) -> Result<bool, EvidenceError> {
    let Some(state) = found.get("analysis").and_then(|analysis| analysis.get("state")) else { return Ok(false) };
    match state.text()? {
        "resolved" | "resolved_with_pedigree" | "false_positive" | "not_affected" => Ok(true),
        "exploitable" | "in_triage" => Ok(false),
        _ => Err(state.wrong("a state of CycloneDX's impact analysis")),
    }
}

/// `pkg:pypi/leaky@1.2.3?x#y` is `leaky 1.2.3`; other references stay as they are.
fn name_of(reference: &str) -> String {
    let Some(purl) = reference.find("pkg:").and_then(|start| reference.get(start..)) else {
        return reference.to_owned();
    };
    let path = purl.split(['?', '#']).next().unwrap_or(purl);
    let last = path.rsplit('/').next().unwrap_or(path);
    match last.split_once('@') {
        Some((name, version)) => package(name, Some(version)),
        None => last.to_owned(),
    }
}

/// Statements that somebody is not affected.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Statements {
    all: Vec<Statement>,
    /// Identifier -> the statements about it.
    about: BTreeMap<String, Vec<usize>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Statement {
    /// The places that it names; everywhere when it names none.
    places: BTreeSet<String>,
    /// Whether it names any CVE. If so it is about these, and about no other of the same advisory.
    names_cve: bool,
}

impl Statements {
    /// Reads the statements of a CycloneDX document that take a vulnerability back; others are passed over.
    ///
    /// # Errors
    /// Those of [`json::parse`], and `Shape` when it is not a CycloneDX document.
    pub fn parse(bytes: &[u8]) -> Result<Self, EvidenceError> {
        let value = json::parse(bytes)?;
        let node = Node::root(Format::CycloneDx, &value);
        let name = node.need("bomFormat", "CycloneDX")?;
        if name.text()? != "CycloneDX" {
            return Err(name.wrong("CycloneDX"));
        }
        let components = components(&node)?;
        let mut all = Self::default();
        let mut text = 0usize;
        for found in node.need("vulnerabilities", "a list of vulnerabilities")?.items()? {
            if !taken_back(&found)? {
                continue;
            }
            let mut places = BTreeSet::new();
            for one in found.items_of("affects")? {
                let reference = one.need("ref", "a component's reference")?.text()?;
                let place = components.get(reference).cloned().unwrap_or_else(|| name_of(reference));
                text = text.saturating_add(place.len());
                if text > MAX_TEXT {
                    return Err(EvidenceError::TooLarge { what: "bytes of statements", limit: MAX_TEXT });
                }
                places.insert(place.to_lowercase());
            }
            let ids = ids(&found)?;
            let names_cve = ids.iter().any(|id| is_cve(id));
            for id in ids {
                all.about.entry(id.to_owned()).or_default().push(all.all.len());
            }
            all.all.push(Statement { places, names_cve });
        }
        Ok(all)
    }

    /// Whether a statement says that this is no problem here.
    pub fn take_back(&self, weakness: &Weakness) -> bool {
        let place = weakness.place.to_lowercase();
        weakness.ids.iter().any(|id| {
            let told = self.about.get(id).into_iter().flatten().filter_map(|statement| self.all.get(*statement));
            // A finding has one CVE at most.
            let mut told = told.filter(|told| !told.names_cve || is_cve(id) || !is_cve(&weakness.id));
            told.any(|told| told.places.is_empty() || told.places.contains(&place))
        })
    }
}
