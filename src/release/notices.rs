//! Events: a pure function of what was said before and what is said now, told once a change.

use super::condition::{Condition, ConditionType, Reason};
use super::decision::{About, Notice, NoticeReason, Report};
use super::facts::Facts;

pub(super) fn between(facts: &Facts, report: &Report) -> Vec<Notice> {
    let mut notices = Vec::new();
    for condition in &report.conditions {
        let before = facts.prior.conditions.iter().find(|p| p.kind == condition.kind).map(|p| p.reason);
        if before != Some(condition.reason) {
            notices.extend(for_change(condition, before));
        }
    }
    notices
}

fn for_change(condition: &Condition, before: Option<Reason>) -> Vec<Notice> {
    use About::{Deployment, Release};
    let tell = |about, warning, reason| Notice { about, warning, reason, message: condition.message.clone() };
    match (condition.kind, condition.reason) {
        (ConditionType::GatesPassed, Reason::Evaluating) => vec![tell(Release, false, NoticeReason::EvaluationStarted)],
        (ConditionType::GatesPassed, Reason::AllPassed | Reason::PassedWithWarnings) => {
            vec![tell(Release, false, NoticeReason::GatesPassed)]
        }
        (
            ConditionType::GatesPassed,
            Reason::GateFailed | Reason::EvidenceMissing | Reason::GateError | Reason::GateInconclusive,
        ) => vec![tell(Release, true, NoticeReason::GateFailed), tell(Deployment, true, NoticeReason::GateFailed)],
        (ConditionType::Approved, Reason::AwaitingApproval) => vec![tell(Release, false, NoticeReason::ApprovalRequired)],
        (ConditionType::Approved, Reason::Rejected) => vec![tell(Release, true, NoticeReason::Rejected)],
        (ConditionType::Admitted, Reason::Held) => vec![tell(Deployment, false, NoticeReason::Held)],
        (ConditionType::Admitted, Reason::Admitted) => {
            vec![tell(Release, false, NoticeReason::Admitted), tell(Deployment, false, NoticeReason::Admitted)]
        }
        (ConditionType::WatchHealthy, Reason::Breached) => vec![tell(Release, true, NoticeReason::BreachDetected)],
        (ConditionType::Ready, Reason::RolledBack | Reason::Frozen) if before == Some(Reason::AwaitingWorkload) || before == Some(Reason::Released) => {
            vec![tell(Release, true, NoticeReason::GuardedRevisionRequested)]
        }
        // Told when it begins, with the reason; the end shows in the conditions.
        (ConditionType::Ready, Reason::RollingBack | Reason::NoRollbackTarget) => {
            vec![tell(Release, true, NoticeReason::RolledBack), tell(Deployment, true, NoticeReason::RolledBack)]
        }
        (ConditionType::Ready, Reason::Frozen) => {
            vec![tell(Release, true, NoticeReason::Frozen), tell(Deployment, true, NoticeReason::Frozen)]
        }
        (ConditionType::Ready, Reason::Released) => vec![tell(Release, false, NoticeReason::RolledOut)],
        // Everything else shows in the conditions and needs no event.
        (
            ConditionType::Ready
            | ConditionType::WorkloadMatched
            | ConditionType::GatesPassed
            | ConditionType::Approved
            | ConditionType::Admitted
            | ConditionType::WatchHealthy
            | ConditionType::Enforced
            | ConditionType::Reconciling
            | ConditionType::Stalled,
            _,
        ) => Vec::new(),
    }
}
