//! Taking a revision back, by breach or by hand: guard first, then hold; the restore follows.

use super::condition::{ConditionType, Reason, Status};
use super::decision::Step;
use super::draft::Draft;
use super::facts::{Action, Admitted, Guard, Rollback, Verb, Workload};
use super::{running, words};
use crate::policy::OnBreach;

/// Guards the revision and holds the Deployment. The record is durable before the effect.
pub(super) fn respond(draft: &mut Draft, workload: &Workload, bad: &Admitted, asked: OnBreach, why: String) {
    let facts = draft.facts;
    // One rollback: what a rollback has brought back is frozen if it fails too, never rolled back again.
    let was_restored = facts.prior.last_rollback.as_ref().is_some_and(|r| r.to.as_ref() == Some(&bad.revision)) && workload.mark.is_none();
    let target = match asked {
        OnBreach::Rollback if !was_restored => running::last_good(facts, bad),
        OnBreach::Rollback | OnBreach::Freeze => None,
    };
    let response = if target.is_some() { OnBreach::Rollback } else { OnBreach::Freeze };
    let retiring = facts
        .replica_sets
        .iter()
        .filter(|rs| target.is_some_and(|t| rs.template_digest.as_ref() != Some(&t.template_digest)))
        .map(|rs| rs.hash.clone())
        .collect();
    let guard = Guard {
        at: draft.now,
        message: why.clone(),
        response,
        restore_to: target.map(|t| t.revision.clone()),
        retiring,
    };
    draft.step(Step::Guard { admitted: bad.name.clone(), guard });
    draft.step(Step::Hold { deployment: workload.name.clone(), uid: workload.uid.clone() });
    if let Some(target) = target {
        if let Some(digest) = bad.model_digest.as_ref().filter(|d| target.model_digest.as_ref() != Some(*d)) {
            draft.step(Step::GuardDigest { digest: digest.clone(), since: draft.now });
        }
        let message = words::taken_back(bad, target, &why);
        draft.report.admitted_revision = Some(target.revision.clone());
        draft.report.last_rollback = Some(Rollback {
            from: bad.revision.clone(),
            to: Some(target.revision.clone()),
            at: draft.now,
            completed_at: None,
            message: why,
        });
        draft.say(ConditionType::Admitted, Status::False, Reason::Guarded, message.clone());
        draft.reconcile(Reason::RollingBack, message);
        return;
    }
    let (reason, message) = match asked {
        OnBreach::Rollback if was_restored => {
            (Reason::Frozen, format!("{} was brought back by a rollback and fails too: held where it is, a person must decide: {why}", words::revision(bad)))
        }
        OnBreach::Rollback => (
            Reason::NoRollbackTarget,
            format!("{} is frozen, there is no good revision to bring back: {why}; apply another version", words::revision(bad)),
        ),
        OnBreach::Freeze => (Reason::Frozen, format!("{} is held where it is: {why}", words::revision(bad))),
    };
    draft.say(ConditionType::Admitted, Status::False, Reason::Guarded, message.clone());
    draft.stall(reason, message);
}

/// Manual Freeze and Rollback. True when one was carried out.
pub(super) fn stop(draft: &mut Draft, workload: &Workload, running: &Admitted) -> bool {
    let actions = &draft.facts.actions;
    let wanted = actions.iter().find_map(|a| match a.verb {
        Verb::Freeze => Some((a, OnBreach::Freeze)),
        Verb::Rollback => Some((a, OnBreach::Rollback)),
        Verb::Retry | Verb::Unguard => None,
    });
    let Some((action, response)) = wanted else { return false };
    if action.revision.as_ref().is_some_and(|r| *r != running.revision) {
        complete(draft, action, false, "OtherRevision", format!("revision {} runs, not the one named", running.revision.short(12)));
        return false;
    }
    if response == OnBreach::Rollback && super::running::last_good(draft.facts, running).is_none() {
        complete(draft, action, false, "NoRollbackTarget", "there is no good revision to bring back; use Freeze".to_owned());
        return false;
    }
    let by = action.by.clone().unwrap_or_else(|| "somebody".to_owned());
    let why = format!("{by} asked for it in ReleaseAction {}: {}", action.name, action.reason);
    respond(draft, workload, running, response, why);
    complete(draft, action, true, "Done", format!("revision {} was taken back", running.revision.short(12)));
    true
}

/// Unguard: the revision may be admitted again, by its gates.
pub(super) fn unguard(draft: &mut Draft) {
    let actions = draft.facts.actions.iter().filter(|a| a.verb == Verb::Unguard);
    for action in actions {
        let guarded = draft
            .facts
            .admitted
            .iter()
            .find(|a| a.guard.is_some() && Some(&a.revision) == action.revision.as_ref());
        let Some(guarded) = guarded else {
            complete(draft, action, false, "NotGuarded", "no guarded revision of this release has that digest".to_owned());
            continue;
        };
        if let Some(digest) = guarded.model_digest.as_ref().filter(|d| running::is_guarded_model(draft.facts, d)) {
            draft.steps.push(Step::UnguardDigest { digest: digest.clone() });
        }
        draft.steps.push(Step::Unguard { admitted: guarded.name.clone() });
        complete(draft, action, true, "Done", format!("revision {} is no longer guarded", guarded.revision.short(12)));
    }
}

/// Freeze and Rollback with nothing to act on are answered, not left open for ever. Retry likewise when
/// nothing is being evaluated.
pub(super) fn refuse_the_rest(draft: &mut Draft) {
    for action in &draft.facts.actions {
        let answered = draft.steps.iter().any(|s| matches!(s, Step::CompleteAction { name, .. } if *name == action.name));
        let message = match action.verb {
            _ if answered => continue,
            Verb::Freeze | Verb::Rollback => "no admitted revision runs",
            Verb::Retry if draft.report.run.is_some() => "the revision is decided: nothing is left to evaluate",
            Verb::Retry => "nothing can be evaluated yet; see the release's conditions",
            Verb::Unguard => "there is no workload to look at",
        };
        complete(draft, action, false, "NothingToDo", message.to_owned());
    }
}

fn complete(draft: &mut Draft, action: &Action, done: bool, reason: &str, message: String) {
    draft.step(Step::CompleteAction { name: action.name.clone(), done, reason: reason.to_owned(), message });
}
