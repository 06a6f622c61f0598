//! What `modelgate check` takes from the files beside policies and releases, and what it does without them.

use crate::{code, err, modelgate, out};
use modelgate::policy::Digest;
use std::fs;
use std::path::Path;
use std::process::Output;

const METRICS: &str = "{\"accuracy\": 0.9}";

fn release(name: &str) -> String {
    let digest = "a".repeat(64);
    format!(
        "apiVersion: modelgate.dev/v1alpha1\nkind: ModelRelease\nmetadata: {{name: {name}}}\nspec:\n  \
         model: {{name: m, version: '2', digest: 'sha256:{digest}'}}\n  \
         targetRef: {{apiVersion: apps/v1, kind: Deployment, name: {name}}}\n  owner: {{team: t, contacts: [c]}}\n  \
         declared: {{businessCriticality: Low, dataSensitivity: Low, modelComplexity: Low}}\n  \
         evidence: [{{name: metrics, configMap: {{name: c, key: k}}}}]\n---\n"
    )
}

fn policy(gates: &str) -> String {
    format!(
        "apiVersion: modelgate.dev/v1alpha1\nkind: GovernancePolicy\nmetadata: {{name: base}}\nspec:\n  \
         enforcement: Enforce\n  match: {{namespaceSelector: {{matchLabels: {{modelgate.dev/enforcement: enforce}}}}}}\n  gates: [{gates}]\n---\n"
    )
}

const ACCURACY: &str = "{name: accuracy, metric: {evidence: metrics, name: accuracy, min: '0.8'}}";

fn admitted(release: &str, accuracy: &str) -> String {
    let digest = "b".repeat(64);
    format!(
        "apiVersion: modelgate.dev/v1alpha1\nkind: AdmittedRevision\nmetadata: {{name: {release}-1}}\nspec:\n  \
         releaseName: {release}\n  target: {{kind: Deployment, name: {release}, uid: 6d0e}}\n  \
         revision: 'sha256:{digest}'\n  how: Gates\n  at: '2026-01-01T00:00:00Z'\n  \
         templateDigest: 'sha256:{digest}'\n  template: {{}}\n  values: {{base/accuracy: '{accuracy}'}}\n\
         status: {{conditions: [{{type: Healthy, status: 'True', reason: WatchPassed, message: m, lastTransitionTime: '2026-01-01T00:00:00Z'}}]}}\n---\n"
    )
}

/// `modelgate check` over these manifests, and this metrics file for the evidence of every release.
fn check(manifests: &str, more: &[&str]) -> Output {
    let temp = tempfile::tempdir().unwrap();
    fs::write(temp.path().join("m.yaml"), manifests).unwrap();
    fs::write(temp.path().join("metrics.json"), METRICS).unwrap();
    run(temp.path(), more)
}

fn run(folder: &Path, more: &[&str]) -> Output {
    let manifests = folder.join("m.yaml").display().to_string();
    let evidence = format!("metrics={}", folder.join("metrics.json").display());
    let more: Vec<String> = more.iter().map(|word| word.replace("METRICS", &evidence)).collect();
    let more: Vec<&str> = more.iter().map(String::as_str).collect();
    modelgate(&[&["check", "-f", &manifests][..], &more].concat())
}

fn config_map() -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c}}\nimmutable: true\ndata: {{k: '{METRICS}'}}\n---\n")
}

/// What the operator would say in a cluster may be no answer here.
#[test]
fn what_is_told_is_true_without_a_cluster() {
    for (label, said) in [
        (
            "modelgate.dev/enforcement: enforced",
            "says modelgate.dev/enforcement: enforced, which is neither enforce nor audit",
        ),
        ("team: a", "has no label modelgate.dev/enforcement"),
    ] {
        let space = format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: default, labels: {{{label}}}}}\n---\n");
        let output = check(&[release("m"), policy(ACCURACY), space].concat(), &[]);
        assert_eq!(code(&output), 3, "{}", out(&output));
        assert!(out(&output).contains(&format!("namespace default {said}")), "{}", out(&output));
    }
}

