//! Expressions, manifests, and the small texts: digests, decimals, durations, names, times.

use super::gates;
use crate::bench::{Bench, gate};
use crate::corpus::{Seed, file, folder, regressions, text};
use crate::harness::fuzz;
use crate::properties::{document, fit, printable};
use modelgate::cli::offline::Files;
use modelgate::evaluator::expression;
use modelgate::intake;
use modelgate::policy::expression::{check_limits, check_row_names};
use modelgate::policy::{Decimal, Digest, Finding, FindingReason, GateKey, Outcome};
use modelgate::release::facts::Mode;
use serde_json::json;
use std::path::PathBuf;
use std::time::Duration;

const EXPRESSIONS: [&str; 8] = [
    "evidence.metrics.accuracy >= 0.8 && evidence.metrics.rows > 500",
    "evidence['metrics'].folds.all(f, f > 0.7) && size(evidence.metrics.folds) == 3",
    "evidence.metrics.folds.map(f, f * 2.0 + 1.0).filter(f, f > 2.62).size() == 1",
    "model.version.startsWith('2.') ? model.name != '' : r'a\\d'.matches('x')",
    "declared.purpose in ['lending', \"insurance\"] || !has(evidence.metrics.missing)",
    "timestamp('2026-01-01T00:00:00Z') + duration('1h') > timestamp('2025-01-01T00:00:00Z')",
    "{'a': [1, 2u, 3.5, b'x', '''long''']}.a[0] == 1 // why",
    "((((1 + 2) * -3) % 4) / 5) < 0x1F && true",
];

fn variables() -> expression::Variables {
    let metrics = json!({"accuracy": 0.81, "rows": 800, "folds": [0.8, 0.82, 0.79], "name": "x"});
    expression::Variables { facts: crate::bench::facts(), evidence: [("metrics".to_owned(), metrics)].into() }
}

/// Whatever passes the limits compiles, or not, and runs, or not, and comes back.
#[test]
fn expressions() {
    let mut seeds: Vec<Seed> = EXPRESSIONS.iter().map(|one| text(one, one)).collect();
    seeds.extend(regressions("expressions"));
    fuzz("expressions", &seeds, |bytes| {
        let Ok(said) = std::str::from_utf8(bytes) else { return Ok(()) };
        let answer = expression::answer(said, variables(), Duration::from_secs(2));
        let compiles = expression::compiles(said);
        match (check_limits(said), &answer) {
            (Err(error), expression::Answer::Invalid(_) | expression::Answer::TooCostly(_)) => {
                printable("limit", &modelgate::policy::finding::clean(&error.to_string(), 256), 256)
            }
            (Err(error), other) => Err(format!("{other:?}, although {error}")),
            (Ok(()), expression::Answer::True) if compiles.is_err() => Err("true, but does not compile".to_owned()),
            (Ok(()), _) => Ok(()),
        }
    });
}

/// The rows that a gate looks at, as its policy says it: they are those for which it holds, or none is looked at.
#[test]
fn row_expressions() {
    const SLICES: [&str; 6] = [
        "row.region == 'north' && row.score > 0.25",
        "row['region'] in ['north', \"south\"] || row.id >= 9007199254740993.0",
        "row.income != null && row.income * 2.0 + 1.0 < 100000.0",
        "row.note != null && row.note.startsWith('file') && !(row.married == 'true')",
        "['north', 'east'].exists(r, r == row.region) ? true : row.score < 0.5",
        "((((row.score + 1.0) * -3.0)) / 5.0) < 1e3 && true // why",
    ];
    let loans = file("tests/fixtures/tables/loans.csv").bytes;
    let columns = serde_json::from_value(json!({
        "label": "deny", "prediction": "predicted", "favorable": "0",
        "protected": [{"attribute": "status", "column": "married"}],
    }))
    .unwrap();
    let sliced = |said: &str| {
        let check = json!({"fairness": {
            "evidence": "input", "attributes": ["status"], "measure": "DemographicParityDifference", "max": "1",
            "minGroupSize": 1, "where": said,
        }});
        [gate("sliced", check)]
    };
    let mut bench = Bench::new();
    let passes =
        SLICES.iter().filter(|said| bench.answers(&sliced(said), &loans, Some(&columns))[0].outcome == Outcome::Pass);
    assert!(passes.count() > 2, "these seeds reach no rows");
    let mut seeds: Vec<Seed> = SLICES.iter().map(|one| text(one, one)).collect();
    seeds.extend(regressions("row_expressions"));
    fuzz("row_expressions", &seeds, |bytes| {
        let Ok(said) = std::str::from_utf8(bytes) else { return Ok(()) };
        let readable =
            check_limits(said).is_ok() && check_row_names(said).is_ok() && expression::compiles(said).is_ok();
        let findings = bench.answers(&sliced(said), &loans, Some(&columns));
        findings.iter().try_for_each(|finding| fit(finding, readable))
    });
}

