//! Which admitted revision serves now, and which one a restore may bring back.

use super::decision::Step;
use super::draft::Draft;
use super::facts::{Admitted, Facts, Mode, Workload};
use crate::policy::Digest;

/// The admitted revision that the Deployment runs: the one it is marked with; while it is held, the
/// one whose ReplicaSet has the most pods.
pub(super) fn running<'a>(facts: &'a Facts, workload: &Workload) -> Option<&'a Admitted> {
    if let Some(mark) = &workload.mark {
        return facts.admitted.iter().find(|a| a.revision.as_str() == mark && a.guard.is_none());
    }
    if facts.namespace.mode != Mode::Enforce {
        return None;
    }
    facts
        .replica_sets
        .iter()
        .filter(|rs| rs.replicas > 0 && rs.terminating_since.is_none())
        .filter_map(|rs| {
            let template = rs.template_digest.as_ref()?;
            let admitted = facts.admitted.iter().filter(|a| a.template_digest == *template && a.guard.is_none());
            Some((rs.available, admitted.max_by_key(|a| a.at)?))
        })
        .max_by_key(|(available, admitted)| (*available, admitted.at))
        .map(|(_, admitted)| admitted)
}

/// A revision that was taken back and still runs, because nothing was brought back for it: held where
/// it is until a person decides.
pub(super) fn stopped<'a>(facts: &'a Facts, workload: &Workload) -> Option<&'a Admitted> {
    let runs = |a: &&Admitted| {
        let mut sets = facts.replica_sets.iter().filter(|rs| rs.replicas > 0 && rs.terminating_since.is_none());
        sets.any(|rs| rs.template_digest.as_ref() == Some(&a.template_digest))
    };
    let held = facts.admitted.iter().filter(|a| a.guard.as_ref().is_some_and(|g| g.restore_to.is_none()));
    held.filter(|_| workload.mark.is_none()).filter(runs).max_by_key(|a| a.guard.as_ref().map(|g| g.at))
}

/// Whether the template in the Deployment is the admitted one and may run.
pub(super) fn is_admitted<'a>(facts: &'a Facts, workload: &Workload) -> Option<&'a Admitted> {
    let mark = workload.mark.as_ref()?;
    facts
        .admitted
        .iter()
        .find(|a| a.revision.as_str() == mark && a.template_digest == workload.template_digest && a.guard.is_none())
}

/// The last good revision other than `bad`: what a restore aims at. An adopted one counts only if a
/// policy says so. One that shares the bad one's template would bring the same pods back.
pub(super) fn last_good<'a>(facts: &'a Facts, bad: &Admitted) -> Option<&'a Admitted> {
    let adopted_counts = facts.plan.as_ref().is_ok_and(|plan| plan.policies.iter().any(|p| p.adopted_is_baseline));
    facts
        .admitted
        .iter()
        .filter(|a| a.target_uid == bad.target_uid && a.guard.is_none())
        .filter(|a| a.revision != bad.revision && a.template_digest != bad.template_digest)
        .filter(|a| !a.adopted || adopted_counts)
        .filter(|a| !a.model_digest.as_ref().is_some_and(|d| is_guarded_model(facts, d)))
        // In mid-rollout the one that served until now, though another may have been admitted later.
        .max_by_key(|a| a.last_served())
}

/// Whether the template in the Deployment, or its model, is on record as bad.
pub(super) fn is_guarded(facts: &Facts, workload: &Workload) -> bool {
    facts.admitted.iter().any(|a| a.revision == workload.revision && a.guard.is_some())
        || workload.named_models.iter().any(|model| is_guarded_model(facts, model))
}

pub(super) fn is_guarded_model(facts: &Facts, digest: &Digest) -> bool {
    facts.guarded_digests.contains(digest)
}

/// Writes down that this revision of the workload runs, and no other.
pub(super) fn make_current(draft: &mut Draft, workload: &Workload, running: &Admitted) {
    for record in draft.facts.admitted.iter().filter(|a| a.target_uid == workload.uid) {
        let current = record.revision == running.revision;
        let step = Step::SetCurrent { admitted: record.name.clone(), current };
        // The pass that completes a restore goes on, and may come here again.
        // An unguarded one is written once a pass: the second write would bring its guard back.
        let unguarded = Step::Unguard { admitted: record.name.clone() };
        if record.current != current && !draft.steps.contains(&step) && !draft.steps.contains(&unguarded) {
            draft.step(step);
        }
    }
}