#[test]
fn a_record_of_the_last_admission_is_compared_with() {
    let gate = "{name: accuracy, metric: {evidence: metrics, name: accuracy, againstAdmitted: {maxDecrease: '0.01'}}}";
    for (before, expected, said) in [("0.9", 0, "pass: 1 gate"), ("0.95", 1, "0.95")] {
        let all = [release("m"), policy(gate), config_map(), admitted("m", before)].concat();
        let output = check(&all, &[]);
        assert_eq!(code(&output), expected, "{before}: {}{}", out(&output), err(&output));
        assert!(out(&output).contains(said), "{before}: {}", out(&output));
    }
}

#[test]
fn tests_of_the_last_admission_are_compared_with() {
    let gate = "{name: suite, tests: {evidence: [metrics], againstAdmitted: {}}}";
    let record = |ran: &str| {
        admitted("m", "0").replace("values: {base/accuracy: '0'}", &format!("counts: {{base/suite: {{{ran}}}}}"))
    };
    for (before, expected, said) in [
        ("testsRan: 2, testsSkipped: 0", 0, "pass: 1 gate"),
        ("testsRan: 3, testsSkipped: 0", 1, "1 fewer than the 3 of the admitted revision"),
        ("testsRan: 3", 0, "no admitted revision was asked this before"),
        ("shoes: 3", 0, "no admitted revision was asked this before"),
    ] {
        let temp = tempfile::tempdir().unwrap();
        fs::write(temp.path().join("m.yaml"), [release("m"), policy(gate), config_map(), record(before)].concat())
            .unwrap();
        let report = "<testsuite name='s'><testcase name='a'/><testcase name='b'/></testsuite>";
        fs::write(temp.path().join("metrics.json"), report).unwrap();
        let output = run(temp.path(), &["--evidence", "METRICS", "-o", "json"]);
        let table = run(temp.path(), &["--evidence", "METRICS"]);
        assert_eq!(code(&output), expected, "{before}: {}{}", out(&output), err(&output));
        let both = format!("{}{}", out(&output), out(&table));
        assert!(both.contains(said) && both.contains("\"testsRan\": 2"), "{before}: {both}");
    }
}

#[test]
fn the_ranking_of_the_last_admission_is_compared_with() {
    let gate = "{name: explained, explainability: {evidence: metrics, format: Json, aboutModel: false, \
                stability: {reference: metrics, againstAdmitted: true, minRankCorrelation: '0.8'}}}";
    let absent = gate.replace("reference: metrics", "reference: before");
    let report = r#"{"a": 3, "b": 2, "c": 1}"#;
    let same = Digest::of(report.as_bytes()).to_string();
    let record = |digest: &str| {
        let explanations = format!("explanations: {{base/explained: '{digest}'}}");
        admitted("m", "0").replace("values: {base/accuracy: '0'}", &explanations)
    };
    let first = "no admitted revision was asked this before";
    for (gate, record, expected, said) in [
        (gate, String::new(), 0, first),
        (gate, admitted("m", "0"), 0, first),
        (&absent, String::new(), 0, first),
        (gate, record(&same), 0, "pass: 1 gate"),
        (gate, record(&format!("sha256:{}", "0".repeat(64))), 3, "not with 000000000000 of the admitted revision"),
        (&absent, record(&same), 2, "the release names no evidence before"),
    ] {
        let temp = tempfile::tempdir().unwrap();
        fs::write(temp.path().join("m.yaml"), [release("m"), policy(gate), config_map(), record].concat()).unwrap();
        fs::write(temp.path().join("metrics.json"), report).unwrap();
        let output = run(temp.path(), &["--evidence", "METRICS", "-o", "json"]);
        let table = run(temp.path(), &["--evidence", "METRICS"]);
        assert_eq!(code(&output), expected, "{said}: {}{}", out(&output), err(&output));
        let both = format!("{}{}", out(&output), out(&table));
        assert!(both.contains(said), "{said}: {both}");
    }
}

#[test]
fn nothing_evaluated_is_no_pass() {
    for gate in [
        "{name: people, approval: {groups: [g], required: 1}}",
        "{name: live, watch: {interval: 10s, breachAfter: 3, blindAfter: 3, onBreach: Freeze}, \
         prometheus: {provider: main, query: up, max: '1'}}",
    ] {
        let output = check(&[release("m"), policy(gate), config_map()].concat(), &[]);
        assert_eq!(code(&output), 3, "{gate}: {}{}", out(&output), err(&output));
        assert!(out(&output).contains("nothing was evaluated"), "{gate}: {}", out(&output));
    }
}

