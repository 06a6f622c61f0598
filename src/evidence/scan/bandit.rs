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
    let mut severities = Vec::new();
    for found in node.need("results", "a list of issues")?.items()? {
        let id = found.need("test_id", "an identifier")?.text()?;
        let line = found.get("line_number").map(|line| line.count()).transpose()?.unwrap_or(0);
        let place = format!("{}:{line}", found.text_of("filename")?.unwrap_or("a file"));
        let severity = found.need("issue_severity", "a severity")?.text()?;
        let rating = Rating::of_word(severity);
        severities.push(severity);
        // Code can always be changed.
        scan.add(Weakness::new([id], &place).at(found.value().to_string()).rated(rating).fixed(Fix::Yes))?;
    }
    scan.unlisted = unlisted(&totals, &severities)?;
    Ok(())
}

/// What Bandit counts and does not list: lines with a mark that hides all, or some, from it, and issues that it was
/// told to leave out, as too mild (`-ll`), too unsure (`-ii`) or known before (`-b`).
///
/// # Errors
/// `Shape` for what is no count, or when more of a severity are listed than there are.
pub fn unlisted(totals: &Node<'_>, listed: &[&str]) -> Result<u64, EvidenceError> {
    let mut left = 0u64;
    for key in ["nosec", "skipped_tests"] {
        left = left.saturating_add(totals.get(key).map(|count| count.count()).transpose()?.unwrap_or(0));
    }
    for severity in ["UNDEFINED", "LOW", "MEDIUM", "HIGH"] {
        let Some(total) = totals.get(&format!("SEVERITY.{severity}")) else { continue };
        let listed = listed.iter().filter(|word| word.eq_ignore_ascii_case(severity)).count() as u64;
        let more = total.count()?.checked_sub(listed);
        left = left.saturating_add(more.ok_or_else(|| total.wrong("at least as many as are listed"))?);
    }
    Ok(left)
}
