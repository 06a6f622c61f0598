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
        if groups.as_ref().is_some_and(|groups| groups.get(task).is_some()) {
            continue;
        }
        let has_number = results.entries()?.any(|(key, value)| {
            key.contains(',') && !key.contains("_stderr") && value.value().as_f64().is_some_and(f64::is_finite)
        });
        let (original, effective) = match samples.as_ref().and_then(|samples| samples.get(task)) {
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
