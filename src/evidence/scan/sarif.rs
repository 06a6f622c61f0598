//! SARIF 2.1.0, as Trivy, Grype, Bandit, Semgrep, checkov, CodeQL and others write it.

mod rules;

use super::{Fix, Rating, Scan, Scanned, Weakness, bandit};
use crate::evidence::EvidenceError;
use crate::evidence::node::Node;
use rules::{Rules, Told};

pub fn read(node: &Node<'_>, scan: &mut Scan) -> Result<(), EvidenceError> {
    let (mut looked, mut ages) = (Vec::new(), Vec::new());
    for run in node.need("runs", "a list of runs")?.items()? {
        let tool = run.need("tool", "a tool")?;
        let rules = Rules::of(&tool)?;
        let invocations = run.items_of("invocations")?;
        for invocation in &invocations {
            if let Some(successful) = invocation.get("executionSuccessful")
                && !successful.flag()?
            {
                return Err(successful.wrong("true: the scan did not run to its end"));
            }
            scan.unscanned = scan.unscanned.saturating_add(not_covered(invocation)?);
            ages.push(invocation.any(&["endTimeUtc", "startTimeUtc"]).map(|at| at.time()).transpose()?);
        }
        if invocations.is_empty() {
            ages.push(None);
        }
        // `results: null` says that the scan did not run.
        let results: Vec<_> = run.need("results", "a list of results")?.items()?.collect();
        let totals = totals(&run);
        looked.push(looked_at(&run, totals.as_ref(), !rules.is_empty() || !results.is_empty())?);
        if let Some(totals) = &totals {
            scan.unlisted = scan.unlisted.saturating_add(bandit::unlisted(totals, &severities(&results)?)?);
        }
        let grype = tool.need("driver", "an object")?.text_of("name")? == Some("grype");
        for found in &results {
            read_result(found, &rules, grype, scan)?;
        }
    }
    // The whole is as old as its oldest part, and of an unknown age when that of one part is.
    scan.at = ages.into_iter().collect::<Option<Vec<_>>>().and_then(|ages| ages.into_iter().min());
    // One run of nothing beside others is still a scan of nothing.
    scan.scanned = looked.into_iter().reduce(together).unwrap_or(Scanned::Nothing);
    Ok(())
}

/// What a tool says of its own errors, such as files that it could not parse: those of its set-up (Bandit puts such
/// files there), and warnings of the run itself, too.
fn not_covered(invocation: &Node<'_>) -> Result<u64, EvidenceError> {
    let mut number = 0;
    for (key, mildest) in [("toolConfigurationNotifications", "error"), ("toolExecutionNotifications", "warning")] {
        for notification in invocation.items_of(key)? {
            // What says nothing is a warning, by the standard.
            let level = notification.text_of("level")?.unwrap_or("warning");
            number += u64::from(!["none", "note", "warning"].contains(&level) || level == mildest);
        }
    }
    Ok(number)
}

/// Bandit's sums over all files.
fn totals<'a>(run: &Node<'a>) -> Option<Node<'a>> {
    run.get("properties")?.get("metrics")?.get("_totals")
}

/// Bandit's own words.
fn severities<'a>(results: &[Node<'a>]) -> Result<Vec<&'a str>, EvidenceError> {
    let properties = results.iter().filter_map(|found| found.get("properties"));
    properties.filter_map(|properties| properties.text_of("issue_severity").transpose()).collect()
}

