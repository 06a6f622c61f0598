//! Findings of the evaluator against the order that was given: everything that can be computed again is.
//! The Job reports numbers; this decides what they mean.

use super::finding::{MESSAGE_LIMIT, THRESHOLD_LIMIT, clean};
use super::{
    Check, Count, Counts, Digest, EvaluationOrder, Finding, FindingReason, Gate, Outcome, ResultDocument, count,
};
use serde::{Deserialize, Serialize};

/// Why a result document cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum ResultProblem {
    #[error("it is for another run")]
    OtherRun,
    #[error("its pod was asked something else than this run asks")]
    OtherOrder,
    #[error("{0}")]
    Bad(String),
}

/// Findings for exactly the gates of the order, or why the document cannot be used.
pub fn findings(document: &ResultDocument, order: &EvaluationOrder) -> Result<Vec<Finding>, ResultProblem> {
    if document.run != order.run {
        return Err(ResultProblem::OtherRun);
    }
    if document.order.is_none() || document.order != Digest::of_json(order).ok() {
        return Err(ResultProblem::OtherOrder);
    }
    let mut findings = Vec::with_capacity(order.gates.len());
    for gate in &order.gates {
        let mut of_gate = document.results.iter().filter(|f| f.gate == gate.key);
        match (of_gate.next(), of_gate.next()) {
            (Some(finding), None) => findings.push(judged(gate, order, finding)),
            (None, _) => return Err(ResultProblem::Bad(format!("it says nothing about gate {}", gate.key))),
            (Some(_), Some(_)) => return Err(ResultProblem::Bad(format!("it speaks twice about gate {}", gate.key))),
        }
    }
    match document.results.iter().find(|f| !order.gates.iter().any(|g| g.key == f.gate)) {
        Some(foreign) => {
            let gate = clean(&foreign.gate.to_string(), 120);
            Err(ResultProblem::Bad(format!("it speaks about gate {gate}, which was not asked")))
        }
        None => Ok(findings),
    }
}

