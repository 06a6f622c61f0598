//! lm-evaluation-harness: a task is a suite and its samples are the tests. A sample passed when it was evaluated and
//! the task has a number; how good the answers were is what `metric` gates ask.

use super::{Ending, TestReport};
use crate::evidence::EvidenceError;
use crate::evidence::node::Node;

pub fn read(node: &Node<'_>, report: &mut TestReport) -> Result<(), EvidenceError> {
    let samples = node.get("n-samples");
    let groups = node.get("groups");
    for (task, results) in node.need("results", "results by task")?.entries()? {
        // A group repeats its tasks.
        let repeats = groups.as_ref().is_some_and(|groups| groups.get(task).is_some());
        let counted = samples.as_ref().and_then(|samples| samples.get(task));
        if repeats || counted.is_none() && is_heading(node, task, &results)? {
            continue;
        }
        let has_number = results.entries()?.any(|(key, value)| {
            key.contains(',') && !key.contains("_stderr") && value.value().as_f64().is_some_and(f64::is_finite)
        });
        let (original, effective) = match counted {
            Some(count) => (count.need("original", "a count")?.count()?, count.need("effective", "a count")?.count()?),
            None => (1, 1),
        };
        if effective > original {
            return Err(node.wrong("a report that evaluates no more samples than there are"));
        }
        let ending = if has_number { Ending::Passed } else { Ending::Errored };
        report.record_many(task, task, ending, effective)?;
        report.record_many(task, task, Ending::Skipped, original.saturating_sub(effective))?;
    }
    Ok(())
}

/// A group of tasks that are not added up has a name here and nothing else.
fn is_heading(node: &Node<'_>, task: &str, results: &Node<'_>) -> Result<bool, EvidenceError> {
    let subtasks = node.get("group_subtasks").map(|groups| groups.items_of(task)).transpose()?.unwrap_or_default();
    Ok(!subtasks.is_empty() && results.entries()?.all(|(key, _)| matches!(key, "alias" | "name" | " ")))
}