#[test]
fn each_release_of_the_files_has_its_verdict() {
    let both = [release("one"), release("two"), policy(ACCURACY), config_map()].concat();
    let output = check(&both, &[]);
    assert_eq!(code(&output), 0, "{}{}", out(&output), err(&output));
    for name in ["default/one", "default/two"] {
        assert!(out(&output).contains(name), "{}", out(&output));
    }
    for (more, option) in [(&["-o", "json"][..], "--output json"), (&["--evidence", "METRICS"], "--evidence")] {
        let refused = check(&both, more);
        assert_eq!(code(&refused), 4, "{option}: {}", err(&refused));
        assert!(err(&refused).contains(&format!("2 ModelReleases and {option} is for one")), "{}", err(&refused));
        assert_eq!(code(&check(&both, &[more, &["--release", "two"]].concat())), 0, "{option}");
    }
}

#[test]
fn what_was_supposed_is_said() {
    let output = check(&[release("m"), policy(ACCURACY), config_map()].concat(), &[]);
    for said in [
        "no Namespace default in the files: all policies apply",
        "no Deployment default/m in the files: one that names",
    ] {
        assert!(err(&output).contains(said), "{}", err(&output));
    }
}

/// One release's supposition changes nothing for the next: a policy keeps what it selects.
#[test]
fn a_policy_keeps_what_it_selects() {
    let namespace =
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: there, labels: {modelgate.dev/enforcement: enforce}}\n---\n";
    let elsewhere = release("two").replace("{name: two}\nspec", "{name: two, namespace: there}\nspec");
    let selective = policy(ACCURACY).replace("modelgate.dev/enforcement: enforce", "team: other");
    let output = check(&[release("one"), elsewhere, selective, namespace.to_owned(), config_map()].concat(), &[]);
    assert_eq!(code(&output), 3, "{}{}", out(&output), err(&output));
    assert!(out(&output).contains("no GovernancePolicy selects namespace there"), "{}", out(&output));
}

#[test]
fn what_would_vanish_is_usage() {
    let good = [release("m"), policy(ACCURACY), config_map()].concat();
    let cases = [
        ("another version", good.replace("v1alpha1\nkind: GovernancePolicy", "v1\nkind: GovernancePolicy"), "v1alpha1"),
        ("another group", good.replace("modelgate.dev/v1alpha1\nkind: Gov", "example.com/v1\nkind: Gov"), "v1alpha1"),
        ("an unknown kind", good.replace("kind: GovernancePolicy", "kind: GovernancePolice"), "no such kind"),
        ("a List of item", format!("{good}apiVersion: v1\nkind: List\nitem: []\n"), "a List needs items"),
        (
            "an old Deployment",
            format!("{good}apiVersion: extensions/v1beta1\nkind: Deployment\nmetadata: {{name: m}}\n"),
            "write apps/v1",
        ),
    ];
    for (case, manifests, said) in cases {
        let output = check(&manifests, &[]);
        assert_eq!(code(&output), 4, "{case}: {}{}", out(&output), err(&output));
        assert!(err(&output).contains(said), "{case}: {}", err(&output));
    }
    let twice = check(&good, &["--evidence", "METRICS", "--evidence", "METRICS"]);
    assert_eq!(code(&twice), 4);
    assert!(err(&twice).contains("--evidence metrics is given twice"), "{}", err(&twice));
}

#[test]
fn a_pipe_is_no_evidence() {
    let temp = tempfile::tempdir().unwrap();
    fs::write(temp.path().join("m.yaml"), [release("m"), policy(ACCURACY), config_map()].concat()).unwrap();
    let pipe = temp.path().join("metrics.json");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let output = run(temp.path(), &["--evidence", "METRICS"]);
    assert_eq!(code(&output), 3, "{}{}", out(&output), err(&output));
    assert!(out(&output).contains("it is no regular file"), "{}", out(&output));
}
