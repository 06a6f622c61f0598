//! Bringing the last good revision's pods back without touching the template. Level-triggered: each
//! pass looks at what is there and does the next thing, so a crash anywhere is finished by the next pass.
//! Nothing that Git owns is written but `paused`.

use super::condition::{ConditionType, Reason, Status};
use super::decision::Step;
use super::draft::{Draft, later};
use super::facts::{Admitted, Guard, ReplicaSet, Rollback, Workload};
use super::words;
use crate::policy::OnBreach;

/// A terminating ReplicaSet is left to the garbage collector for this long.
const GARBAGE_COLLECTOR_SECONDS: u64 = 8;
/// The Deployment controller is given this long to scale the target before it is woken.
const CONTROLLER_SECONDS: u64 = 10;

/// The restore that is under way, if any: the newest rolled-back revision not yet completed.
pub fn pending<'a>(facts: &'a super::Facts) -> Option<(&'a Admitted, &'a Guard)> {
    let guarded = facts.admitted.iter().filter_map(|a| Some((a, a.guard.as_ref()?)));
    let (bad, guard) = guarded.filter(|(_, g)| g.response == OnBreach::Rollback).max_by_key(|(_, g)| g.at)?;
    let done = facts.prior.last_rollback.as_ref();
    let completed = done.is_some_and(|r| r.from == bad.revision && r.at.as_second() >= guard.at.as_second() && r.completed_at.is_some());
    (!completed).then_some((bad, guard))
}

/// True while a restore is under way: the pass has nothing else to decide.
pub(super) fn go_on(draft: &mut Draft, workload: &Workload) -> bool {
    let Some((bad, guard)) = pending(draft.facts) else { return false };
    let admitted_since = workload.mark.as_deref().is_some_and(|mark| mark != bad.revision.as_str());
    if admitted_since {
        return false;
    }
    let target = draft.facts.admitted.iter().find(|a| Some(&a.revision) == guard.restore_to.as_ref());
    let Some(target) = target else { return false };
    guard_digest(draft, bad, target, guard);
    draft.report.admitted_revision = Some(target.revision.clone());
    let mut rollback = Rollback {
        from: bad.revision.clone(),
        to: Some(target.revision.clone()),
        at: guard.at,
        completed_at: None,
        message: guard.message.clone(),
    };
    let progress = next(draft, workload, guard, target);
    if progress.is_none() {
        rollback.completed_at = Some(draft.now);
        draft.report.last_rollback = Some(rollback);
        return false;
    }
    draft.report.last_rollback = Some(rollback);
    // Each sentence is a write: progress is told only when it is slow.
    let slow = draft.now >= later(guard.at.min(draft.now), CONTROLLER_SECONDS);
    let message = match progress.filter(|_| slow) {
        Some(progress) => format!("{}; {progress}", words::taken_back(bad, target, &guard.message)),
        None => words::taken_back(bad, target, &guard.message),
    };
    draft.say(ConditionType::Admitted, Status::False, Reason::Guarded, message.clone());
    draft.say(ConditionType::WatchHealthy, Status::False, Reason::Breached, guard.message.clone());
    draft.reconcile(Reason::RollingBack, message);
    true
}

/// The second wall: no pod may name the bad model. Written after a crash between guard and digest.
fn guard_digest(draft: &mut Draft, bad: &Admitted, target: &Admitted, guard: &Guard) {
    let missing = bad.model_digest.as_ref().filter(|d| !draft.facts.guarded_digests.contains(d));
    if let Some(digest) = missing.filter(|d| target.model_digest.as_ref() != Some(*d)) {
        draft.step(Step::GuardDigest { digest: digest.clone(), since: guard.at });
    }
}

