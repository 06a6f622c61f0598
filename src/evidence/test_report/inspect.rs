//! Inspect: a log is a suite named by its task, samples are the tests, each as often as there are epochs. A sample
//! passed when it was run to its end and scored; how good the answers were is what `metric` gates ask.

use super::{Ending, TestReport};
use crate::evidence::EvidenceError;
use crate::evidence::node::Node;
use crate::policy::Format;
use crate::policy::finding::clean;

pub fn read(node: &Node<'_>, report: &mut TestReport) -> Result<(), EvidenceError> {
    let eval = node.need("eval", "an object")?;
    let task = eval.need("task", "a task's name")?.text()?;
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
    let config = eval.get("config");
    let epochs = match config.as_ref().and_then(|config| config.get("epochs")) {
        Some(epochs) => epochs.count()?.max(1),
        None => 1,
    };
    let unscored = unscored(&results, completed, epochs)?;
    report.record_many(task, task, Ending::Passed, completed - unscored)?;
    report.record_many(task, &format!("{task}, samples without a score"), Ending::Errored, unscored)?;
    report.record_many(task, &format!("{task}, samples that broke"), Ending::Errored, total - completed)?;
    let cut = config.is_some_and(|config| config.any(&["limit", "sample_id"]).is_some());
    let samples = eval.get("dataset").and_then(|dataset| dataset.get("samples"));
    if let Some(samples) = samples.filter(|_| cut) {
        let left_out = samples.count()?.saturating_mul(epochs).saturating_sub(total);
        report.record_many(task, task, Ending::Skipped, left_out)?;
    }
    Ok(())
}

/// Of so many samples, the most that any score is not about: all when one was about none, or when none came to a number.
fn unscored(results: &Node<'_>, completed: u64, epochs: u64) -> Result<u64, EvidenceError> {
    let (mut most, mut some) = (0, false);
    for score in results.items_of("scores")? {
        let count = |key: &str| score.get(key).map(|count| count.count()).transpose();
        let metrics = score.get("metrics").map(|metrics| metrics.entries()).transpose()?;
        // What is not finite is read as null.
        let is_number = |metric: &Node<'_>| metric.get("value").is_some_and(|value| value.number().is_ok());
        let number = metrics.into_iter().flatten().any(|(_, metric)| is_number(&metric));
        some |= number;
        let unscored = match count("scored_samples")? {
            Some(0) => completed,
            None if !number => completed,
            Some(_) | None => count("unscored_samples")?.unwrap_or(0).saturating_mul(epochs).min(completed),
        };
        most = most.max(unscored);
    }
    Ok(if some { most } else { completed })
}
