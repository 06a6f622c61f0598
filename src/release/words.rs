//! Sentences that several decisions share.

use super::facts::{Admitted, Facts, Guard};
use super::running;
use crate::policy::finding::clean;
use crate::policy::{Digest, EvaluationOrder, OnBreach};

pub(super) fn not_governed(facts: &Facts) -> String {
    let found = match facts.namespace.labels.get("modelgate.dev/enforcement") {
        Some(value) => {
            format!("says modelgate.dev/enforcement: {}, which is neither enforce nor audit", clean(value, 63))
        }
        None => "has no label modelgate.dev/enforcement".to_owned(),
    };
    format!(
        "namespace {} {found}: nothing is held; a cluster admin with the verb govern sets it to enforce or audit",
        facts.release.namespace
    )
}

/// What to do comes first: the cluster's own words may be long, and are cut at their end.
pub(super) fn not_started(why: &str) -> String {
    format!("the evaluation did not start; fix this, then create a ReleaseAction Retry: {why}")
}

pub(super) fn timed_out(order: &EvaluationOrder) -> &'static str {
    match order.own_job() {
        Some(_) => {
            "the gate's container, or the program that brings its evidence, did not end in time; set job.timeout in the policy, or create a ReleaseAction Retry"
        }
        None => "the evaluation did not end in time; create a ReleaseAction Retry",
    }
}

/// `3.0.0 (revision 7c1e22aa0b12)`, or the revision alone.
pub(super) fn revision(admitted: &Admitted) -> String {
    versioned(admitted.model_version.as_deref(), &admitted.revision)
}

pub(super) fn versioned(version: Option<&str>, revision: &Digest) -> String {
    match version {
        Some(version) => format!("{version} (revision {})", revision.short(12)),
        None => format!("revision {}", revision.short(12)),
    }
}

pub(super) fn may_run(what: &str) -> String {
    format!("{what} may run")
}

pub(super) fn rolls_out(what: &str, deployment: &str) -> String {
    format!("{what} rolls out; see kubectl rollout status deployment/{deployment}")
}

/// A revision that is held where it is. A person who lets it in again must name it in full.
pub(super) fn stopped(facts: &Facts, admitted: &Admitted, why: &str) -> String {
    let back = if running::last_good(facts, admitted).is_some() { "Rollback, or " } else { "" };
    format!(
        "{} is held where it is: {why}; apply another version, or create a ReleaseAction {back}Unguard for revision {}",
        revision(admitted),
        admitted.revision
    )
}

pub(super) fn guarded(deployment: &str, revision: &Digest, guard: &Guard) -> String {
    let was = match guard.response {
        OnBreach::Rollback => "rolled back",
        OnBreach::Freeze => "frozen",
    };
    format!(
        "Deployment {deployment} still asks for revision {}, which was {was} at {}: {}; apply another version, or create a ReleaseAction Unguard for it",
        revision.short(12),
        guard.at.strftime("%Y-%m-%d %H:%M:%S UTC"),
        guard.message
    )
}

pub(super) fn taken_back(bad: &Admitted, target: &Admitted, why: &str) -> String {
    format!("{} is taken back, {} is brought back: {why}", revision(bad), revision(target))
}
