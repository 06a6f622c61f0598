//! in-toto attestation `vulns/v0.2`, as a bare statement. Whether it is signed is not asked here.

use super::{Rating, Scan, Scanned, Weakness};
use crate::evidence::EvidenceError;
use crate::evidence::node::Node;
use crate::policy::Digest;

pub fn read(node: &Node<'_>, scan: &mut Scan) -> Result<(), EvidenceError> {
    for subject in node.need("subject", "a list of subjects")?.items()? {
        let sha256 = subject.get("digest").and_then(|digest| digest.get("sha256"));
        if let Some(sha256) = sha256 {
            let digest = Digest::parse(&format!("sha256:{}", sha256.text()?));
            scan.subjects.insert(digest.map_err(|_| sha256.wrong("a SHA-256 digest in hex"))?);
        }
        scan.scanned = Scanned::Unsaid;
    }
    let predicate = node.need("predicate", "a scan")?;
    let scanner = predicate.need("scanner", "a scanner")?;
    let updated = scanner.get("db").and_then(|db| db.any(&["lastUpdate", "last_update"]));
    scan.database_at = updated.map(|at| at.time()).transpose()?;
    if let Some(metadata) = predicate.get("metadata") {
        scan.at = metadata.get("scanFinishedOn").map(|at| at.time()).transpose()?;
    }
    for found in scanner.need("result", "a list of vulnerabilities")?.items()? {
        let mut rating = None;
        for severity in found.items_of("severity")? {
            let score = severity.need("score", "a score")?;
            rating = rating.max(score.value().as_f64().and_then(Rating::of_score));
            rating = rating.max(score.value().as_str().and_then(Rating::of_text));
        }
        let id = found.need("id", "an identifier")?.text()?;
        scan.add(Weakness::new([id], "the subject").rated(rating))?;
    }
    Ok(())
}
