//! Grype. It lists matches only, so how much it looked at is not said; that it names a source is.

use super::{Fix, Rating, Scan, Scanned, Weakness, digest_in, package};
use crate::evidence::EvidenceError;
use crate::evidence::node::Node;

pub fn read(node: &Node<'_>, scan: &mut Scan) -> Result<(), EvidenceError> {
    let descriptor = node.need("descriptor", "an object")?;
    scan.at = descriptor.get("timestamp").map(|at| at.time()).transpose()?;
    if let Some(db) = descriptor.get("db") {
        let built = db.get("built").or_else(|| db.get("status").and_then(|status| status.get("built")));
        // Databases know what is exploited from their sixth schema on.
        let schema = db.get("status").map(|status| status.text_of("schemaVersion")).transpose()?.flatten();
        let schema = schema.and_then(|version| version.trim_start_matches('v').split('.').next()?.parse::<u32>().ok());
        scan.tells_exploited = schema.is_some_and(|schema| schema >= 6);
        scan.database_at = built.map(|at| at.time()).transpose()?;
    }
    if let Some(target) = node.get("source").and_then(|source| source.get("target")) {
        scan.scanned = Scanned::Unsaid;
        if target.value().is_object() {
            for key in ["manifestDigest", "imageID"] {
                scan.subjects.extend(target.text_of(key)?.and_then(digest_in));
            }
            for digest in target.items_of("repoDigests")? {
                scan.subjects.extend(digest_in(digest.text()?));
            }
        }
    }
    for found in node.need("matches", "a list of matches")?.items()? {
        scan.add(weakness(&found, scan.tells_exploited)?)?;
    }
    // By rules of whoever ran it, which may be those that are judged.
    for found in node.items_of("ignoredMatches")? {
        scan.add(Weakness { suppressed: true, ..weakness(&found, scan.tells_exploited)? })?;
    }
    scan.unscanned = without_advisories(node)?;
    Ok(())
}

/// Packages of a distribution that is not maintained any more, not known, or not looked up.
fn without_advisories(node: &Node<'_>) -> Result<u64, EvidenceError> {
    let mut number = 0;
    for package in node.items_of("alertsByPackage")? {
        let alerts = package.items_of("alerts")?;
        let kinds = alerts.iter().map(|alert| alert.text_of("type")).collect::<Result<Vec<_>, _>>()?;
        number += u64::from(kinds.into_iter().flatten().any(|kind| kind.starts_with("distro-")));
    }
    Ok(number)
}

fn weakness(found: &Node<'_>, tells_exploited: bool) -> Result<Weakness, EvidenceError> {
    let vulnerability = found.need("vulnerability", "a vulnerability")?;
    let artifact = found.need("artifact", "a package")?;
    let related = found.items_of("relatedVulnerabilities")?;
    let mut ids = vec![vulnerability.need("id", "an identifier")?.text()?];
    for other in &related {
        ids.push(other.need("id", "an identifier")?.text()?);
    }
    let rating = vulnerability.text_of("severity")?.and_then(Rating::of_word);
    let rating = match rating {
        Some(rating) => Some(rating),
        None => scored(&vulnerability)?,
    };
    let state = vulnerability.get("fix").map(|fix| fix.text_of("state")).transpose()?.flatten();
    let fix = match state {
        Some("fixed") => Fix::Yes,
        Some("not-fixed" | "wont-fix") => Fix::No,
        Some(_) | None => Fix::Unsaid,
    };
    let name = artifact.need("name", "a package's name")?.text()?;
    let place = package(name, artifact.text_of("version")?);
    // The package's own identifier differs with where it lies.
    let spot = match artifact.text_of("id")? {
        Some(id) => id.to_owned(),
        None => artifact.get("locations").map(|locations| locations.value().to_string()).unwrap_or_default(),
    };
    let exploited = !vulnerability.items_of("knownExploited")?.is_empty();
    let known_exploited = (tells_exploited || exploited).then_some(exploited);
    Ok(Weakness { known_exploited, ..Weakness::new(ids, &place).at(spot).rated(rating).fixed(fix) })
}

fn scored(vulnerability: &Node<'_>) -> Result<Option<Rating>, EvidenceError> {
    let mut worst = None;
    for cvss in vulnerability.items_of("cvss")? {
        let score = cvss.get("metrics").and_then(|metrics| metrics.get("baseScore"));
        worst = worst.max(score.map(|score| score.number()).transpose()?.and_then(Rating::of_score));
    }
    Ok(worst)
}
