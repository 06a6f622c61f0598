//! Great Expectations: one validation result (0.x and 1.x), or a checkpoint result that holds several.

use super::{Ending, TestReport};
use crate::evidence::EvidenceError;
use crate::evidence::node::Node;

pub fn read(node: &Node<'_>, report: &mut TestReport) -> Result<(), EvidenceError> {
    match node.get("run_results") {
        Some(results) => {
            let mut all_passed = true;
            for (_, result) in results.entries()? {
                // 0.x wraps the result once more.
                all_passed &= read_validation(&result.get("validation_result").unwrap_or(result), report)?;
            }
            hold(node, all_passed)
        }
        None => read_validation(node, report).map(|_| ()),
    }
}

/// What it says of the whole must not be worse than its parts.
fn hold(node: &Node<'_>, all_passed: bool) -> Result<(), EvidenceError> {
    let success = node.need("success", "true or false")?;
    match success.flag()? || !all_passed {
        true => Ok(()),
        false => Err(success.wrong("true, as for all its results")),
    }
}

/// Whether all passed.
fn read_validation(node: &Node<'_>, report: &mut TestReport) -> Result<bool, EvidenceError> {
    let meta = node.get("meta");
    let suite = match (node.text_of("suite_name")?, &meta) {
        (Some(name), _) => name,
        (None, Some(meta)) => meta.text_of("expectation_suite_name")?.unwrap_or("unnamed"),
        (None, None) => "unnamed",
    };
    report.suite(suite)?;
    let (mut all, mut passed) = (0u64, 0u64);
    for result in node.need("results", "a list of expectation results")?.items()? {
        let ending = match raised(&result)? {
            true => Ending::Errored,
            false if result.need("success", "true or false")?.flag()? => Ending::Passed,
            false => Ending::Failed,
        };
        all += 1;
        passed += u64::from(ending == Ending::Passed);
        report.record(suite, &name(&result)?, ending)?;
    }
    hold(node, all == passed)?;
    if let Some(statistics) = node.get("statistics") {
        // Results of those that passed may have been left out on writing: then nobody can count them.
        // A share of nothing is no number, and farther from any than the tolerance.
        let told = [
            ("evaluated_expectations", all as f64),
            ("successful_expectations", passed as f64),
            ("unsuccessful_expectations", (all - passed) as f64),
            ("success_percent", 100.0 * passed as f64 / all as f64),
        ];
        for (key, listed) in told {
            if let Some(claimed) = statistics.get(key)
                && (claimed.number()? - listed).abs().total_cmp(&1e-6).is_gt()
            {
                return Err(claimed.wrong("what its results come to; write all of them"));
            }
        }
    }
    Ok(all == passed)
}

fn name(result: &Node<'_>) -> Result<String, EvidenceError> {
    let Some(config) = result.get("expectation_config") else { return Ok("an expectation".to_owned()) };
    let kind = config.any(&["type", "expectation_type"]).map(|kind| kind.text()).transpose()?;
    let column =
        config.get("kwargs").and_then(|kwargs| kwargs.get("column")).map(|column| column.text()).transpose()?;
    let kind = kind.unwrap_or("an expectation");
    Ok(column.map_or_else(|| kind.to_owned(), |column| format!("{kind}({column})")))
}

/// From 0.18 on one entry for each metric that broke, before that one for all.
fn raised(result: &Node<'_>) -> Result<bool, EvidenceError> {
    let Some(info) = result.get("exception_info") else { return Ok(false) };
    if let Some(raised) = info.get("raised_exception") {
        return raised.flag();
    }
    for (_, one) in info.entries()? {
        if one.get("raised_exception").map(|raised| raised.flag()).transpose()? == Some(true) {
            return Ok(true);
        }
    }
    Ok(false)
}
