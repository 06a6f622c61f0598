//! What the Jobs of a run are asked: the gates whose evidence is pinned, that evidence, the facts.

use super::draft::Draft;
use super::facts::{Admitted, Evidence, EvidenceState, Workload};
use crate::policy::check::{AnsweredBy, TestCounts};
use crate::policy::result::DECLARED_PURPOSE;
use crate::policy::{
    Check, Digest, EvaluationOrder, EvidenceSpec, Finding, FindingReason, Gate, OrderFacts, Outcome, Plan,
};
use std::collections::BTreeMap;

/// What makes two evaluations the same: release, revision, model, plan, evidence as pinned, and all that
/// the evaluator is asked and told.
pub(super) fn run_key(draft: &Draft, workload: &Workload, plan: &Plan, pins: &[Pin]) -> Digest {
    let facts = draft.facts;
    let mut text =
        format!("{}\n{}\n{}\n{}\n", facts.release.uid, workload.uid, workload.revision, facts.release.model_digest);
    if let Some(plan) = &draft.report.plan {
        text.push_str(plan.as_str());
    }
    for (name, digest, uid) in pins {
        let digest = digest.as_ref().map(Digest::as_str).unwrap_or_default();
        text.push_str(&format!("\n{name}={digest}@{}", uid.as_deref().unwrap_or_default()));
    }
    for order in orders(draft, plan, &unanswerable(draft, plan)) {
        if let Ok(order) = Digest::of_json(&order) {
            text.push_str(&format!("\n{order}"));
        }
    }
    Digest::of(text.as_bytes())
}

/// Name of a piece of evidence, its digest, UID of its ConfigMap.
pub(super) type Pin = (String, Option<Digest>, Option<String>);

pub(super) fn pins(draft: &Draft) -> Vec<Pin> {
    let pin = |e: &Evidence| match &e.state {
        EvidenceState::Pinned { digest, uid } => (e.name.clone(), Some(digest.clone()), uid.clone()),
        EvidenceState::Missing(_) | EvidenceState::Unusable(..) => (e.name.clone(), None, None),
    };
    draft.facts.evidence.iter().map(pin).collect()
}

/// Gates that a Job answers, with the admitted revisions' numbers and reports where they are compared with those.
pub(super) fn asked_before_release(draft: &Draft, plan: &Plan) -> impl Iterator<Item = Gate> {
    plan.gates().filter(|gate| gate.check.runs_in_job()).map(|gate| with_baseline(draft, gate))
}

/// What each explanation that was judged is known by, by gate: the next revision's is compared with it.
pub(super) fn explanations(draft: &Draft, plan: &Plan, findings: &[Finding]) -> BTreeMap<String, Digest> {
    let judged = |gate: &&Gate| {
        findings.iter().any(|f| f.gate == gate.key && matches!(f.outcome, Outcome::Pass | Outcome::Fail))
    };
    let pins = pins(draft);
    let pinned = |gate: &Gate| {
        let Check::Explainability(check) = &gate.check else { return None };
        let (_, digest, _) = pins.iter().find(|(name, _, _)| *name == check.evidence)?;
        Some((gate.key.to_string(), digest.clone()?))
    };
    plan.gates().filter(judged).filter_map(pinned).collect()
}

/// Gates whose evidence is not all pinned, with what to say about each.
pub(super) fn unanswerable(draft: &Draft, plan: &Plan) -> Vec<Finding> {
    let finding = |gate: Gate| {
        gate.check.evidence().iter().find_map(|wanted| {
            let found = draft.facts.evidence.iter().find(|e| e.name == **wanted);
            let (outcome, reason, message) = match found.map(|e| &e.state) {
                Some(EvidenceState::Pinned { .. }) => return None,
                Some(EvidenceState::Missing(what)) => (Outcome::Missing, FindingReason::EvidenceMissing, what.clone()),
                Some(EvidenceState::Unusable(reason, what)) => (Outcome::Error, *reason, what.clone()),
                None => (
                    Outcome::Missing,
                    FindingReason::EvidenceMissing,
                    format!("the release names no evidence {wanted}: add it to spec.evidence"),
                ),
            };
            Some(Finding::new(gate.key.clone(), outcome, reason, message))
        })
    };
    asked_before_release(draft, plan).filter_map(finding).collect()
}

