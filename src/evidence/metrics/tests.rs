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
    let cases: [(&str, Format, &[(&str, f64)]); 18] = [
        ("metrics/mlflow.json", Format::MlFlow, &[("accuracy", 0.8125), ("roc_auc", 0.875)]),
        ("metrics/mlflow-rest.json", Format::MlFlow, &[("accuracy", 0.8125), ("roc_auc", 0.875)]),
        ("metrics/classification-report.json", Format::Json, &[("accuracy", 0.8125), ("1.recall", 0.75)]),
        ("metrics/fairlearn.json", Format::Json, &[("accuracy.F", 0.75), ("accuracy.M", 0.875)]),
        ("metrics/kubeflow.json", Format::Kubeflow, &[("accuracy", 0.8125), ("roc-auc", 0.875)]),
        ("metrics/aif360.json", Format::Aif360, &[("Disparate Impact", 0.8)]),
        (
            "metrics/evidently-legacy.json",
            Format::EvidentlyLegacy,
            &[("DatasetDriftMetric.share_of_drifted_columns", 0.25)],
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
        ("tests/garak.jsonl", Format::Garak, &[("dan.Dan_11_0.dan.DAN", 0.6)]),
        ("tests/great-expectations-loans.json", Format::GreatExpectations, &[("evaluated_expectations", 3.0)]),
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
