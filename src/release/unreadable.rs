//! Records that cannot be read hold up what depends on them, and nothing else.

use super::condition::{ConditionType, Reason, Status};
use super::draft::Draft;
use super::facts::{Facts, Mode, RecordKind, Unreadable, Workload};
use super::{pairing, running};
use crate::policy::Check;

/// A record of what was admitted that cannot be read: what runs, and why, may not be known.
pub(super) fn admitted(facts: &Facts) -> Option<&Unreadable> {
    facts.unreadable.iter().find(|record| record.kind == RecordKind::AdmittedRevision)
}

/// True if a record that cannot be read keeps the template from being decided about. What is admitted, or known to
/// be bad, is so by records that can.
pub(super) fn blocks(draft: &mut Draft, workload: &Workload) -> bool {
    let facts = draft.facts;
    if running::is_admitted(facts, workload).is_some() || running::is_guarded(facts, workload) {
        return false;
    }
    let asks_people = match &facts.plan {
        Ok(plan) => plan.gates().any(|gate| matches!(gate.check, Check::Approval(_))),
        Err(_) => true,
    };
    let counts = |record: &&Unreadable| asks_people || record.kind != RecordKind::ReleaseApproval;
    let Some(record) = facts.unreadable.iter().find(counts) else { return false };
    let message = sentence(record);
    let held = workload.paused && workload.mark.is_none();
    let (status, reason) = match facts.namespace.mode {
        Mode::Enforce if held => (Status::False, Reason::Held),
        Mode::Enforce => (Status::Unknown, Reason::RecordUnreadable),
        Mode::Audit | Mode::NotGoverned => (Status::True, Reason::AuditOnly),
    };
    draft.say(ConditionType::Admitted, status, reason, message.clone());
    draft.say(ConditionType::GatesPassed, Status::Unknown, Reason::RecordUnreadable, message.clone());
    draft.stall(Reason::RecordUnreadable, message);
    // Only to say so: what stalls already stands.
    pairing::matched(draft, workload);
    true
}

/// What to do comes first: the problem may be long, and is cut at its end.
pub(super) fn sentence(record: &Unreadable) -> String {
    let next = match record.kind {
        RecordKind::GateRun | RecordKind::AdmittedRevision => {
            "install CRDs and operator of the version that wrote it, or a newer one"
        }
        RecordKind::ReleaseApproval | RecordKind::ReleaseAction => "delete it and make it again",
    };
    format!(
        "{:?} {} cannot be read, and nothing is admitted before that: {next}: {}",
        record.kind, record.name, record.problem
    )
}
