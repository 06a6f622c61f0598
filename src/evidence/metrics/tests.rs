use super::*;
use crate::policy::{FindingReason, Outcome};

fn parse(bytes: &[u8]) -> Result<Metrics, EvidenceError> {
    Metrics::parse(bytes, None)
}

#[test]
fn every_known_form_gives_the_number() {
    let forms = [
        r#"{"info": {"status": "FINISHED"}, "data": {"metrics": {"accuracy": 0.8125}, "params": {"accuracy": "no"}}}"#,
        r#"{"run": {"info": {"status": "FINISHED"}, "data": {"metrics": [{"key": "accuracy", "value": 0.8125, "step": 0}]}}}"#,
        r#"{"info": {"status": 3}, "data": {"metrics": [{"key": "loss", "value": "NaN"}, {"key": "accuracy", "value": 0.8125}]}}"#,
        r#"{"accuracy": 0.8125, "note": "any"}"#,
        "name,value\naccuracy,0.8125\nloss,nan\n",
        "\u{feff}Metric, Value\r\naccuracy , 0.8125\r\n",
        "loss,accuracy\n0.5,0.8125\n",
    ];
    for form in forms {
        assert_eq!(parse(form.as_bytes()).unwrap().number("accuracy"), Ok(0.8125), "{form}");
    }
    let nested = parse(br#"{"test": {"slice.a": {"auc": 1}}}"#).unwrap();
    assert_eq!(nested.number("test.slice.a.auc"), Ok(1.0));
}

#[test]
fn bad_numbers_never_become_numbers() {
    use FindingReason::{EvidenceUnreadable, MetricMissing, NotFinite};
    let cases = [
        (r#"{"m": "NaN"}"#, Outcome::Error, NotFinite),
        (r#"{"m": "-Infinity"}"#, Outcome::Error, NotFinite),
        (r#"{"m": "inf"}"#, Outcome::Error, NotFinite),
        (r#"{"m": "N/A"}"#, Outcome::Error, EvidenceUnreadable),
        (r#"{"m": "0.9"}"#, Outcome::Error, EvidenceUnreadable),
        (r#"{"m": null}"#, Outcome::Error, EvidenceUnreadable),
        (r#"{"m": [0.9]}"#, Outcome::Error, EvidenceUnreadable),
        (r#"{"m": {"value": 0.9}}"#, Outcome::Missing, MetricMissing),
        ("{}", Outcome::Missing, MetricMissing),
        (r#"{"info": {"status": "FINISHED"}, "data": {}}"#, Outcome::Missing, MetricMissing),
        ("name,value\nm,NaN", Outcome::Error, NotFinite),
        ("name,value\nm,", Outcome::Error, EvidenceUnreadable),
        ("name,value\n", Outcome::Missing, MetricMissing),
        ("m\n1e999\n", Outcome::Error, NotFinite),
    ];
    for (text, outcome, reason) in cases {
        let error = parse(text.as_bytes()).unwrap().number("m").unwrap_err();
        assert_eq!(error.verdict(), (outcome, reason), "{text}: {error}");
    }
}

#[test]
fn bad_documents_are_refused() {
    let cases = [
        (r#"{"m": NaN}"#, "NaN at line 1 column 7"),
        (r#"[{"key": "m", "value": 1}]"#, "not an object"),
        (r#"{"a.b": 1, "a": {"b": 2}}"#, "\"a.b\" stands twice"),
        (r#"{"info": {"status": "FAILED"}, "data": {"metrics": {"m": 1}}}"#, "\"FAILED\", not FINISHED"),
        (r#"{"info": {}, "data": {"metrics": {"m": 1}}}"#, "its status is null, not FINISHED"),
        (r#"{"info": {"status": "RUNNING"}, "data": {"metrics": {"m": 1}}}"#, "\"RUNNING\", not FINISHED"),
        (r#"{"info": {"status": 3}, "data": {"metrics": 3}}"#, "neither a map nor a list"),
        (r#"{"info": {"status": 3}, "data": {"metrics": [{"value": 3}]}}"#, "/data/metrics/0/key"),
        (
            r#"{"info": {"status": 3}, "data": {"metrics": [{"key": "m", "value": 1}, {"key": "m", "value": 2}]}}"#,
            "\"m\" stands twice",
        ),
        ("name,value\nm,1\nm,2\n", "\"m\" stands twice"),
        ("name,value\nm,1,2\n", "record 1 (line: 2"),
        ("a,b\n1,2\n3,4\n", "neither name,value lines"),
    ];
    for (text, said) in cases {
        let error = parse(text.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(said), "{text}: {error}");
    }
    assert_eq!(parse(b""), Err(EvidenceError::Empty));
}

#[test]
fn a_missing_name_says_what_is_there() {
    let metrics = parse(br#"{"a": 1, "b": 1, "c": 1, "d": 1, "e": 1}"#).unwrap();
    let said = metrics.number("accuracy").unwrap_err().to_string();
    assert_eq!(said, r#"has no metric "accuracy"; it has a, b, c, d and 1 more; measure it and release that"#);
}

fn fixture(path: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/fixtures/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn what_the_tools_wrote() {
    let cases: [(&str, Format, &[(&str, f64)]); 28] = [
        ("metrics/mlflow.json", Format::MlFlow, &[("accuracy", 0.8125), ("roc_auc", 0.875)]),
        ("metrics/mlflow-evaluate.json", Format::Json, &[("accuracy_score", 0.8125), ("roc_auc", 0.875)]),
        ("metrics/mlflow-rest.json", Format::MlFlow, &[("accuracy", 0.8125), ("roc_auc", 0.875)]),
        ("metrics/classification-report.json", Format::Json, &[("accuracy", 0.8125), ("1.recall", 0.75)]),
        ("metrics/fairlearn.json", Format::Json, &[("accuracy.F", 0.75), ("accuracy.M", 0.875)]),
        ("metrics/kubeflow.json", Format::Kubeflow, &[("accuracy", 0.8125), ("roc-auc", 0.875)]),
        (
            "metrics/kubeflow-artifacts.json",
            Format::Kubeflow,
            &[("accuracy", 0.8125), ("roc-auc", 0.875), ("scores.accuracy", 0.8125)],
        ),
        ("metrics/dvc.json", Format::Json, &[("test.accuracy", 0.8125), ("test.roc_auc", 0.875)]),
        ("metrics/dvc-show.json", Format::Json, &[("data.eval/metrics.json.data.test.accuracy", 0.8125)]),
        ("metrics/aif360.json", Format::Aif360, &[("Disparate Impact", 0.8)]),
        ("metrics/aif360-weighted.json", Format::Aif360, &[("Disparate Impact", (80.0 / 140.0) / (100.0 / 150.0))]),
        ("metrics/aif360-difference.json", Format::Aif360, &[("Statistical Parity Difference", 0.4 - 0.5)]),
        ("metrics/aif360-rows.json", Format::Aif360, &[("Number Of Instances", 200.0)]),
        (
            "metrics/evidently-legacy.json",
            Format::EvidentlyLegacy,
            &[
                ("DatasetDriftMetric.share_of_drifted_columns", 0.25),
                ("ColumnDriftMetric.income.drifted", 1.0),
                ("ColumnDriftMetric.age.drifted", 0.0),
                ("ColumnDriftMetric.age.drift_score", 0.059075573460886974),
            ],
        ),
        (
            "metrics/presidio.json",
            Format::Presidio,
            &[("count", 2.0), ("score", 1.0), ("EMAIL_ADDRESS", 2.0), ("EMAIL_ADDRESS.score", 1.0)],
        ),
        (
            "metrics/presidio-texts.json",
            Format::Presidio,
            &[("count", 4.0), ("CREDIT_CARD", 1.0), ("IP_ADDRESS.score", 0.6)],
        ),
        (
            "tests/evidently.json",
            Format::Evidently,
            &[
                ("RowCount", 400.0),
                ("DriftedColumnsCount.share", 0.5),
                ("MissingValueCount.age.count", 0.0),
                ("DriftedColumnsCount(drift_share=0.5).count", 1.0),
            ],
        ),
        ("tests/lm-eval.json", Format::LmEval, &[("sums.acc", 2.0 / 3.0), ("sums.acc,none", 2.0 / 3.0)]),
        ("tests/inspect-success.json", Format::Inspect, &[("match.accuracy", 0.75), ("completed", 1.0)]),
        ("tests/promptfoo.json", Format::Promptfoo, &[("passRate", 1.0 / 3.0), ("failures", 2.0)]),
        (
            "tests/garak.jsonl",
            Format::Garak,
            &[
                ("dan.Ablation_Dan_11_0.dan.DAN", 0.0),
                ("dan.Ablation_Dan_11_0.mitigation.MitigationBypass", 112.0 / 127.0),
                ("test.Test.always.Pass", 1.0),
            ],
        ),
        ("tests/great-expectations-loans.json", Format::GreatExpectations, &[("evaluated_expectations", 3.0)]),
        (
            "tests/great-expectations-legacy-checkpoint.json",
            Format::GreatExpectations,
            &[("loans.evaluated_expectations", 3.0), ("loans.success_percent", 33.33333333333333)],
        ),
        (
            "documents/hugging-face.md",
            Format::HuggingFace,
            &[("accuracy", 0.8125), ("Loans 2025.roc_auc", 0.875), ("Area under the curve", 0.875)],
        ),
        (
            "documents/model-card-toolkit.json",
            Format::ModelCardToolkit,
            &[("accuracy", 0.8125), ("accuracy.lower", 0.79), ("accuracy[region=north]", 0.78)],
        ),
        (
            "documents/cyclonedx-ml-bom.json",
            Format::CycloneDx,
            &[("accuracy", 0.8125), ("accuracy.upper", 0.83), ("accuracy[region=north]", 0.78)],
        ),
        ("documents/spdx-ai.json", Format::Spdx, &[("accuracy", 0.8125), ("roc_auc", 0.875)]),
        ("explanations/importances.csv", Format::Csv, &[]),
    ];
    for (path, format, numbers) in cases {
        if numbers.is_empty() {
            assert!(Metrics::parse(&fixture(path), Some(format)).is_err(), "{path}");
            continue;
        }
        for named in [None, Some(format)] {
            let metrics = Metrics::parse(&fixture(path), named).unwrap();
            for (name, number) in numbers {
                assert_eq!(metrics.number(name), Ok(*number), "{path}");
            }
            assert!(metrics.number("absent").is_err(), "{path}");
        }
    }
}

/// Evidently's own test of each drift fails where the number says drift.
#[test]
fn drift_is_told_as_evidently_tells_it() {
    let report: Value = serde_json::from_slice(&fixture("tests/evidently-drift.json")).unwrap();
    let metrics = parse(&fixture("tests/evidently-drift.json")).unwrap();
    let (mut methods, mut endings) = (std::collections::BTreeSet::new(), std::collections::BTreeSet::new());
    for metric in report["metrics"].as_array().unwrap() {
        let tests = report["tests"].as_array().unwrap();
        let test = tests.iter().find(|test| test["metric_config"]["metric_id"] == metric["id"]).unwrap();
        let failed = f64::from(u8::from(test["status"] == "FAIL"));
        let name = format!("{}.drifted", metric["metric_name"].as_str().unwrap());
        assert_eq!(metrics.number(&name), Ok(failed), "{test:#?}");
        methods.insert(metric["config"]["method"].as_str().unwrap());
        endings.insert(test["status"].as_str().unwrap());
    }
    assert_eq!((methods.len(), endings.len()), (18, 2), "{methods:?}");
    // Of one column, several methods may say several things.
    assert_eq!(parse(&fixture("tests/evidently.json")).unwrap().number("ValueDrift.income.drifted"), Ok(1.0));
    let unknown = r#"{"metrics": [{"metric_name": "V", "value": 0.3, "config": {"type": "evidently:metric_v2:ValueDrift", "column": "a", CONFIG}}]}"#;
    for config in [
        r#""method": "Percentile text content drift", "threshold": 0.95"#,
        r#""method": "custom function 'f'", "threshold": 0.1"#,
        r#""method": "PSI""#,
    ] {
        let metrics = parse(unknown.replace("CONFIG", config).as_bytes()).unwrap();
        let error = metrics.number("ValueDrift.a.drifted").unwrap_err();
        assert_eq!(error.verdict(), (Outcome::Error, FindingReason::EvidenceUnreadable), "{config}: {error}");
        assert_eq!(metrics.number("ValueDrift.a"), Ok(0.3));
    }
}

#[test]
fn groups_are_as_far_apart_as_fairlearn_says() {
    let metrics = Metrics::parse(&fixture("metrics/fairlearn.json"), Some(Format::Fairlearn)).unwrap();
    let told: Value = serde_json::from_slice(&fixture("metrics/fairlearn-apart.json")).unwrap();
    for (measure, numbers) in told.as_object().unwrap() {
        for (metric, number) in numbers.as_object().unwrap() {
            assert_eq!(metrics.number(&format!("{metric}.{measure}")), Ok(number.as_f64().unwrap()), "{measure}");
        }
    }
    assert_eq!((told.as_object().unwrap().len(), metrics.number("accuracy.F")), (4, Ok(0.75)));
    let read = |text: &str| Metrics::parse(text.as_bytes(), Some(Format::Fairlearn));
    for (text, outcome, reason) in [
        (r#"{"a": {"F": 0.5, "M": null}}"#, Outcome::Error, FindingReason::EvidenceUnreadable),
        (r#"{"a": {"F": 0.5}}"#, Outcome::Error, FindingReason::EvidenceUnreadable),
        (r#"{"a": {"F": "Infinity", "M": 1}}"#, Outcome::Error, FindingReason::EvidenceUnreadable),
        (r#"{"a": {}}"#, Outcome::Error, FindingReason::EvidenceUnreadable),
        (r#"{"a": {"F": 0, "M": 0}}"#, Outcome::Error, FindingReason::NotFinite),
        ("{}", Outcome::Missing, FindingReason::MetricMissing),
    ] {
        assert_eq!(read(text).unwrap().number("a.ratio").unwrap_err().verdict(), (outcome, reason), "{text}");
    }
    for (text, said) in [
        (r#"{"F": 0.5, "M": 0.6}"#, "/F is not an object of groups and numbers"),
        (r#"[{"a": 1}]"#, "/ is not an object"),
        (r#"{"a": {"ratio": 1, "M": 0}}"#, "\"a.ratio\" stands twice"),
    ] {
        let error = read(text).unwrap_err().to_string();
        assert!(error.contains(said), "{text}: {error}");
    }
}

#[test]
fn presidio_that_found_nothing_is_taken_for_it_by_name_only() {
    assert!(parse(&fixture("metrics/presidio-nothing.json")).is_err());
    let nothing = Metrics::parse(&fixture("metrics/presidio-nothing.json"), Some(Format::Presidio)).unwrap();
    assert_eq!((nothing.number("count"), nothing.number("score")), (Ok(0.0), Ok(0.0)));
    // Which kinds were looked for is not told.
    assert_eq!(nothing.number("EMAIL_ADDRESS").unwrap_err().verdict().1, FindingReason::MetricMissing);
    for (text, said) in [
        (r#"[{"entity_type": "A", "start": 0, "end": 1, "score": 1.5}]"#, "/0/score is not between 0 and 1"),
        (r#"[[], [{"entity_type": "A", "start": 0, "end": 1}]]"#, "/1/0/score is not a score"),
        (r#"[{"entity_type": "count", "start": 0, "end": 1, "score": 1}]"#, "\"count\" stands twice"),
        (r#"{"entity_type": "A"}"#, "/ is not a list"),
    ] {
        let error = Metrics::parse(text.as_bytes(), Some(Format::Presidio)).unwrap_err().to_string();
        assert!(error.contains(said), "{text}: {error}");
    }
}

#[test]
fn a_name_that_several_values_share_stands_for_none() {
    let card = "---\nmodel-index:\n- name: m\n  results:\n  - dataset: {name: a}\n    metrics: [{type: acc, value: 0.9}]\n  \
                - dataset: {name: b}\n    metrics: [{type: acc, value: '0.8'}]\n---\n";
    let metrics = parse(card.as_bytes()).unwrap();
    assert_eq!((metrics.number("a.acc"), metrics.number("b.acc")), (Ok(0.9), Ok(0.8)));
    let error = metrics.number("acc").unwrap_err();
    assert_eq!(error.verdict().0, Outcome::Error);
    assert!(error.to_string().contains("several values"), "{error}");
}

#[test]
fn long_names_above_many_numbers_are_too_large() {
    let many: String = (0..20_000).map(|n| format!("\"{n}\": 0,")).collect();
    let text = format!("{{\"{}\": {{{many} \"x\": 0}}}}", "k".repeat(1000));
    let crowded = EvidenceError::TooLarge { what: "bytes in all names of metrics", limit: MAX_NAMES };
    assert_eq!(parse(text.as_bytes()), Err(crowded.clone()));
    let evidently = format!("{{\"metrics\": [{{\"metric_name\": \"m\", \"value\": {text}}}]}}");
    assert_eq!(parse(evidently.as_bytes()), Err(crowded));
}

#[test]
fn numbers_that_are_none() {
    use FindingReason::{EvidenceUnreadable, MetricMissing, NotFinite};
    let cases = [
        (r#"{"results": {"t": {"acc,none": "N/A"}}, "n-shot": {}}"#, "t.acc", Outcome::Error, EvidenceUnreadable),
        (
            "{\"entry_type\": \"eval\", \"probe\": \"p\", \"detector\": \"d\", \"passed\": 0, \"total\": 0}\n{\"entry_type\": \"completion\"}",
            "p.d",
            Outcome::Error,
            EvidenceUnreadable,
        ),
        (
            r#"{"model_details": {}, "quantitative_analysis": {"performance_metrics": [{"type": "a", "value": "NaN"}]}}"#,
            "a",
            Outcome::Error,
            NotFinite,
        ),
        (r#"{"model_details": {}}"#, "a", Outcome::Missing, MetricMissing),
        (r#"{"metrics": [{"metric_name": "M()", "value": null}]}"#, "M()", Outcome::Missing, MetricMissing),
        (
            r#"{"statistics": {"success_percent": null}, "success": true, "results": []}"#,
            "success_percent",
            Outcome::Error,
            EvidenceUnreadable,
        ),
    ];
    for (text, name, outcome, reason) in cases {
        let error = parse(text.as_bytes()).unwrap().number(name).unwrap_err();
        assert_eq!(error.verdict(), (outcome, reason), "{text}: {error}");
    }
    for (text, said) in [
        (r#"{"metrics": [{"metric_name": 3}]}"#, "/metrics/0/metric_name is not text"),
        (r#"{"metric": "M", "message": "no number", "ideal": "1"}"#, "/message is not a sentence that ends with"),
        (
            r#"{"metric": "Disparate Impact", "message": "is: 0.9", "ideal": "1", "numPositivePredictionsUnprivileged": 4, "numUnprivileged": 10, "numPositivePredictionsPrivileged": 5, "numPrivileged": 10}"#,
            "/message is not a sentence that ends with what its counts come to",
        ),
        (r#"{"metrics": [{"numberValue": 1}]}"#, "/metrics/0/name is not a metric's name"),
        (
            r#"{"metric": "Disparate Impact", "message": "1", "ideal": "1", "numPositivePredictionsUnprivileged": 9, "numUnprivileged": 5}"#,
            "/numPositivePredictionsUnprivileged is not between 0 and",
        ),
        (
            r#"{"metric": "Disparate Impact", "message": "1", "ideal": "1", "numPositivePredictionsPrivileged": -1, "numPrivileged": 5}"#,
            "/numPositivePredictionsPrivileged is not between 0 and",
        ),
        (r#"{"entry_type": "eval", "probe": "p", "detector": "d", "passed": 3, "total": 2}"#, "passed is not at most"),
        (r#"{"entry_type": "eval", "probe": "p", "detector": "d", "passed": 1, "total": 2}"#, "was broken off"),
        (
            r#"{"version": 2, "status": "success", "eval": {"task": "t"}, "results": {"total_samples": 1, "completed_samples": 2}}"#,
            "/results/completed_samples is not at most",
        ),
        (
            r#"{"version": 2, "status": "error", "eval": {"task": "t"}, "results": {"total_samples": 2, "completed_samples": 2}}"#,
            "its status is error",
        ),
        (r#"{"evalId": "x", "results": {}}"#, "/results/stats is not counts"),
        (r#"{"SchemaVersion": 2, "Results": []}"#, "is a Trivy report, which holds no metrics"),
    ] {
        let error = parse(text.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(said), "{text}: {error}");
    }
}
