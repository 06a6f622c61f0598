//! The evaluator's termination message → findings. Everything that can be computed again is: the Job
//! reports numbers, this decides what they mean.

use crate::policy::result::{RESULT_LIMIT, RESULT_SCHEMA};
use crate::policy::{Check, EvaluationOrder, Finding, FindingReason, Gate, Limits, Outcome, ResultDocument};
use crate::release::facts::JobProblem;

/// Findings for exactly the gates of the order, or why the message cannot be used.
pub fn result(message: &str, exit_code: i32, order: &EvaluationOrder) -> Result<Vec<Finding>, JobProblem> {
    if message.is_empty() {
        return Err(JobProblem::NoResult(exit_code));
    }
    let bad = |what: String| JobProblem::BadResult(crate::policy::finding::clean(&what, 160));
    if message.len() > RESULT_LIMIT {
        return Err(bad(format!("it has {} bytes, at most {RESULT_LIMIT} are allowed", message.len())));
    }
    let document: ResultDocument =
        serde_json::from_str(message).map_err(|e| bad(format!("it is not the expected JSON document: {e}")))?;
    if document.schema != RESULT_SCHEMA {
        return Err(bad(format!("its schema is {:?}, expected {RESULT_SCHEMA}", document.schema)));
    }
    if document.run != order.run {
        return Err(JobProblem::OtherRun);
    }
    let mut findings = Vec::with_capacity(order.gates.len());
    for gate in &order.gates {
        let mut of_gate = document.results.iter().filter(|f| f.gate == gate.key);
        match (of_gate.next(), of_gate.next()) {
            (Some(finding), None) => findings.push(judged(gate, order, finding)),
            (None, _) => return Err(bad(format!("it says nothing about gate {}", gate.key))),
            (Some(_), Some(_)) => return Err(bad(format!("it speaks twice about gate {}", gate.key))),
        }
    }
    if let Some(foreign) = document.results.iter().find(|f| !order.gates.iter().any(|g| g.key == f.gate)) {
        return Err(bad(format!("it speaks about gate {}, which was not asked", foreign.gate)));
    }
    Ok(findings)
}

