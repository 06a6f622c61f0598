//! `modelgate check`.

use crate::{code, err, modelgate, out};
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

const POLICIES: &str = "examples/mortgage/k8s/base/policies.yaml";

fn of_version<'a>(release: &'a str, evidence: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["check", "-f", POLICIES, "-f", release, "-f", evidence], more].concat()
}

fn v1<'a>(more: &[&'a str]) -> Vec<&'a str> {
    of_version("examples/mortgage/k8s/v1/release.yaml", "examples/mortgage/k8s/v1/evidence.yaml", more)
}

fn v2<'a>(more: &[&'a str]) -> Vec<&'a str> {
    of_version("examples/mortgage/k8s/v2/release.yaml", "examples/mortgage/k8s/v2/evidence.yaml", more)
}

#[test]
fn the_exit_code_is_the_verdict() {
    let cases: [(&str, Vec<&str>, i32, &str); 7] = [
        ("passes", v2(&[]), 0, "pass: 6 gates passed; risk 70 (High); next: 1 approval by ml-risk"),
        (
            "risk",
            v2(&[]),
            0,
            "risk: 70 by high-risk: BusinessCriticality 100 x 35, DataSensitivity 100 x 35, ModelComplexity 0 x 10",
        ),
        ("fails", v1(&[]), 1, "BelowMinimum: favorable rate of race=yes is 0.521"),
        ("missing", v2(&["--evidence", "card=none.md"]), 2, "undecided: gate production-base/model-card"),
        (
            "foreign reference",
            v2(&["--evidence", "training=examples/mortgage/evidence/v2/recent.csv"]),
            3,
            "DigestMismatch",
        ),
        (
            "no policy selects it",
            v2(&["--namespace-label", "team=x"]),
            3,
            "no GovernancePolicy selects namespace lending",
        ),
        (
            "only the base policy",
            v1(&["--namespace-label", "modelgate.dev/environment=production"]),
            0,
            "pass: 3 gates",
        ),
    ];
    for (name, arguments, expected, said) in cases {
        let output = modelgate(&arguments);
        assert_eq!(code(&output), expected, "{name}: {}{}", out(&output), err(&output));
        assert!(out(&output).contains(said), "{name}: {}", out(&output));
    }
}

