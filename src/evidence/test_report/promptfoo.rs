//! promptfoo: the single results, held against its own counts; the counts alone where the file has no results.

use super::{Ending, TestReport};
use crate::evidence::EvidenceError;
use crate::evidence::node::Node;

const SUITE: &str = "promptfoo";

pub fn read(node: &Node<'_>, report: &mut TestReport) -> Result<(), EvidenceError> {
    report.suite(SUITE)?;
    let results = node.need("results", "an object")?;
    let stats = results.need("stats", "counts")?;
    let count = |key: &str| stats.get(key).map_or(Ok(0), |node| node.count());
    let successes = stats.need("successes", "a count")?.count()?;
    let (failures, errors) = (count("failures")?, count("errors")?);
    let Some(singles) = results.get("results") else {
        report.record_many(SUITE, SUITE, Ending::Passed, successes)?;
        report.record_many(SUITE, "failed assertions", Ending::Failed, failures)?;
        return report.record_many(SUITE, "tests with errors", Ending::Errored, errors);
    };
    for single in singles.items()? {
        let passed = single.need("success", "true or false")?.flag()?;
        // 2 is an error of the provider or an assertion's code, 1 a failed assertion.
        let reason = single.get("failureReason").map(|reason| reason.count()).transpose()?;
        let ending = match (passed, reason) {
            (true, None | Some(0)) => Ending::Passed,
            (true, Some(_)) => return Err(single.wrong("a result that passed for no reason to fail")),
            (false, Some(2)) => Ending::Errored,
            (false, None | Some(_)) => Ending::Failed,
        };
        let case = single.get("testCase");
        let described = case.as_ref().map(|case| case.text_of("description")).transpose()?.flatten();
        let index = single.get("testIdx").map(|index| index.count()).transpose()?;
        let name = match (described, index) {
            (Some(text), _) => text.to_owned(),
            (None, Some(index)) => format!("test {index}"),
            (None, None) => "a test".to_owned(),
        };
        let suite = suite(case.as_ref())?;
        report.record(suite.unwrap_or(SUITE), &name, ending)?;
    }
    // Older versions count errors among the failures.
    let listed = report.counts();
    let same = (successes, failures.saturating_add(errors)) == (listed.passed, listed.failed + listed.errored);
    if same { Ok(()) } else { Err(stats.wrong("what its results come to")) }
}

/// Red-team tests name the plugin that made them; that is the suite people ask for.
fn suite<'a>(case: Option<&Node<'a>>) -> Result<Option<&'a str>, EvidenceError> {
    match case.and_then(|case| case.get("metadata")) {
        Some(metadata) => metadata.text_of("pluginId"),
        None => Ok(None),
    }
}
