//! Gates with a Job of their own, from the command line: no container is started, what one wrote is taken.

use crate::{modelgate, out};
use serde_json::json;
use std::fs;
use std::path::Path;
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A release with the example's attacks, and a policy that lets this share succeed.
fn manifests(folder: &Path, max: &str) -> Vec<String> {
    let digest = format!("sha256:{}", "1".repeat(64));
    let attacks = fs::read_to_string(Path::new(ROOT).join("examples/red-team/attacks.jsonl")).unwrap();
    let objects = [
        json!({"apiVersion": "modelgate.dev/v1alpha1", "kind": "GovernancePolicy", "metadata": {"name": "models"}, "spec": {
            "match": {"namespaceSelector": {"matchLabels": {"team": "a"}}}, "enforcement": "Enforce",
            "gates": [{"name": "red-team", "job": {"image": format!("red-team@{digest}"), "evidence": ["attacks"], "max": max}}]}}),
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "attacks", "namespace": "n"}, "immutable": true,
            "data": {"attacks.jsonl": attacks}}),
        json!({"apiVersion": "modelgate.dev/v1alpha1", "kind": "ModelRelease", "metadata": {"name": "m", "namespace": "n"}, "spec": {
            "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "m"},
            "model": {"name": "m", "version": "1", "digest": digest}, "owner": {"team": "a"},
            "evidence": [{"name": "attacks", "configMap": {"name": "attacks", "key": "attacks.jsonl"}}]}}),
    ];
    let mut arguments = vec![];
    for (nth, object) in objects.iter().enumerate() {
        let path = folder.join(format!("{nth}.json"));
        fs::write(&path, object.to_string()).unwrap();
        arguments.extend(["-f".to_owned(), path.display().to_string()]);
    }
    arguments
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
    let result = container(folder.path(), "modelgate-check");
    let foreign = container(folder.path(), "another");
    for (max, given, code, words) in [
        ("0.25", Some(&result), 0, "Pass"),
        ("0.1", Some(&result), 1, "AboveMaximum"),
        ("0.25", Some(&foreign), 3, "another run"),
        ("0.25", None, 2, "--result models/red-team=FILE"),
    ] {
        let mut arguments = vec!["check".to_owned()];
        arguments.extend(manifests(folder.path(), max));
        arguments.extend(given.iter().flat_map(|given| ["--result".to_owned(), (*given).clone()]));
        let output = modelgate(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(output.status.code(), Some(code), "{max} {given:?}: {output:?}");
        let flat = out(&output).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(words), "{max} {given:?}: {flat}");
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
