//! Gates with a Job of their own, from the command line: no container is started, what one wrote is taken.

use crate::{code, modelgate, out};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A release with the example's attacks, and a policy that lets this share succeed.
fn manifests(folder: &Path, max: &str) -> Vec<String> {
    written(folder, &objects(max))
}

fn objects(max: &str) -> [Value; 3] {
    let digest = format!("sha256:{}", "1".repeat(64));
    let attacks = fs::read_to_string(Path::new(ROOT).join("examples/red-team/attacks.jsonl")).unwrap();
    [
        json!({"apiVersion": "modelgate.dev/v1alpha1", "kind": "GovernancePolicy", "metadata": {"name": "models"}, "spec": {
            "match": {"namespaceSelector": {"matchLabels": {"team": "a"}}}, "enforcement": "Enforce",
            "gates": [{"name": "red-team", "job": {"image": format!("red-team@{digest}"), "evidence": ["attacks"], "max": max}}]}}),
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "attacks", "namespace": "n"}, "immutable": true,
            "data": {"attacks.jsonl": attacks}}),
        json!({"apiVersion": "modelgate.dev/v1alpha1", "kind": "ModelRelease", "metadata": {"name": "m", "namespace": "n"}, "spec": {
            "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "m"},
            "model": {"name": "m", "version": "1", "digest": digest}, "owner": {"team": "a"},
            "evidence": [{"name": "attacks", "configMap": {"name": "attacks", "key": "attacks.jsonl"}}]}}),
    ]
}

fn written(folder: &Path, objects: &[Value]) -> Vec<String> {
    let mut arguments = vec![];
    for (nth, object) in objects.iter().enumerate() {
        let path = folder.join(format!("{nth}.json"));
        fs::write(&path, object.to_string()).unwrap();
        arguments.extend(["-f".to_owned(), path.display().to_string()]);
    }
    arguments
}

/// `modelgate check` of these manifests, with a result or without: its exit code, and its words in one line.
fn check(manifests: &[String], result: Option<&str>) -> (i32, String) {
    let given = result.iter().flat_map(|result| ["--result", result]);
    let arguments: Vec<&str> = ["check"].into_iter().chain(manifests.iter().map(String::as_str)).chain(given).collect();
    let output = modelgate(&arguments);
    (code(&output), out(&output).split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The run that a result must name, as the command line says it.
fn run(manifests: &[String]) -> String {
    let (code, words) = check(manifests, None);
    assert_eq!(code, 2, "{words}");
    words.split_once("MODELGATE_RUN=").unwrap().1.split_once(' ').unwrap().0.to_owned()
}

/// What the example's own container would write, for this run.
fn container(folder: &Path, run: &str) -> String {
    let evidence = folder.join("evidence/attacks");
    fs::create_dir_all(&evidence).unwrap();
    fs::copy(Path::new(ROOT).join("examples/red-team/attacks.jsonl"), evidence.join("attacks.jsonl")).unwrap();
    let result = folder.join(format!("result-{run}.json"));
    let mut check = Command::new(Path::new(ROOT).join("examples/red-team/check"));
    check.env("MODELGATE_RUN", run).env("MODELGATE_GATE", "models/red-team").env("MODELGATE_RESULT", &result);
    assert!(check.env("MODELGATE_EVIDENCE", folder.join("evidence")).status().unwrap().success());
    format!("models/red-team={}", result.display())
}

#[test]
fn a_result_is_taken_as_in_the_cluster_and_its_absence_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let result = container(folder.path(), &run(&manifests(folder.path(), "0.25")));
    for (max, given, expected, words) in [
        ("0.25", Some(&*result), 0, "Pass"),
        // The bound is compared here, whatever the container says.
        ("0.1", Some(&*result), 1, "AboveMaximum"),
        ("0.25", None, 2, "--result models/red-team=FILE"),
    ] {
        let (code, told) = check(&manifests(folder.path(), max), given);
        assert_eq!(code, expected, "{max} {given:?}: {told}");
        assert!(told.contains(words), "{max} {given:?}: {told}");
    }
}

#[test]
fn a_result_counts_for_what_its_container_was_given() {
    let folder = tempfile::tempdir().unwrap();
    let own = run(&manifests(folder.path(), "0.25"));
    let result = container(folder.path(), &own);
    let other = format!("sha256:{}", "2".repeat(64));
    for (object, place, value) in [
        (0, "/spec/gates/0/job/image", json!(format!("red-team@{other}"))),
        (0, "/spec/gates/0/job/args", json!(["--fewer"])),
        (1, "/data/attacks.jsonl", json!("{\"succeeded\": false}\n")),
        (2, "/spec/model/digest", json!(other)),
        (2, "/spec/model/version", json!("2")),
        (2, "/metadata/name", json!("other")),
    ] {
        let mut objects = objects("0.25");
        let (parent, field) = place.rsplit_once('/').unwrap();
        objects[object].pointer_mut(parent).unwrap()[field] = value;
        let manifests = written(folder.path(), &objects);
        let wanted = run(&manifests);
        assert_ne!(wanted, own, "{place}");
        let (code, told) = check(&manifests, Some(&result));
        assert_eq!(code, 3, "{place}: {told}");
        assert!(told.contains("ResultForeign") && told.contains(&format!("MODELGATE_RUN={wanted}")), "{place}: {told}");
    }
    let constant = container(folder.path(), "modelgate-check");
    assert_eq!(check(&manifests(folder.path(), "0.25"), Some(&constant)).0, 3);
}

#[test]
fn a_file_that_is_no_result_is_named_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let manifests = manifests(folder.path(), "0.25");
    for (text, reason, words) in [
        ("", "ResultMissing", "result.txt is empty; run its container with MODELGATE_RUN=modelgate-check-"),
        ("{}", "ResultInvalid", "result.txt cannot be used, mend what its container writes and run it again: "),
    ] {
        let file = folder.path().join("result.txt");
        fs::write(&file, text).unwrap();
        let (code, told) = check(&manifests, Some(&format!("models/red-team={}", file.display())));
        assert_eq!(code, 3, "{told}");
        assert!(told.contains(reason) && told.contains(words), "{told}");
        assert!(!told.contains("pod") && !told.contains("Retry"), "{told}");
    }
}

#[test]
fn a_result_that_is_none_or_of_no_gate_is_wrong_usage() {
    let folder = tempfile::tempdir().unwrap();
    let mut arguments = vec!["check".to_owned()];
    arguments.extend(manifests(folder.path(), "0.1"));
    for given in ["models/other=x", "models=x", "x", "models/red-team=no-such-file"] {
        let all: Vec<&str> = arguments.iter().map(String::as_str).chain(["--result", given]).collect();
        let output = modelgate(&all);
        assert_eq!(output.status.code(), Some(4), "{given}: {output:?}");
    }
}
