//! Evidently: the `tests` of a report (0.7 and newer), or a test suite (0.6 and older).

use super::{Ending, TestReport};
use crate::evidence::EvidenceError;
use crate::evidence::node::Node;

const SUITE: &str = "evidently";

pub fn read(node: &Node<'_>, report: &mut TestReport) -> Result<(), EvidenceError> {
    report.suite(SUITE)?;
    for test in node.items_of("tests")? {
        let name = test.text_of("name")?.unwrap_or("a test");
        report.record(SUITE, name, ending(&test)?)?;
    }
    Ok(())
}

/// Its own summary counts a warning as a success.
pub fn read_legacy(node: &Node<'_>, report: &mut TestReport) -> Result<(), EvidenceError> {
    read(node, report)?;
    let Some(summary) = node.get("summary") else { return Ok(()) };
    let counts = report.counts();
    let told = [
        ("total_tests", counts.total()..=counts.total()),
        ("failed_tests", counts.failed..=counts.failed + counts.errored),
        ("success_tests", counts.passed..=counts.passed + counts.warned),
    ];
    for (key, listed) in told {
        if let Some(claimed) = summary.get(key)
            && !listed.contains(&claimed.count()?)
        {
            return Err(claimed.wrong("what its tests come to"));
        }
    }
    Ok(())
}

fn ending(test: &Node<'_>) -> Result<Ending, EvidenceError> {
    let status = test.need("status", "a test's status")?;
    match status.text()? {
        "SUCCESS" => Ok(Ending::Passed),
        "FAIL" => Ok(Ending::Failed),
        "WARNING" => Ok(Ending::Warned),
        "ERROR" => Ok(Ending::Errored),
        "SKIPPED" => Ok(Ending::Skipped),
        _ => Err(status.wrong("SUCCESS, FAIL, WARNING, ERROR or SKIPPED")),
    }
}
