//! Bringing the last good revision's pods back without touching the template. Level-triggered: each
//! pass looks at what is there and does the next thing, so a crash anywhere is finished by the next pass.
//! Nothing that Git owns is written but `paused`.

use super::condition::{ConditionType, Reason, Status};
use super::decision::{Decision, Step};
use super::draft::{Draft, later};
use super::facts::{Admitted, Facts, Guard, Mode, ReplicaSet, Rollback, Target, Workload};
use super::{running, unreadable, words};
use jiff::Timestamp;

/// A terminating ReplicaSet is left to the garbage collector for this long.
const GARBAGE_COLLECTOR_SECONDS: u64 = 8;
/// A restore that takes longer says what it waits for.
const SLOW_SECONDS: u64 = 10;
/// Good pods that are not there after this long may find no room: bad ones make some.
const ROOM_SECONDS: u64 = 60;
/// The Deployment controller is given this long to scale the target before it is woken.
const CONTROLLER_SECONDS: u64 = 10;

/// The restore that is not completed, if any: that of the newest revision for which one is brought back.
pub fn pending(facts: &Facts) -> Option<(&Admitted, &Guard)> {
    let guarded = facts.admitted.iter().filter_map(|a| Some((a, a.guard.as_ref()?)));
    let (bad, guard) = guarded.filter(|(_, g)| g.restore_to.is_some()).max_by_key(|(_, g)| g.at)?;
    let completed = match &facts.prior.last_rollback {
        Some(done) if done.from == bad.revision => {
            done.at.as_second() >= guard.at.as_second() && done.completed_at.is_some()
        }
        // Of a revision that is pardoned by now; this one is older.
        Some(done) => done.at > guard.at,
        // A release object that was made again knows of no rollback; the records know what came after it.
        None => facts.admitted.iter().any(|a| came_after(a, bad, guard)),
    };
    (!completed).then_some((bad, guard))
}

/// Whether another revision than the bad one and its target was admitted, or began or ceased to serve, after the guard.
fn came_after(admitted: &Admitted, bad: &Admitted, guard: &Guard) -> bool {
    let since = admitted.at > guard.at || admitted.served.is_some_and(|served| served > guard.at);
    since && admitted.revision != bad.revision && Some(&admitted.revision) != guard.restore_to.as_ref()
}

/// Whether the restore after this revision still goes on.
pub(super) fn under_way(facts: &Facts, bad: &Admitted) -> bool {
    let there = match &facts.target {
        Target::Found(workload) => !workload.terminating && facts.namespace.mode != Mode::NotGoverned,
        Target::NotFound | Target::Unsupported(_) | Target::Claimed(_) | Target::Unreadable(_) => false,
    };
    pending(facts).is_some_and(|(pending, _)| pending.name == bad.name) && (there || !facts.orphans.is_empty())
}

/// Whether something else than the bad revision was admitted after the guard, which ends the restore.
pub(super) fn admitted_since(workload: &Workload, bad: &Admitted) -> bool {
    workload.mark.as_deref().is_some_and(|mark| mark != bad.revision.as_str())
}

/// How far a restore is.
pub(super) enum Restore {
    /// Nothing is being restored.
    Over,
    /// Steps are taken that nothing may come between.
    Busy,
    /// Only pods are waited for, and the Deployment asks for something else than what was taken back.
    Waiting,
}

enum Progress {
    Done,
    /// The Deployment and its ReplicaSets are being put in order.
    Sets(String),
    /// Only pods are waited for.
    Pods(String),
}

/// Does the next thing of a restore that is not completed.
pub(super) fn go_on(draft: &mut Draft, workload: &Workload) -> Restore {
    let Some((bad, guard)) = pending(draft.facts) else { return Restore::Over };
    let rollback = |completed_at| Rollback {
        from: bad.revision.clone(),
        to: guard.restore_to.clone(),
        at: guard.at,
        completed_at,
        message: guard.message.clone(),
    };
    draft.report.last_rollback = Some(rollback(None));
    if admitted_since(workload, bad) {
        if retire_pods(draft, workload, workload.available, guard) {
            draft.report.last_rollback = Some(rollback(Some(draft.now)));
        }
        return Restore::Over;
    }
    let target = draft.facts.admitted.iter().find(|a| Some(&a.revision) == guard.restore_to.as_ref());
    let Some(target) = target else { return without_target(draft, workload, bad, guard) };
    guard_digest(draft, bad, target, guard);
    draft.report.admitted_revision = Some(target.revision.clone());
    let progress = next(draft, workload, guard, target);
    let (what, only_pods) = match progress {
        Progress::Done => {
            running::make_current(draft, workload, target);
            draft.report.last_rollback = Some(rollback(Some(draft.now)));
            return Restore::Over;
        }
        Progress::Sets(what) => (what, false),
        Progress::Pods(what) => (what, true),
    };
    // A quick restore is one sentence, written once; a slow one says what it waits for.
    let mut message = words::taken_back(bad, target, &guard.message);
    if since_guard(draft, guard, SLOW_SECONDS) {
        message = format!("{message}; {what}");
    }
    draft.say(ConditionType::Admitted, Status::False, Reason::Guarded, message.clone());
    draft.say(ConditionType::WatchHealthy, Status::False, Reason::Breached, guard.message.clone());
    draft.reconcile(Reason::RollingBack, message);
    if only_pods && workload.revision != bad.revision { Restore::Waiting } else { Restore::Busy }
}

