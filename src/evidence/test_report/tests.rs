//! Reports that the real tools wrote (`tests/fixtures/tests`), and what is nearly one.

use super::*;

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/fixtures/tests/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// passed, warned, failed, errored, skipped
fn told(counts: Counts) -> [u64; 5] {
    [counts.passed, counts.warned, counts.failed, counts.errored, counts.skipped]
}

#[test]
fn what_the_tools_wrote() {
    let cases: [(&str, Format, &str, [u64; 5]); 21] = [
        ("junit-every-ending.xml", Format::JUnit, "unit", [3, 0, 1, 1, 2]),
        ("junit-passed.xml", Format::JUnit, "red-team", [1, 0, 0, 0, 0]),
        ("junit-no-tests.xml", Format::JUnit, "pytest", [0, 0, 0, 0, 0]),
        ("great-expectations-loans.json", Format::GreatExpectations, "loans", [1, 0, 1, 1, 0]),
        ("great-expectations-empty.json", Format::GreatExpectations, "empty", [0, 0, 0, 0, 0]),
        ("evidently.json", Format::Evidently, "evidently", [4, 0, 2, 0, 0]),
        ("evidently-without-tests.json", Format::Evidently, "evidently", [0, 0, 0, 0, 0]),
        ("evidently-legacy.json", Format::EvidentlyLegacy, "evidently", [1, 1, 1, 1, 0]),
        ("deepchecks.json", Format::Deepchecks, "integrity", [1, 1, 1, 1, 0]),
        ("in-toto-passed.json", Format::InTotoTestResult, "acceptance", [2, 0, 0, 0, 0]),
        ("in-toto-failed.json", Format::InTotoTestResult, "acceptance", [1, 0, 1, 0, 0]),
        ("lm-eval.json", Format::LmEval, "sums", [3, 0, 0, 0, 1]),
        ("inspect-success.json", Format::Inspect, "arithmetic", [4, 0, 0, 0, 0]),
        ("inspect-brittle.json", Format::Inspect, "brittle", [3, 0, 0, 1, 0]),
        ("promptfoo.json", Format::Promptfoo, "promptfoo", [1, 0, 2, 0, 0]),
        ("great-expectations-legacy.json", Format::GreatExpectations, "loans", [1, 0, 1, 1, 0]),
        ("great-expectations-legacy-checkpoint.json", Format::GreatExpectations, "loans", [1, 0, 1, 1, 0]),
        ("garak.jsonl", Format::Garak, "dan.Ablation_Dan_11_0", [112, 0, 142, 0, 0]),
        // The model gave no answer, and the detector called all of them harmless.
        ("garak-nothing.jsonl", Format::Garak, "test.Test", [0, 0, 0, 1, 8]),
        ("open-lineage.json", Format::OpenLineage, "loans", [1, 1, 1, 0, 0]),
        ("open-lineage.jsonl", Format::OpenLineage, "loans", [1, 1, 1, 0, 0]),
    ];
    for (name, format, suite, counts) in cases {
        for named in [None, Some(format)] {
            let report = TestReport::parse(&fixture(name), named).unwrap();
            assert_eq!(report.formats(), [format], "{name}");
            assert_eq!(report.suite_named(suite).map(told), Some(counts), "{name}: {:?}", report.suites);
        }
    }
}

#[test]
fn names_of_what_did_not_pass() {
    let names = |name: &str| TestReport::parse(&fixture(name), None).unwrap().bad().to_vec();
    assert_eq!(names("junit-every-ending.xml"), ["test_suite.test_fails", "test_suite.test_errors"]);
    let expectations = names("great-expectations-loans.json");
    assert!(expectations.contains(&"expect_column_values_to_be_in_set(state)".to_owned()), "{expectations:?}");
    assert_eq!(names("promptfoo.json"), ["says another word", "the assertion breaks"]);
    assert_eq!(names("in-toto-failed.json"), ["answers"]);
}

