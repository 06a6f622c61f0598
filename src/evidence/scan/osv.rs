//! OSV-Scanner: groups of aliases, not single entries. Packages without a finding are listed only with `--all-packages`;
//! without it a clean report cannot be told from one that found no packages.

use super::{Fix, Rating, Scan, Scanned, Weakness, package};
use crate::evidence::EvidenceError;
use crate::evidence::node::Node;
use std::collections::BTreeMap;

pub fn read(node: &Node<'_>, scan: &mut Scan) -> Result<(), EvidenceError> {
    let mut packages = 0u64;
    for result in node.need("results", "a list of sources")?.items()? {
        let source = result.any(&["source", "packageSource"]).map(|source| source.value().to_string());
        let source = source.unwrap_or_default();
        for found in result.need("packages", "a list of packages")?.items()? {
            packages += 1;
            let about = found.need("package", "a package")?;
            let name = about.any(&["name", "commit"]).ok_or_else(|| about.wrong("a package with a name"))?.text()?;
            let place = package(name, about.text_of("version")?);
            let vulnerabilities = found.items_of("vulnerabilities")?;
            let mut fixes = BTreeMap::new();
            for vulnerability in &vulnerabilities {
                fixes.insert(vulnerability.need("id", "an identifier")?.text()?, fix(vulnerability)?);
            }
            let groups = found.items_of("groups")?;
            if groups.is_empty() && !vulnerabilities.is_empty() {
                return Err(found.wrong("a package with groups beside its vulnerabilities"));
            }
            for group in groups {
                let (own, aliases) = (group.items_of("ids")?, group.items_of("aliases")?);
                let ids = own.iter().chain(&aliases).map(|id| id.text()).collect::<Result<Vec<_>, _>>()?;
                let fix = ids.iter().filter_map(|id| fixes.get(id)).max().copied().unwrap_or(Fix::Unsaid);
                let rating = group.text_of("max_severity")?.and_then(Rating::of_text);
                scan.add(Weakness::new(ids, &place).at(&source).rated(rating).fixed(fix))?;
            }
        }
    }
    if packages > 0 {
        scan.scanned = Scanned::Counted(packages);
    }
    Ok(())
}

/// Fixed somewhere: any range of any affected package that ends.
fn fix(vulnerability: &Node<'_>) -> Result<Fix, EvidenceError> {
    let mut ranges = 0;
    for affected in vulnerability.items_of("affected")? {
        for range in affected.items_of("ranges")? {
            ranges += 1;
            if range.items_of("events")?.iter().any(|event| event.get("fixed").is_some()) {
                return Ok(Fix::Yes);
            }
        }
    }
    Ok(if ranges > 0 { Fix::No } else { Fix::Unsaid })
}
