//! The evidence of the mortgage example, as its training wrote it.

use crate::job::Job;
use modelgate::policy::{Digest, FindingReason, Outcome};
use serde_json::{Value, json};

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

fn fairness(measure: &str, bound: (&str, &str)) -> Value {
    let mut check = json!({
        "evidence": "predictions", "attributes": ["race"], "measure": measure, "minGroupSize": 30,
    });
    check[bound.0] = json!(bound.1);
    json!({ "fairness": check })
}

fn columns() -> Value {
    json!({
        "label": "deny", "prediction": "predicted", "favorable": "0",
        "protected": [{"attribute": "race", "column": "afam"}],
    })
}

/// The story: v1 is unfair by the four-fifths rule, v2 is not. CSV and Parquet agree to the last bit.
#[test]
fn the_four_fifths_rule_tells_v1_from_v2() {
    for (version, outcome, reason) in
        [("v1", Outcome::Fail, FindingReason::BelowMinimum), ("v2", Outcome::Pass, FindingReason::WithinLimits)]
    {
        let told: Vec<_> = ["csv", "parquet"]
            .into_iter()
            .map(|form| {
                Job::new()
                    .table("predictions", &read(&format!("{version}/predictions.{form}")), columns())
                    .gate("four-fifths", fairness("DemographicParityRatio", ("min", "0.8")))
                    .run()
                    .expect(outcome, reason)
                    .value
            })
            .collect();
        assert_eq!(told[0], told[1]);
        let expected: Value = serde_json::from_slice(&read(&format!("{version}/fairlearn.json"))).unwrap();
        let expected = expected["demographic_parity_ratio"].as_f64().unwrap();
        let found: f64 = told[0].as_deref().unwrap().parse().unwrap();
        assert!((found - expected).abs() < 1e-9, "{version} {found} {expected}");
    }
}

#[test]
fn drift_is_measured_against_the_pinned_reference_only() {
    let training = read("v2/training.csv");
    let recent = read("v2/recent.csv");
    let drift = |reference: &[u8]| {
        json!({"drift": {
            "reference": "training", "referenceDigests": [Digest::of(reference)], "current": "recent", "method": "PSI",
            "compare": "Statistic", "threshold": "0.2", "maxDriftedShare": "0.3",
        }})
    };
    let ask = |current: &[u8], reference: &[u8]| {
        Job::new().evidence("training", &training).evidence("recent", current).gate("drift", drift(reference)).run()
    };
    ask(&recent, &training).expect(Outcome::Pass, FindingReason::WithinLimits);
    ask(&recent, b"other").expect(Outcome::Error, FindingReason::DigestMismatch);
    let moved: String = String::from_utf8(training.clone())
        .unwrap()
        .lines()
        .enumerate()
        .map(|(line, text)| match line {
            0 => format!("{text}\n"),
            _ => {
                text.split(',')
                    .map(|cell| cell.parse::<f64>().map_or(cell.into(), |n| (n * 3.0 + 1.0).to_string()))
                    .collect::<Vec<_>>()
                    .join(",")
                    + "\n"
            }
        })
        .collect();
    ask(moved.as_bytes(), &training).expect(Outcome::Fail, FindingReason::AboveMaximum);
}

#[test]
fn tables_of_no_use() {
    let table = |rows: &str| format!("deny,predicted,afam\n{rows}");
    let rows = |of: &str, count: usize| format!("{of}\n").repeat(count);
    let two_groups = rows("0,0,yes", 40) + &rows("1,1,yes", 40) + &rows("0,0,no", 40) + &rows("1,1,no", 40);
    let ask = |text: &str| {
        Job::new()
            .table("predictions", text.as_bytes(), columns())
            .gate("four-fifths", fairness("DemographicParityRatio", ("min", "0.8")))
            .run()
    };
    ask(&table(&two_groups)).expect(Outcome::Pass, FindingReason::WithinLimits);
    let other = two_groups.replace("yes", "y");
    ask(&format!("deny,predicted,group\n{other}")).expect(Outcome::Missing, FindingReason::ColumnMissing);
    ask(&table(&rows("0,0,yes", 40))).expect(Outcome::Inconclusive, FindingReason::TooFewGroups);
    ask(&table("0,0,yes\n1,1,no\n0,0,no\n")).expect(Outcome::Inconclusive, FindingReason::TooFewRows);
    let small = rows("0,0,yes", 5) + &rows("0,0,no", 40) + &rows("1,1,no", 40);
    ask(&table(&small)).expect(Outcome::Inconclusive, FindingReason::GroupTooSmall);
    for text in ["", "deny,predicted,afam\n"] {
        assert_ne!(ask(text).only().outcome, Outcome::Pass, "{text}");
    }
    let cut = read("v1/predictions.parquet");
    let ended = Job::new()
        .table("predictions", &cut[..cut.len() / 2], columns())
        .gate("four-fifths", fairness("DemographicParityRatio", ("min", "0.8")))
        .run();
    ended.expect(Outcome::Error, FindingReason::EvidenceUnreadable);
}