#[test]
fn several_reports_are_one() {
    let mut joined = TestReport::parse(&fixture("junit-passed.xml"), None).unwrap();
    joined.join(TestReport::parse(&fixture("junit-every-ending.xml"), None).unwrap()).unwrap();
    joined.join(TestReport::parse(&fixture("lm-eval.json"), None).unwrap()).unwrap();
    assert_eq!(told(joined.counts()), [7, 0, 1, 1, 3]);
    assert_eq!((joined.counts().total(), joined.counts().ran()), (12, 9));
    assert_eq!(joined.suites().count(), 3);
    let bad = "<testsuite name='s'>".to_owned() + &"<testcase name='t'><error/></testcase>".repeat(50) + "</testsuite>";
    joined.join(TestReport::parse(bad.as_bytes(), None).unwrap()).unwrap();
    assert_eq!(joined.bad().len(), KEPT_NAMES);
}

#[test]
fn junit_in_all_its_forms() {
    let cases = [
        ("<testsuite name='s'/>", [0, 0, 0, 0, 0]),
        ("<testsuites/>", [0, 0, 0, 0, 0]),
        (
            "<?xml version='1.0'?><!-- c --><testsuites><testsuite><testcase name='a'/></testsuite></testsuites>",
            [1, 0, 0, 0, 0],
        ),
        (
            "<testsuites><testsuite name='s'><testsuite name='s'><testcase/></testsuite></testsuite></testsuites>",
            [1, 0, 0, 0, 0],
        ),
        (
            "<testsuite name='s'><properties><property name='error'/></properties><testcase><system-out><![CDATA[<failure/>]]></system-out></testcase></testsuite>",
            [1, 0, 0, 0, 0],
        ),
        ("<testsuite name='s'><testcase><flakyFailure/><rerunFailure/></testcase></testsuite>", [1, 0, 0, 0, 0]),
        ("<testsuite name='s'><testcase><failure/><skipped/></testcase></testsuite>", [0, 0, 1, 0, 0]),
        ("<testsuite name='s'><testcase><skipped/><error/><failure/></testcase></testsuite>", [0, 0, 0, 1, 0]),
        ("<testsuite name='s'><testcase status='notrun'/></testsuite>", [0, 0, 0, 0, 1]),
        ("<testsuite name='s' tests='1' failures='' novel='yes'><testcase/><novel/></testsuite>", [1, 0, 0, 0, 0]),
        (
            "<testsuite><testcase status='run' result='completed'/><testcase status='PASSED'/></testsuite>",
            [2, 0, 0, 0, 0],
        ),
        ("<testsuite><testcase status='failed'/><testcase status='error'/></testsuite>", [0, 0, 1, 1, 0]),
        (
            "<testsuite><testcase status='run' result='suppressed'/><testcase status='ignored'/></testsuite>",
            [0, 0, 0, 0, 2],
        ),
        ("<testsuite failures='1' errors='1'><testcase><failure/><error/></testcase></testsuite>", [0, 0, 0, 1, 0]),
        ("<testsuite><error>set-up broke</error><testcase/></testsuite>", [1, 0, 0, 1, 0]),
        (
            "<testsuites failures='1'><testsuite failures='1'><testcase><failure/></testcase></testsuite></testsuites>",
            [0, 0, 1, 0, 0],
        ),
    ];
    for (text, counts) in cases {
        assert_eq!(told(TestReport::parse(text.as_bytes(), None).unwrap().counts()), counts, "{text}");
    }
    let report = TestReport::parse(b"<testsuite name='a &amp; &lt;b&gt;'><testcase/></testsuite>", None).unwrap();
    assert!(report.suite_named("a & <b>").is_some());
}

