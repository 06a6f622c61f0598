//! What must hold of every decision, and ways to look at a world.

use crate::make;
use crate::world::World;
use jiff::Timestamp;
use modelgate::cluster::report;
use modelgate::release::condition::{Condition, ConditionType, Reason, Status};
use modelgate::release::facts::Facts;
use modelgate::release::{Decision, decide};

/// The documented reasons of each type and status.
fn documented(kind: ConditionType, status: Status) -> &'static [Reason] {
    use ConditionType as T;
    use Reason::*;
    use Status as S;
    match (kind, status) {
        (T::Ready, S::True) => &[Released, Adopted, AuditOnly],
        (T::Ready, S::Unknown) => &[Initializing],
        (T::Ready, S::False) => ANY_CAUSE,
        (T::WorkloadMatched, S::True) => &[Matched],
        (T::WorkloadMatched, S::False) => {
            &[TargetNotFound, ModelNotNamed, TargetClaimed, TargetUnsupported, ImageNotPinned, HistoryLimitTooLow]
        }
        (T::WorkloadMatched, S::Unknown) => &[Initializing],
        (T::GatesPassed, S::True) => &[AllPassed, PassedWithWarnings],
        (T::GatesPassed, S::False) => &[GateFailed, EvidenceMissing, GateError, GateInconclusive],
        (T::GatesPassed, S::Unknown) => {
            &[AwaitingWorkload, AwaitingEvidence, Evaluating, NoPolicy, InvalidPolicy, TooManyGates, RecordUnreadable]
        }
        (T::Approved, S::True) => &[NotRequired, Approved],
        (T::Approved, S::False) => &[Rejected],
        (T::Approved, S::Unknown) => &[AwaitingGates, AwaitingApproval],
        (T::Admitted, S::True) => &[Admitted, Adopted, AuditOnly],
        (T::Admitted, S::False) => &[Held, Guarded, PoliciesAltered],
        (T::Admitted, S::Unknown) => &[Initializing, NotGoverned, RecordUnreadable],
        (T::WatchHealthy, S::True) => &[NoWatch, WithinLimits],
        (T::WatchHealthy, S::False) => &[Failing, Breached],
        (T::WatchHealthy, S::Unknown) => &[NotStarted, NoData],
        (T::Enforced, S::True) => &[Enforced],
        (T::Enforced, S::False) => &[AuditOnly, NotGoverned, PoliciesAltered],
        (T::Enforced, S::Unknown) => &[],
        (T::Reconciling, S::True) => RECONCILING,
        (T::Stalled, S::True) => STALLED,
        (T::Reconciling | T::Stalled, S::False | S::Unknown) => &[],
    }
}

const RECONCILING: &[Reason] = &[
    Reason::AwaitingWorkload,
    Reason::AwaitingEvidence,
    Reason::Evaluating,
    Reason::AwaitingApproval,
    Reason::Admitting,
    Reason::Held,
    Reason::RollingOut,
    Reason::RollingBack,
];

const STALLED: &[Reason] = &[
    Reason::GateFailed,
    Reason::EvidenceMissing,
    Reason::GateError,
    Reason::GateInconclusive,
    Reason::Rejected,
    Reason::NoPolicy,
    Reason::InvalidPolicy,
    Reason::TooManyGates,
    Reason::PairingTimedOut,
    Reason::TargetClaimed,
    Reason::TargetUnsupported,
    Reason::ImageNotPinned,
    Reason::HistoryLimitTooLow,
    Reason::NotGoverned,
    Reason::PoliciesAltered,
    Reason::RolledBack,
    Reason::Frozen,
    Reason::NoRollbackTarget,
    Reason::RecordUnreadable,
    Reason::WriteRefused,
];

/// Reasons of `Ready=False`: those of its cause, checked against it.
const ANY_CAUSE: &[Reason] = &[];

pub fn decision(facts: &Facts, decision: &Decision, now: Timestamp) {
    conditions(decision, now);
    // A decision replays from what was recorded. Not every quiet second is worth the time.
    if decision.steps.is_empty() && now.as_second() % 10 != 0 {
        return;
    }
    let recorded = serde_json::to_string(facts).unwrap();
    let read: Facts = serde_json::from_str(&recorded).unwrap();
    assert_eq!(&read, facts);
    assert_eq!(&decide(&read, now), decision);
    let text = serde_json::to_string(decision).unwrap();
    assert_eq!(&serde_json::from_str::<Decision>(&text).unwrap(), decision);
}