/// What each Job of a run is asked: the evaluator all that it can answer, and every gate with a Job of its own
/// that gate.
pub(super) fn orders(draft: &Draft, plan: &Plan, unanswerable: &[Finding]) -> Vec<EvaluationOrder> {
    let answerable = |gate: &Gate| !unanswerable.iter().any(|f| f.gate == gate.key);
    let gates = asked_before_release(draft, plan).filter(answerable);
    let (evaluators, own): (Vec<Gate>, Vec<Gate>) =
        gates.partition(|gate| gate.check.answered_by() == AnsweredBy::Evaluator);
    let all = std::iter::once(evaluators).chain(own.into_iter().map(|gate| vec![gate]));
    all.filter(|gates| !gates.is_empty()).map(|gates| order(draft, gates)).collect()
}

fn order(draft: &Draft, gates: Vec<Gate>) -> EvaluationOrder {
    let facts = draft.facts;
    let release = &facts.release;
    let asked: Vec<&str> = gates.iter().flat_map(|g| g.check.evidence()).collect();
    let pinned = |spec: &EvidenceSpec| {
        let state = facts.evidence.iter().find(|e| e.name == spec.name).map(|e| &e.state);
        match state {
            Some(EvidenceState::Pinned { digest, .. }) if asked.contains(&spec.name.as_str()) => {
                Some(EvidenceSpec { digest: Some(digest.clone()), ..spec.clone() })
            }
            Some(_) | None => None,
        }
    };
    let evidence = release.evidence.iter().filter_map(pinned).collect();
    let declared =
        release.declared.iter().map(|(factor, level)| (lower_first(&format!("{factor:?}")), format!("{level:?}")));
    let purpose = release.purpose.iter().map(|purpose| (DECLARED_PURPOSE.to_owned(), purpose.clone()));
    let facts = OrderFacts {
        namespace: release.namespace.clone(),
        namespace_labels: facts.namespace.labels.clone(),
        release: release.name.clone(),
        model_name: release.model_name.clone(),
        model_version: release.model_version.clone(),
        model_digest: Some(release.model_digest.clone()),
        at: None,
        declared: declared.chain(purpose).collect(),
    };
    EvaluationOrder { run: String::new(), facts, evidence, gates }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_ascii_lowercase().to_string() + chars.as_str()).unwrap_or_default()
}

/// Fills in what a gate compares with of the admitted revisions.
fn with_baseline(draft: &Draft, gate: &Gate) -> Gate {
    let mut gate = gate.clone();
    let key = gate.key.to_string();
    match &mut gate.check {
        Check::Metric(metric) => {
            let good = good(draft);
            let number = |a: &&Admitted| a.values.get(&key).cloned();
            if let Some(against) = &mut metric.against_admitted {
                against.baseline = good.first().and_then(number);
            }
            if let Some(against) = &mut metric.against_history {
                against.values = good.iter().filter_map(number).take(against.last as usize).collect();
            }
        }
        Check::Tests(tests) => {
            tests.admitted = good(draft).first().and_then(|a| TestCounts::of(a.counts.get(&key)?));
        }
        Check::Explainability(explained) => {
            if let Some(stability) = explained.stability.as_mut().filter(|stability| stability.against_admitted) {
                // A revision whose explanation could not be judged does not make the next one a first one.
                stability.admitted = good(draft).iter().find_map(|a| a.explanations.get(&key).cloned());
            }
        }
        _ => {}
    }
    gate
}

/// Other revisions that were admitted and not taken back, the last one that served first.
fn good<'a>(draft: &Draft<'a>) -> Vec<&'a Admitted> {
    let good = draft.facts.admitted.iter().filter(|a| a.guard.is_none() && !a.adopted);
    let mut good: Vec<_> = good.filter(|a| draft.report.revision.as_ref() != Some(&a.revision)).collect();
    good.sort_by_key(|a| std::cmp::Reverse(a.last_served()));
    good
}
