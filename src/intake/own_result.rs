//! The termination message of a gate's own Job → a result document. What its author may leave out is filled in; what
//! the gate can be judged by is not asked of the author: docs/checks/job.md.

use crate::policy::finding::clean;
use crate::policy::result::{RESULT_LIMIT, RESULT_SCHEMA};
use crate::policy::{Digest, EvaluationOrder, Finding, FindingReason, Outcome, ResultDocument};
use crate::release::facts::JobProblem;
use serde::Deserialize;
use serde_json::Value;

/// What a container has to write; more is passed over.
#[derive(Deserialize)]
struct Written {
    schema: String,
    run: String,
    results: Vec<Answer>,
}

#[derive(Deserialize)]
struct Answer {
    gate: String,
    outcome: Outcome,
    /// A number, or a text that is one.
    #[serde(default)]
    value: Option<Value>,
    #[serde(default)]
    threshold: Option<String>,
    #[serde(default)]
    message: Option<String>,
    /// Digests of what was read, if the author tells.
    #[serde(default)]
    evidence: Option<Vec<Digest>>,
}

/// The document in a termination message of the gate's container, or why there is none. A program that ended with
/// another exit code than 0 did not pass, whatever it wrote; and what it wrote counts, not that it ended well.
///
/// # Errors
/// Nothing written, no document of this schema, or one that contradicts the exit code.
pub fn own_result(text: &str, exit_code: i32, order: &EvaluationOrder) -> Result<ResultDocument, JobProblem> {
    let bad = |why: String| JobProblem::BadResult(clean(&why, 160));
    if text.len() > RESULT_LIMIT {
        return Err(bad(format!("it has {} bytes; {RESULT_LIMIT} are allowed", text.len())));
    }
    if text.trim_ascii().is_empty() {
        return Err(JobProblem::NoResult(exit_code));
    }
    let written: Written =
        serde_json::from_str(text).map_err(|error| bad(format!("it is no result document: {error}")))?;
    if written.schema != RESULT_SCHEMA {
        return Err(bad(format!("its schema is {:?}, not {RESULT_SCHEMA:?}", clean(&written.schema, 40))));
    }
    let Some((key, job)) = order.own_job() else { return Err(bad("no Job of a gate's own was asked".to_owned())) };
    let [answer] = &written.results[..] else {
        return Err(bad(format!("it holds {} results; one is asked for, of gate {key}", written.results.len())));
    };
    if answer.gate != key.to_string() {
        return Err(bad(format!("it speaks about gate {}, not {key}", clean(&answer.gate, 60))));
    }
    if answer.outcome == Outcome::Pass && exit_code != 0 {
        return Err(bad(format!("it says Pass, and its program ended with exit code {exit_code}")));
    }
    let value = match &answer.value {
        None | Some(Value::Null) => None,
        Some(Value::Number(number)) => Some(number.to_string()),
        Some(Value::String(text)) => Some(text.clone()),
        Some(_) => return Err(bad("its value is no number".to_owned())),
    };
    let reason = match answer.outcome {
        Outcome::Pass => FindingReason::ReportedPass,
        Outcome::Fail => FindingReason::ReportedFail,
        Outcome::Inconclusive => FindingReason::ReportedInconclusive,
        Outcome::Missing => FindingReason::EvidenceMissing,
        Outcome::Error | Outcome::Warn | Outcome::Skipped => FindingReason::ReportedError,
    };
    let said = answer.message.clone().unwrap_or_else(|| format!("its container says {}", answer.outcome));
    // What was brought for it is what it could read.
    let brought = || order.evidence.iter().filter_map(|spec| spec.digest.clone()).collect();
    let mut finding = Finding::new(key.clone(), answer.outcome, reason, said)
        .with_evidence(answer.evidence.clone().unwrap_or_else(brought));
    finding.value = value;
    finding.threshold = job.bounds().map(|bounds| bounds.to_string()).or_else(|| answer.threshold.clone());
    Ok(ResultDocument {
        schema: written.schema,
        run: written.run,
        // The operator's program read the order before the container began, and compared it with its digest.
        order: Digest::of_json(order).ok(),
        results: vec![finding],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::judgement;
    use serde_json::json;

    fn order(max: Option<&str>) -> EvaluationOrder {
        let mut job = json!({"image": "x@sha256:0", "requests": {}, "limits": {}});
        if let Some(max) = max {
            job["max"] = max.into();
        }
        let gate = json!({"key": "base/red-team", "enforcement": "Enforce", "severity": "High",
            "stage": "BeforeRelease", "check": {"job": job}});
        let evidence = json!({"name": "prompts", "source": {"configMap": {"name": "c", "key": "k"}},
            "digest": Digest::of(b"prompts")});
        let facts = json!({"namespace": "n", "namespaceLabels": {}, "release": "r", "modelName": "m",
            "modelVersion": "1", "declared": {}});
        let order = json!({"run": "u", "facts": facts, "evidence": [evidence], "gates": [gate]});
        serde_json::from_value(order).unwrap()
    }

    fn written(result: Value) -> String {
        let mut one = json!({"gate": "base/red-team"});
        for (name, value) in result.as_object().unwrap() {
            one[name] = value.clone();
        }
        json!({"schema": RESULT_SCHEMA, "run": "u", "results": [one]}).to_string()
    }

    #[test]
    fn what_is_left_out_is_filled_in() {
        let order = order(None);
        let document = own_result(&written(json!({"outcome": "Pass"})), 0, &order).unwrap();
        let [finding] = &judgement::findings(&document, &order).unwrap()[..] else { panic!() };
        assert_eq!((finding.outcome, finding.reason), (Outcome::Pass, FindingReason::ReportedPass));
        assert_eq!(finding.evidence, [Digest::of(b"prompts")]);
        assert_eq!(finding.message, "its container says Pass");
    }

    #[test]
    fn bounds_are_the_policys() {
        let order = order(Some("0.1"));
        for (result, code, outcome, reason) in [
            (json!({"outcome": "Pass", "value": 0.05}), 0, Outcome::Pass, FindingReason::ReportedPass),
            (json!({"outcome": "Pass", "value": "0.2"}), 0, Outcome::Fail, FindingReason::AboveMaximum),
            (json!({"outcome": "Fail", "value": 0.05}), 1, Outcome::Fail, FindingReason::ReportedFail),
            (json!({"outcome": "Pass"}), 0, Outcome::Error, FindingReason::ResultInvalid),
            (json!({"outcome": "Fail"}), 1, Outcome::Fail, FindingReason::ReportedFail),
            (json!({"outcome": "Pass", "value": "NaN"}), 0, Outcome::Error, FindingReason::ResultInvalid),
            (json!({"outcome": "Pass", "value": "low"}), 0, Outcome::Error, FindingReason::ResultInvalid),
            (json!({"outcome": "Inconclusive"}), 2, Outcome::Inconclusive, FindingReason::ReportedInconclusive),
            (json!({"outcome": "Missing"}), 2, Outcome::Missing, FindingReason::EvidenceMissing),
            (json!({"outcome": "Error"}), 0, Outcome::Error, FindingReason::ReportedError),
            (json!({"outcome": "Skipped"}), 0, Outcome::Error, FindingReason::ResultInvalid),
            (json!({"outcome": "Warn"}), 0, Outcome::Error, FindingReason::ResultInvalid),
            (
                json!({"outcome": "Pass", "value": 0.0, "evidence": [Digest::of(b"other")]}),
                0,
                Outcome::Error,
                FindingReason::DigestMismatch,
            ),
        ] {
            let document = own_result(&written(result.clone()), code, &order).unwrap();
            let findings = judgement::findings(&document, &order).unwrap();
            assert_eq!((findings[0].outcome, findings[0].reason), (outcome, reason), "{result}");
            assert_eq!(findings[0].threshold.as_deref().unwrap_or("<= 0.1"), "<= 0.1");
        }
    }

    #[test]
    fn what_is_no_result() {
        let order = order(None);
        let pass = written(json!({"outcome": "Pass"}));
        assert_eq!(own_result(" \n", 0, &order), Err(JobProblem::NoResult(0)));
        assert_eq!(own_result("", 1, &order), Err(JobProblem::NoResult(1)));
        for (text, code, words) in [
            (pass.clone(), 1, "exit code 1"),
            (pass.clone(), 137, "exit code 137"),
            (pass.replace("red-team", "blue-team"), 0, "not base/red-team"),
            (pass.replace("result/v1", "result/v2"), 0, "schema"),
            (pass[..40].to_owned(), 0, "no result document"),
            ("all good\n".to_owned(), 0, "no result document"),
            (written(json!({"outcome": "pass"})), 0, "no result document"),
            (written(json!({"outcome": "Pass", "value": true})), 0, "no number"),
            (format!("{pass}{}", " ".repeat(4097)), 0, "bytes"),
            (json!({"schema": RESULT_SCHEMA, "run": "u", "results": []}).to_string(), 0, "0 results"),
            (pass.replace("\"run\":\"u\"", "\"run\":\"u\",\"run\":\"u\""), 0, "duplicate"),
        ] {
            let Err(JobProblem::BadResult(why)) = own_result(&text, code, &order) else { panic!("{text}") };
            assert!(why.contains(words), "{text}: {why}");
        }
        // For which run it is, is asked where all documents are.
        let other = own_result(&pass.replace("\"run\":\"u\"", "\"run\":\"v\""), 0, &order).unwrap();
        assert_eq!(judgement::findings(&other, &order), Err(judgement::ResultProblem::OtherRun));
    }
}