/// Evidence that an expression reads.
#[test]
fn expression_evidence() {
    let ask = |name: &str, expression: &str| {
        gate(name, json!({"expression": {"expression": expression, "evidence": ["input"], "message": "no"}}))
    };
    let all = [
        ask("number", "evidence.input.accuracy > -1000.0"),
        ask("loop", "evidence.input.folds.all(f, f > 0.0)"),
        ask("text", "evidence.input.name.startsWith('a') || size(evidence.input.name) >= 0"),
        ask("ratio", "evidence.input.accuracy / evidence.input.rows != 7.5"),
    ];
    let seed = text("metrics", r#"{"accuracy": 0.81, "rows": 800.0, "folds": [0.8, 0.82, 0.79], "name": "abc"}"#);
    gates("expression_evidence", vec![seed, file("tests/fixtures/metrics/mlflow.json")], &all, None, document);
}

/// Manifests as `modelgate check` takes them, and the policies in them compiled: durations, decimals, digests.
#[test]
fn manifests() {
    let mut seeds = folder("examples/mortgage/k8s/v1");
    seeds.retain(|seed| seed.name.ends_with(".yaml"));
    seeds.push(file("examples/mortgage/k8s/base/policies.yaml"));
    seeds.push(text(
        "policy",
        "apiVersion: modelgate.dev/v1alpha1\nkind: GovernancePolicy\nmetadata: {name: base}\nspec:\n  enforcement: Enforce\n  match: {namespaceSelector: {matchLabels: {a: b}}}\n  gates:\n  - name: accuracy\n    metric: {evidence: metrics, name: accuracy, min: \"0.8\"}\n  - name: scan\n    vulnerabilities: {evidence: [scan], maxCritical: 0, maxScanAge: 24h}\n",
    ));
    seeds.extend(regressions("manifests"));
    let temp = tempfile::tempdir().unwrap();
    let path: PathBuf = temp.path().join("manifest.yaml");
    let compiled = std::cell::Cell::new(0_usize);
    fuzz("manifests", &seeds, |bytes| {
        std::fs::write(&path, bytes).unwrap();
        // Errors are printed short and clean, which the hostile manifests see.
        let Ok(files) = Files::read(std::slice::from_ref(&path), None) else { return Ok(()) };
        for policy in &files.policies {
            let name = policy.metadata.name.clone().unwrap_or_default();
            let Ok(plan) = intake::compile(&name, &policy.spec, Mode::Enforce) else { continue };
            compiled.set(compiled.get() + 1);
            if plan.gates.len() != policy.spec.gates.len() {
                return Err(format!("{} gates of {}", plan.gates.len(), policy.spec.gates.len()));
            }
        }
        Ok(())
    });
    assert!(compiled.get() > 0, "no policy compiled");
}

/// The small texts: what is taken is of its form, and reads back.
#[test]
fn words() {
    let digest = format!("sha256:{}", "0123456789abcdef".repeat(4));
    let mut seeds: Vec<Seed> =
        [&digest, "0.8", "-12.50", "999999999999999.123456789012345", "base/accuracy", "2026-01-31T12:00:00Z", "1h30m"]
            .map(|one| text(one, one))
            .into();
    seeds.extend(regressions("words"));
    fuzz("words", &seeds, |bytes| {
        let Ok(said) = std::str::from_utf8(bytes) else { return Ok(()) };
        if let Ok(decimal) = Decimal::parse(said)
            && !(decimal.value().is_finite() && decimal.as_str() == said && said.len() < 33)
        {
            return Err(format!("decimal {said:?} is {}", decimal.value()));
        }
        if let Ok(digest) = Digest::parse(said)
            && !(digest.as_str() == said && said.len() == 71)
        {
            return Err(format!("digest {said:?}"));
        }
        if let Ok(key) = GateKey::try_from(said.to_owned())
            && key.to_string() != said
        {
            return Err(format!("gate {said:?} reads back as {key}"));
        }
        let errors =
            [Decimal::parse(said).err().map(|e| e.to_string()), Digest::parse(said).err().map(|e| e.to_string())];
        errors.iter().flatten().try_for_each(|error| printable("error", error, 1000))?;
        let finding =
            Finding::new(GateKey::new("p", "g"), Outcome::Error, FindingReason::NotFinite, said).with_threshold(said);
        fit(&finding, false)
    });
}