pub fn conditions(decision: &Decision, now: Timestamp) {
    let conditions = &decision.report.conditions;
    let find = |kind| conditions.iter().find(|c: &&Condition| c.kind == kind);
    for kind in ConditionType::ALL {
        let lasting = !matches!(kind, ConditionType::Reconciling | ConditionType::Stalled);
        assert!(find(kind).is_some() || !lasting, "{kind:?} is not written");
        assert!(conditions.iter().filter(|c| c.kind == kind).count() <= 1, "{kind:?} is written twice");
    }
    let causes: Vec<_> = [ConditionType::Stalled, ConditionType::Reconciling].into_iter().filter_map(find).collect();
    let ready = find(ConditionType::Ready).unwrap();
    match ready.status {
        Status::True => assert!(causes.is_empty(), "ready, and not: {causes:?}"),
        Status::False => {
            assert_eq!(causes.len(), 1, "{conditions:#?}");
            assert_eq!((causes[0].reason, &causes[0].message), (ready.reason, &ready.message));
        }
        Status::Unknown => panic!("neither ready nor not: {conditions:#?}"),
    }
    for c in conditions {
        let allowed = documented(c.kind, c.status);
        let cause = c.kind == ConditionType::Ready && c.status == Status::False;
        assert!(cause || allowed.contains(&c.reason), "{:?}={:?} with reason {:?}", c.kind, c.status, c.reason);
        assert!(!c.message.is_empty(), "{:?} says nothing", c.kind);
    }
    if let Some(again) = decision.look_again {
        assert!(again > now, "a hot loop: {again} is not after {now}");
    }
}

/// A settled world is not written to.
pub fn silence(world: &World) {
    let Some(facts) = world.gather() else { return };
    let quiet = decide(&facts, world.now);
    assert!(quiet.steps.is_empty(), "{:#?}", quiet.steps);
    let said = Some(report::status(&facts, &quiet.report));
    assert_eq!(world.status, said, "the status says something new");
    assert!(quiet.notices.is_empty(), "{:?}", quiet.notices);
}

impl World {
    pub fn condition(&self, kind: &str) -> (String, String) {
        let status = self.status.as_ref().expect("a status");
        let found = status.conditions.iter().find(|c| c.type_ == kind);
        found.map(|c| (format!("{:?}", c.status), c.reason.clone())).unwrap_or_default()
    }

    /// `Ready`'s reason.
    pub fn ready(&self) -> String {
        self.condition("Ready").1
    }

    pub fn reason(&self, kind: &str) -> String {
        self.condition(kind).1
    }

    pub fn message(&self, kind: &str) -> String {
        let status = self.status.as_ref().expect("a status");
        status.conditions.iter().find(|c| c.type_ == kind).map(|c| c.message.clone()).unwrap_or_default()
    }

    /// Versions whose pods run, with how many.
    pub fn serving(&self) -> Vec<(u32, i32)> {
        let pods = |v: u32| -> i32 {
            let sets = self.replica_sets.iter().filter(|rs| rs.template_digest == Some(make::template(v)));
            let hash = make::template(v).short(10).to_owned();
            let orphans = self.pods.iter().filter(|(h, _)| *h == hash).count();
            sets.map(|rs| rs.replicas).sum::<i32>() + i32::try_from(orphans).unwrap()
        };
        (1..10).map(|v| (v, pods(v))).filter(|(_, n)| *n > 0).collect()
    }

    /// What matters of a world at rest, without times and sentences.
    pub fn outcome(&self) -> String {
        let status = self.status.as_ref();
        let conditions: Vec<_> = status
            .iter()
            .flat_map(|s| &s.conditions)
            .map(|c| format!("{}={:?}/{}", c.type_, c.status, c.reason))
            .collect();
        let rows: Vec<_> = status
            .iter()
            .flat_map(|s| &s.gates)
            .flat_map(|g| &g.rows)
            .map(|r| format!("{}={:?}/{}", r.gate.0, r.outcome, r.reason))
            .collect();
        let rollback = status.and_then(|s| s.last_rollback.as_ref());
        let rollback =
            rollback.map(|r| (r.from.0.clone(), r.to.as_ref().map(|d| d.0.clone()), r.completed_at.is_some()));
        let d = self.deployment.as_ref().map(|d| (d.paused, d.mark.clone(), d.revision.clone(), d.replicas));
        let records: Vec<_> = self
            .admitted
            .iter()
            .map(|a| (&a.revision, a.adopted, a.current, a.guard.as_ref().map(|g| (g.response, &g.restore_to))))
            .collect();
        let done: Vec<_> = self.answers.iter().map(|(name, (done, _))| (name, done)).collect();
        format!(
            "{conditions:#?}\n{rows:?}\nrollback {rollback:?}\ndeployment {d:?}\nserving {:?}\nrecords {records:#?}\nguarded {:?}\ndone {done:?}\ncounted {:?}",
            self.serving(),
            self.guarded,
            self.counted
        )
    }
}
