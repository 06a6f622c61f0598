//! Deepchecks: each condition of each check of a suite is one test. A check that broke has no conditions but says why.

use super::{Ending, NAME, TestReport};
use crate::evidence::EvidenceError;
use crate::evidence::node::Node;
use crate::policy::finding::clean;

pub fn read(node: &Node<'_>, report: &mut TestReport) -> Result<(), EvidenceError> {
    let suite = node.text_of("name")?.unwrap_or("unnamed");
    report.suite(suite)?;
    for result in node.need("results", "a list of check results")?.items()? {
        let check = match result.get("check") {
            Some(check) if check.value().is_object() => check.text_of("name")?,
            Some(check) => Some(check.text()?),
            None => None,
        };
        let check = clean(check.or(result.text_of("header")?).unwrap_or("a check"), NAME);
        let conditions = result.items_of("conditions_results")?;
        let broke = result.get("exception").is_some() || result.text_of("type")? == Some("CheckFailure");
        if broke {
            report.record(suite, &check, Ending::Errored)?;
        }
        for condition in conditions {
            let status = condition.any(&["Status", "status"]);
            let status = status.ok_or_else(|| condition.wrong("a condition with a Status"))?;
            let ending = match status.text()? {
                "PASS" => Ending::Passed,
                "FAIL" => Ending::Failed,
                "WARN" => Ending::Warned,
                "ERROR" => Ending::Errored,
                _ => return Err(status.wrong("PASS, FAIL, WARN or ERROR")),
            };
            let name = condition.any(&["Condition", "name"]).map(|name| name.text()).transpose()?;
            report.record(suite, &format!("{check}: {}", name.unwrap_or("a condition")), ending)?;
        }
    }
    Ok(())
}
