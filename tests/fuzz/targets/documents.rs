//! Documents that a gate reads whole: recognised by their look, and by every name.

use super::gates;
use crate::bench::gate;
use crate::corpus::{Seed, file, folder, regressions};
use crate::harness::fuzz;
use crate::properties::{document, report};
use modelgate::evidence::scan::Statements;
use modelgate::evidence::{Document, Explanation, Metrics, Scan, TestReport};
use modelgate::policy::{Format, Subject};
use serde_json::json;

fn fixtures(folders: &[&str]) -> Vec<Seed> {
    folders.iter().flat_map(|name| folder(&format!("tests/fixtures/{name}"))).collect()
}

#[test]
fn metrics() {
    let names = [
        "accuracy",
        "Disparate Impact",
        "RowCount",
        "sums.acc",
        "match.accuracy",
        "passRate",
        "dan.Ablation_Dan_11_0.dan.DAN",
        "evaluated_expectations",
        "DatasetDriftMetric.share_of_drifted_columns",
        "accuracy.F",
        "ValueDrift.income.drifted",
        "EMAIL_ADDRESS.score",
    ];
    let asked = |name: &&str| {
        let check = json!({"metric": {"evidence": "input", "name": name, "min": "-1000000", "max": "1000000000"}});
        gate(&name.replace(['/', ' '], "-"), check)
    };
    let mut seeds = fixtures(&["metrics", "tests", "documents"]);
    seeds.extend(
        ["v1/metrics.json", "v1/fairlearn.json"].map(|name| file(&format!("examples/mortgage/evidence/{name}"))),
    );
    let readable = |bytes: &[u8]| document(bytes) && Metrics::parse(bytes, None).is_ok();
    gates("metrics", seeds, &names.iter().map(asked).collect::<Vec<_>>(), None, readable);
}

#[test]
fn tests() {
    let check = json!({"tests": {"evidence": ["input"], "maxFailed": 1000, "minTests": 1, "allowWarnings": true}});
    let strict = json!({"tests": {"evidence": ["input"], "maxFailed": 0, "minTests": 1, "suites": ["red-team"], "maxSkipped": 0}});
    let readable = |bytes: &[u8]| report(bytes) && TestReport::parse(bytes, None).is_ok();
    gates("tests", fixtures(&["tests"]), &[gate("any", check), gate("strict", strict)], None, readable);
}

#[test]
fn vulnerabilities() {
    let check = |extra: serde_json::Value| {
        let mut check =
            json!({"evidence": ["input"], "allowed": {"critical": 100}, "unratedAs": "High", "allowUnscanned": true});
        check.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        json!({ "vulnerabilities": check })
    };
    let strict = json!({
        "allowed": {"critical": 0, "high": 0, "medium": 0, "low": 0, "knownExploited": 0},
        "exceptions": [{"id": "CVE-2021-44228", "until": "2030-01-01T00:00:00Z"}],
    });
    let stated = json!({"statements": ["input"], "onlyFixable": true});
    let fresh = json!({"maxScanAgeSeconds": 86_400_000});
    let all = [
        gate("any", check(json!({}))),
        gate("strict", check(strict)),
        gate("stated", check(stated)),
        gate("fresh", check(fresh)),
    ];
    let readable = |bytes: &[u8]| document(bytes) && Scan::parse(bytes, None).is_ok();
    gates("vulnerabilities", fixtures(&["vulnerabilities"]), &all, None, readable);
}

#[test]
fn documentation() {
    let check = json!({"documentation": {
        "evidence": "input", "frontMatter": ["license"], "sections": [{"heading": "Intended use", "minWords": 3}],
    }});
    let topics = json!({"documentation": {"evidence": "input", "topics": [
        {"topic": "IntendedUse", "minWords": 1}, {"topic": "Limitations", "minWords": 1},
    ], "linksResolve": true}});
    let mut seeds = fixtures(&["documents"]);
    seeds.extend(["v1", "v2"].map(|version| file(&format!("examples/mortgage/evidence/{version}/model-card.md"))));
    let readable = |bytes: &[u8]| document(bytes) && Document::parse(bytes, None).is_ok();
    gates("documentation", seeds, &[gate("keys", check), gate("topics", topics)], None, readable);
}

#[test]
fn explainability() {
    let check = json!({"explainability": {
        "evidence": "input", "aboutModel": false, "features": ["race*", "sex"], "maxShare": "1", "minFeatures": 1,
        "stability": {"reference": "input", "minRankCorrelation": "-1", "overlap": {"top": 3, "min": "0"}},
    }});
    let readable = |bytes: &[u8]| document(bytes) && Explanation::parse(bytes, None).is_ok();
    gates("explainability", fixtures(&["explanations"]), &[gate("any", check)], None, readable);
}

/// The name in a policy may be wrong: every reader meets every document.
#[test]
fn by_name() {
    let mut seeds = fixtures(&["metrics", "tests", "documents", "vulnerabilities", "explanations"]);
    seeds.extend(regressions("by_name"));
    fuzz("by_name", &seeds, |bytes| {
        for format in Format::ALL.iter().copied() {
            let named = Some(format);
            let read = [
                (Subject::Metrics, Metrics::parse(bytes, named).err()),
                (Subject::Tests, TestReport::parse(bytes, named).err()),
                (Subject::Vulnerabilities, Scan::parse(bytes, named).err()),
                (Subject::Documentation, Document::parse(bytes, named).err()),
                (Subject::Explanation, Explanation::parse(bytes, named).err()),
            ];
            for (subject, error) in read {
                if error.is_none() && !format.holds(subject) {
                    return Err(format!("{format} was read for {subject:?}, which it does not hold"));
                }
                if let Some(error) = error
                    && error.verdict().0 == modelgate::policy::Outcome::Pass
                {
                    return Err(format!("{error:?} is a pass"));
                }
            }
        }
        // Read for its side effects alone: it must come back.
        let _ = Statements::parse(bytes);
        Ok(())
    });
}