/// The next thing to do, and what to say; None when nothing is left.
fn next(draft: &mut Draft, workload: &Workload, guard: &Guard, target: &Admitted) -> Option<String> {
    if !workload.paused || workload.mark.is_some() {
        draft.step(Step::Hold { deployment: workload.name.clone(), uid: workload.uid.clone() });
        return Some("holding the Deployment".to_owned());
    }
    if workload.observed_generation < workload.generation {
        // The controller may re-create what is deleted before it has seen the pause.
        draft.look_in(5);
        return Some("waiting for the Deployment controller to see the hold".to_owned());
    }
    let sets = &draft.facts.replica_sets;
    let good = sets
        .iter()
        .filter(|rs| rs.template_digest.as_ref() == Some(&target.template_digest) && rs.terminating_since.is_none())
        .max_by_key(|rs| (rs.ready, rs.created));
    let mut others: Vec<&ReplicaSet> = sets.iter().filter(|rs| good.is_none_or(|g| g.uid != rs.uid)).collect();
    // Idle ones first, oldest first; the serving bad one last.
    others.sort_by_key(|rs| (rs.replicas > 0, rs.created));
    if let Some(waiting) = retire_sets(draft, guard, workload, &others) {
        return Some(waiting);
    }
    let Some(good) = good else {
        draft.step(Step::RebuildReplicaSet {
            admitted: target.name.clone(),
            deployment: workload.name.clone(),
            uid: workload.uid.clone(),
            replicas: workload.replicas,
        });
        return Some("its ReplicaSet was pruned and is made again from the record".to_owned());
    };
    if good.replicas != workload.replicas {
        let over = later(guard.at.min(draft.now), CONTROLLER_SECONDS);
        let nudge = draft.now >= over;
        if nudge {
            draft.step(Step::TouchReplicaSet { name: good.name.clone(), uid: good.uid.clone(), desired: workload.replicas, nudge });
        }
        draft.look_in(if nudge { CONTROLLER_SECONDS } else { 2 });
        return Some(format!("waiting for ReplicaSet {} to be scaled to {}", good.name, workload.replicas));
    }
    let desired = workload.replicas.to_string();
    if good.desired_annotation.as_ref().is_some_and(|d| *d != desired) {
        draft.step(Step::TouchReplicaSet { name: good.name.clone(), uid: good.uid.clone(), desired: workload.replicas, nudge: false });
    }
    retire_pods(draft, workload, good)
}

/// Records hashes that are not on record yet, then deletes. One thing at a time: record first.
fn retire_sets(draft: &mut Draft, guard: &Guard, workload: &Workload, others: &[&ReplicaSet]) -> Option<String> {
    if others.is_empty() {
        return None;
    }
    let unrecorded: Vec<String> = others.iter().map(|rs| rs.hash.clone()).filter(|h| !guard.retiring.contains(h)).collect();
    if !unrecorded.is_empty() {
        let mut retiring = guard.retiring.clone();
        retiring.extend(unrecorded);
        let bad = draft.facts.admitted.iter().find(|a| a.guard.as_ref() == Some(guard));
        if let Some(bad) = bad {
            draft.step(Step::Guard { admitted: bad.name.clone(), guard: Guard { retiring, ..guard.clone() } });
        }
    }
    for set in others {
        match set.terminating_since {
            None => draft.step(Step::RetireReplicaSet { name: set.name.clone(), uid: set.uid.clone(), keep_pods: !workload.recreate }),
            Some(since) if draft.now >= later(since, GARBAGE_COLLECTOR_SECONDS) => {
                draft.step(Step::ReleasePods { replica_set: set.name.clone(), uid: set.uid.clone(), hash: set.hash.clone() });
            }
            Some(_) => {}
        }
    }
    draft.look_in(GARBAGE_COLLECTOR_SECONDS);
    Some(format!("retiring {} ReplicaSets", others.len()))
}

/// As good pods become available, as many bad ones go: never fewer serving than asked for.
fn retire_pods(draft: &mut Draft, workload: &Workload, good: &ReplicaSet) -> Option<String> {
    let orphans = &draft.facts.orphans;
    let mut serving: Vec<_> = orphans.iter().filter(|p| !p.terminating).collect();
    serving.sort_by_key(|p| p.ready);
    let keep = usize::try_from((workload.replicas - good.available).max(0)).unwrap_or(0);
    let spare = serving.len().saturating_sub(keep);
    for pod in serving.iter().take(spare) {
        draft.steps.push(Step::DeletePod { name: pod.name.clone(), uid: pod.uid.clone(), resource_version: pod.resource_version.clone() });
    }
    if good.available < workload.replicas {
        draft.look_in(2);
        return Some(format!("{} of {} good pods are available", good.available, workload.replicas));
    }
    if !orphans.is_empty() {
        draft.look_in(2);
        return Some(format!("{} bad pods are leaving", orphans.len()));
    }
    None
}

/// The Deployment is gone: nobody else deletes the ownerless pods.
pub(super) fn without_workload(draft: &mut Draft) {
    for pod in draft.facts.orphans.iter().filter(|p| !p.terminating) {
        draft.steps.push(Step::DeletePod { name: pod.name.clone(), uid: pod.uid.clone(), resource_version: pod.resource_version.clone() });
    }
}
