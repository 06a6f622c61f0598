//! Trivy: vulnerabilities, misconfigurations that failed, and secrets, of every result.

use super::{Fix, NAME, Rating, Scan, Scanned, Weakness, digest_in, package};
use crate::evidence::EvidenceError;
use crate::evidence::node::Node;
use crate::policy::finding::clean;

pub fn read(node: &Node<'_>, scan: &mut Scan) -> Result<(), EvidenceError> {
    scan.at = node.get("CreatedAt").map(|at| at.time()).transpose()?;
    if let Some(metadata) = node.get("Metadata") {
        for digest in metadata.items_of("RepoDigests")? {
            scan.subjects.extend(digest_in(digest.text()?));
        }
        scan.subjects.extend(metadata.text_of("ImageID")?.and_then(digest_in));
    }
    let results = node.items_of("Results")?;
    if !results.is_empty() {
        scan.scanned = Scanned::Counted(results.len() as u64);
    }
    for result in results {
        let target = clean(result.text_of("Target")?.unwrap_or("a target"), NAME);
        for found in result.items_of("Vulnerabilities")? {
            let id = found.need("VulnerabilityID", "an identifier")?.text()?;
            let name = found.need("PkgName", "a package's name")?.text()?;
            let mut ids = vec![id];
            let vendor = found.items_of("VendorIDs")?;
            for other in &vendor {
                ids.push(other.text()?);
            }
            let fixed = found.text_of("FixedVersion")?.filter(|version| !version.is_empty());
            let fix = if fixed.is_some() { Fix::Yes } else { Fix::No };
            let place = package(name, found.text_of("InstalledVersion")?);
            scan.add(Weakness::new(ids, &place).rated(rating(&found)?).fixed(fix))?;
        }
        for found in result.items_of("Misconfigurations")? {
            if found.text_of("Status")?.is_some_and(|status| status != "FAIL") {
                continue;
            }
            let id = found.any(&["AVDID", "ID"]).ok_or_else(|| found.wrong("a misconfiguration with an ID"))?;
            scan.add(Weakness::new([id.text()?], &target).rated(rating(&found)?).fixed(Fix::Yes))?;
        }
        for found in result.items_of("Secrets")? {
            let id = found.need("RuleID", "a rule's name")?.text()?;
            let line = found.get("StartLine").map(|line| line.count()).transpose()?.unwrap_or(0);
            scan.add(Weakness::new([id], &format!("{target}:{line}")).rated(rating(&found)?).fixed(Fix::Yes))?;
        }
        scan.suppressed += result.items_of("ExperimentalModifiedFindings")?.len() as u64;
    }
    Ok(())
}

fn rating(found: &Node<'_>) -> Result<Option<Rating>, EvidenceError> {
    Ok(found.text_of("Severity")?.and_then(Rating::of_word))
}