/// How much a run shows that it looked at: files, lines of code (Bandit), an image (Trivy), or else what it found and
/// the rules that it went by.
fn looked_at(run: &Node<'_>, totals: Option<&Node<'_>>, worked: bool) -> Result<Scanned, EvidenceError> {
    let lines = totals.and_then(|totals| totals.get("loc")).map(|lines| lines.count()).transpose()?.unwrap_or(0);
    let counted = lines.max(run.items_of("artifacts")?.len() as u64);
    let image = run.get("properties").and_then(|all| all.any(&["imageName", "imageID"])).is_some();
    Ok(match counted {
        0 if worked || image => Scanned::Unsaid,
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

fn read_result<'a>(found: &Node<'a>, rules: &Rules<'a>, grype: bool, scan: &mut Scan) -> Result<(), EvidenceError> {
    // These kinds are no findings; whatever else stands there is one.
    if matches!(found.text_of("kind")?, Some("pass" | "notApplicable" | "informational")) {
        return Ok(());
    }
    let suppressions = found.items_of("suppressions")?;
    let status = suppressions.iter().map(|s| s.text_of("status")).collect::<Result<Vec<_>, _>>()?;
    let suppressed = !status.is_empty() && status.iter().all(|status| matches!(status, None | Some("accepted")));
    let Told { id, rule } = rules.of_result(found)?;
    let words = if grype { words(rule)? } else { Vec::new() };
    let rating = rating(found, rule, words.get(1).copied())?;
    // Scanners of images give all findings the same place; what is not the same to the letter is another one.
    let advisory = advisory(id, words.first().copied());
    let weakness = Weakness::new(advisory.into_iter().chain([id]), &place(found)?).at(found.value().to_string());
    scan.add(Weakness { suppressed, ..weakness.rated(rating).fixed(Fix::Unsaid) })
}

/// What Grype says about a rule starts with its advisory and a severity: `CVE-2025-99001 high vulnerability for leaky
/// package`.
fn words<'a>(rule: Option<&Node<'a>>) -> Result<Vec<&'a str>, EvidenceError> {
    let about = rule.and_then(|rule| rule.get("shortDescription"));
    let about = about.map(|about| about.text_of("text")).transpose()?.flatten();
    Ok(about.into_iter().flat_map(str::split_whitespace).take(2).collect())
}

/// Grype's rules are advisories of one package each, `CVE-2025-99001-leaky`; exceptions and other scanners know the
/// advisory alone.
fn advisory<'a>(id: &str, word: Option<&'a str>) -> Option<&'a str> {
    word.filter(|word| id.strip_prefix(word).is_some_and(|package| package.starts_with('-')))
}

/// Of the result first, then of its rule: `security-severity`, a severity word of the tool, the level.
fn rating(found: &Node<'_>, rule: Option<&Node<'_>>, grype: Option<&str>) -> Result<Option<Rating>, EvidenceError> {
    for node in std::iter::once(found).chain(rule) {
        let Some(properties) = node.get("properties") else { continue };
        let word = severity(&properties)?;
        match properties.get("security-severity").map(|score| score.number_or_text()).transpose()? {
            // Trivy and Grype score at zero what nobody rated, too.
            Some(0.0) => return Ok(word.or(grype).and_then(Rating::of_word)),
            Some(score) => return Ok(Rating::of_score(score)),
            None => {}
        }
        if let Some(word) = word {
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
    // What a rule leaves open is a warning, by the standard; a result of no known rule may be anything.
    Ok(level.or(rule.map(|_| "warning")).and_then(Rating::of_word))
}

/// A property of one tool or the other, else a tag (Trivy).
fn severity<'a>(properties: &Node<'a>) -> Result<Option<&'a str>, EvidenceError> {
    // Others keep something else there, such as a number.
    let keys = ["issue_severity", "severity", "problem.severity"];
    let word = keys.iter().find_map(|key| properties.get(key)?.text().ok());
    if word.is_some() {
        return Ok(word);
    }
    let tags = properties.items_of("tags")?;
    let tags = tags.iter().map(|tag| tag.text()).collect::<Result<Vec<_>, _>>()?;
    Ok(tags.into_iter().find(|word| ["CRITICAL", "HIGH", "MEDIUM", "LOW", "UNKNOWN"].contains(word)))
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

#[cfg(test)]
mod tests;
