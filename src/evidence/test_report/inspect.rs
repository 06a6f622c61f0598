//! Inspect: a log is a suite named by its task, samples are the tests. A sample passed when it was run to its end
//! and scored; how good the answers were is what `metric` gates ask.

use super::{Ending, TestReport};
use crate::evidence::EvidenceError;
use crate::evidence::node::Node;
use crate::policy::Format;
use crate::policy::finding::clean;

pub fn read(node: &Node<'_>, report: &mut TestReport) -> Result<(), EvidenceError> {
    let task = node.need("eval", "an object")?.need("task", "a task's name")?.text()?;
    let status = node.need("status", "a status")?.text()?;
    report.suite(task)?;
    if status != "success" {
        let why = format!("its status is {}, not success", clean(status, 40));
        return Err(EvidenceError::Unfinished { format: Format::Inspect, why });
    }
    let results = node.need("results", "the results of a run that was a success")?;
    let total = results.need("total_samples", "a count")?.count()?;
    let completed = results.need("completed_samples", "a count")?.count()?;
    if completed > total {
        return Err(results.need("completed_samples", "a count")?.wrong("at most total_samples"));
    }
    let scored = !results.items_of("scores")?.is_empty();
    let ending = if scored { Ending::Passed } else { Ending::Errored };
    report.record_many(task, &format!("{task} has no score"), ending, completed)?;
    report.record_many(task, &format!("{task}, samples that broke"), Ending::Errored, total - completed)
}