/// Nobody can bring back what is not on record any more: what runs is held where it is.
fn without_target(draft: &mut Draft, workload: &Workload, bad: &Admitted, guard: &Guard) -> Restore {
    let held = workload.paused && workload.mark.is_none();
    if !held {
        draft.step(Step::Hold { deployment: workload.name.clone(), uid: workload.uid.clone() });
    }
    let why = match unreadable::admitted(draft.facts) {
        Some(record) => format!("{}; {}", guard.message, unreadable::sentence(record)),
        None => format!("{}, and the record of what it replaced is gone", guard.message),
    };
    let message = words::stopped(draft.facts, bad, &why);
    draft.say(ConditionType::Admitted, Status::False, Reason::Guarded, message.clone());
    draft.say(ConditionType::WatchHealthy, Status::False, Reason::Breached, guard.message.clone());
    if held && workload.revision != bad.revision {
        return Restore::Waiting;
    }
    draft.stall(Reason::NoRollbackTarget, message);
    Restore::Busy
}

/// Whether so much time has passed since the guard. A clock that stepped back cannot tell, and that is
/// no reason to wait longer.
fn since_guard(draft: &Draft, guard: &Guard, seconds: u64) -> bool {
    draft.now < guard.at || draft.now >= later(guard.at, seconds)
}

/// The second wall: no pod may name the bad model. Written after a crash between guard and digest.
fn guard_digest(draft: &mut Draft, bad: &Admitted, target: &Admitted, guard: &Guard) {
    let missing = bad.model_digest.as_ref().filter(|d| !draft.facts.guarded_digests.contains(d));
    if let Some(digest) = missing.filter(|d| target.model_digest.as_ref() != Some(*d)) {
        draft.step(Step::GuardDigest { digest: digest.clone(), since: guard.at });
    }
}

/// The next thing to do, and what is waited for.
fn next(draft: &mut Draft, workload: &Workload, guard: &Guard, target: &Admitted) -> Progress {
    if !workload.paused || workload.mark.is_some() {
        draft.step(Step::Hold { deployment: workload.name.clone(), uid: workload.uid.clone() });
        return Progress::Sets("holding the Deployment".to_owned());
    }
    if workload.observed_generation < workload.generation {
        // The controller may re-create what is deleted before it has seen the pause.
        draft.look_in(5);
        return Progress::Sets("waiting for the Deployment controller to see the hold".to_owned());
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
        return Progress::Sets(waiting);
    }
    let Some(good) = good else {
        draft.step(Step::RebuildReplicaSet {
            admitted: target.name.clone(),
            deployment: workload.name.clone(),
            uid: workload.uid.clone(),
            replicas: workload.replicas,
        });
        return Progress::Sets("its ReplicaSet was pruned and is made again from the record".to_owned());
    };
    if good.replicas != workload.replicas {
        wake_controller(draft, workload, guard, good);
        return Progress::Sets(format!("waiting for ReplicaSet {} to be scaled to {}", good.name, workload.replicas));
    }
    let desired = workload.replicas.to_string();
    if good.desired_annotation.as_ref().is_some_and(|d| *d != desired) {
        draft.step(Step::TouchReplicaSet {
            name: good.name.clone(),
            uid: good.uid.clone(),
            desired: workload.replicas,
            nudge: false,
        });
    }
    match retire_pods(draft, workload, good.available, guard) {
        true if good.available >= workload.replicas => Progress::Done,
        _ if good.available < workload.replicas => {
            draft.look_in(2);
            Progress::Pods(format!("{} of {} good pods are available", good.available, workload.replicas))
        }
        _ => Progress::Pods(format!("bad pods are leaving: {}", draft.facts.orphans.len())),
    }
}

