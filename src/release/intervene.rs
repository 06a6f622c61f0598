//! Taking a revision back, by breach or by hand: guard first, then hold; the restore follows.

use super::condition::{ConditionType, Reason, Status};
use super::decision::Step;
use super::draft::{Draft, later};
use super::facts::{Action, Admitted, Facts, Guard, Mode, Rollback, Verb, Workload};
use super::{restore, running, unreadable, words};
use crate::policy::OnBreach;
use jiff::Timestamp;
use std::borrow::Cow;

/// Takes the revision back: guard first, so that the record is durable before the effect.
pub(super) fn respond(draft: &mut Draft, workload: &Workload, bad: &Admitted, response: Response) {
    let facts = draft.facts;
    let Response { asked, target, why, action } = response;
    let retiring = facts
        .replica_sets
        .iter()
        .filter(|rs| target.is_some_and(|t| rs.template_digest.as_ref() != Some(&t.template_digest)))
        .map(|rs| rs.hash.clone())
        .collect();
    let guard = Guard {
        at: guarded_at(draft),
        message: why.clone(),
        response: asked,
        restore_to: target.map(|t| t.revision.clone()),
        retiring,
        action,
    };
    let at = guard.at;
    draft.step(Step::Guard { admitted: bad.name.clone(), guard });
    hold(draft, workload);
    // The failures were this revision's; what is brought back starts without any.
    draft.report.watch.clear();
    let (reason, message) = match (target, asked) {
        (Some(target), _) => {
            if let Some(digest) = bad.model_digest.as_ref().filter(|d| target.model_digest.as_ref() != Some(*d)) {
                draft.step(Step::GuardDigest { digest: digest.clone(), since: at });
            }
            let message = words::taken_back(bad, target, &why);
            draft.report.admitted_revision = Some(target.revision.clone());
            draft.report.last_rollback = Some(Rollback {
                from: bad.revision.clone(),
                to: Some(target.revision.clone()),
                at,
                completed_at: None,
                message: why,
            });
            draft.say(ConditionType::Admitted, Status::False, Reason::Guarded, message.clone());
            return draft.reconcile(Reason::RollingBack, message);
        }
        (None, OnBreach::Rollback) => (Reason::NoRollbackTarget, words::stopped(facts, bad, &why)),
        (None, OnBreach::Freeze) => (Reason::Frozen, words::stopped(facts, bad, &why)),
    };
    draft.say(ConditionType::Admitted, Status::False, Reason::Guarded, message.clone());
    draft.stall(reason, message);
}

/// What to do with a revision that is taken back.
pub(super) struct Response<'a> {
    pub asked: OnBreach,
    /// What is brought back.
    pub target: Option<&'a Admitted>,
    pub why: String,
    /// UID of the ReleaseAction that asks for it; none of a breach.
    pub action: Option<String>,
}

/// What a breach of the running revision does. One rollback, then people: what a rollback has brought
/// back is frozen if it fails too.
pub(super) fn after_breach<'a>(
    facts: &'a Facts,
    workload: &Workload,
    running: &Admitted,
    asked: OnBreach,
    why: String,
) -> Response<'a> {
    let brought_back = facts.prior.last_rollback.as_ref().is_some_and(|r| r.to.as_ref() == Some(&running.revision));
    match asked {
        OnBreach::Rollback if brought_back && workload.mark.is_none() => Response {
            asked: OnBreach::Freeze,
            target: None,
            why: format!("it was brought back by a rollback and fails too: {why}"),
            action: None,
        },
        OnBreach::Rollback => Response { asked, target: running::last_good(facts, running), why, action: None },
        OnBreach::Freeze => Response { asked, target: None, why, action: None },
    }
}

/// Later than every guard before it, also when the clock has stepped back: the newest one is what is
/// being restored.
fn guarded_at(draft: &Draft) -> Timestamp {
    let guards = draft.facts.admitted.iter().filter_map(|a| Some(a.guard.as_ref()?.at));
    let before = guards.chain(draft.facts.prior.last_rollback.as_ref().map(|r| r.at)).max();
    before.map_or(draft.now, |before| draft.now.max(later(before, 1)))
}

fn hold(draft: &mut Draft, workload: &Workload) {
    if !workload.paused || workload.mark.is_some() {
        draft.step(Step::Hold { deployment: workload.name.clone(), uid: workload.uid.clone() });
    }
}

/// A guarded revision does not roll out: after a crash between guard and hold, or when the API server's
/// policies were away. True if this pass holds it.
pub(super) fn hold_guarded(draft: &mut Draft, workload: &Workload) -> bool {
    let facts = draft.facts;
    let guarded = |revision: &str| facts.admitted.iter().any(|a| a.guard.is_some() && a.revision.as_str() == revision);
    let loose = match &workload.mark {
        Some(mark) => guarded(mark),
        None => {
            !workload.paused
                && (guarded(workload.revision.as_str())
                    || workload.named_models.iter().any(|d| running::is_guarded_model(facts, d)))
        }
    };
    let enforced = facts.namespace.mode == Mode::Enforce;
    if enforced && loose {
        hold(draft, workload);
    }
    enforced && loose
}