#[test]
fn junit_that_is_not_whole() {
    let bomb = "<!DOCTYPE t [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;'>]><testsuite name='&b;'/>";
    let deep = "<testsuite>".repeat(10_000);
    let many = format!("<testsuite>{}</testsuite>", "<testcase/>".repeat(370_000));
    let cases = [
        ("<testsuite><testcase></testsuite>", "cannot be read as XML"),
        ("<testsuite><testcase/>", "it ends too early"),
        ("<testsuite", "cannot be read as XML"),
        (bomb, "cannot be read as XML: it has a document type, which is refused"),
        (&format!("<?xml version='1.0'?>{bomb}"), "it has a document type"),
        ("<testsuite name='&b;'/>", "cannot be read as XML"),
        (&deep, "has more than 32 XML levels"),
        ("<?xml version='1.0'?><report/>", "/ is not a testsuites or testsuite element"),
        ("<testsuite/><testsuite/>", "/ is not a testsuites"),
        ("<testsuite name='s' tests='3'/>", "suite \"s\" says it has 3 tests, but 0 are there"),
        (
            "<testsuite name='s' failures='1'><testcase/></testsuite>",
            "says it has 1 failures and errors, but 0 are there",
        ),
        ("<testsuite errors='2'><testcase><error/></testcase></testsuite>", "says it has 2 failures and errors, but 1"),
        ("<testsuite skipped='1'><testcase/></testsuite>", "says it has 1 skipped tests, but 0"),
        ("<testsuites tests='2'><testsuite/></testsuites>", "the report says it has 2 tests, but 0"),
        (
            "<testsuites><testsuite name='s' tests='2'/><testsuite><testcase/></testsuite></testsuites>",
            "suite \"s\" says it has 2 tests, but 0",
        ),
        ("<testsuite tests='all'><testcase/></testsuite>", "tests=\"all\" is not a count"),
        ("<testsuite><testcase status='quarantined'/></testsuite>", "\"quarantined\", which is no known status"),
        (&many, "has more than"),
    ];
    for (text, said) in cases {
        let error = TestReport::parse(text.as_bytes(), None).unwrap_err().to_string();
        assert!(error.contains(said), "{}: {error}", &text[..text.len().min(80)]);
    }
}

