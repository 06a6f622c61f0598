//! Trivy: vulnerabilities, misconfigurations that failed, and secrets, of every result.

use super::{Fix, Rating, Scan, Scanned, Weakness, digest_in, package};
use crate::evidence::EvidenceError;
use crate::evidence::node::Node;

pub fn read(node: &Node<'_>, scan: &mut Scan) -> Result<(), EvidenceError> {
    scan.at = node.get("CreatedAt").map(|at| at.time()).transpose()?;
    if let Some(metadata) = node.get("Metadata") {
        for digest in metadata.items_of("RepoDigests")? {
            scan.subjects.extend(digest_in(digest.text()?));
        }
        scan.subjects.extend(metadata.text_of("ImageID")?.and_then(digest_in));
        // A distribution that is not maintained any more gets no advisories.
        let ended = metadata.get("OS").and_then(|os| os.get("EOSL")).map(|ended| ended.flag()).transpose()?;
        scan.unscanned += u64::from(ended.unwrap_or(false));
    }
    let mut targets = 0;
    for result in node.items_of("Results")? {
        let target = result.text_of("Target")?.unwrap_or_default();
        // Who only read licences looked for nothing that is asked here.
        let licences = matches!(result.text_of("Class")?, Some("license" | "license-file" | "custom"));
        targets += u64::from(!target.is_empty() && !licences);
        for found in result.items_of("Vulnerabilities")? {
            scan.add(vulnerability(&found, target)?)?;
        }
        for found in result.items_of("Misconfigurations")? {
            misconfiguration(&found, target)?.map_or(Ok(()), |weakness| scan.add(weakness))?;
        }
        for found in result.items_of("Secrets")? {
            scan.add(secret(&found, target)?)?;
        }
        // By ignore files and statements of whoever ran it, which may be those that are judged.
        for suppressed in result.items_of("ExperimentalModifiedFindings")? {
            let kind = suppressed.need("Type", "what was suppressed")?;
            let found = suppressed.need("Finding", "a finding")?;
            let weakness = match kind.text()? {
                "vulnerability" => Some(vulnerability(&found, target)?),
                "misconfiguration" => misconfiguration(&found, target)?,
                "secret" => Some(secret(&found, target)?),
                "license" => None,
                _ => return Err(kind.wrong("vulnerability, misconfiguration, secret or license")),
            };
            if let Some(weakness) = weakness {
                scan.add(Weakness { suppressed: true, ..weakness })?;
            }
        }
    }
    if targets > 0 {
        scan.scanned = Scanned::Counted(targets);
    }
    Ok(())
}

fn vulnerability(found: &Node<'_>, target: &str) -> Result<Weakness, EvidenceError> {
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
    let spot = format!("{target}\n{}", found.text_of("PkgPath")?.unwrap_or_default());
    Ok(Weakness::new(ids, &place).at(spot).rated(rating(found)?).fixed(fix))
}

/// None for one that passed.
fn misconfiguration(found: &Node<'_>, target: &str) -> Result<Option<Weakness>, EvidenceError> {
    let status = found.get("Status");
    let suppressed = match status.as_ref().map(Node::text).transpose()? {
        None | Some("FAIL") => false,
        Some("EXCEPTION") => true,
        Some("PASS") => return Ok(None),
        Some(_) => return Err(found.wrong("a misconfiguration with the status PASS, FAIL or EXCEPTION")),
    };
    let id = found.any(&["AVDID", "ID"]).ok_or_else(|| found.wrong("a misconfiguration with an ID"))?;
    let weakness = Weakness::new([id.text()?], target).at(found.value().to_string());
    Ok(Some(Weakness { suppressed, ..weakness.rated(rating(found)?).fixed(Fix::Yes) }))
}

fn secret(found: &Node<'_>, target: &str) -> Result<Weakness, EvidenceError> {
    let id = found.need("RuleID", "a rule's name")?.text()?;
    let line = found.get("StartLine").map(|line| line.count()).transpose()?.unwrap_or(0);
    let weakness = Weakness::new([id], &format!("{target}:{line}")).at(found.value().to_string());
    Ok(weakness.rated(rating(found)?).fixed(Fix::Yes))
}

fn rating(found: &Node<'_>) -> Result<Option<Rating>, EvidenceError> {
    Ok(found.text_of("Severity")?.and_then(Rating::of_word))
}