/// The finding with its outcome decided here wherever a number tells it.
fn judged(gate: &Gate, order: &EvaluationOrder, finding: &Finding) -> Finding {
    let mut finding = Finding {
        message: clean(&finding.message, MESSAGE_LIMIT),
        threshold: finding.threshold.as_deref().map(|threshold| clean(threshold, THRESHOLD_LIMIT)),
        ..finding.clone()
    };
    // As the evaluator writes numbers, whatever text stood for this one.
    let number = finding.number();
    let claims_measured = matches!(finding.outcome, Outcome::Pass | Outcome::Fail);
    if finding.value.is_some() && number.is_none_or(|number| claims_measured && !number.is_finite()) {
        let message = "the evaluation gives a value that is no number";
        return Finding::new(gate.key.clone(), Outcome::Error, FindingReason::ResultInvalid, message);
    }
    finding.value = number.map(|number| format!("{number:?}"));
    let pinned = |digest| order.evidence.iter().any(|e| e.digest.as_ref() == Some(digest));
    if let Some(foreign) = finding.evidence.iter().find(|d| !pinned(*d)) {
        let message = format!("the evaluation read bytes {} that the run did not pin", foreign.short(12));
        return Finding::new(gate.key.clone(), Outcome::Error, FindingReason::DigestMismatch, message);
    }
    if matches!(finding.outcome, Outcome::Skipped | Outcome::Warn) {
        // Who is asked, and how strictly, is decided here and nowhere else.
        let message = format!("the evaluation may not answer {}", finding.outcome);
        return Finding::new(gate.key.clone(), Outcome::Error, FindingReason::ResultInvalid, message);
    }
    if !gate.check.runs_in_job() {
        let message = "people and Prometheus are not asked by the evaluator";
        return Finding::new(gate.key.clone(), Outcome::Error, FindingReason::ResultInvalid, message);
    }
    // JSON holds larger ones than every reader takes.
    finding.counts.values_mut().for_each(|number| *number = (*number).min(count::MOST));
    if let Check::Metric(metric) = &gate.check {
        finding.counts = match number.and_then(|number| metric.anomaly_percent(number)) {
            Some(percent) => [(Count::AnomalyPercent, percent)].into(),
            None => Counts::new(),
        };
    }
    if finding.outcome == Outcome::Pass
        && let Some(owed) = gate.check.counted().iter().find(|what| !finding.counts.contains_key(what))
    {
        let message = format!("the evaluation claims a pass and does not count {owed}");
        return Finding::new(gate.key.clone(), Outcome::Error, FindingReason::ResultInvalid, message);
    }
    // Somebody else's container may fail without a number.
    let owes_number = finding.outcome == Outcome::Pass || !matches!(gate.check, Check::Job(_)) || number.is_some();
    if claims_measured && gate.check.has_number() && owes_number {
        let Some(value) = finding.number() else {
            let message = "the evaluation claims a measurement and gives no number";
            return Finding::new(gate.key.clone(), Outcome::Error, FindingReason::ResultInvalid, message);
        };
        let worse = |(outcome, _): &(Outcome, FindingReason)| *outcome != Outcome::Pass && *outcome != finding.outcome;
        if let Some((outcome, reason)) = gate.check.judge(value, &finding.counts).filter(worse) {
            finding.outcome = outcome;
            finding.reason = reason;
        }
    }
    finding
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::check::{Metric, TestCounts, Tests, TestsAgainstAdmitted};
    use crate::policy::result::RESULT_SCHEMA;
    use crate::policy::{
        Decimal, Digest, Enforcement, EvidenceSource, EvidenceSpec, GateKey, Limits, OrderFacts, Severity, Stage,
    };

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
                format: None,
                against_admitted: None,
                against_baseline: None,
                against_history: None,
                slice: None,
            }),
        };
        let evidence = EvidenceSpec {
            name: "metrics".into(),
            source: EvidenceSource::ConfigMap { name: "e".into(), key: "m.json".into() },
            digest: Some(Digest::of(b"pinned")),
            columns: None,
        };
        EvaluationOrder {
            run: "run-uid".into(),
            facts: OrderFacts::default(),
            evidence: vec![evidence],
            gates: vec![gate],
        }
    }

    fn document(outcome: Outcome, value: Option<f64>, evidence: &[u8]) -> ResultDocument {
        let mut finding = Finding::new(GateKey::new("base", "accuracy"), outcome, FindingReason::WithinLimits, "m")
            .with_evidence([Digest::of(evidence)]);
        finding.value = value.map(|v| format!("{v:?}"));
        let order = Digest::of_json(&order()).ok();
        ResultDocument { schema: RESULT_SCHEMA.into(), run: "run-uid".into(), order, results: vec![finding] }
    }

    fn outcome_of(document: &ResultDocument) -> Result<Outcome, ResultProblem> {
        findings(document, &order()).map(|f| f[0].outcome)
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
    fn what_was_counted_is_judged_again() {
        let cases = [
            (Some((12, 3)), Outcome::Pass, FindingReason::WithinLimits),
            (Some((11, 3)), Outcome::Fail, FindingReason::FewerTests),
            (Some((9, 3)), Outcome::Fail, FindingReason::FewerTests),
            (Some((12, 4)), Outcome::Fail, FindingReason::TestsSkipped),
            (Some((0, 0)), Outcome::Inconclusive, FindingReason::NoTests),
            (None, Outcome::Error, FindingReason::ResultInvalid),
        ];
        for (counts, outcome, reason) in cases {
            let mut order = order();
            order.gates[0].check = Check::Tests(Tests {
                evidence: vec!["metrics".into()],
                format: None,
                suites: vec![],
                max_failed: 0,
                allow_warnings: false,
                max_skipped: Some(3),
                min_tests: 10,
                against_admitted: Some(TestsAgainstAdmitted { max_fewer: 0, max_more_skipped: None }),
                admitted: Some(TestCounts { ran: 12, skipped: 0 }),
            });
            let mut document = document(Outcome::Pass, Some(0.0), b"pinned");
            document.order = Digest::of_json(&order).ok();
            if let Some((ran, skipped)) = counts {
                document.results[0].counts = [(Count::TestsRan, ran), (Count::TestsSkipped, skipped)].into();
            }
            let found = &findings(&document, &order).unwrap()[0];
            assert_eq!((found.outcome, found.reason), (outcome, reason), "{counts:?} {}", found.message);
        }
    }

    #[test]
    fn documents_that_cannot_be_used() {
        let other = ResultDocument { run: "another".into(), ..document(Outcome::Pass, Some(0.9), b"pinned") };
        assert_eq!(outcome_of(&other), Err(ResultProblem::OtherRun));
        for order in [None, Some(Digest::of(b"another order"))] {
            let other = ResultDocument { order, ..document(Outcome::Pass, Some(0.9), b"pinned") };
            assert_eq!(outcome_of(&other), Err(ResultProblem::OtherOrder));
        }
        let mut twice = document(Outcome::Pass, Some(0.9), b"pinned");
        twice.results.push(twice.results[0].clone());
        let none = ResultDocument { results: vec![], ..document(Outcome::Pass, None, b"pinned") };
        let mut foreign = document(Outcome::Pass, Some(0.9), b"pinned");
        foreign.results.push(Finding::new(
            GateKey::new("base", "other"),
            Outcome::Pass,
            FindingReason::WithinLimits,
            "",
        ));
        for bad in [twice, none, foreign] {
            assert!(matches!(outcome_of(&bad), Err(ResultProblem::Bad(_))));
        }
    }
}
