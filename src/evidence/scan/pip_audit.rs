//! pip-audit. It rates nothing, and says which dependencies it could not look at.

use super::{Fix, Scan, Scanned, Weakness, package};
use crate::evidence::EvidenceError;
use crate::evidence::node::Node;

pub fn read(node: &Node<'_>, scan: &mut Scan) -> Result<(), EvidenceError> {
    let mut audited = 0u64;
    for dependency in node.need("dependencies", "a list of dependencies")?.items()? {
        let name = dependency.need("name", "a package's name")?.text()?;
        if dependency.get("skip_reason").is_some() {
            scan.unscanned += 1;
            continue;
        }
        audited += 1;
        let place = package(name, dependency.text_of("version")?);
        for found in dependency.need("vulns", "a list of vulnerabilities")?.items()? {
            let aliases = found.items_of("aliases")?;
            let mut ids = vec![found.need("id", "an identifier")?.text()?];
            for alias in &aliases {
                ids.push(alias.text()?);
            }
            let fix = match found.get("fix_versions") {
                Some(versions) if versions.items()?.next().is_some() => Fix::Yes,
                Some(_) => Fix::No,
                None => Fix::Unsaid,
            };
            scan.add(Weakness::new(ids, &place).fixed(fix))?;
        }
    }
    if audited > 0 {
        scan.scanned = Scanned::Counted(audited);
    }
    Ok(())
}
