//! Inspect: a log is a suite named by its task, samples are the tests. A sample passed when it was run to its end
//! and scored; how good the answers were is what `metric` gates ask.

use super::{Ending, TestReport};
use crate::evidence::EvidenceError;
use crate::evidence::node::Node;

pub fn read(node: &Node<'_>, report: &mut TestReport) -> Result<(), EvidenceError> {
    let task = node.need("eval", "an object")?.need("task", "a task's name")?.text()?;
    let status = node.need("status", "a status")?.text()?;
    report.suite(task)?;
    let Some(results) = node.get("results") else {
        // A run that broke has no results.
        return report.record(task, &format!("{task} is {status}"), Ending::Errored);
    };
    let total = results.need("total_samples", "a count")?.count()?;
    let completed = results.need("completed_samples", "a count")?.count()?;
    if completed > total {
        return Err(results.need("completed_samples", "a count")?.wrong("at most total_samples"));
    }
    let scored = !results.items_of("scores")?.is_empty();
    let ending = if scored { Ending::Passed } else { Ending::Errored };
    report.record_many(task, &format!("{task} has no score"), ending, completed)?;
    report.record_many(task, &format!("{task}, samples that broke"), Ending::Errored, total - completed)?;
    if status != "success" {
        report.record(task, &format!("{task} is {status}"), Ending::Errored)?;
    }
    Ok(())
}
