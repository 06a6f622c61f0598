//! One file for each check: evidence in, finding out. Nothing here gives no finding.

pub mod data_contract;
pub mod documentation;
pub mod drift;
pub mod explainability;
pub mod expression;
pub mod fairness;
pub mod metric;
pub mod privacy;
pub mod provenance;
mod reading;
pub mod tests;
pub mod vulnerabilities;
pub(super) mod words;

#[cfg(test)]
mod testing;

use super::sources::Sources;
use crate::policy::result::OrderFacts;
use crate::policy::{Check, Finding, FindingReason, Gate, Outcome};

/// A table with fewer rows tells nothing about groups or distributions, whatever the policy asks.
const FEWEST_ROWS: u64 = 10;

/// Answers one gate.
pub fn answer(gate: &Gate, facts: &OrderFacts, sources: &mut Sources) -> Finding {
    sources.begin();
    let finding = match &gate.check {
        Check::Documentation(check) => documentation::find(gate, check, sources),
        Check::Metric(check) => metric::find(gate, check, sources),
        Check::DataContract(check) => data_contract::find(gate, check, facts, sources),
        Check::Fairness(check) => fairness::find(gate, check, sources),
        Check::Drift(check) => drift::find(gate, check, sources),
        Check::Explainability(check) => explainability::find(gate, check, facts, sources),
        Check::Privacy(check) => privacy::find(gate, check, facts, sources),
        Check::Tests(check) => tests::find(gate, check, facts, sources),
        Check::Vulnerabilities(check) => vulnerabilities::find(gate, check, facts, sources),
        Check::Provenance(check) => provenance::find(gate, check, facts, sources),
        Check::Expression(check) => expression::find(gate, check, facts, sources),
        Check::Job(_) | Check::Approval(_) | Check::Prometheus(_) => {
            let message = "Jobs of their own, people and Prometheus are not asked by the evaluator";
            Finding::new(gate.key.clone(), Outcome::Error, FindingReason::NothingAsked, message)
        }
    };
    let finding = match gate.check.slice() {
        Some(slice) => finding.about_rows(slice),
        None => finding,
    };
    finding.read_as(&sources.formats())
}

#[cfg(test)]
mod cases {
    use super::testing::{Bench, gate};
    use super::*;

    fn told(check: serde_json::Value, sources: &mut Sources) -> String {
        answer(&gate(serde_json::from_value(check).unwrap()), &OrderFacts::default(), sources).message
    }

    #[test]
    fn every_message_says_what_was_read() {
        let mut bench = Bench::new();
        let rows: String = (0..40).map(|row| format!("{row}\n")).collect();
        for (name, bytes) in [
            ("card", "---\nlicense: mit\n---\n# m\n"),
            ("unit", "<testsuite name='s'><testcase name='t'/></testsuite>"),
            ("metrics", r#"{"accuracy": 0.9}"#),
            ("ranks", "feature,importance\nincome,1\n"),
            ("rows", &format!("x\n{rows}")),
            ("more", &rows.lines().map(|row| format!("{{\"x\": {row}}}\n")).collect::<String>()),
            ("broken", "{\"accuracy\": "),
        ] {
            bench.put(name, bytes.as_bytes(), None);
        }
        let mut sources = bench.sources();
        let drift = serde_json::json!({"drift": {"reference": "rows", "current": "more", "method": "PSI",
            "compare": "Statistic", "threshold": "0.2", "maxDriftedShare": "0", "bins": 10, "columns": [], "byColumn": []}});
        for (check, said) in [
            (
                r#"{"documentation": {"evidence": "card", "frontMatter": ["license"]}}"#,
                "key (read as a Hugging Face card)",
            ),
            (r#"{"documentation": {"evidence": "card", "frontMatter": ["x"]}}"#, "card (read as a Hugging Face card)"),
            (r#"{"tests": {"evidence": ["unit"], "maxFailed": 0, "minTests": 1}}"#, "passed (read as a JUnit report)"),
            (r#"{"metric": {"evidence": "metrics", "name": "accuracy", "min": "0.8"}}"#, "(read as JSON)"),
            (r#"{"metric": {"evidence": "metrics", "name": "recall", "min": "0.8"}}"#, "(read as JSON)"),
            (
                r#"{"expression": {"expression": "evidence.metrics.accuracy > 0.8", "evidence": ["metrics"]}}"#,
                "(read as JSON)",
            ),
            (r#"{"privacy": {"evidence": "more", "allowedColumns": ["x"]}}"#, "allowed (read as JSON lines)"),
            // Of the data only the digest is compared, although another gate has read it.
            (
                r#"{"explainability": {"evidence": "ranks", "aboutModel": false, "maxShare": "0", "minFeatures": 1, "data": "more"}}"#,
                "(read as CSV)",
            ),
        ] {
            let message = told(serde_json::from_str(check).unwrap(), &mut sources);
            assert!(message.ends_with(said), "{message}");
        }
        // The second time the tables are not read again.
        for _ in 0..2 {
            let message = told(drift.clone(), &mut sources);
            assert!(message.ends_with("(read as CSV and JSON lines)"), "{message}");
        }
        for evidence in ["broken", "absent"] {
            let metric = serde_json::json!({"metric": {"evidence": evidence, "name": "accuracy", "min": "0.8"}});
            let message = told(metric, &mut sources);
            assert!(!message.contains("read as a") && !message.contains("(read"), "{message}");
        }
    }
}
