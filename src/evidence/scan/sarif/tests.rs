//! Which rule a result is of, and how it is rated.

use crate::evidence::EvidenceError;
use crate::evidence::scan::Rating::{self, Critical, High, Low, Medium};
use crate::evidence::scan::Scan;

/// The rating of the one result of a run.
fn rated(tool: &str, result: &str) -> Result<Option<Rating>, EvidenceError> {
    let text = format!(r#"{{"version": "2.1.0", "runs": [{{"tool": {tool}, "results": [{result}]}}]}}"#);
    Scan::parse(text.as_bytes(), None).map(|scan| scan.weaknesses()[0].rating)
}

#[test]
fn a_rule_is_found_where_it_is_declared() {
    // As CodeQL writes it since 2021; and a driver whose rule of the same place is a mild one.
    let tool = r#"{"driver": {"name": "CodeQL", "rules": [{"id": "mild", "properties": {"security-severity": "2.0"}}]},
        "extensions": [{"name": "empty"}, {"name": "codeql/python", "guid": "0-1", "rules": [{"id": "py/sqli",
            "defaultConfiguration": {"level": "error"}, "properties": {"security-severity": "9.8"}}]}]}"#;
    let cases = [
        (
            r#"{"ruleId": "py/sqli", "rule": {"id": "py/sqli", "index": 0, "toolComponent": {"index": 1}}}"#,
            Some(Critical),
        ),
        (
            r#"{"ruleId": "py/sqli", "ruleIndex": 0, "rule": {"index": 0, "toolComponent": {"index": 1}}}"#,
            Some(Critical),
        ),
        (r#"{"rule": {"index": 0, "toolComponent": {"name": "codeql/python"}}}"#, Some(Critical)),
        (r#"{"rule": {"index": 0, "toolComponent": {"guid": "0-1"}}}"#, Some(Critical)),
        (r#"{"rule": {"id": "py/sqli", "toolComponent": {"index": 1}}}"#, Some(Critical)),
        (r#"{"ruleId": "py/sqli", "rule": {"index": 0, "toolComponent": {"name": "elsewhere"}}}"#, Some(Critical)),
        (r#"{"ruleId": "py/sqli"}"#, Some(Critical)),
        (r#"{"ruleId": "py/sqli/sub"}"#, Some(Critical)),
        // Older tools say that the first rule is that of every result.
        (r#"{"ruleId": "py/sqli", "ruleIndex": 0}"#, Some(Critical)),
        (r#"{"ruleId": "py/sqli", "ruleIndex": 7}"#, Some(Critical)),
        (r#"{"ruleId": "mild", "ruleIndex": 0}"#, Some(Low)),
        (r#"{"ruleId": "mild/sub", "ruleIndex": 0}"#, Some(Low)),
        (r#"{"ruleIndex": 0}"#, Some(Low)),
        // Nobody rated what no rule is about, unless the result itself says more.
        (r#"{"ruleId": "other", "ruleIndex": 0}"#, None),
        (r#"{"ruleId": "milder", "ruleIndex": 0}"#, None),
        (r#"{"ruleId": "other", "ruleIndex": 0, "level": "error"}"#, Some(High)),
    ];
    for (result, rating) in cases {
        assert_eq!(rated(tool, result), Ok(rating), "{result}");
    }
    for (result, said) in [
        (r#"{"rule": {"index": 3, "toolComponent": {"index": 1}}}"#, "/rule/index is not the place of a rule"),
        (r#"{"rule": {"index": 0, "toolComponent": {"index": 9}}}"#, "/index is not the place of an extension"),
        (r#"{"rule": {"index": 0, "toolComponent": {"name": "elsewhere"}}}"#, "is not a result with a ruleId"),
    ] {
        let error = rated(tool, result).unwrap_err().to_string();
        assert!(error.contains(said), "{result}: {error}");
    }
    // Declared in several ways: the mildest would be a guess.
    let rule = |id: &str, score: &str| {
        format!(r#"{{"id": "{id}", "guid": "g-{id}-{score}", "properties": {{"security-severity": "{score}"}}}}"#)
    };
    let tool = |driver: &[String], extension: &[String]| {
        let (driver, extension) = (driver.join(","), extension.join(","));
        format!(r#"{{"driver": {{"rules": [{driver}]}}, "extensions": [{{"name": "e", "rules": [{extension}]}}]}}"#)
    };
    let (mild, bad, below) = (rule("A", "2.0"), rule("A", "9.8"), rule("A/B", "9.8"));
    let (one, other) = (std::slice::from_ref(&mild), std::slice::from_ref(&bad));
    for (tool, result, rating) in [
        (tool(&[mild.clone(), below], &[]), r#"{"ruleId": "A/B", "ruleIndex": 0}"#, Some(Critical)),
        (tool(one, other), r#"{"ruleId": "A", "rule": {"toolComponent": {"name": "E"}}}"#, None),
        (tool(one, other), r#"{"ruleId": "A", "rule": {"toolComponent": {"name": "e"}}}"#, Some(Critical)),
        (tool(one, other), r#"{"ruleId": "A"}"#, Some(Low)),
        (tool(&[mild.clone(), bad.clone()], &[]), r#"{"ruleId": "A"}"#, None),
        (tool(&[mild.clone(), bad.clone()], &[]), r#"{"ruleId": "A", "ruleIndex": 1}"#, Some(Critical)),
        (tool(&[mild.clone(), bad.clone()], &[]), r#"{"rule": {"id": "A", "guid": "g-A-9.8"}}"#, Some(Critical)),
        (tool(&[mild.clone(), mild.clone()], &[]), r#"{"ruleId": "A"}"#, Some(Low)),
    ] {
        assert_eq!(rated(&tool, result), Ok(rating), "{result}");
    }
    // A tool may keep anything beside its score.
    let kept = r#"{"driver": {"rules": [{"id": "q", "properties": {"security-severity": "5.0", "severity": 5.0}}]}}"#;
    assert_eq!(rated(kept, r#"{"ruleId": "q"}"#), Ok(Some(Medium)));
    // CodeQL's rules about quality.
    let quality = r#"{"driver": {"rules": [{"id": "q", "properties": {"problem.severity": "recommendation"}}]}}"#;
    assert_eq!(rated(quality, r#"{"ruleId": "q"}"#), Ok(Some(Low)));
}

#[test]
fn a_score_of_zero_rates_nothing() {
    let by_grype = |word: &str| {
        let tool = format!(
            r#"{{"driver": {{"name": "grype", "rules": [{{"id": "CVE-1-leaky", "properties": {{"security-severity": "0.0"}},
                "shortDescription": {{"text": "CVE-1 {word} vulnerability for leaky package"}}}}]}}}}"#
        );
        rated(&tool, r#"{"ruleId": "CVE-1-leaky", "level": "note"}"#)
    };
    assert_eq!(
        (by_grype("unknown"), by_grype("negligible"), by_grype("high")),
        (Ok(None), Ok(Some(Low)), Ok(Some(High)))
    );
    let of = |properties: &str| {
        rated(r#"{"driver": {}}"#, &format!(r#"{{"ruleId": "r", "level": "note", "properties": {properties}}}"#))
    };
    assert_eq!(of(r#"{"security-severity": "0.0"}"#), Ok(None));
    assert_eq!(of(r#"{"security-severity": 0, "tags": ["MEDIUM"]}"#), Ok(Some(Medium)));
}
