//! Conditions and their closed reasons.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ConditionType {
    Ready,
    WorkloadMatched,
    GatesPassed,
    Approved,
    Admitted,
    WatchHealthy,
    Enforced,
    /// Only written while True.
    Reconciling,
    /// Only written while True.
    Stalled,
}

impl ConditionType {
    /// In the order they are shown.
    pub const ALL: [ConditionType; 9] = [
        ConditionType::Ready,
        ConditionType::WorkloadMatched,
        ConditionType::GatesPassed,
        ConditionType::Approved,
        ConditionType::Admitted,
        ConditionType::WatchHealthy,
        ConditionType::Enforced,
        ConditionType::Reconciling,
        ConditionType::Stalled,
    ];
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Status {
    True,
    False,
    Unknown,
}

/// Why. Closed; every one is documented in docs/conditions.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Reason {
    // Good ends.
    Released,
    Adopted,
    AuditOnly,
    // Pairing.
    Matched,
    TargetNotFound,
    TargetClaimed,
    TargetUnsupported,
    ModelNotNamed,
    ImageNotPinned,
    HistoryLimitTooLow,
    PairingTimedOut,
    // Gates.
    AllPassed,
    PassedWithWarnings,
    GateFailed,
    EvidenceMissing,
    GateError,
    GateInconclusive,
    AwaitingWorkload,
    AwaitingEvidence,
    Evaluating,
    NoPolicy,
    InvalidPolicy,
    TooManyGates,
    // People.
    NotRequired,
    Approved,
    Rejected,
    AwaitingGates,
    AwaitingApproval,
    // Admission.
    Admitted,
    Admitting,
    RollingOut,
    Held,
    Guarded,
    // What stands in the way.
    RecordUnreadable,
    WriteRefused,
    // After release.
    NoWatch,
    WithinLimits,
    Failing,
    Breached,
    NotStarted,
    NoData,
    RollingBack,
    RolledBack,
    Frozen,
    NoRollbackTarget,
    // Enforcement.
    Enforced,
    NotGoverned,
    PoliciesAltered,
    Initializing,
}

impl Reason {
    pub fn as_str(self) -> String {
        format!("{self:?}")
    }
}

/// One observed truth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    pub kind: ConditionType,
    pub status: Status,
    pub reason: Reason,
    pub message: String,
    /// When `status` last changed.
    pub since: Timestamp,
}

/// A condition about to be written, without its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub kind: ConditionType,
    pub status: Status,
    pub reason: Reason,
    pub message: String,
}

impl Said {
    pub fn new(kind: ConditionType, status: Status, reason: Reason, message: impl Into<String>) -> Self {
        Self { kind, status, reason, message: message.into() }
    }
}

/// Gives what is said now its transition times: the prior time while the status stays the same.
pub fn dated(said: Vec<Said>, prior: &[Condition], now: Timestamp) -> Vec<Condition> {
    said.into_iter()
        .map(|s| {
            let kept = prior.iter().find(|p| p.kind == s.kind && p.status == s.status).map(|p| p.since);
            Condition {
                kind: s.kind,
                status: s.status,
                reason: s.reason,
                message: s.message,
                since: kept.unwrap_or(now),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_moves_only_with_the_status() {
        let (t0, t1) = (Timestamp::from_second(0).unwrap(), Timestamp::from_second(1).unwrap());
        let said = |status, reason| vec![Said::new(ConditionType::Ready, status, reason, "m")];
        let first = dated(said(Status::False, Reason::Evaluating), &[], t0);
        let second = dated(said(Status::False, Reason::GateFailed), &first, t1);
        assert_eq!((second[0].since, second[0].reason), (t0, Reason::GateFailed));
        let third = dated(said(Status::True, Reason::Released), &second, t1);
        assert_eq!(third[0].since, t1);
    }
}
