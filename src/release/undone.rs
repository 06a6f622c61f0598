//! What is told when the API server refuses a step: what this pass saw, and the refusal. Nothing that the step, or
//! one after it, would have made true.

use super::condition::{Condition, ConditionType, Reason, Status};
use super::decision::{Decision, Report};
use super::draft::Draft;
use super::facts::{Facts, Mode, Target};
use super::{running, watch};
use jiff::Timestamp;

/// `why` says which write was refused, and for what reason.
pub fn undone(facts: &Facts, decision: &Decision, why: &str, now: Timestamp) -> Decision {
    let mut draft = Draft::new(facts, now);
    let (seen, prior) = (&decision.report, &facts.prior);
    draft.report = Report {
        admitted_revision: prior.admitted_revision.clone(),
        watch: prior.streaks.clone(),
        last_rollback: prior.last_rollback.clone(),
        conditions: Vec::new(),
        ..seen.clone()
    };
    for said in &seen.conditions {
        match said.kind {
            ConditionType::WorkloadMatched
            | ConditionType::GatesPassed
            | ConditionType::Approved
            | ConditionType::WatchHealthy
            | ConditionType::Enforced => repeat(&mut draft, said),
            ConditionType::Admitted => admitted(&mut draft, said),
            ConditionType::Ready | ConditionType::Reconciling | ConditionType::Stalled => {}
        }
    }
    // An admission that was decided begins to count anew; it has not happened.
    if let Target::Found(workload) = &facts.target
        && let Some(running) = running::running(facts, workload)
    {
        draft.report.admitted_revision = Some(running.revision.clone());
        if let Ok(plan) = &facts.plan {
            draft.report.watch = watch::told(&watch::counted(facts, running, plan, now));
        }
        let healthy = prior.conditions.iter().find(|c| c.kind == ConditionType::WatchHealthy);
        let unsaid = |c: &Condition| c.kind == ConditionType::WatchHealthy && c.reason == Reason::NotStarted;
        if let Some(healthy) = healthy.filter(|_| seen.conditions.iter().any(unsaid)) {
            repeat(&mut draft, healthy);
        }
    }
    draft.stall(
        Reason::WriteRefused,
        format!("find out what refuses this and correct it, it is tried again all the time: {why}"),
    );
    draft.finish()
}

fn repeat(draft: &mut Draft, said: &Condition) {
    draft.say(said.kind, said.status, said.reason, said.message.clone());
}

/// What was to be admitted by this pass is not.
fn admitted(draft: &mut Draft, said: &Condition) {
    let facts = draft.facts;
    let (true, Target::Found(workload)) = (facts.namespace.mode == Mode::Enforce, &facts.target) else {
        return repeat(draft, said);
    };
    if said.status != Status::True || running::is_admitted(facts, workload).is_some() {
        return repeat(draft, said);
    }
    let message =
        format!("revision {} of Deployment {} is not admitted yet", workload.revision.short(12), workload.name);
    draft.say(ConditionType::Admitted, Status::False, Reason::Held, message);
}
