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

/// Whether the template in the Deployment is the admitted one and may run.
pub(super) fn is_admitted<'a>(facts: &'a Facts, workload: &Workload) -> Option<&'a Admitted> {
    let mark = workload.mark.as_ref()?;
    facts.admitted.iter().find(|a| {
        a.revision.as_str() == mark && a.template_digest == workload.template_digest && a.guard.is_none()
    })
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
        .max_by_key(|a| a.at)
}

pub(super) fn is_guarded_model(facts: &Facts, digest: &Digest) -> bool {
    facts.guarded_digests.contains(digest)
}

/// Keeps `Current` on record of what serves, once it does.
pub(super) fn note_current(draft: &mut Draft, workload: &Workload, running: &Admitted) {
    for other in draft.facts.admitted.iter().filter(|a| a.target_uid == workload.uid) {
        let current = other.revision == running.revision;
        if other.current != current {
            draft.steps.push(Step::SetCurrent { admitted: other.name.clone(), current });
        }
    }
}
