//! The flow of one pass.

use super::condition::{ConditionType, Reason, Status};
use super::decision::{Decision, Step};
use super::draft::Draft;
use super::facts::{Facts, JobState, Mode, Target, Workload};
use super::restore::Restore;
use super::{adopt, evaluation, intervene, pairing, restore, running, unreadable, watch, words};
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
        let message = words::not_governed(draft.facts);
        draft.say(ConditionType::Admitted, Status::Unknown, Reason::NotGoverned, message.clone());
        return draft.stall(Reason::NotGoverned, message);
    }
    match restore::go_on(draft, workload) {
        Restore::Over => {}
        Restore::Busy => return,
        // A restore that waits for pods must not keep the next version out.
        Restore::Waiting => return evaluate(draft, workload),
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
        (Some(guard), _) => {
            draft.say(ConditionType::WatchHealthy, Status::False, Reason::Breached, guard.message.clone())
        }
        (None, Some(running)) if watch::watch(draft, workload, running) => return,
        (None, _) => {}
    }
    evaluate(draft, workload);
}

fn evaluate(draft: &mut Draft, workload: &Workload) {
    if !unreadable::blocks(draft, workload) {
        evaluation::evaluate(draft, workload);
        close_overtaken(draft, workload);
    }
}

/// At most so many are closed by one pass; the next one goes on.
const MOST_CLOSED: usize = 16;

/// Closes the runs that nobody waits for any more: another one is followed, or the template is admitted.
fn close_overtaken(draft: &mut Draft, workload: &Workload) {
    let facts = draft.facts;
    let followed = draft.report.run.clone();
    if followed.is_none() && running::is_admitted(facts, workload).is_none() {
        return;
    }
    let open = facts.runs.iter().filter(|run| run.finished.is_none() && !run.superseded);
    for run in open.filter(|run| followed.as_ref() != Some(&run.name)).take(MOST_CLOSED) {
        // Nobody reads its answers any more: what still runs is stopped, before nothing tells of it.
        let goes_on = |state: &JobState| matches!(state, JobState::NotStarted(_) | JobState::Running { .. });
        let asked = facts.jobs.iter().filter(|job| goes_on(&job.state)).map(|job| (&job.run, &job.name, &job.uid));
        let strays = facts.stray_jobs.iter().map(|job| (&job.run, &job.name, &job.uid));
        for (_, name, uid) in asked.chain(strays).filter(|(of, ..)| **of == run.name) {
            draft.step(Step::DeleteJob { name: name.clone(), uid: uid.clone() });
        }
        draft.step(Step::SupersedeRun { run_name: run.name.clone() });
    }
}

fn enforced(draft: &mut Draft) {
    let (status, reason, message) = match (draft.facts.namespace.mode, &draft.facts.enforcement) {
        (Mode::NotGoverned, _) => (Status::False, Reason::NotGoverned, words::not_governed(draft.facts)),
        (Mode::Audit, _) => (
            Status::False,
            Reason::AuditOnly,
            format!(
                "namespace {} is in audit mode: gates are evaluated and nothing is held",
                draft.facts.release.namespace
            ),
        ),
        (Mode::Enforce, Ok(())) => {
            (Status::True, Reason::Enforced, "the API server's own policies hold ungated revisions".to_owned())
        }
        (Mode::Enforce, Err(problem)) => {
            (Status::False, Reason::PoliciesAltered, format!("the hold may not work: {problem}"))
        }
    };
    draft.say(ConditionType::Enforced, status, reason, message);
}
