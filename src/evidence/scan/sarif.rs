//! SARIF 2.1.0, as Trivy, Grype, Bandit, Semgrep, checkov, CodeQL and others write it.

use super::{Fix, Rating, Scan, Scanned, Weakness};
use crate::evidence::EvidenceError;
use crate::evidence::node::Node;
use serde_json::json;
use std::collections::BTreeMap;

pub fn read(node: &Node<'_>, scan: &mut Scan) -> Result<(), EvidenceError> {
    let (mut looked, mut ages) = (Vec::new(), Vec::new());
    for run in node.need("runs", "a list of runs")?.items()? {
        let driver = run.need("tool", "a tool")?.need("driver", "an object")?;
        let rules = driver.items_of("rules")?;
        let invocations = run.items_of("invocations")?;
        for invocation in &invocations {
            if let Some(successful) = invocation.get("executionSuccessful")
                && !successful.flag()?
            {
                return Err(successful.wrong("true: the scan did not run to its end"));
            }
            ages.push(invocation.any(&["endTimeUtc", "startTimeUtc"]).map(|at| at.time()).transpose()?);
        }
        if invocations.is_empty() {
            ages.push(None);
        }
        // `results: null` says that the scan did not run.
        let results: Vec<_> = run.need("results", "a list of results")?.items()?.collect();
        looked.push(looked_at(&run, !rules.is_empty() || !results.is_empty())?);
        let mut by_id = BTreeMap::new();
        for rule in &rules {
            if let Some(Ok(id)) = rule.get("id").map(|id| id.text()) {
                by_id.entry(id).or_insert(rule);
            }
        }
        let grype = driver.text_of("name")? == Some("grype");
        for found in &results {
            read_result(found, &rules, &by_id, grype, scan)?;
        }
    }
    // The whole is as old as its oldest part, and of an unknown age when that of one part is.
    scan.at = ages.into_iter().collect::<Option<Vec<_>>>().and_then(|ages| ages.into_iter().min());
    // One run of nothing beside others is still a scan of nothing.
    scan.scanned = looked.into_iter().reduce(together).unwrap_or(Scanned::Nothing);
    Ok(())
}

/// How much a run shows that it looked at: files, lines of code (Bandit), an image (Trivy), or else what it found and
/// the rules that it went by.
fn looked_at(run: &Node<'_>, worked: bool) -> Result<Scanned, EvidenceError> {
    let properties = run.get("properties");
    let totals = properties.as_ref().and_then(|all| all.get("metrics")).and_then(|metrics| metrics.get("_totals"));
    let lines = totals.and_then(|totals| totals.get("loc")).map(|lines| lines.count()).transpose()?.unwrap_or(0);
    let counted = lines.max(run.items_of("artifacts")?.len() as u64);
    let image = properties.and_then(|all| all.any(&["imageName", "imageID"])).is_some();
    let extensions = run.need("tool", "a tool")?.items_of("extensions")?;
    let applied = extensions.iter().any(|one| one.get("rules").is_some_and(|rules| rules.value() != &json!([])));
    Ok(match counted {
        0 if worked || image || applied => Scanned::Unsaid,
        0 => Scanned::Nothing,
        counted => Scanned::Counted(counted),
    })
}

fn together(a: Scanned, b: Scanned) -> Scanned {
    match (a, b) {
        (Scanned::Nothing, _) | (_, Scanned::Nothing) => Scanned::Nothing,
        (Scanned::Counted(a), Scanned::Counted(b)) => Scanned::Counted(a.saturating_add(b)),
        (Scanned::Unsaid, Scanned::Unsaid | Scanned::Counted(_)) | (Scanned::Counted(_), Scanned::Unsaid) => {
            Scanned::Unsaid
        }
    }
}

fn read_result(
    found: &Node<'_>,
    rules: &[Node<'_>],
    by_id: &BTreeMap<&str, &Node<'_>>,
    grype: bool,
    scan: &mut Scan,
) -> Result<(), EvidenceError> {
    // These kinds are no findings; whatever else stands there is one.
    if matches!(found.text_of("kind")?, Some("pass" | "notApplicable" | "informational")) {
        return Ok(());
    }
    let suppressions = found.items_of("suppressions")?;
    let status = suppressions.iter().map(|s| s.text_of("status")).collect::<Result<Vec<_>, _>>()?;
    let suppressed = !status.is_empty() && status.iter().all(|status| matches!(status, None | Some("accepted")));
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
    // Scanners of images give all findings the same place; what is not the same to the letter is another one.
    let advisory = if grype { advisory(id, rule)? } else { None };
    let weakness = Weakness::new(advisory.into_iter().chain([id]), &place(found)?).at(found.value().to_string());
    scan.add(Weakness { suppressed, ..weakness.rated(rating).fixed(Fix::Unsaid) })
}

/// Grype's rules are advisories of one package each, `CVE-2025-99001-leaky`; exceptions and other scanners know the
/// advisory alone. It is the first word about the rule.
fn advisory<'a>(id: &'a str, rule: Option<&Node<'a>>) -> Result<Option<&'a str>, EvidenceError> {
    let about = rule.and_then(|rule| rule.get("shortDescription"));
    let about = about.map(|about| about.text_of("text")).transpose()?.flatten();
    let word = about.and_then(|about| about.split_whitespace().next());
    Ok(word.filter(|word| id.strip_prefix(word).is_some_and(|package| package.starts_with('-'))))
}

/// Of the result first, then of its rule: `security-severity`, a severity word of the tool, the level.
fn rating(found: &Node<'_>, rule: Option<&Node<'_>>) -> Result<Option<Rating>, EvidenceError> {
    for node in std::iter::once(found).chain(rule) {
        let Some(properties) = node.get("properties") else { continue };
        let mut tags = Vec::new();
        for tag in properties.items_of("tags")? {
            tags.push(tag.text()?);
        }
        let score = properties.get("security-severity").map(|score| score.number_or_text()).transpose()?;
        // Trivy scores at zero what nobody rated.
        if tags.contains(&"UNKNOWN") && score.is_none_or(|score| score == 0.0) {
            return Ok(None);
        }
        if let Some(score) = score {
            return Ok(Rating::of_score(score));
        }
        if let Some(word) = properties.any(&["issue_severity", "severity", "problem.severity"]) {
            return Ok(Rating::of_word(word.text()?));
        }
        if let Some(word) = tags.iter().find(|word| ["CRITICAL", "HIGH", "MEDIUM", "LOW"].contains(word)) {
            return Ok(Rating::of_word(word));
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
