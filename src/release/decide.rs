//! The flow of one pass.

use super::condition::{ConditionType, Reason, Status};
use super::decision::Decision;
use super::draft::Draft;
use super::facts::{Facts, Mode, Target, Workload};
use super::{adopt, evaluation, intervene, pairing, restore, running, watch, words};
use jiff::Timestamp;

/// What to do about one release, given what one pass saw.
pub fn decide(facts: &Facts, now: Timestamp) -> Decision {
    let mut draft = Draft::new(facts, now);
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
    intervene::unguard(draft);
    if restore::go_on(draft, workload) {
        return;
    }
    if adopt::adopt(draft, workload) {
        return;
    }
    let running = running::running(draft.facts, workload);
    draft.report.admitted_revision = running.map(|r| r.revision.clone());
    if let Some(running) = running {
        let stopped = intervene::stop(draft, workload, running) || watch::watch(draft, workload, running);
        if stopped {
            return;
        }
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
