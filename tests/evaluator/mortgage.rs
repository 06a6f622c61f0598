//! The evidence of the mortgage example, as its training wrote it.

use crate::job::Job;
use modelgate::policy::{FindingReason, Outcome};
use serde_json::json;

fn read(path: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/mortgage/evidence/");
    std::fs::read(format!("{folder}{path}")).unwrap()
}

#[test]
fn the_model_card_and_the_metrics_of_every_version_are_accepted() {
    for version in ["v1", "v2", "v3"] {
        let ended = Job::new()
            .evidence("card", &read(&format!("{version}/model-card.md")))
            .evidence("metrics", &read(&format!("{version}/metrics.json")))
            .gate(
                "card",
                json!({"documentation": {"evidence": "card", "frontMatter": ["license"], "sections": [{"heading": "Intended use", "minWords": 10}]}}),
            )
            .gate("accuracy", json!({"metric": {"evidence": "metrics", "name": "accuracy", "min": "0.7"}}))
            .expression("rows", "evidence.metrics.data.metrics.evaluation_rows >= 500", &["metrics"])
            .run();
        assert_eq!(ended.code, Some(0), "{version} {:?}", ended.document().results);
    }
}

#[test]
fn a_fall_from_the_last_admitted_revision_fails() {
    let ended = Job::new()
        .evidence("metrics", &read("v1/metrics.json"))
        .gate(
            "accuracy",
            json!({"metric": {"evidence": "metrics", "name": "accuracy", "min": "0.7", "againstAdmitted": {"maxDecrease": "0.01", "baseline": "0.85"}}}),
        )
        .run();
    let finding = ended.expect(Outcome::Fail, FindingReason::BelowMinimum);
    assert_eq!(finding.number(), Some(0.7875));
}
