//! cargo-audit: advisories, and warnings about unsound, unmaintained and yanked crates.

use super::{Fix, Rating, Scan, Scanned, Weakness, package};
use crate::evidence::EvidenceError;
use crate::evidence::node::Node;
use serde_json::json;

pub fn read(node: &Node<'_>, scan: &mut Scan) -> Result<(), EvidenceError> {
    let database = node.need("database", "an object")?;
    scan.database_at = database.get("last-updated").map(|at| at.time()).transpose()?;
    let dependencies = node.need("lockfile", "an object")?.need("dependency-count", "a count")?.count()?;
    if dependencies > 0 {
        scan.scanned = Scanned::Counted(dependencies);
    }
    passed_over(node, scan)?;
    let vulnerabilities = node.need("vulnerabilities", "an object")?;
    let mut listed = 0;
    for found in vulnerabilities.need("list", "a list of advisories")?.items()? {
        listed += 1;
        let advisory = found.need("advisory", "an advisory")?;
        let rating = advisory.text_of("cvss")?.and_then(Rating::of_vector);
        scan.add(weakness(&found, &advisory)?.rated(rating))?;
    }
    let count = vulnerabilities.need("count", "a count")?;
    if count.count()? != listed {
        return Err(count.wrong("the number of advisories in the list"));
    }
    if let Some(warnings) = node.get("warnings") {
        for (kind, list) in warnings.entries()? {
            let rating = match kind {
                "unsound" => Rating::Medium,
                _ => Rating::Low,
            };
            for found in list.items()? {
                // A yanked crate has no advisory.
                let weakness = match found.get("advisory") {
                    Some(advisory) => weakness(&found, &advisory)?,
                    None => Weakness::new([kind], &place(&found)?),
                };
                scan.add(weakness.rated(Some(rating)))?;
            }
        }
    }
    Ok(())
}

/// What it was told to pass over, by arguments or an `audit.toml` of those who may be judged: advisories by name, mild
/// ones, and those about other systems than some.
fn passed_over(node: &Node<'_>, scan: &mut Scan) -> Result<(), EvidenceError> {
    let Some(settings) = node.get("settings") else { return Ok(()) };
    scan.unlisted = settings.items_of("ignore")?.len() as u64;
    for key in ["severity", "target_arch", "target_os"] {
        scan.unscanned += u64::from(settings.get(key).is_some_and(|only| only.value() != &json!([])));
    }
    Ok(())
}

fn weakness(found: &Node<'_>, advisory: &Node<'_>) -> Result<Weakness, EvidenceError> {
    let aliases = advisory.items_of("aliases")?;
    let mut ids = vec![advisory.need("id", "an identifier")?.text()?];
    for alias in &aliases {
        ids.push(alias.text()?);
    }
    let patched = found.get("versions").map(|versions| versions.items_of("patched")).transpose()?;
    let fix = match patched {
        Some(patched) if !patched.is_empty() => Fix::Yes,
        Some(_) => Fix::No,
        None => Fix::Unsaid,
    };
    Ok(Weakness::new(ids, &place(found)?).fixed(fix))
}

fn place(found: &Node<'_>) -> Result<String, EvidenceError> {
    let about = found.need("package", "a package")?;
    Ok(package(about.need("name", "a package's name")?.text()?, about.text_of("version")?))
}