/// Touches the ReplicaSet when the controller has slept too long, and not again for as long.
fn wake_controller(draft: &mut Draft, workload: &Workload, guard: &Guard, good: &ReplicaSet) {
    let rested = good.woken_at.is_none_or(|at| draft.now < at || draft.now >= later(at, CONTROLLER_SECONDS));
    if since_guard(draft, guard, CONTROLLER_SECONDS) && rested {
        draft.step(Step::TouchReplicaSet {
            name: good.name.clone(),
            uid: good.uid.clone(),
            desired: workload.replicas,
            nudge: true,
        });
    }
    draft.look_in(2);
}

/// Records hashes that are not on record yet, then deletes. One thing at a time: record first.
fn retire_sets(draft: &mut Draft, guard: &Guard, workload: &Workload, others: &[&ReplicaSet]) -> Option<String> {
    if others.is_empty() {
        return None;
    }
    let unrecorded: Vec<String> =
        others.iter().map(|rs| rs.hash.clone()).filter(|h| !guard.retiring.contains(h)).collect();
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
            None => draft.step(Step::RetireReplicaSet {
                name: set.name.clone(),
                uid: set.uid.clone(),
                keep_pods: !workload.recreate,
            }),
            Some(since) if draft.now >= later(since, GARBAGE_COLLECTOR_SECONDS) => {
                draft.step(Step::ReleasePods {
                    replica_set: set.name.clone(),
                    uid: set.uid.clone(),
                    hash: set.hash.clone(),
                });
            }
            Some(_) => {}
        }
    }
    draft.look_in(GARBAGE_COLLECTOR_SECONDS);
    Some(format!("ReplicaSets being retired: {}", others.len()))
}

/// As good pods become available, as many bad ones go: never fewer serving than asked for. When good ones
/// do not come, as many bad ones make room as the Deployment may miss. True when none is left.
fn retire_pods(draft: &mut Draft, workload: &Workload, available: i32, guard: &Guard) -> bool {
    let orphans = &draft.facts.orphans;
    let room = if since_guard(draft, guard, ROOM_SECONDS) { workload.max_unavailable } else { 0 };
    let mut serving: Vec<_> = orphans.iter().filter(|p| !p.terminating).collect();
    serving.sort_by_key(|p| p.ready);
    let keep = usize::try_from((workload.replicas - available - room).max(0)).unwrap_or(0);
    let spare = serving.len().saturating_sub(keep);
    for pod in serving.iter().take(spare) {
        draft.steps.push(Step::DeletePod {
            name: pod.name.clone(),
            uid: pod.uid.clone(),
            resource_version: pod.resource_version.clone(),
        });
    }
    if !orphans.is_empty() {
        draft.look_in(2);
    }
    orphans.is_empty()
}

/// What is left to do of a restore whose release was deleted, from the records alone. Nobody is told: there is no
/// status to tell it in.
pub fn left_behind(facts: &Facts, now: Timestamp) -> Decision {
    let mut draft = Draft::new(facts, now);
    match &facts.target {
        Target::Found(workload) if !workload.terminating => {
            if facts.namespace.mode != Mode::NotGoverned && is_unfinished(facts, workload) {
                go_on(&mut draft, workload);
            }
        }
        Target::Found(_) | Target::NotFound => without_workload(&mut draft),
        Target::Unsupported(_) | Target::Claimed(_) | Target::Unreadable(_) => {}
    }
    draft.finish()
}

/// Whether the Deployment still asks for what was taken back, or something of it is left. Without a status nothing
/// says that a restore was completed; what was done with the Deployment since must not be undone by it.
fn is_unfinished(facts: &Facts, workload: &Workload) -> bool {
    pending(facts).is_some_and(|(bad, guard)| {
        workload.revision == bad.revision
            || !facts.orphans.is_empty()
            || facts.replica_sets.iter().any(|rs| rs.replicas > 0 && guard.retiring.contains(&rs.hash))
    })
}

/// The Deployment is gone: nobody else deletes the ownerless pods.
pub(super) fn without_workload(draft: &mut Draft) {
    // One that has changed since it was read is not deleted, and nothing tells when it has gone.
    if !draft.facts.orphans.is_empty() {
        draft.look_in(2);
    }
    for pod in draft.facts.orphans.iter().filter(|p| !p.terminating) {
        draft.steps.push(Step::DeletePod {
            name: pod.name.clone(),
            uid: pod.uid.clone(),
            resource_version: pod.resource_version.clone(),
        });
    }
}