#[test]
fn what_is_nearly_a_report_says_where() {
    let cases = [
        (
            r#"{"success": true, "results": [{"success": "yes"}], "statistics": {}}"#,
            "/results/0/success is not true or false",
        ),
        (r#"{"success": false, "results": [{"success": true}], "statistics": {}}"#, "/success is not true, as for all"),
        (r#"{"metrics": [], "tests": [{"metric_config": {}, "status": "FINE"}]}"#, "/tests/0/status is not SUCCESS"),
        (r#"{"version": 2, "status": "success", "eval": {}}"#, "/eval/task is not a task's name"),
        (
            r#"{"version": 2, "status": "success", "eval": {"task": "t"}, "results": {"total_samples": 1, "completed_samples": 2}}"#,
            "/results/completed_samples is not at most",
        ),
        (
            r#"{"evalId": "e", "results": {"stats": {"successes": 0}, "results": [{}]}}"#,
            "/results/results/0/success is not true or false",
        ),
        (r#"{"evalId": "e", "results": {}}"#, "/results/stats is not counts"),
        (r#"{"entry_type": "eval", "probe": "p", "passed": 3, "total": 2}"#, "passed is not at most the total"),
        (r#"{"entry_type": "eval", "probe": "p", "passed": 1.5, "total": 2}"#, "passed is not a count"),
        ("{\"entry_type\": \"init\"}\n{\"entry_type\": \"eval\"}", "line 2 /probe is not a probe's name"),
        ("{\"entry_type\": \"init\"}\n{\"entry_type\": ", "line 2: EOF"),
        (
            r#"{"predicateType": "https://in-toto.io/attestation/test-result/v0.1", "predicate": {"result": "OK"}}"#,
            "/predicate/result is not PASSED, WARNED",
        ),
        (
            r#"{"name": "s", "results": [{"check": {"name": "c"}, "conditions_results": [{"Status": "?"}]}]}"#,
            "/results/0/conditions_results/0/Status is not PASS",
        ),
        (
            r#"{"results": {"t": {"acc,none": 1}}, "n-shot": {}, "n-samples": {"t": {"original": -1}}}"#,
            "/n-samples/t/original is not a count",
        ),
        (r#"{"SchemaVersion": 2, "Results": []}"#, "is a Trivy report, which holds no test results"),
        (r#"{"a": 1}"#, "is JSON of no known format that holds test results"),
        ("a,b\n1,2\n", "is text of no known format"),
    ];
    for (text, said) in cases {
        let error = TestReport::parse(text.as_bytes(), None).unwrap_err().to_string();
        assert!(error.contains(said), "{text}: {error}");
    }
}

#[test]
fn a_named_format_is_the_one_that_is_read() {
    let junit = fixture("junit-passed.xml");
    for format in Format::ALL.iter().filter(|format| **format != Format::JUnit) {
        assert!(TestReport::parse(&junit, Some(*format)).is_err(), "{format}");
    }
    assert!(TestReport::parse(br#"{"name": "s", "results": []}"#, Some(Format::JUnit)).is_err());
    // An empty suite has nothing that tells it, so it needs its name.
    let empty = br#"{"name": "s", "results": []}"#;
    assert!(TestReport::parse(empty, None).is_err());
    assert_eq!(TestReport::parse(empty, Some(Format::Deepchecks)).unwrap().counts().total(), 0);
}

#[test]
fn nan_beside_the_tests_is_passed_over_and_never_one_of_them() {
    let beside = br#"{"name": "s", "results": [{"check": {"name": "c"}, "value": NaN, "conditions_results": [{"Status": "PASS"}]}]}"#;
    assert_eq!(told(TestReport::parse(beside, None).unwrap().counts()), [1, 0, 0, 0, 0]);
    let inside = br#"{"name": "s", "results": [{"check": {"name": "c"}, "conditions_results": [{"Status": NaN}]}]}"#;
    assert!(TestReport::parse(inside, None).is_err());
    let task = br#"{"results": {"t": {"acc,none": NaN}}, "n-shot": {}}"#;
    assert_eq!(told(TestReport::parse(task, None).unwrap().counts()), [0, 0, 0, 1, 0]);
}

#[test]
fn garak_that_evaluated_nothing_is_no_pass() {
    let lines = br#"{"entry_type": "eval", "probe": "p", "detector": "d", "passed": 0, "total_evaluated": 0}
        {"entry_type": "completion"}"#;
    assert_eq!(told(TestReport::parse(lines, None).unwrap().counts()), [0, 0, 0, 1, 0]);
}

#[test]
fn garak_that_could_not_judge_or_was_not_answered() {
    let report = |eval: &str, summary: &str| {
        let text = format!(
            r#"{{"entry_type": "eval", "probe": "p", "detector": "d", {eval}}}
            {{"entry_type": "probe_summary", "probe": "p", {summary}}}
            {{"entry_type": "completion"}}"#
        );
        TestReport::parse(text.as_bytes(), None).map(|report| told(report.counts()))
    };
    let cases = [
        (
            r#""passed": 3, "fails": 2, "nones": 1, "total_evaluated": 5, "total_processed": 6"#,
            r#""x": 0"#,
            [3, 0, 2, 0, 1],
        ),
        // The four that were not answered are the one that could not be judged, and three that passed.
        (r#""passed": 5, "nones": 1, "total_evaluated": 6"#, r#""inference_counts": {"nones": 4}"#, [2, 0, 1, 0, 4]),
        // More than passed: nothing is taken from what failed.
        (r#""passed": 1, "total": 3"#, r#""inference_counts": {"nones": 3}"#, [0, 0, 2, 0, 1]),
    ];
    for (eval, summary, counts) in cases {
        assert_eq!(report(eval, summary), Ok(counts), "{eval} {summary}");
    }
    let error =
        report(r#""passed": 1, "total": 1"#, r#""inference_counts": {"nones": "all"}"#).unwrap_err().to_string();
    assert!(error.contains("/inference_counts/nones is not a count"), "{error}");
}

fn refused(text: &str) -> String {
    TestReport::parse(text.as_bytes(), None).map(|report| report.counts()).unwrap_err().to_string()
}

#[test]
fn totals_that_the_tests_contradict() {
    let promptfoo = |stats: &str| {
        format!(
            r#"{{"evalId": "e", "results": {{"stats": {stats}, "results": [{{"success": true}}, {{"success": false}}]}}}}"#
        )
    };
    let expectations = |success: bool, statistics: &str| {
        format!(
            r#"{{"success": {success}, "results": [{{"success": true}}], "statistics": {statistics}, "suite_name": "s"}}"#
        )
    };
    let checkpoint = r#"{"success": false, "run_results": {"a": {"success": true, "results": [{"success": true}]}}}"#;
    let evidently = |summary: &str| {
        format!(r#"{{"tests": [{{"name": "n", "status": "SUCCESS"}}], "summary": {{"all_passed": true, {summary}}}}}"#)
    };
    let cases = [
        (promptfoo(r#"{"successes": 1, "failures": 2}"#), "/results/stats is not what its results come to"),
        (promptfoo(r#"{"successes": 2, "failures": 1}"#), "/results/stats is not what its results come to"),
        (promptfoo(r#"{"successes": 1, "failures": 1, "errors": 1}"#), "/results/stats is not what"),
        (promptfoo(r#"{"successes": 1}"#), "/results/stats is not what"),
        (expectations(true, r#"{"success_percent": 1000}"#), "/statistics/success_percent is not what"),
        (
            r#"{"evalId": "e", "results": {"stats": {"successes": 3}, "results": []}}"#.to_owned(),
            "/results/stats is not what",
        ),
        (
            expectations(true, r#"{"evaluated_expectations": 2}"#),
            "/statistics/evaluated_expectations is not what its results",
        ),
        (
            expectations(true, r#"{"evaluated_expectations": 1, "unsuccessful_expectations": 1}"#),
            "/statistics/unsuccessful_expectations is not what",
        ),
        (checkpoint.to_owned(), "/success is not true, as for all its results"),
        (evidently(r#""total_tests": 2"#), "/summary/total_tests is not what its tests come to"),
        (evidently(r#""success_tests": 0"#), "/summary/success_tests is not what its tests come to"),
        (evidently(r#""failed_tests": 1"#), "/summary/failed_tests is not what its tests come to"),
        (
            r#"{"results": {"t": {"acc,none": 1}}, "n-shot": {}, "n-samples": {"t": {"original": 1, "effective": 9}}}"#
                .to_owned(),
            "no more samples than there are",
        ),
    ];
    for (text, said) in cases {
        let error = refused(&text);
        assert!(error.contains(said), "{text}: {error}");
    }
    for text in [promptfoo(r#"{"successes": 1, "failures": 1}"#), promptfoo(r#"{"successes": 1, "errors": 1}"#)] {
        assert_eq!(told(TestReport::parse(text.as_bytes(), None).unwrap().counts()), [1, 0, 1, 0, 0]);
    }
}

#[test]
fn what_was_broken_off_is_no_report() {
    let garak = fixture("garak.jsonl");
    let garak: Vec<&str> =
        std::str::from_utf8(&garak).unwrap().lines().filter(|line| !line.contains("completion")).collect();
    let event = |run: &str, kind: &str| {
        let kind = if kind.is_empty() { String::new() } else { format!(r#""eventType": "{kind}","#) };
        format!(r#"{{{kind} "eventTime": "2026-01-02T03:04:05Z", "run": {{"runId": "{run}"}}, "job": {{}}}}"#)
    };
    let inspect = |status: &str| {
        let results = r#"{"total_samples": 1, "completed_samples": 1, "scores": [{}]}"#;
        format!(r#"{{"version": 2, "status": "{status}", "eval": {{"task": "t"}}, "results": {results}}}"#)
    };
    let cases = [
        (garak.join("\n"), "was broken off (a garak report): it has no entry of the type completion"),
        (event("r", "START"), "run r has no COMPLETE event"),
        (event("r", ""), "run r has no COMPLETE event"),
        ([event("r", "COMPLETE"), event("s", "RUNNING")].join("\n"), "run s has no COMPLETE event"),
        ([event("r", "COMPLETE"), event("r", "FAIL")].join("\n"), "run r says FAIL"),
        (event("r", "ABORT"), "run r says ABORT"),
        (inspect("started"), "its status is started, not success"),
        (inspect("cancelled"), "its status is cancelled, not success"),
        (r#"{"version": 2, "status": "error", "eval": {"task": "t"}}"#.to_owned(), "its status is error"),
        (r#"{"version": 2, "status": "success", "eval": {"task": "t"}}"#.to_owned(), "/results is not the results"),
        (r#"{"n-shot": {}, "higher_is_better": {}}"#.to_owned(), "no known format"),
    ];
    for (text, said) in cases {
        let error = refused(&text);
        assert!(error.contains(said), "{text}: {error}");
    }
    let broken = TestReport::parse(inspect("error").as_bytes(), None).unwrap_err();
    assert_eq!(broken.verdict().0, crate::policy::Outcome::Error);
}

#[test]
fn too_many_suites() {
    let suites: String = (0..=MAX_SUITES).map(|n| format!("<testsuite name='{n}'/>")).collect();
    let error = TestReport::parse(format!("<testsuites>{suites}</testsuites>").as_bytes(), None);
    assert_eq!(error, Err(EvidenceError::TooLarge { what: "test suites", limit: MAX_SUITES }));
}

#[test]
fn junit_that_counts_more_than_it_lists() {
    // Subtests, assertions and what is skipped while it is taken down are counted, but are no test cases.
    let cases = [
        ("<testsuite name='pytest' errors='0' failures='0' skipped='0' tests='6'><testcase/></testsuite>", 1, 5),
        ("<testsuites tests='6'><testsuite tests='6'><testcase/></testsuite></testsuites>", 1, 5),
        (
            "<testsuites tests='9'><testsuite tests='3'><testcase/></testsuite><testsuite tests='4'><testcase/></testsuite></testsuites>",
            2,
            7,
        ),
        (
            "<testsuites><testsuite tests='3'><testcase/></testsuite><testsuite tests='1'><testcase/></testsuite></testsuites>",
            2,
            2,
        ),
        ("<testsuite tests='1'><testcase/><testcase/></testsuite>", 2, 0),
    ];
    for (text, passed, beyond) in cases {
        let report = TestReport::parse(text.as_bytes(), None).unwrap();
        assert_eq!((told(report.counts()), report.beyond), ([passed, 0, 0, 0, 0], beyond), "{text}");
    }
}

fn of(text: &str) -> [u64; 5] {
    told(TestReport::parse(text.as_bytes(), None).unwrap_or_else(|error| panic!("{text}: {error}")).counts())
}

#[test]
fn inspect_that_scored_less_than_it_was_given() {
    let log = |samples: u64, config: &str, total: u64, scores: &str| {
        of(&format!(
            r#"{{"version": 2, "status": "success", "eval": {{"task": "t", "dataset": {{"samples": {samples}}}, "config": {{{config}}}}},
                "results": {{"total_samples": {total}, "completed_samples": {total}, "scores": [{scores}]}}}}"#
        ))
    };
    let score = |scored: u64, unscored: u64, accuracy: &str| {
        format!(
            r#"{{"name": "match", "scored_samples": {scored}, "unscored_samples": {unscored},
                "metrics": {{"accuracy": {{"name": "accuracy", "value": {accuracy}}}}}}}"#
        )
    };
    let (whole, half, none) = (score(4, 0, "0.5"), score(2, 2, "0.5"), score(0, 4, "NaN"));
    let limited = r#""limit": 4, "epochs": 1"#;
    let cases = [
        (log(4, "", 4, &whole), [4, 0, 0, 0, 0]),
        (log(4, "", 4, &half), [2, 0, 0, 2, 0]),
        (log(4, "", 4, &none), [0, 0, 0, 4, 0]),
        // The worst of several scores; of which a number is enough.
        (log(4, "", 4, &[whole.clone(), half].join(",")), [2, 0, 0, 2, 0]),
        (log(4, "", 4, &[whole.clone(), score(4, 0, "NaN")].join(",")), [4, 0, 0, 0, 0]),
        (log(4, "", 4, r#"{"name": "match", "metrics": {}}"#), [0, 0, 0, 4, 0]),
        // One that was about nothing, whatever another says.
        (log(4, "", 4, &[whole.clone(), score(0, 0, "1")].join(",")), [0, 0, 0, 4, 0]),
        (
            log(4, "", 4, &[whole.as_str(), r#"{"name": "safety", "metrics": {"a": {"value": null}}}"#].join(",")),
            [0, 0, 0, 4, 0],
        ),
        // Scores are of samples, of all their epochs together.
        (log(4, r#""epochs": 2"#, 8, &score(3, 1, "0.5")), [6, 0, 0, 2, 0]),
        (log(10, limited, 4, &whole), [4, 0, 0, 0, 6]),
        (log(10, r#""sample_id": ["a"]"#, 1, &score(1, 0, "1")), [1, 0, 0, 0, 9]),
        (log(10, r#""limit": [0, 2], "epochs": 2"#, 4, &score(2, 0, "1")), [4, 0, 0, 0, 16]),
        (log(10, "", 4, &whole), [4, 0, 0, 0, 0]),
    ];
    for (number, (found, expected)) in cases.into_iter().enumerate() {
        assert_eq!(found, expected, "{number}");
    }
}

#[test]
fn open_lineage_tells_of_tests_of_the_run() {
    let event = |kind: &str, tests: &str, assertions: &str| {
        format!(
            r#"{{"eventType": "{kind}", "eventTime": "2026-01-02T03:04:05Z", "job": {{"namespace": "n", "name": "check"}},
                "run": {{"runId": "r", "facets": {{"test": {{"tests": [{tests}]}}}}}},
                "inputs": [{{"name": "loans", "inputFacets": {{"dataQualityAssertions": {{"assertions": [{assertions}]}}}}}}]}}"#
        )
        .replace('\n', "")
    };
    let complete = |tests: &str| of(&event("COMPLETE", tests, ""));
    let test = |rest: &str| format!(r#"{{"name": "t", {rest}}}"#);
    let cases = [
        (r#""status": "pass""#, [1, 0, 0, 0, 0]),
        (r#""status": "fail""#, [0, 0, 1, 0, 0]),
        (r#""status": "fail", "severity": "error""#, [0, 0, 1, 0, 0]),
        (r#""status": "fail", "severity": "warn""#, [0, 1, 0, 0, 0]),
        (r#""status": "skip""#, [0, 0, 0, 0, 1]),
    ];
    for (rest, counts) in cases {
        assert_eq!(complete(&test(rest)), counts, "{rest}");
    }
    let report = TestReport::parse(event("COMPLETE", &test(r#""status": "pass""#), "").as_bytes(), None).unwrap();
    assert!(report.suite_named("check").is_some());
    for (tests, said) in [
        (r#"{"name": "t", "status": "flaky"}"#, "/run/facets/test/tests/0/status is not pass, fail or skip"),
        (r#"{"name": "t"}"#, "/run/facets/test/tests/0/status is not"),
    ] {
        let error = refused(&event("COMPLETE", tests, ""));
        assert!(error.contains(said), "{tests}: {error}");
    }
    // What is told while it runs and when it is complete is one test; the worse is believed.
    let held = |success: bool| format!(r#"{{"assertion": "not_null", "column": "income", "success": {success}}}"#);
    let twice = |before: [&str; 2], after: [&str; 2]| {
        let (before, after) = (event("RUNNING", before[0], before[1]), event("COMPLETE", after[0], after[1]));
        of(&[before, after].join("\n"))
    };
    let (pass, fail) = (test(r#""status": "pass""#), test(r#""status": "fail""#));
    assert_eq!(twice([&pass, &held(true)], [&pass, &held(true)]), [2, 0, 0, 0, 0]);
    assert_eq!(twice([&fail, &held(false)], [&pass, &held(true)]), [0, 0, 2, 0, 0]);
    assert_eq!(twice([&pass, &held(true)], [&fail, &held(false)]), [0, 0, 2, 0, 0]);
    // Two of the same name in one event are two.
    let of_column = |column: &str| test(&format!(r#""status": "fail", "params": {{"column": "{column}"}}"#));
    assert_eq!(twice([&of_column("a"), ""], [&of_column("b"), ""]), [0, 0, 2, 0, 0], "asked with other words");
    let two = [held(true), held(false)].join(",");
    assert_eq!(twice(["", &two], ["", &two]), [1, 0, 1, 0, 0]);
}

#[test]
fn lm_eval_groups_repeat_their_tasks() {
    let report = |group: &str, subtasks: &str, counted: &str| {
        of(&format!(
            r#"{{"results": {{"suite": {group}, "t": {{"alias": " - t", "acc,none": 0.6}}}},
                "group_subtasks": {{"suite": [{subtasks}], "t": []}}, "n-shot": {{"t": 0}}, "higher_is_better": {{}},
                "n-samples": {{{counted} "t": {{"original": 4, "effective": 4}}}}}}"#
        ))
    };
    let group = r#"{" ": " ", "alias": "suite"}"#;
    let counted = r#""suite": {"original": 4, "effective": 4},"#;
    let cases = [
        (report(group, r#""t""#, ""), [4, 0, 0, 0, 0]),
        // A task without a number broke.
        (report(group, "", ""), [4, 0, 0, 1, 0]),
        (report(group, r#""t""#, counted), [4, 0, 0, 4, 0]),
        (report(r#"{"alias": "suite", "acc,none": NaN}"#, r#""t""#, ""), [4, 0, 0, 1, 0]),
    ];
    for (number, (found, expected)) in cases.into_iter().enumerate() {
        assert_eq!(found, expected, "{number}");
    }
}
