//! SARIF 2.1.0, as Trivy, Grype, Bandit, Semgrep, checkov, CodeQL and others write it.

use super::{Fix, Rating, Scan, Scanned, Weakness};
use crate::evidence::EvidenceError;
use crate::evidence::node::Node;
use std::collections::BTreeMap;

pub fn read(node: &Node<'_>, scan: &mut Scan) -> Result<(), EvidenceError> {
    for run in node.need("runs", "a list of runs")?.items()? {
        let driver = run.need("tool", "a tool")?.need("driver", "an object")?;
        let rules = driver.items_of("rules")?;
        for invocation in run.items_of("invocations")? {
            if let Some(successful) = invocation.get("executionSuccessful")
                && !successful.flag()?
            {
                return Err(successful.wrong("true: the scan did not run to its end"));
            }
            scan.at = scan.at.max(invocation.get("endTimeUtc").map(|at| at.time()).transpose()?);
        }
        let artifacts = run.items_of("artifacts")?.len() as u64;
        scan.scanned = match (scan.scanned, artifacts) {
            (Scanned::Counted(before), more) => Scanned::Counted(before.saturating_add(more)),
            (Scanned::Nothing | Scanned::Unsaid, 0) => Scanned::Unsaid,
            (Scanned::Nothing | Scanned::Unsaid, some) => Scanned::Counted(some),
        };
        // `results: null` says that the scan did not run.
        let mut by_id = BTreeMap::new();
        for rule in &rules {
            if let Some(Ok(id)) = rule.get("id").map(|id| id.text()) {
                by_id.entry(id).or_insert(rule);
            }
        }
        for found in run.need("results", "a list of results")?.items()? {
            read_result(&found, &rules, &by_id, scan)?;
        }
    }
    Ok(())
}

fn read_result(
    found: &Node<'_>,
    rules: &[Node<'_>],
    by_id: &BTreeMap<&str, &Node<'_>>,
    scan: &mut Scan,
) -> Result<(), EvidenceError> {
    // kind: pass, notApplicable and the like are no findings.
    if found.text_of("kind")?.is_some_and(|kind| !matches!(kind, "fail" | "open" | "review")) {
        return Ok(());
    }
    let suppressions = found.items_of("suppressions")?;
    if !suppressions.is_empty() {
        let accepted = suppressions.iter().map(|s| s.text_of("status")).collect::<Result<Vec<_>, _>>()?;
        if accepted.iter().all(|status| matches!(status, None | Some("accepted"))) {
            scan.suppressed += 1;
            return Ok(());
        }
    }
    let named = match found.text_of("ruleId")? {
        Some(id) => Some(id),
        None => found.get("rule").map(|rule| rule.text_of("id")).transpose()?.flatten(),
    };
    let index = found.get("ruleIndex").filter(|index| index.value().as_i64() != Some(-1));
    let indexed = match index {
        Some(index) => {
            let place = usize::try_from(index.count()?).unwrap_or(usize::MAX);
            Some(rules.get(place).ok_or_else(|| index.wrong("the place of a rule"))?)
        }
        None => None,
    };
    let rule = indexed.or_else(|| by_id.get(named?).copied());
    let id = match (named, rule) {
        (Some(id), _) => id,
        (None, Some(rule)) => rule.need("id", "a rule's name")?.text()?,
        (None, None) => return Err(found.wrong("a result with a ruleId")),
    };
    let rating = rating(found, rule)?;
    scan.add(Weakness::new([id], &place(found)?).rated(rating).fixed(Fix::Unsaid))
}

/// Of the result first, then of its rule: `security-severity`, a severity word of the tool, the level.
fn rating(found: &Node<'_>, rule: Option<&Node<'_>>) -> Result<Option<Rating>, EvidenceError> {
    for node in std::iter::once(found).chain(rule) {
        let Some(properties) = node.get("properties") else { continue };
        if let Some(score) = properties.get("security-severity") {
            return Ok(Rating::of_score(score.number_or_text()?));
        }
        if let Some(word) = properties.any(&["issue_severity", "severity", "problem.severity"]) {
            return Ok(Rating::of_word(word.text()?));
        }
        for tag in properties.items_of("tags")? {
            let word = tag.text()?;
            if ["CRITICAL", "HIGH", "MEDIUM", "LOW"].contains(&word) {
                return Ok(Rating::of_word(word));
            }
        }
    }
    let level = match found.text_of("level")? {
        Some(level) => Some(level),
        None => {
            let default = rule.and_then(|rule| rule.get("defaultConfiguration"));
            default.map(|default| default.text_of("level")).transpose()?.flatten()
        }
    };
    Ok(Rating::of_word(level.unwrap_or("warning")))
}

fn place(found: &Node<'_>) -> Result<String, EvidenceError> {
    let first = found.items_of("locations")?.into_iter().next();
    let Some(physical) = first.and_then(|location| location.get("physicalLocation")) else {
        return Ok("somewhere".to_owned());
    };
    let uri = physical.get("artifactLocation").map(|artifact| artifact.text_of("uri")).transpose()?.flatten();
    let line = physical.get("region").and_then(|region| region.get("startLine"));
    let line = line.map(|line| line.count()).transpose()?.unwrap_or(0);
    Ok(format!("{}:{line}", uri.unwrap_or("somewhere")))
}