/// Manual Freeze and Rollback of what runs, or of what is held where it is. True when one was carried out.
pub(super) fn stop(draft: &mut Draft, workload: &Workload, subject: &Admitted) -> bool {
    let facts = draft.facts;
    for action in &facts.actions {
        let asked = match action.verb {
            Verb::Freeze => OnBreach::Freeze,
            Verb::Rollback => OnBreach::Rollback,
            Verb::Retry | Verb::Unguard => continue,
        };
        let target = match asked {
            OnBreach::Rollback => running::last_good(facts, subject),
            OnBreach::Freeze => None,
        };
        if carried_out(facts, action) {
            continue;
        } else if facts.namespace.mode != Mode::Enforce {
            complete(
                draft,
                action,
                false,
                "NotEnforced",
                "nothing is held or brought back in an audit namespace".to_owned(),
            );
        } else if action.revision.as_ref().is_some_and(|r| *r != subject.revision) {
            complete(
                draft,
                action,
                false,
                "OtherRevision",
                format!("revision {} runs, not the one named", subject.revision.short(12)),
            );
        } else if asked == OnBreach::Freeze && subject.guard.is_some() {
            complete(
                draft,
                action,
                false,
                "NothingToDo",
                format!("revision {} is held where it is already", subject.revision.short(12)),
            );
        } else if asked == OnBreach::Rollback && target.is_none() {
            complete(
                draft,
                action,
                false,
                "NoRollbackTarget",
                "there is no good revision to bring back; apply another version, or create a ReleaseAction Freeze"
                    .to_owned(),
            );
        } else {
            let (why, action_uid) = (asked_by(action), Some(action.uid.clone()));
            respond(draft, workload, subject, Response { asked, target, why, action: action_uid });
            complete(draft, action, true, "Done", format!("revision {} was taken back", subject.revision.short(12)));
            return true;
        }
    }
    false
}

fn asked_by(action: &Action) -> String {
    let by = action.by.as_deref().unwrap_or("somebody");
    format!("asked for by {by} in ReleaseAction {}: {}", action.name, action.reason)
}

/// Done, and not answered before a crash: the guard names the action.
fn carried_out(facts: &Facts, action: &Action) -> bool {
    facts.admitted.iter().any(|a| a.guard.as_ref().is_some_and(|g| g.action.as_ref() == Some(&action.uid)))
}

/// Unguard: the revision may be admitted again, by its gates. Gives the facts as they are afterwards, so
/// that the rest of the pass cannot guard it again. While its restore is under way it waits: pods without
/// an owner are found by the guard.
pub(super) fn unguard(facts: &Facts) -> (Cow<'_, Facts>, Vec<Step>) {
    let mut seen = Cow::Borrowed(facts);
    let mut steps = Vec::new();
    for action in facts.actions.iter().filter(|a| a.verb == Verb::Unguard) {
        let named = seen.admitted.iter().filter(|a| Some(&a.revision) == action.revision.as_ref());
        let Some(record) = named.max_by_key(|a| a.guard.is_some()).cloned() else {
            if unreadable::admitted(facts).is_none() {
                steps.push(answer(
                    action,
                    false,
                    "NotGuarded",
                    "no revision of this release has that digest".to_owned(),
                ));
            }
            continue;
        };
        if restore::under_way(&seen, &record) {
            continue;
        }
        let revision = record.revision.short(12);
        if record.guard.is_none() {
            steps.push(answer(action, true, "NotGuarded", format!("revision {revision} is not guarded")));
            continue;
        }
        let after = seen.to_mut();
        for listed in record.model_digest.iter().filter(|d| running::is_guarded_model(facts, d)) {
            steps.push(Step::UnguardDigest { digest: listed.clone() });
            after.guarded_digests.retain(|d| d != listed);
        }
        after.admitted.iter_mut().filter(|a| a.name == record.name).for_each(|a| a.guard = None);
        steps.push(Step::Unguard { admitted: record.name.clone() });
        steps.push(answer(action, true, "Done", format!("revision {revision} is no longer guarded")));
    }
    (seen, steps)
}

/// Freeze and Rollback with nothing to act on are answered, not left open for ever. Retry likewise when
/// nothing is being evaluated.
pub(super) fn refuse_the_rest(draft: &mut Draft) {
    for action in &draft.facts.actions {
        let answered =
            draft.steps.iter().any(|s| matches!(s, Step::CompleteAction { name, .. } if *name == action.name));
        if !answered && carried_out(draft.facts, action) {
            complete(draft, action, true, "Done", "the revision was taken back".to_owned());
            continue;
        }
        let message = match action.verb {
            _ if answered => continue,
            // What runs may be on the record that cannot be read.
            Verb::Freeze | Verb::Rollback if unreadable::admitted(draft.facts).is_some() => continue,
            Verb::Freeze | Verb::Rollback
                if draft.report.last_rollback.as_ref().is_some_and(|r| r.completed_at.is_none()) =>
            {
                "a rollback is under way"
            }
            Verb::Freeze | Verb::Rollback => "no admitted revision runs",
            Verb::Retry if draft.report.run.is_some() => "the revision is decided: nothing is left to evaluate",
            Verb::Retry => "nothing can be evaluated yet; see the release's conditions",
            // Answered when the restore of its revision is over.
            Verb::Unguard => continue,
        };
        complete(draft, action, false, "NothingToDo", message.to_owned());
    }
}

fn complete(draft: &mut Draft, action: &Action, done: bool, reason: &str, message: String) {
    draft.step(answer(action, done, reason, message));
}

fn answer(action: &Action, done: bool, reason: &str, message: String) -> Step {
    Step::CompleteAction { name: action.name.clone(), done, reason: reason.to_owned(), message }
}
