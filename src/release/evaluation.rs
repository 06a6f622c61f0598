//! From a matched workload to findings: choose the run, or wait for evidence and start one.

use super::condition::{ConditionType, Reason, Status};
use super::decision::{NewRun, Step};
use super::draft::Draft;
use super::facts::{EvidenceState, Mode, Run, Verb, Workload};
use super::{follow, order, pairing, running, verdict, words};
use crate::policy::{Gate, OnBreach, Plan};

pub(super) fn evaluate(draft: &mut Draft, workload: &Workload) {
    if guarded(draft, workload) {
        return;
    }
    held_or_admitted(draft, workload);
    let plan = match &draft.facts.plan {
        Ok(plan) => plan,
        Err(problem) => {
            let reason = verdict::plan_reason(problem);
            draft.say(ConditionType::GatesPassed, Status::Unknown, reason, problem.to_string());
            return draft.stall(reason, problem.to_string());
        }
    };
    draft.report.plan = plan.hash().ok();
    if !pairing::matched(draft, workload) {
        return;
    }
    match running::is_admitted(draft.facts, workload) {
        Some(admitted) => verdict::admitted(draft, workload, plan, admitted),
        None => towards_admission(draft, workload, plan),
    }
}

/// The wanted revision, or its model, is known to be bad.
fn guarded(draft: &mut Draft, workload: &Workload) -> bool {
    let facts = draft.facts;
    let record = facts.admitted.iter().find(|a| a.revision == workload.revision && a.guard.is_some());
    let model = workload.named_models.iter().find(|d| running::is_guarded_model(facts, d));
    // What is held where it is comes first: it runs, and a person must decide about it.
    let stopped = running::stopped(facts, workload).filter(|_| record.is_some() || model.is_some());
    let (reason, message) = match (stopped.or(record), model) {
        (Some(bad), _) => match &bad.guard {
            Some(guard) if guard.restore_to.is_some() => {
                (Reason::RolledBack, words::guarded(&workload.name, &workload.revision, guard))
            }
            Some(guard) if guard.response == OnBreach::Rollback => {
                (Reason::NoRollbackTarget, words::stopped(facts, bad, &guard.message))
            }
            Some(guard) => (Reason::Frozen, words::stopped(facts, bad, &guard.message)),
            None => return false,
        },
        (None, Some(digest)) => (
            Reason::RolledBack,
            format!(
                "Deployment {} asks for model {}, which was taken back: apply another version, or create a ReleaseAction Unguard for the revision that was rolled back",
                workload.name,
                digest.short(12)
            ),
        ),
        (None, None) => return false,
    };
    draft.say(ConditionType::Admitted, Status::False, Reason::Guarded, message.clone());
    draft.stall(reason, message);
    // Only to say so: what stalls already stands.
    pairing::matched(draft, workload);
    if let Ok(plan) = &draft.facts.plan {
        draft.report.plan = plan.hash().ok();
        verdict::recall(draft, plan, &workload.revision);
    }
    true
}

fn held_or_admitted(draft: &mut Draft, workload: &Workload) {
    if draft.facts.namespace.mode == Mode::Audit {
        return draft.say(
            ConditionType::Admitted,
            Status::True,
            Reason::AuditOnly,
            "nothing is held in an audit namespace",
        );
    }
    match running::is_admitted(draft.facts, workload) {
        Some(admitted) if admitted.adopted => {
            let message =
                format!("{} ran before its namespace was governed; it was never evaluated", words::revision(admitted));
            draft.say(ConditionType::Admitted, Status::True, Reason::Adopted, message);
        }
        Some(admitted) => {
            let message = words::may_run(&words::revision(admitted));
            draft.say(ConditionType::Admitted, Status::True, Reason::Admitted, message);
        }
        None => {
            let keeps = match running::running(draft.facts, workload) {
                Some(running) => format!("{} keeps running", words::revision(running)),
                None => "no pod starts".to_owned(),
            };
            let message = format!(
                "Deployment {} is held until ModelRelease {} is admitted; {keeps}",
                workload.name, draft.facts.release.name
            );
            draft.say(ConditionType::Admitted, Status::False, Reason::Held, message);
        }
    }
}

