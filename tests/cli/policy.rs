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
        (old.replace(r#"min: "0.8""#, r#"min: "0.7""#), 1, "LOOSER    high-risk/four-fifths: min 0.8 -> 0.7"),
        (old.replace(r#"min: "0.8""#, r#"min: "0.9""#), 0, "stricter  high-risk/four-fifths: min 0.8 -> 0.9"),
        // Which way cannot be told: fewer rows are looked at, and other ones.
        (
            old.replace(r#"min: "0.8""#, "min: \"0.8\"\n      where: row.age > 30"),
            1,
            "changed   high-risk/four-fifths: where",
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

#[test]
fn what_an_author_would_regret_is_found() {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("p.yaml");
    let policy = "apiVersion: modelgate.dev/v1alpha1\nkind: GovernancePolicy\nmetadata: {name: p}\nspec:\n  \
                  match: {namespaceSelector: {}}\n  enforcement: Audit\n  gates:\n  \
                  - name: e\n    expression: {expression: 'model.version =='}\n  \
                  - name: f\n    fairness: {evidence: p, attributes: [a], measure: DemographicParityRatio, min: '0.8', where: 'row == 1'}\n";
    fs::write(&path, policy).unwrap();
    let output = modelgate(&["policy", "lint", "-f", &path.display().to_string()]);
    let said = out(&output);
    assert_eq!(code(&output), 1, "{said}{}", err(&output));
    for part in [
        "p: selects every governed namespace",
        "p: no gate blocks",
        "p/e: ",
        "p/f: where: row stands only before a column",
        "1 policies with 2 gates: 4 findings",
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
        (old.replace("      predicateTypes:", another), 1, "LOOSER    keyless/released-by-workflow: identities"),
        (old.replace("tags/*", "heads/*"), 1, "changed   keyless/released-by-workflow: identities"),
        (own.clone(), 1, "LOOSER    keyless/released-by-workflow: authorities"),
        (own, 1, "LOOSER    keyless/released-by-workflow: logs"),
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
