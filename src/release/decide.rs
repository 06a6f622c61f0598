//! The flow of one pass.

use super::condition::{ConditionType, Reason, Status};
use super::decision::Decision;
use super::draft::Draft;
use super::facts::{Facts, Mode, Target, Workload};
use super::restore::Restore;
use super::{adopt, evaluation, intervene, pairing, restore, running, watch, words};
use jiff::Timestamp;

/// What to do about one release, given what one pass saw.
pub fn decide(facts: &Facts, now: Timestamp) -> Decision {
    let (facts, pardons) = intervene::unguard(facts);
    let mut draft = Draft::new(&facts, now);
    draft.steps = pardons;
    enforced(&mut draft);
    match &facts.target {
        Target::Found(workload) if !workload.terminating => with_workload(&mut draft, workload),
        Target::Found(_) | Target::NotFound => {
            pairing::target_missing(&mut draft);
            restore::without_workload(&mut draft);
        }
        Target::Unsupported(_) | Target::Claimed(_) | Target::Unreadable(_) => pairing::target_unusable(&mut draft),
    }
    intervene::refuse_the_rest(&mut draft);
    draft.finish()
}

fn with_workload(draft: &mut Draft, workload: &Workload) {
    draft.report.target = Some((workload.uid.clone(), workload.generation));
    draft.report.revision = Some(workload.revision.clone());
    if draft.facts.namespace.mode == Mode::NotGoverned {
        let message = words::not_governed(&draft.facts.release);
        draft.say(ConditionType::Admitted, Status::Unknown, Reason::NotGoverned, message.clone());
        return draft.stall(Reason::NotGoverned, message);
    }
    match restore::go_on(draft, workload) {
        Restore::Over => {}
        Restore::Busy => return,
        // A restore that waits for pods must not keep the next version out.
        Restore::Waiting => return evaluation::evaluate(draft, workload),
    }
    let held = intervene::hold_guarded(draft, workload);
    if !held && adopt::adopt(draft, workload) {
        return;
    }
    let running = running::running(draft.facts, workload);
    draft.report.admitted_revision = running.map(|r| r.revision.clone());
    let stopped = running::stopped(draft.facts, workload);
    if let Some(subject) = stopped.or(running)
        && intervene::stop(draft, workload, subject)
    {
        return;
    }
    match (stopped.and_then(|s| s.guard.as_ref()), running) {
        // People decide now; what runs beside it is not judged for it.
        (Some(guard), _) => draft.say(ConditionType::WatchHealthy, Status::False, Reason::Breached, guard.message.clone()),
        (None, Some(running)) if watch::watch(draft, workload, running) => return,
        (None, _) => {}
    }
    evaluation::evaluate(draft, workload);
}

fn enforced(draft: &mut Draft) {
    let (status, reason, message) = match (draft.facts.namespace.mode, &draft.facts.enforcement) {
        (Mode::NotGoverned, _) => (Status::False, Reason::NotGoverned, words::not_governed(&draft.facts.release)),
        (Mode::Audit, _) => (
            Status::False,
            Reason::AuditOnly,
            format!("namespace {} is in audit mode: gates are evaluated and nothing is held", draft.facts.release.namespace),
        ),
        (Mode::Enforce, Ok(())) => {
            (Status::True, Reason::Enforced, "the API server's own policies hold ungated revisions".to_owned())
        }
        (Mode::Enforce, Err(problem)) => (
            Status::False,
            Reason::PoliciesAltered,
            format!("the hold may not work: {problem}"),
        ),
    };
    draft.say(ConditionType::Enforced, status, reason, message);
}
