//! Bandit: weak spots in Python code. A file that it could not parse was not looked at.

use super::{Fix, Rating, Scan, Scanned, Weakness};
use crate::evidence::EvidenceError;
use crate::evidence::node::Node;

pub fn read(node: &Node<'_>, scan: &mut Scan) -> Result<(), EvidenceError> {
    scan.at = node.get("generated_at").map(|at| at.time()).transpose()?;
    scan.unscanned = node.items_of("errors")?.len() as u64;
    let totals = node.need("metrics", "an object")?.need("_totals", "an object")?;
    let lines = totals.need("loc", "a count")?.count()?;
    if lines > 0 {
        scan.scanned = Scanned::Counted(lines);
    }
    // Lines with a mark that hides all, or some, from Bandit.
    for key in ["nosec", "skipped_tests"] {
        scan.unlisted += totals.get(key).map(|count| count.count()).transpose()?.unwrap_or(0);
    }
    for found in node.need("results", "a list of issues")?.items()? {
        let id = found.need("test_id", "an identifier")?.text()?;
        let line = found.get("line_number").map(|line| line.count()).transpose()?.unwrap_or(0);
        let place = format!("{}:{line}", found.text_of("filename")?.unwrap_or("a file"));
        let rating = Rating::of_word(found.need("issue_severity", "a severity")?.text()?);
        // Code can always be changed.
        scan.add(Weakness::new([id], &place).at(found.value().to_string()).rated(rating).fixed(Fix::Yes))?;
    }
    Ok(())
}
