//! Tools that evaluate models and data.

use super::{MAX_NAME, Metrics, Reading, reading};
use crate::evidence::node::Node;
use crate::evidence::{EvidenceError, garak};

/// `TASK.acc,none`, and `TASK.acc` where the filter is `none`.
pub fn read_lm_eval(node: &Node<'_>, metrics: &mut Metrics) -> Result<(), EvidenceError> {
    // Names that are too long are none, and are not copied for all that lies below them.
    for (task, results) in
        node.need("results", "results by task")?.entries()?.filter(|(task, _)| task.len() <= MAX_NAME)
    {
        for (key, value) in results.entries()? {
            if let Some(plain) = key.strip_suffix(",none") {
                metrics.add_short(format!("{task}.{plain}"), reading(value.value()))?;
            }
            metrics.add_short(format!("{task}.{key}"), reading(value.value()))?;
        }
    }
    Ok(())
}

/// `SCORE.METRIC`, for example `match.accuracy`; `completed` is the share of samples that were.
pub fn read_inspect(node: &Node<'_>, metrics: &mut Metrics) -> Result<(), EvidenceError> {
    let Some(results) = node.get("results") else { return Ok(()) };
    let total = results.need("total_samples", "a count")?.count()?;
    let completed = results.need("completed_samples", "a count")?.count()?;
    metrics.add_short("completed".to_owned(), ratio(completed, total))?;
    for score in results.items_of("scores")? {
        let name = score.need("name", "a score's name")?.text()?;
        if name.len() > MAX_NAME {
            continue;
        }
        for (key, metric) in score.need("metrics", "an object")?.entries()? {
            let value = metric.need("value", "a number")?;
            metrics.add_short(format!("{name}.{key}"), reading(value.value()))?;
        }
    }
    Ok(())
}

/// `successes`, `failures`, `errors`, `passRate`, and `namedScores.NAME` as a mean.
pub fn read_promptfoo(node: &Node<'_>, metrics: &mut Metrics) -> Result<(), EvidenceError> {
    let results = node.need("results", "an object")?;
    let stats = results.need("stats", "counts")?;
    let mut total = 0u64;
    for key in ["successes", "failures", "errors"] {
        let count = stats.get(key).map_or(Ok(0), |count| count.count())?;
        total = total.saturating_add(count);
        metrics.add_short(key.to_owned(), Reading::Number(count as f64))?;
    }
    metrics.add_short("passRate".to_owned(), ratio(stats.need("successes", "a count")?.count()?, total))?;
    for prompt in results.items_of("prompts")? {
        let Some(scores) = prompt.get("metrics").and_then(|metrics| metrics.get("namedScores")) else { continue };
        let counts = prompt.get("metrics").and_then(|metrics| metrics.get("namedScoresCount"));
        for (name, score) in scores.entries()? {
            let count = counts.as_ref().and_then(|counts| counts.get(name));
            let count = count.ok_or_else(|| score.wrong("a score with its count in namedScoresCount"))?.count()?;
            let mean = score.number()? / count as f64;
            let reading = if mean.is_finite() { Reading::Number(mean) } else { Reading::Other("a score of nothing") };
            metrics.add_short(format!("namedScores.{name}"), reading)?;
        }
    }
    Ok(())
}

/// `PROBE.DETECTOR`: the share of answers found harmless.
pub fn read_garak(lines: &[Node<'_>], metrics: &mut Metrics) -> Result<(), EvidenceError> {
    for one in garak::evaluations(lines)? {
        let share = ratio(one.harmless, one.harmless.saturating_add(one.harmful));
        metrics.add(format!("{}.{}", one.probe, one.detector), share, "a garak report")?;
    }
    Ok(())
}

/// `success_percent`, `evaluated_expectations` and so on; for several results, after the name of each suite.
pub fn read_great_expectations(node: &Node<'_>, metrics: &mut Metrics) -> Result<(), EvidenceError> {
    if let Some(results) = node.get("run_results") {
        for (_, result) in results.entries()? {
            let result = result.get("validation_result").unwrap_or(result);
            // 0.x names it in what it says about the run.
            let legacy = result.get("meta").map(|meta| meta.text_of("expectation_suite_name")).transpose()?.flatten();
            let suite = result.text_of("suite_name")?.or(legacy).unwrap_or("unnamed");
            metrics.add_tree(suite, result.need("statistics", "an object")?.value())?;
        }
        return Ok(());
    }
    metrics.add_tree("", node.need("statistics", "an object")?.value())?;
    Ok(())
}

/// The names that the pipeline gives; of what a component of version 2 hands on, also after the artefact's name.
pub fn read_kubeflow(node: &Node<'_>, metrics: &mut Metrics) -> Result<(), EvidenceError> {
    let Some(artefacts) = node.get("artifacts") else {
        for metric in node.need("metrics", "a list of metrics")?.items()? {
            let name = metric.need("name", "a metric's name")?.text()?;
            let value = metric.need("numberValue", "a number")?;
            metrics.add(name.to_owned(), reading(value.value()), "Kubeflow Pipelines metrics")?;
        }
        return Ok(());
    };
    for (name, artefact) in artefacts.entries()?.filter(|(name, _)| name.len() <= MAX_NAME) {
        for one in artefact.items_of("artifacts")? {
            let Some(metadata) = one.get("metadata") else { continue };
            metrics.add_tree("", metadata.value())?;
            metrics.add_tree(name, metadata.value())?;
        }
    }
    Ok(())
}

/// Nothing of nothing is no number.
fn ratio(part: u64, whole: u64) -> Reading {
    match whole {
        0 => Reading::Other("a share of nothing"),
        whole => Reading::Number(part as f64 / whole as f64),
    }
}