/// The finding with its outcome decided here wherever a number tells it.
fn judged(gate: &Gate, order: &EvaluationOrder, finding: &Finding) -> Finding {
    let mut finding = Finding {
        message: crate::policy::finding::clean(&finding.message, crate::policy::finding::MESSAGE_LIMIT),
        ..finding.clone()
    };
    let pinned = |digest| order.evidence.iter().any(|e| e.digest.as_ref() == Some(digest));
    if let Some(foreign) = finding.evidence.iter().find(|d| !pinned(*d)) {
        let message = format!("the evaluator read bytes {} that the run did not pin", foreign.short(12));
        return Finding::new(gate.key.clone(), Outcome::Error, FindingReason::DigestMismatch, message);
    }
    let claims_measured = matches!(finding.outcome, Outcome::Pass | Outcome::Fail);
    let limits = match &gate.check {
        // A bound against the last admitted revision can fail a value that is within the plain bounds,
        // so only a claimed pass is tested against them.
        Check::Metric(metric) => Some(metric.limits.clone()).filter(|l| *l != Limits::default()),
        Check::Fairness(fairness) => Some(fairness.limits.clone()),
        Check::Drift(drift) => Some(Limits::at_most(drift.max_drifted_share.clone())),
        Check::Documentation(_) | Check::Expression(_) => None,
        Check::Approval(_) | Check::Prometheus(_) => {
            let message = "people and Prometheus are not asked by the evaluator";
            return Finding::new(gate.key.clone(), Outcome::Error, FindingReason::ResultInvalid, message);
        }
    };
    if let Some(limits) = limits.filter(|_| claims_measured) {
        let Some(value) = finding.number() else {
            let message = "the evaluator claims a measurement and gives no number";
            return Finding::new(gate.key.clone(), Outcome::Error, FindingReason::ResultInvalid, message);
        };
        let (outcome, reason) = limits.judge(value);
        if outcome != Outcome::Pass {
            finding.outcome = outcome;
            finding.reason = reason;
        }
    }
    finding
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::check::Metric;
    use crate::policy::{Decimal, Digest, Enforcement, EvidenceSource, EvidenceSpec, GateKey, OrderFacts, Severity, Stage};

    fn order() -> EvaluationOrder {
        let gate = Gate {
            key: GateKey::new("base", "accuracy"),
            enforcement: Enforcement::Enforce,
            severity: Severity::High,
            stage: Stage::BeforeRelease,
            min_tier: None,
            watch: None,
            remediation: None,
            check: Check::Metric(Metric {
                evidence: "metrics".into(),
                name: "accuracy".into(),
                limits: Limits::at_least(Decimal::parse("0.8").unwrap()),
                against_admitted: None,
            }),
        };
        let evidence = EvidenceSpec {
            name: "metrics".into(),
            source: EvidenceSource::ConfigMap { name: "e".into(), key: "m.json".into() },
            digest: Some(Digest::of(b"pinned")),
            columns: None,
        };
        EvaluationOrder { run: "run-uid".into(), facts: OrderFacts::default(), evidence: vec![evidence], gates: vec![gate] }
    }

    fn document(outcome: Outcome, value: Option<f64>, evidence: &[u8]) -> ResultDocument {
        let mut finding = Finding::new(GateKey::new("base", "accuracy"), outcome, FindingReason::WithinLimits, "m")
            .with_evidence([Digest::of(evidence)]);
        finding.value = value.map(|v| format!("{v:?}"));
        ResultDocument { schema: RESULT_SCHEMA.into(), run: "run-uid".into(), results: vec![finding] }
    }

    fn outcome_of(document: &ResultDocument) -> Result<Outcome, JobProblem> {
        result(&serde_json::to_string(document).unwrap(), 0, &order()).map(|f| f[0].outcome)
    }

    #[test]
    fn numbers_are_judged_again() {
        let cases = [
            (Outcome::Pass, Some(0.9), Outcome::Pass),
            (Outcome::Pass, Some(0.7), Outcome::Fail),
            (Outcome::Pass, Some(f64::NAN), Outcome::Error),
            (Outcome::Pass, None, Outcome::Error),
            (Outcome::Fail, Some(0.9), Outcome::Fail),
            (Outcome::Missing, None, Outcome::Missing),
        ];
        for (claimed, value, expected) in cases {
            assert_eq!(outcome_of(&document(claimed, value, b"pinned")), Ok(expected), "{claimed} {value:?}");
        }
    }

    #[test]
    fn bytes_that_were_not_pinned_are_an_error() {
        assert_eq!(outcome_of(&document(Outcome::Pass, Some(0.9), b"other")), Ok(Outcome::Error));
    }

    #[test]
    fn messages_that_cannot_be_used() {
        assert_eq!(result("", 0, &order()), Err(JobProblem::NoResult(0)));
        let other = ResultDocument { run: "another".into(), ..document(Outcome::Pass, Some(0.9), b"pinned") };
        assert_eq!(outcome_of(&other), Err(JobProblem::OtherRun));
        let twice = {
            let mut d = document(Outcome::Pass, Some(0.9), b"pinned");
            d.results.push(d.results[0].clone());
            d
        };
        let none = ResultDocument { results: vec![], ..document(Outcome::Pass, None, b"pinned") };
        let schema = ResultDocument { schema: "v0".into(), ..document(Outcome::Pass, Some(0.9), b"pinned") };
        for bad in [twice, none, schema] {
            assert!(matches!(outcome_of(&bad), Err(JobProblem::BadResult(_))));
        }
        for bad in ["{", "[]", &" ".repeat(4097), "{\"schema\":1}"] {
            assert!(matches!(result(bad, 0, &order()), Err(JobProblem::BadResult(_))), "{bad:.10}");
        }
    }
}