#[test]
fn what_cannot_be_used_is_usage() {
    let temp = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| {
        let path = temp.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let misspelt =
        put("misspelt.yaml", &fs::read_to_string(POLICIES).unwrap().replace("minGroupSize: 30", "minGroupsize: 30"));
    let broken = put("broken.yaml", "a: [1");
    let lines: String =
        (1..12).map(|i| format!("l{i}: &l{i} [{}]\n", vec![format!("*l{}", i - 1); 9].join(", "))).collect();
    let bomb = put("bomb.yaml", &format!("apiVersion: v1\nkind: ConfigMap\nl0: &l0 [x]\n{lines}"));
    let plain = put("plain.yaml", "accuracy: 0.9\n");
    let deep = put("deep.yaml", &format!("a: {}{}", "[".repeat(10_000), "]".repeat(10_000)));
    let release = "examples/mortgage/k8s/v2/release.yaml";
    let cases: [(&str, Vec<&str>, &str); 9] = [
        (
            "misspelt bound",
            vec!["check", "-f", release, "-f", &misspelt],
            "spec.gates[0].fairness.minGroupsize (four-fifths): there is no such field",
        ),
        ("not YAML", vec!["check", "-f", &broken], "is not a manifest"),
        ("a bomb of aliases", vec!["check", "-f", &bomb], "is not a manifest"),
        ("evidence as manifest", vec!["check", "-f", &plain], "give evidence with --evidence NAME=FILE"),
        ("too deep", vec!["check", "-f", &deep], "is not a manifest"),
        ("no file", vec!["check", "-f", "none.yaml"], "none.yaml cannot be read"),
        ("no release", vec!["check", "-f", POLICIES], "hold no ModelRelease"),
        ("twice", vec!["check", "-f", release, "-f", release], "ModelRelease mortgage-approval is there twice"),
        ("evidence it does not name", v2(&["--evidence", "scores=x"]), "names no evidence scores"),
    ];
    for (name, arguments, said) in cases {
        let output = modelgate(&arguments);
        assert_eq!(code(&output), 4, "{name}: {}{}", out(&output), err(&output));
        assert!(err(&output).contains(said), "{name}: {}", err(&output));
        assert!(out(&output).is_empty(), "{name}: {}", out(&output));
    }
}

#[test]
fn the_document_is_the_jobs_own() {
    let output = modelgate(&v1(&["-o", "json"]));
    let document: modelgate::policy::ResultDocument = serde_json::from_str(&out(&output)).unwrap();
    assert_eq!((code(&output), document.schema.as_str()), (1, "modelgate.dev/result/v1"));
    let gates: Vec<String> = document.results.iter().map(|finding| finding.gate.to_string()).collect();
    let asked = ["drift", "equal-opportunity", "four-fifths"].map(|gate| format!("high-risk/{gate}"));
    let base = ["accuracy", "model-card", "ranking"].map(|gate| format!("production-base/{gate}"));
    assert_eq!(gates, [asked, base].concat());
    let value = document.results[2].number().unwrap();
    assert!((value - 0.658_340_643).abs() < 1e-9, "{value}");
}

#[test]
fn other_tools_read_it() {
    let junit = out(&modelgate(&v1(&["-o", "junit"])));
    assert!(junit.contains(r#"tests="7" failures="1" errors="0" skipped="2""#), "{junit}");
    let waiting = out(&modelgate(&v2(&["-o", "junit"])));
    assert!(waiting.contains(r#"tests="8" failures="0" errors="0" skipped="2""#), "{waiting}");
    let sarif: serde_json::Value = serde_json::from_str(&out(&modelgate(&v1(&["-o", "sarif"])))).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let levels: Vec<_> =
        results.iter().map(|r| (r["ruleId"].as_str().unwrap(), r["level"].as_str().unwrap())).collect();
    assert!(levels.contains(&("high-risk/four-fifths", "error")), "{levels:?}");
    assert!(levels.contains(&("high-risk/equal-opportunity", "warning")), "{levels:?}");
    // How evidence was read is told of gates that passed too.
    for format in ["table", "junit", "markdown"] {
        let told = out(&modelgate(&v1(&["-o", format])));
        assert!(told.contains("accuracy is 0.") && told.contains("(read as "), "{format}: {told}");
    }
    let markdown = out(&modelgate(&v1(&["-o", "markdown"])));
    assert!(markdown.starts_with("### ModelRelease `lending/mortgage-approval`: fail"), "{markdown}");
}

/// What code scanning asks of a log: a version, rules that results name, a message and a place for each.
#[test]
fn code_scanning_has_what_it_asks_for() {
    let sarif: Value = serde_json::from_str(&out(&modelgate(&v1(&["-o", "sarif"])))).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    assert_eq!(run["tool"]["driver"]["name"], "modelgate");
    let rules: Vec<_> = run["tool"]["driver"]["rules"].as_array().unwrap().iter().map(|rule| &rule["id"]).collect();
    let results = run["results"].as_array().unwrap();
    assert!(!results.is_empty());
    for result in results {
        assert!(rules.contains(&&result["ruleId"]), "{result}");
        assert!(result["message"]["text"].as_str().is_some_and(|text| !text.is_empty()), "{result}");
        let place = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
        assert!(place.as_str().is_some_and(|place| !place.is_empty()), "{result}");
        assert!(result["partialFingerprints"].as_object().is_some_and(|prints| !prints.is_empty()), "{result}");
    }
}

/// A folder is read whole, and the standard input is one of the files.
#[test]
fn manifests_come_from_a_folder_or_the_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    let file = |path: &str| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    let files = [POLICIES, "examples/mortgage/k8s/v1/release.yaml", "examples/mortgage/k8s/v1/evidence.yaml"].map(file);
    let expected = out(&modelgate(&v1(&["--at", "2026-11-27T00:00:00Z"])));
    fs::write(folder.path().join("policies.yaml"), &files[0]).unwrap();
    fs::write(folder.path().join("notes.txt"), "no manifest").unwrap();
    let shown = folder.path().display().to_string();
    let given = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_modelgate"));
        command.args(["check", "-f", &shown, "-f", "-", "--at", "2026-11-27T00:00:00Z"]).args(more);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(files[1..].join("\n---\n").as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    };
    let output = given(&[]);
    assert_eq!((code(&output), out(&output)), (1, expected), "{}", err(&output));
    // It is no file that results can be shown beside.
    let sarif: Value = serde_json::from_str(&out(&given(&["-o", "sarif"]))).unwrap();
    let location = &sarif["runs"][0]["results"][0]["locations"][0];
    assert!(location["physicalLocation"].is_null(), "{location}");
    assert_eq!(location["logicalLocations"][0]["fullyQualifiedName"], "lending/mortgage-approval");
}