fn towards_admission(draft: &mut Draft, workload: &Workload, plan: &Plan) {
    let pins = order::pins(draft);
    let key = order::run_key(draft, workload, plan, &pins);
    // Long enough that nobody finds another revision with the same name; and what the run says of itself
    // must agree.
    let prefix = format!("{}-{}-", draft.facts.release.name, key.short(16));
    let about_this = |r: &&Run| {
        r.name.starts_with(&prefix)
            && r.revision == workload.revision
            && r.model_digest == draft.facts.release.model_digest
            && Some(&r.plan) == draft.report.plan.as_ref()
            && r.target_uid == workload.uid
            && r.evidence == pins
    };
    let latest = draft.facts.runs.iter().filter(about_this).max_by_key(|r| r.attempt);
    let retry = draft.facts.actions.iter().find(|a| a.verb == Verb::Retry);
    // A retry before anything was evaluated, or one that a crash left unanswered, asks for what happens anyway.
    let again = retry.filter(|retry| latest.is_some_and(|run| run.finished.is_some() && run.created <= retry.created));
    if let Some(retry) = retry.filter(|_| again.is_none()) {
        draft.step(Step::CompleteAction {
            name: retry.name.clone(),
            done: true,
            reason: "AlreadyEvaluating".to_owned(),
            message: "an evaluation is under way".to_owned(),
        });
    }
    match latest {
        None => begin(draft, workload, plan, &prefix, 1),
        // It was closed when something else was decided about, and answers nothing.
        Some(run) if run.superseded => begin(draft, workload, plan, &prefix, run.attempt + 1),
        Some(run) => match (&run.finished, again) {
            (Some(_), Some(retry)) => {
                begin(draft, workload, plan, &prefix, run.attempt + 1);
                draft.step(Step::CompleteAction {
                    name: retry.name.clone(),
                    done: true,
                    reason: "Started".to_owned(),
                    message: format!("attempt {} was started", run.attempt + 1),
                });
            }
            (Some(finished), None) => {
                draft.report.run = Some(run.name.clone());
                match follow::again_at(draft, plan, run, &finished.findings, finished.at) {
                    Some(again) if draft.now >= again => begin(draft, workload, plan, &prefix, run.attempt + 1),
                    Some(_) | None => follow::conclude(draft, workload, plan, run, &finished.findings, finished.at),
                }
            }
            (None, _) => follow::follow(draft, workload, plan, run),
        },
    }
}

fn begin(draft: &mut Draft, workload: &Workload, plan: &Plan, prefix: &str, attempt: u32) {
    let gates: Vec<Gate> = order::asked_before_release(draft, plan).collect();
    let asked: Vec<&str> = gates.iter().flat_map(|gate| gate.check.evidence()).collect();
    let absent = draft.facts.evidence.iter().find_map(|e| match &e.state {
        EvidenceState::Missing(what) if asked.contains(&e.name.as_str()) => Some(what.clone()),
        EvidenceState::Missing(_) | EvidenceState::Pinned { .. } | EvidenceState::Unusable(..) => None,
    });
    // A second attempt is asked for by a person, who need not wait again.
    if let Some(what) = absent.filter(|_| attempt == 1) {
        let since = draft.waiting_since(ConditionType::GatesPassed, Reason::AwaitingEvidence);
        let over = draft.wait_over(since, draft.facts.waits.evidence_seconds);
        draft.report.waiting_since = Some(since);
        if draft.now < over {
            draft.look_at(over);
            draft.say(ConditionType::GatesPassed, Status::Unknown, Reason::AwaitingEvidence, what.clone());
            return draft.reconcile(Reason::AwaitingEvidence, what);
        }
    }
    let name = format!("{prefix}{attempt}");
    let orders = order::orders(draft, plan, &order::unanswerable(draft, plan));
    let Ok(compiled) = serde_json::to_string(plan) else { return };
    let Some(plan_hash) = draft.report.plan.clone() else { return };
    let run = NewRun {
        name: name.clone(),
        revision: workload.revision.clone(),
        model_digest: draft.facts.release.model_digest.clone(),
        plan: plan_hash,
        compiled,
        target_uid: workload.uid.clone(),
        attempt,
        evidence: order::pins(draft),
        orders,
        waits: (draft.facts.waits.start_seconds, draft.facts.waits.finish_seconds),
    };
    draft.step(Step::StartRun(Box::new(run)));
    draft.report.run = Some(name.clone());
    follow::evaluating(draft, &name, draft.now, "it was started");
}
