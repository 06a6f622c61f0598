//! `modelgate policy`.

use crate::{code, err, modelgate, out};
use std::fs;

const POLICIES: &str = "examples/mortgage/k8s/base/policies.yaml";

#[test]
fn the_examples_are_tested() {
    let output = modelgate(&["policy", "test", "examples/policies"]);
    assert_eq!(code(&output), 0, "{}{}", out(&output), err(&output));
    assert!(out(&output).ends_with("passed, 0 failed\n"), "{}", out(&output));
}

#[test]
fn pipelines_read_the_results_of_tests() {
    let output = modelgate(&["policy", "test", "-o", "junit", "examples/policies/privacy.test.yaml"]);
    let junit = out(&output);
    assert_eq!(code(&output), 0, "{junit}{}", err(&output));
    assert!(junit.contains(r#"tests="6" failures="0""#), "{junit}");
    assert!(junit.contains(r#"<testcase name="the retention date will pass""#), "{junit}");
}

#[test]
fn a_test_that_expects_something_else_fails() {
    let temp = tempfile::tempdir().unwrap();
    let root = env!("CARGO_MANIFEST_DIR");
    let test = |expect: &str| {
        format!(
            "apiVersion: modelgate.dev/v1alpha1\nkind: PolicyTest\npolicies: [{root}/{POLICIES}]\ncases:\n- name: one\n  \
             manifests: [{root}/examples/mortgage/k8s/v1/release.yaml, {root}/examples/mortgage/k8s/v1/evidence.yaml]\n  \
             expect: {expect}\n"
        )
    };
    let cases = [
        ("{verdict: fail}", 0, "1 passed, 0 failed"),
        ("{verdict: pass}", 1, "verdict: expected Pass, came to Fail"),
        ("{gates: {high-risk/four-fifths: {outcome: Pass}}}", 1, "expected Pass, came to Fail (BelowMinimum)"),
        ("{gates: {high-risk/four-fifths: {outcome: Fail, reason: AboveMaximum}}}", 1, "expected Fail (AboveMaximum)"),
        ("{gates: {high-risk/unknown: {outcome: Pass}}}", 1, "no policy under test has this gate"),
        ("{riskTier: Low}", 1, "risk tier: expected Some(Low)"),
        ("{riskScore: 1}", 1, "risk score: expected Some(1)"),
        ("{}", 4, "expects nothing"),
        ("{verdit: fail}", 4, "unknown field `verdit`"),
    ];
    for (expect, expected, said) in cases {
        fs::write(temp.path().join("a.test.yaml"), test(expect)).unwrap();
        let output = modelgate(&["policy", "test", &temp.path().display().to_string()]);
        let all = format!("{}{}", out(&output), err(&output));
        assert_eq!(code(&output), expected, "{expect}: {all}");
        assert!(all.contains(said), "{expect}: {all}");
    }
}

#[test]
fn a_looser_gate_is_told() {
    let temp = tempfile::tempdir().unwrap();
    let old = fs::read_to_string(POLICIES).unwrap();
    let medium = |from: u32| old.replace("medium: 20", &format!("medium: {from}"));
    let cases = [
        (old.clone(), 0, ""),
        (medium(30), 1, "LOOSER    high-risk: risk tier Medium from 20 -> from 30"),
        (medium(10), 0, "stricter  high-risk: risk tier Medium from 20 -> from 10"),
        (old.replace(r#"min: "0.8""#, r#"min: "0.7""#), 1, "LOOSER    high-risk/four-fifths: fairness.min 0.8 -> 0.7"),
        (old.replace(r#"min: "0.8""#, r#"min: "0.9""#), 0, "stricter  high-risk/four-fifths: fairness.min 0.8 -> 0.9"),
        // Which way cannot be told: fewer rows are looked at, and other ones.
        (
            old.replace(r#"min: "0.8""#, "min: \"0.8\"\n      where: row.age > 30"),
            1,
            "changed   high-risk/four-fifths: fairness.where",
        ),
        (
            old.replace("min: \"0.75\"}\n  - name: ranking", "min: \"0.75\", where: row.rows > 99}\n  - name: ranking"),
            1,
            "changed   production-base/accuracy: metric.where",
        ),
        (old.replace("breachAfter: 3", "breachAfter: 9"), 1, "watch.breachAfter 3 -> 9"),
        (old.replace("name: accuracy\n    severity", "name: exactness\n    severity"), 1, "accuracy: gone (metric)"),
    ];
    for (new, expected, said) in cases {
        let path = temp.path().join("new.yaml");
        fs::write(&path, new).unwrap();
        let output = modelgate(&["policy", "diff", POLICIES, &path.display().to_string()]);
        assert_eq!(code(&output), expected, "{said}: {}{}", out(&output), err(&output));
        assert!(out(&output).contains(said), "{said}: {}", out(&output));
    }
}

/// A policy with these gates, as YAML's flow writes them, and these risk factors.
fn policy_of(gates: &str, factors: &str) -> String {
    format!(
        "apiVersion: modelgate.dev/v1alpha1\nkind: GovernancePolicy\nmetadata: {{name: p}}\nspec:\n  \
         match: {{namespaceSelector: {{matchLabels: {{modelgate.dev/environment: production}}}}}}\n  enforcement: Enforce\n  \
         gates: [{gates}]\n  risk: {{factors: [{factors}]}}\n"
    )
}

fn differ(old: &str, new: &str) -> (i32, String) {
    let temp = tempfile::tempdir().unwrap();
    let [old, new] = [("old.yaml", old), ("new.yaml", new)].map(|(name, text)| {
        let path = temp.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    });
    let output = modelgate(&["policy", "diff", &old, &new]);
    (code(&output), format!("{}{}", out(&output), err(&output)))
}

#[test]
fn a_changed_field_is_named_as_in_the_policy_with_its_direction() {
    let scan = |fields: &str| format!("{{name: g, vulnerabilities: {{evidence: [s], {fields}}}}}");
    let lineage = |field: &str| {
        let pem = "-----BEGIN PUBLIC KEY-----\\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\\n-----END PUBLIC KEY-----\\n";
        format!("{{name: g, provenance: {{evidence: [s], keys: [{{name: k, pem: \"{pem}\"}}]{field}}}}}")
    };
    for (old, new, expected, said) in [
        (scan("maxCritical: 0"), scan("maxCritical: 5"), 1, "LOOSER    p/g: vulnerabilities.maxCritical 0 -> 5"),
        (scan("maxCritical: 5"), scan("maxCritical: 0"), 0, "stricter  p/g: vulnerabilities.maxCritical 5 -> 0"),
        (
            scan("maxLow: 0, onlyFixable: false"),
            scan("maxLow: 0, onlyFixable: true"),
            1,
            "LOOSER    p/g: vulnerabilities.onlyFixable false -> true",
        ),
        (
            scan("maxLow: 0, maxScanAge: 2h"),
            scan("maxLow: 0, maxScanAge: 60m"),
            0,
            "stricter  p/g: vulnerabilities.maxScanAge 7200s -> 3600s",
        ),
        (lineage(", lineage: {}"), lineage(""), 1, "LOOSER    p/g: provenance.lineage asked -> nothing"),
    ] {
        let (code, told) = differ(&policy_of(&old, ""), &policy_of(&new, ""));
        assert_eq!(code, expected, "{told}");
        assert!(told.contains(said), "{said}: {told}");
    }
    let metric = |min: &str| policy_of(&format!("{{name: g, metric: {{evidence: e, name: a, min: '{min}'}}}}"), "");
    assert_eq!(differ(&metric("0.80"), &metric("0.8")), (0, String::new()));
}

#[test]
fn what_may_lower_the_risk_is_not_stricter() {
    let metric = |name: &str, severity: &str| {
        format!("{{name: {name}, severity: {severity}, metric: {{evidence: e, name: a, min: '1'}}}}")
    };
    let people = |tier: &str| format!("{{name: people, {tier}approval: {{groups: [risk], required: 1}}}}");
    let one = metric("one", "Low");
    let two = format!("{one}, {}", metric("two", "High"));
    let raised = metric("one", "Critical");
    let shares = "{factor: GateOutcomes, weight: 1}";
    let stated = "{factor: DataSensitivity, weight: 1}";
    for (tier, factors, new, expected, said) in [
        (
            "minTier: High, ",
            "",
            &two,
            1,
            "changed   p/two: new (metric); it may lower the risk, on which minTier of p/people",
        ),
        ("minTier: High, ", shares, &raised, 1, "changed   p/one: severity Low -> Critical; it may lower the risk"),
        ("minTier: High, ", stated, &two, 0, "stricter  p/two: new (metric)"),
        ("", shares, &two, 0, "stricter  p/two: new (metric)"),
        ("", shares, &raised, 0, "stricter  p/one: severity Low -> Critical"),
    ] {
        let policy = |gates: &str| policy_of(&format!("{gates}, {}", people(tier)), factors);
        let (code, told) = differ(&policy(&one), &policy(new));
        assert_eq!(code, expected, "{said}: {told}");
        assert!(told.contains(said), "{said}: {told}");
    }
}

#[test]
fn what_can_never_be_answered_is_refused() {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("p.yaml");
    let shown = path.display().to_string();
    for (check, said) in [
        ("metric: {evidence: e, name: a, min: '0.9', max: '0.1'}", "no number is at least min and at most max"),
        ("metric: {evidence: e, name: a, min: '0.9', againstAdmitted: {}}", "ask for maxDecrease or maxIncrease"),
        (
            "metric: {evidence: e, name: a, min: '0.9', againstBaseline: {evidence: b}}",
            "ask for maxDecrease or maxIncrease",
        ),
        ("metric: {evidence: e, name: a}", "ask for min, max, equal, "),
        ("documentation: {evidence: x}", "ask for at least one section"),
    ] {
        fs::write(&path, policy_of(&format!("{{name: g, {check}}}"), "")).unwrap();
        let output = modelgate(&["policy", "lint", &shown]);
        assert_eq!(code(&output), 4, "{check}: {}", out(&output));
        assert!(err(&output).contains(said), "{check}: {}", err(&output));
    }
}

#[test]
fn policies_are_named_with_f_or_without() {
    for command in ["lint", "explain"] {
        let [with, without] = [&["-f", POLICIES][..], &[POLICIES]].map(|named| {
            let output = modelgate(&[&["policy", command], named].concat());
            (code(&output), out(&output))
        });
        assert_eq!(with, without, "{command}");
        assert_ne!(with.0, 4, "{command}");
        assert_eq!(code(&modelgate(&["policy", command])), 4, "{command}");
    }
}

#[test]
fn what_is_selected_is_looked_at() {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("p.yaml");
    let policy = |selector: &str| {
        format!(
            "apiVersion: v1\nkind: Namespace\nmetadata: {{name: lending, labels: {{modelgate.dev/enforcement: enforce, modelgate.dev/environment: production}}}}\n---\n\
             apiVersion: modelgate.dev/v1alpha1\nkind: GovernancePolicy\nmetadata: {{name: p}}\nspec:\n  \
             match: {{namespaceSelector: {selector}}}\n  enforcement: Enforce\n  \
             gates: [{{name: m, metric: {{evidence: e, name: a, min: '1'}}}}]\n"
        )
    };
    for (selector, expected, said) in [
        ("{matchLabels: {modelgate.dev/environment: production}}", 0, "1 policy with 1 gate: 0 findings"),
        ("{matchLabels: {kubernetes.io/metadata.name: other}}", 1, "selects none of the 1 governed namespaces"),
        ("{matchLabels: {team: a}}", 1, "selects by label team, which whoever may edit"),
        ("{matchExpressions: [{key: team, operator: Exists}]}", 1, "selects by label team"),
        ("{matchLabels: {modelgate.dev/enforcement: 'on'}}", 1, "selects no governed namespace: "),
        ("{matchExpressions: [{key: modelgate.dev/enforcement, operator: DoesNotExist}]}", 1, "selects no governed"),
        (
            "{matchLabels: {modelgate.dev/environment: staging}}",
            1,
            "selects none of the 1 governed namespaces in these",
        ),
    ] {
        fs::write(&path, policy(selector)).unwrap();
        let output = modelgate(&["policy", "lint", "-f", &path.display().to_string()]);
        let all = format!("{}{}", out(&output), err(&output));
        assert_eq!(code(&output), expected, "{selector}: {all}");
        assert!(all.contains(said), "{selector}: {all}");
    }
}

#[test]
fn what_nothing_measures_is_found() {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("p.yaml");
    let policy = "apiVersion: modelgate.dev/v1alpha1\nkind: GovernancePolicy\nmetadata: {name: p}\nspec:\n  \
                  match: {namespaceSelector: {matchLabels: {modelgate.dev/environment: a}}}\n  enforcement: Enforce\n  gates:\n  \
                  - name: e\n    expression: {expression: \"declared.purpose == 'a'\"}\n  \
                  - name: d\n    privacy: {declared: {evidence: c, consent: {}}}\n  \
                  risk: {factors: [{factor: DataQuality, weight: 1}, {factor: HistoryAnomaly, weight: 1}]}\n";
    fs::write(&path, policy).unwrap();
    let said = out(&modelgate(&["policy", "lint", "-f", &path.display().to_string()]));
    for part in [
        "p: risk factor DataQuality is always 100: it needs a dataContract gate",
        "p: risk factor HistoryAnomaly is always 100: it needs a metric gate with againstHistory",
        "p/e: declared.purpose is an error where a release does not declare it: ask has(declared.purpose) first",
        "p/d: the release chooses the contract that declares this",
        "1 policy with 2 gates: 4 findings",
    ] {
        assert!(said.contains(part), "{said}");
    }
    // What can never be meant is refused, here as in the cluster.
    for (from, to, said) in [
        ("declared.purpose == 'a'", "accuracy > 1", "there is no variable accuracy"),
        ("declared.purpose == 'a'", "evidence.m.a > 1", "m is no evidence of this gate"),
        ("weight: 1}]", "weight: 1}], complexity: [{gate: x, medium: '1', high: '2'}]", "no such gate"),
        (
            "weight: 1}]",
            "weight: 1}], complexity: [{gate: e, medium: '1', high: '2'}]",
            "only metric, explainability and job",
        ),
    ] {
        let refused = policy.replace(from, to);
        assert_ne!(refused, policy);
        fs::write(&path, refused).unwrap();
        let output = modelgate(&["policy", "lint", "-f", &path.display().to_string()]);
        assert_eq!(code(&output), 4, "{to}: {}", out(&output));
        assert!(err(&output).contains(said), "{to}: {}", err(&output));
    }
}

#[test]
fn where_is_looked_at_whatever_the_check() {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("p.yaml");
    let policy = |check: &str| {
        format!(
            "apiVersion: modelgate.dev/v1alpha1\nkind: GovernancePolicy\nmetadata: {{name: p}}\nspec:\n  \
             match: {{namespaceSelector: {{matchLabels: {{modelgate.dev/environment: a}}}}}}\n  enforcement: Enforce\n  \
             gates: [{{name: g, {check}}}]\n"
        )
    };
    for (check, expected, said) in [
        ("metric: {evidence: e, name: a, min: '1', where: 'row == 1'}", 1, "p/g: where: row stands only before"),
        ("metric: {evidence: e, name: a, min: '1', where: 'row.a == 1'}", 0, "0 findings"),
        ("metric: {evidence: e, name: a, min: '1', where: 'row.a == 1', format: Csv}", 4, "leave format out"),
        ("dataContract: {contract: c, version: '1', data: d, where: 'row.a =='}", 1, "p/g: where: "),
    ] {
        fs::write(&path, policy(check)).unwrap();
        let output = modelgate(&["policy", "lint", "-f", &path.display().to_string()]);
        let all = format!("{}{}", out(&output), err(&output));
        assert_eq!(code(&output), expected, "{check}: {all}");
        assert!(all.contains(said), "{check}: {all}");
    }
    fs::write(&path, policy("dataContract: {contract: c, version: '1', data: d, where: 'row.a == 1'}")).unwrap();
    let told = out(&modelgate(&["policy", "explain", "-f", &path.display().to_string()]));
    assert!(told.contains("where") && told.contains("row.a == 1"), "{told}");
}

#[test]
fn what_an_author_would_regret_is_found() {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("p.yaml");
    let policy = "apiVersion: modelgate.dev/v1alpha1\nkind: GovernancePolicy\nmetadata: {name: p}\nspec:\n  \
                  match: {namespaceSelector: {matchLabels: {team: a}}}\n  enforcement: Audit\n  gates:\n  \
                  - name: e\n    expression: {expression: 'model.version =='}\n  \
                  - name: f\n    fairness: {evidence: p, attributes: [a], measure: DemographicParityRatio, min: '0.8', where: 'row == 1'}\n";
    fs::write(&path, policy).unwrap();
    let output = modelgate(&["policy", "lint", "-f", &path.display().to_string()]);
    let said = out(&output);
    assert_eq!(code(&output), 1, "{said}{}", err(&output));
    for part in [
        "p: selects by label team",
        "p: no gate blocks",
        "p/e: ",
        "p/f: where: row stands only before a column",
        "1 policy with 2 gates: 4 findings",
    ] {
        assert!(said.contains(part), "{said}");
    }
    assert_eq!(code(&modelgate(&["policy", "lint", "-f", POLICIES])), 0);
    let explained = out(&modelgate(&["policy", "explain", "-f", POLICIES]));
    assert!(explained.contains("four-fifths: fairness (Enforce, severity Critical, before release)"), "{explained}");
}

/// Whom a provenance gate trusts.
#[test]
fn identities_are_told_and_looked_over() {
    let temp = tempfile::tempdir().unwrap();
    let old = fs::read_to_string("examples/policies/keyless.yaml").unwrap();
    assert_eq!(code(&modelgate(&["policy", "lint", "-f", "examples/policies/keyless.yaml"])), 0);
    let explained = out(&modelgate(&["policy", "explain", "-f", "examples/policies/keyless.yaml"]));
    assert!(explained.contains("https://git.example/acme/trainer/.github/workflows/release.yml@refs/tags/*"));
    assert!(explained.lines().all(|line| line.len() < 2000), "{explained}");
    let path = temp.path().join("new.yaml");
    let another =
        "      - {name: another, uri: https://git.example/*, issuer: https://token.git.example}\n      predicateTypes:";
    let root = old.find("      trustedRoot:").unwrap();
    let company: String = fs::read_to_string("tests/fixtures/sigstore/company.pem").unwrap();
    let indented: String = company.lines().map(|line| format!("          {line}\n")).collect();
    let own = format!("{}      authorities:\n      - name: own\n        pem: |\n{indented}", &old[..root]);
    let cases = [
        (
            old.replace("      predicateTypes:", another),
            1,
            "LOOSER    keyless/released-by-workflow: provenance.identities",
        ),
        (old.replace("tags/*", "heads/*"), 1, "changed   keyless/released-by-workflow: provenance.identities"),
        (own.clone(), 1, "LOOSER    keyless/released-by-workflow: provenance.authorities"),
        (own, 1, "LOOSER    keyless/released-by-workflow: provenance.logs"),
    ];
    for (new, expected, said) in cases {
        fs::write(&path, new).unwrap();
        let output = modelgate(&["policy", "diff", "examples/policies/keyless.yaml", &path.display().to_string()]);
        assert_eq!(code(&output), expected, "{said}: {}{}", out(&output), err(&output));
        assert!(out(&output).contains(said), "{said}: {}", out(&output));
    }
    let lint = |new: String| {
        fs::write(&path, new).unwrap();
        out(&modelgate(&["policy", "lint", "-f", &path.display().to_string()]))
    };
    let wide = lint(old.replace("      predicateTypes:", another));
    assert!(wide.contains("identity another is everybody at a host"), "{wide}");
    let timeless = lint(format!("{}      authorities:\n      - name: own\n        pem: |\n{indented}", &old[..root]));
    assert!(timeless.contains("nothing trusted says when they signed"), "{timeless}");
}
