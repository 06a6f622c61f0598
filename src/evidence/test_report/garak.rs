//! garak: each `eval` line counts the answers to one probe that a detector found harmless. The probe is the suite. The
//! last thing that a run writes of its own is a line that says it is complete.

use super::{Ending, TestReport};
use crate::evidence::EvidenceError;
use crate::evidence::node::Node;
use crate::policy::Format;

pub fn read(lines: &[Node<'_>], report: &mut TestReport) -> Result<(), EvidenceError> {
    let mut complete = false;
    for node in lines {
        match node.need("entry_type", "text")?.text()? {
            "eval" => read_line(node, report)?,
            "completion" => complete = true,
            _ => {}
        }
    }
    let why = "it has no entry of the type completion".to_owned();
    if complete { Ok(()) } else { Err(EvidenceError::Unfinished { format: Format::Garak, why }) }
}

fn read_line(node: &Node<'_>, report: &mut TestReport) -> Result<(), EvidenceError> {
    let probe = node.need("probe", "a probe's name")?.text()?;
    let detector = node.text_of("detector")?.unwrap_or("a detector");
    let passed = node.need("passed", "a count")?;
    let total = node.any(&["total_evaluated", "total"]).ok_or_else(|| node.wrong("a line with total_evaluated"))?;
    let count = total.count()?;
    let Some(failed) = count.checked_sub(passed.count()?) else { return Err(passed.wrong("at most the total")) };
    if let Some(said) = node.get("fails")
        && said.count()? != failed
    {
        return Err(said.wrong("the rest of total_evaluated"));
    }
    let name = format!("{probe} by {detector}");
    report.record_many(probe, &name, Ending::Passed, passed.count()?)?;
    report.record_many(probe, &name, Ending::Failed, failed)?;
    // Answers that the detector could not judge.
    let processed = node.get("total_processed").map(|node| node.count()).transpose()?;
    let unjudged = processed.map_or(0, |processed| processed.saturating_sub(count));
    let nones = node.get("nones").map(|node| node.count()).transpose()?.unwrap_or(0);
    let unjudged = unjudged.max(nones);
    report.record_many(probe, &name, Ending::Skipped, unjudged)?;
    if count == 0 {
        // It was run and says nothing about the model.
        report.record(probe, &name, Ending::Errored)?;
    }
    Ok(())
}
