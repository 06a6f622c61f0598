//! What one check cannot tell, beside what all have in common.

use super::scenes::{Scene, contract, explanation, junit, loans, model};
use modelgate::policy::{Digest, FindingReason as Reason, Outcome};
use serde_json::json;

pub struct Case {
    pub check: &'static str,
    pub what: &'static str,
    pub change: fn(&mut Scene),
    pub outcome: Outcome,
    pub reason: Reason,
}

const fn case(
    check: &'static str,
    what: &'static str,
    outcome: Outcome,
    reason: Reason,
    change: fn(&mut Scene),
) -> Case {
    Case { check, what, change, outcome, reason }
}

fn first(rows: &str, count: usize) -> String {
    rows.split_inclusive('\n').take(count).collect()
}

use Outcome::{Error, Inconclusive, Missing};

pub const CASES: &[Case] = &[
    case("documentation", "asks for nothing", Error, Reason::NothingAsked, |scene| {
        scene.asked()["topics"] = json!([]);
    }),
    case("metric", "no such metric", Missing, Reason::MetricMissing, |scene| scene.asked()["name"] = json!("f1")),
    case("metric", "no such metric before", Missing, Reason::MetricMissing, |scene| {
        scene.give("before", r#"{"recall": 1}"#);
    }),
    case("metric", "a number that is none", Error, Reason::NotFinite, |scene| {
        scene.give("metrics", r#"{"accuracy": NaN}"#);
    }),
    case("metric", "none before", Error, Reason::NotFinite, |scene| scene.give("before", r#"{"accuracy": -Infinity}"#)),
    case("metric", "a word", Error, Reason::EvidenceUnreadable, |scene| {
        scene.give("metrics", r#"{"accuracy": "high"}"#);
    }),
    case("metric", "relative to nothing", Inconclusive, Reason::UndefinedRatio, |scene| {
        scene.give("before", r#"{"accuracy": 0}"#);
        scene.asked()["againstBaseline"]["relative"] = json!(true);
    }),
    case("metric", "asks for nothing", Error, Reason::NothingAsked, |scene| {
        scene.asked()["min"] = json!(null);
        scene.asked()["againstBaseline"] = json!(null);
        scene.pieces.pop();
    }),
    case("dataContract", "of another version", Error, Reason::OtherContract, |scene| {
        scene.asked()["version"] = json!("7.0.0");
    }),
    case("dataContract", "of another object", Error, Reason::OtherContract, |scene| {
        scene.asked()["object"] = json!("patients");
    }),
    case("dataContract", "not the policy's", Error, Reason::DigestMismatch, |scene| {
        scene.asked()["contractDigests"] = json!([Digest::of(b"another")]);
    }),
    case("dataContract", "not the tested one", Error, Reason::DigestMismatch, |scene| {
        scene.asked()["testedWith"]["digests"] = json!([Digest::of(b"another")]);
    }),
    case("dataContract", "a rule that nothing evaluates", Inconclusive, Reason::RuleNotEvaluated, |scene| {
        let sql = r#""required":true,"quality":[{"type":"sql","query":"SELECT 1","mustBe":0}]"#;
        scene.give("contract", contract("1.1.0").replace(r#""required":true"#, sql));
    }),
    case("dataContract", "no rows", Missing, Reason::EvidenceEmpty, |scene| scene.give("loans", "region,deny\n")),
    case("fairness", "few rows", Inconclusive, Reason::TooFewRows, |scene| {
        scene.give("loans", first(&loans(|i| i > 3), 9));
    }),
    case("fairness", "few rows before", Inconclusive, Reason::TooFewRows, |scene| {
        scene.give("raw", first(&loans(|i| i > 3), 9));
    }),
    case("fairness", "one group", Inconclusive, Reason::TooFewGroups, |scene| {
        scene.give("loans", loans(|i| i > 9).replace("south", "north"));
    }),
    case("fairness", "a small group", Inconclusive, Reason::GroupTooSmall, |scene| {
        scene.asked()["minGroupSize"] = json!(30);
    }),
    case("fairness", "nobody gets one", Inconclusive, Reason::UndefinedRatio, |scene| {
        scene.give("loans", loans(|_| false));
    }),
    case("fairness", "columns that are not described", Missing, Reason::ColumnMissing, |scene| {
        scene.pieces[0].columns = None;
    }),
    case("fairness", "a column that is not there", Missing, Reason::ColumnMissing, |scene| {
        scene.give("loans", loans(|i| i > 9).replace("region", "place"));
    }),
    case("fairness", "a score that is none", Error, Reason::EvidenceUnreadable, |scene| {
        scene.asked()["measure"] = json!("CalibrationGap");
        scene.give("loans", loans(|i| i > 9).replacen("0.5", "NaN", 1));
    }),
    case("fairness", "an empty cell", Error, Reason::EvidenceUnreadable, |scene| {
        scene.give("loans", loans(|i| i > 9).replacen("\"south\"", "null", 1));
    }),
    case("fairness", "no such value", Error, Reason::EvidenceUnreadable, |scene| {
        scene.pieces[0].columns.as_mut().unwrap()["favorable"] = json!("7");
    }),
    case("fairness", "asks for nothing", Error, Reason::NothingAsked, |scene| scene.asked()["attributes"] = json!([])),
    case("fairness", "a record that says nothing", Missing, Reason::EvidenceEmpty, |scene| {
        scene.give("record", "TODO");
    }),
    case("drift", "few rows", Inconclusive, Reason::TooFewRows, |scene| {
        scene.give("now", first(&loans(|i| i > 3), 9));
    }),
    case("drift", "few rows before", Inconclusive, Reason::TooFewRows, |scene| {
        scene.give("before", first(&loans(|i| i > 3), 9));
    }),
    case("drift", "the reference itself", Inconclusive, Reason::NoComparableColumns, |scene| {
        let same = scene.pieces[0].bytes.clone();
        scene.give("now", same);
    }),
    case("drift", "a constant column", Inconclusive, Reason::ConstantColumn, |scene| {
        let rows = |extra: &str| loans(|i| i.is_multiple_of(2)).replace("}\n", &format!(",{extra}}}\n"));
        scene.give("before", rows("\"year\":2026"));
        scene.give("now", rows("\"year\": 2026"));
        scene.asked()["columns"] = json!(["score", "year"]);
    }),
    case("drift", "a column that is gone", Missing, Reason::ColumnMissing, |scene| {
        scene.give("now", loans(|i| i.is_multiple_of(2)).replace("region", "place"));
    }),
    case("drift", "a named column that is not there", Missing, Reason::ColumnMissing, |scene| {
        scene.asked()["columns"] = json!(["height"]);
    }),
    case("drift", "a number that is none", Error, Reason::NotFinite, |scene| {
        scene.give("now", loans(|i| i.is_multiple_of(2)).replacen("0.5", "NaN", 1));
    }),
    case("drift", "not the policy's reference", Error, Reason::DigestMismatch, |scene| {
        scene.asked()["referenceDigests"] = json!([Digest::of(b"another")]);
    }),
    case("drift", "a method without p-values", Error, Reason::NothingAsked, |scene| {
        scene.asked()["compare"] = json!("PValue");
    }),
    case("explainability", "of no model", Inconclusive, Reason::SubjectUnknown, |scene| {
        scene.give("report", r#"{"schema": "modelgate.dev/explanation/v1", "importance": {"income": 1}}"#);
    }),
    case("explainability", "of other data", Error, Reason::OtherSubject, |scene| scene.give("data", "other rows")),
    case("explainability", "of nothing", Inconclusive, Reason::UndefinedRatio, |scene| {
        scene.give("report", explanation(&json!({"income": 0, "sex": 0}), b"rows"));
    }),
    case("explainability", "ranked against nothing", Inconclusive, Reason::UndefinedRatio, |scene| {
        scene.give("before", explanation(&json!({"income": 0, "sex": 0}), b"rows"));
    }),
    case("explainability", "few features", Inconclusive, Reason::FeaturesMissing, |scene| {
        scene.asked()["minFeatures"] = json!(9);
    }),
    case("explainability", "a case that is not there", Missing, Reason::CasesMissing, |scene| {
        scene.asked()["cases"] = json!(["row-7"]);
    }),
    case("explainability", "a number that is none", Error, Reason::NotFinite, |scene| {
        scene.give("report", explanation(&json!({"income": 7}), b"rows").replace('7', "NaN"));
    }),
    case("explainability", "not the policy's reference", Error, Reason::DigestMismatch, |scene| {
        scene.asked()["stability"]["referenceDigests"] = json!([Digest::of(b"another")]);
    }),
    case("explainability", "not what the admitted revision was explained by", Error, Reason::DigestMismatch, |scene| {
        let stability = &mut scene.asked()["stability"];
        (stability["againstAdmitted"], stability["admitted"]) = (json!(true), json!(Digest::of(b"another")));
    }),
    case("privacy", "a column that is not there", Missing, Reason::ColumnMissing, |scene| {
        scene.asked()["personalData"]["columns"] = json!({"only": ["height"]});
    }),
    case("privacy", "a column of no values", Inconclusive, Reason::TooFewRows, |scene| {
        scene.give("loans", loans(|i| i > 9).replace("\"score\":", "\"token\":null,\"score\":"));
        scene.asked()["redacted"] =
            json!([{"columns": ["token"], "form": "Hex", "clearText": {"evidence": "people", "column": "name"}}]);
    }),
    case("privacy", "no clear text to compare with", Inconclusive, Reason::TooFewRows, |scene| {
        scene.give("people", "{\"name\": null}\n");
    }),
    case("privacy", "not the policy's clear text", Error, Reason::DigestMismatch, |scene| {
        scene.asked()["redacted"][0]["clearText"]["digests"] = json!([Digest::of(b"another")]);
    }),
    case("privacy", "no column left", Inconclusive, Reason::NothingAsked, |scene| {
        scene.asked()["personalData"]["columns"] = json!({"allBut": ["*"]});
    }),
    case("privacy", "nothing declared", Missing, Reason::DeclarationMissing, |scene| {
        scene.give("contract", contract("1.0.0").replace("consentPurposes", "other"));
    }),
    case("privacy", "not the policy's contract", Error, Reason::DigestMismatch, |scene| {
        scene.asked()["declared"]["digests"] = json!([Digest::of(b"another")]);
    }),
    case("tests", "none ran", Inconclusive, Reason::NoTests, |scene| {
        scene.give("unit", "<testsuite name='unit'/>");
    }),
    case("tests", "only skipped ones", Inconclusive, Reason::NoTests, |scene| {
        scene.give("attacks", "<testsuite name='red-team'><testcase name='a'><skipped/></testcase></testsuite>");
    }),
    case("tests", "no such suite", Missing, Reason::SuiteMissing, |scene| {
        scene.give("attacks", junit("blue-team", ""))
    }),
    case("tests", "about no model", Inconclusive, Reason::SubjectUnknown, |scene| {
        scene.asked()["aboutModel"] = json!(true);
    }),
    case("tests", "about another model", Error, Reason::OtherSubject, |scene| {
        let statement = include_str!("../../fixtures/tests/in-toto-passed.json");
        scene.give("unit", statement.replace(&"a".repeat(64), &"b".repeat(64)));
        scene.asked()["aboutModel"] = json!(true);
    }),
    case("vulnerabilities", "of nothing", Inconclusive, Reason::NothingScanned, |scene| {
        scene.give("scan", include_bytes!("../../fixtures/vulnerabilities/trivy-nothing.json").as_slice());
    }),
    case("vulnerabilities", "old", Inconclusive, Reason::EvidenceStale, |scene| {
        scene.asked()["maxScanAgeSeconds"] = json!(60);
    }),
    case("vulnerabilities", "about no model", Inconclusive, Reason::SubjectUnknown, |scene| {
        scene.asked()["aboutModel"] = json!(true);
    }),
    case("vulnerabilities", "of another thing", Error, Reason::OtherSubject, |scene| {
        let scan = include_str!("../../fixtures/vulnerabilities/in-toto-vulns.json");
        scene.give("scan", scan.replace(&"a".repeat(64), &"b".repeat(64)));
        scene.asked()["aboutModel"] = json!(true);
    }),
    case("vulnerabilities", "limits nothing", Error, Reason::NothingAsked, |scene| {
        scene.asked()["allowed"] = json!({});
    }),
    case("provenance", "about another model", Error, Reason::OtherSubject, |scene| {
        scene.asked()["subjects"] = json!(["provenance"]);
    }),
    case("provenance", "weights that are not there", Missing, Reason::EvidenceMissing, |scene| {
        scene.asked()["subjects"] = json!(["weights"]);
    }),
    case("provenance", "of a step without sources", Missing, Reason::ProvenanceMissing, |scene| {
        scene.model = model('d');
        scene.give("provenance", include_bytes!("../../fixtures/provenance/prepare.json").as_slice());
    }),
    case("provenance", "old", Inconclusive, Reason::EvidenceStale, |scene| {
        scene.asked()["maxAgeSeconds"] = json!(60);
    }),
    case("expression", "gives a number", Inconclusive, Reason::ExpressionNotBoolean, |scene| {
        scene.asked()["expression"] = json!("evidence.metrics.accuracy");
    }),
    case("expression", "asks for what is not there", Error, Reason::ExpressionInvalid, |scene| {
        scene.asked()["expression"] = json!("evidence.metrics.recall > 0.5");
    }),
    case("expression", "is none", Error, Reason::ExpressionInvalid, |scene| {
        scene.asked()["expression"] = json!("evidence.metrics.accuracy >");
    }),
    case("expression", "is too much", Error, Reason::ExpressionTooCostly, |scene| {
        scene.asked()["expression"] = json!(vec!["true"; 600].join(" && "));
    }),
    case("expression", "a number that is none", Error, Reason::NotFinite, |scene| {
        scene.give("metrics", r#"{"accuracy": NaN}"#);
    }),
    case("job", "cannot tell", Inconclusive, Reason::ReportedInconclusive, |scene| {
        scene.wrote = (json!({"outcome": "Inconclusive"}), 2);
    }),
    case("job", "broke", Error, Reason::ReportedError, |scene| scene.wrote = (json!({"outcome": "Error"}), 3)),
    case("job", "finds nothing to read", Missing, Reason::EvidenceMissing, |scene| {
        scene.wrote = (json!({"outcome": "Missing"}), 2);
    }),
    case("job", "passes without a number", Error, Reason::ResultInvalid, |scene| {
        scene.wrote = (json!({"outcome": "Pass"}), 0);
    }),
    case("job", "passes with what is none", Error, Reason::ResultInvalid, |scene| {
        scene.wrote = (json!({"outcome": "Pass", "value": "NaN"}), 0);
    }),
    case("job", "says it is not asked", Error, Reason::ResultInvalid, |scene| {
        scene.wrote = (json!({"outcome": "Skipped"}), 0);
    }),
    case("job", "read other bytes", Error, Reason::DigestMismatch, |scene| {
        scene.wrote = (json!({"outcome": "Pass", "value": 0.9, "evidence": [Digest::of(b"other")]}), 0);
    }),
    case("job", "passes below the bound", Outcome::Fail, Reason::BelowMinimum, |scene| {
        scene.wrote = (json!({"outcome": "Pass", "value": 0.1}), 0);
    }),
];
