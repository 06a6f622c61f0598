//! Tables that fairness and drift cannot be told from.

use super::{Case, config_map, each_stalls, from_map};
use crate::stage::operator::shared;
use crate::stage::place::Place;
use serde_json::{Value, json};

fn predictions(map: &str, column: &str) -> Value {
    let mut evidence = from_map("predictions", map);
    let protected = json!([{"attribute": "race", "column": column}]);
    evidence["columns"] = json!({"prediction": "predicted", "favorable": "0", "protected": protected});
    json!([evidence])
}

/// So many rows of group a, then of group b; every second outcome is favourable.
fn people(a: usize, b: usize) -> Vec<u8> {
    let groups = std::iter::repeat_n("a", a).chain(std::iter::repeat_n("b", b));
    let lines: String = groups.enumerate().map(|(i, group)| format!("{},{group}\n", i % 2)).collect();
    format!("predicted,group\n{lines}").into_bytes()
}

#[tokio::test]
async fn predictions_that_tell_nothing_of_fairness_stall_the_release() {
    let _turn = shared();
    let place = Place::new("enforce").await;
    let fairness = json!({"evidence": "predictions", "attributes": ["race"], "measure": "DemographicParityRatio",
        "min": "0.8", "minGroupSize": 30});
    place.policy(json!([{"name": "four-fifths", "fairness": fairness}])).await;
    for (name, rows) in [
        ("good", people(60, 60)),
        ("one-group", people(120, 0)),
        ("three-rows", people(2, 1)),
        ("small", people(100, 20)),
    ] {
        config_map(&place, name, &rows, true).await;
    }
    config_map(&place, "ragged", b"predicted,group\n0,a\n1\n", true).await;
    let mut unmapped = predictions("good", "group");
    unmapped[0]["columns"]["protected"] = json!([]);
    let missing = ("EvidenceMissing", "ColumnMissing");
    let cases = [
        Case::new("no-column", predictions("good", "race"), missing, &["no column \"race\"", "correct the release's"]),
        Case::new("unmapped", unmapped, missing, &["predictions", "race", "release"]),
        Case::new(
            "one-group",
            predictions("one-group", "group"),
            ("GateInconclusive", "TooFewGroups"),
            &["all rows have race=a", "add rows of other groups"],
        ),
        Case::new(
            "three-rows",
            predictions("three-rows", "group"),
            ("GateInconclusive", "TooFewRows"),
            &["predictions has 3 rows", "give at least"],
        ),
        Case::new(
            "small",
            predictions("small", "group"),
            ("GateInconclusive", "GroupTooSmall"),
            &["race=b has 20 rows", "at least 30", "evaluate on more rows"],
        ),
        Case::new(
            "ragged",
            predictions("ragged", "group"),
            ("GateError", "EvidenceUnreadable"),
            &["predictions cannot be read as CSV", "release"],
        ),
    ];
    each_stalls(&place, "four-fifths", &cases, predictions("good", "group")).await;
}

/// A column of 60 rows.
fn column(cell: impl Fn(usize) -> String) -> Vec<u8> {
    let lines: String = (0..60).map(|i| format!("{i},{}\n", cell(i))).collect();
    format!("row,income\n{lines}").into_bytes()
}

#[tokio::test]
async fn columns_that_cannot_be_compared_stall_the_release() {
    let _turn = shared();
    let place = Place::new("enforce").await;
    let drift = json!({"reference": "training", "current": "recent", "method": "PSI", "threshold": "0.2", "columns": ["income"]});
    place.policy(json!([{"name": "drift", "drift": drift}])).await;
    let contents = [
        ("spread", column(|i| i.to_string())),
        ("like-it", column(|i| ((i * 7) % 60).to_string())),
        ("constant", column(|_| "5".to_owned())),
        ("constant-too", column(|i| if i == 0 { "5.0" } else { "5" }.to_owned())),
        ("null", column(|_| String::new())),
        ("endless", column(|i| if i == 9 { "inf".to_owned() } else { i.to_string() })),
        ("nameless", "row\n".bytes().chain("1\n".repeat(60).bytes()).collect()),
    ];
    for (name, rows) in &contents {
        config_map(&place, name, rows, true).await;
    }
    let of = |reference: &str, current: &str| json!([from_map("training", reference), from_map("recent", current)]);
    let nothing = ("GateInconclusive", "NoComparableColumns");
    let cases = [
        Case::new(
            "both-constant",
            of("constant", "constant-too"),
            nothing,
            &["income", "not comparable", "one single value"],
        ),
        Case::new("once-constant", of("constant", "spread"), nothing, &["income", "not comparable"]),
        Case::new("null-now", of("spread", "null"), nothing, &["income", "not comparable"]),
        Case::new("null-before", of("null", "spread"), nothing, &["income", "not comparable"]),
        Case::new("endless", of("spread", "endless"), ("GateError", "NotFinite"), &["recent has inf", "income"]),
        Case::new("itself", of("spread", "spread"), nothing, &["recent is the reference itself", "give rows"]),
        Case::new("no-column", of("spread", "nameless"), ("EvidenceMissing", "ColumnMissing"), &["recent", "income"]),
    ];
    each_stalls(&place, "drift", &cases, of("spread", "like-it")).await;
}
