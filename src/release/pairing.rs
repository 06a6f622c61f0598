//! Pairing of release and Deployment. Until the template names the release's model nothing starts and
//! nothing is voided, so the order in which they arrive does not matter.

use super::condition::{ConditionType, Reason, Status};
use super::draft::Draft;
use super::facts::{Mode, Target, Workload};

pub(super) fn target_missing(draft: &mut Draft) {
    let release = &draft.facts.release;
    let message = format!(
        "Deployment {}/{} does not exist: apply it, it will be held until the gates pass",
        release.namespace, release.target_name
    );
    draft.say(ConditionType::WorkloadMatched, Status::False, Reason::TargetNotFound, message.clone());
    draft.reconcile(Reason::AwaitingWorkload, message);
}

pub(super) fn target_unusable(draft: &mut Draft) {
    let release = &draft.facts.release;
    let (reason, message) = match &draft.facts.target {
        Target::Claimed(other) => (
            Reason::TargetClaimed,
            format!("ModelRelease {other} is older and has Deployment {}: delete one of the two", release.target_name),
        ),
        Target::Unsupported(kind) => {
            (Reason::TargetUnsupported, format!("a {kind} cannot be held: targetRef must name an apps/v1 Deployment"))
        }
        Target::Unreadable(problem) => (
            Reason::TargetUnsupported,
            format!("Deployment {} could not be read and stays held: {problem}", release.target_name),
        ),
        Target::NotFound | Target::Found(_) => return,
    };
    draft.say(ConditionType::WorkloadMatched, Status::False, reason, message.clone());
    draft.stall(reason, message);
}

/// True when template and release are about the same model.
pub(super) fn matched(draft: &mut Draft, workload: &Workload) -> bool {
    let release = &draft.facts.release;
    let enforced = draft.facts.namespace.mode == Mode::Enforce;
    let problem = if !workload.named_models.contains(&release.model_digest) {
        return not_named(draft, workload);
    } else if enforced && !workload.unpinned_images.is_empty() {
        let images = workload.unpinned_images.join(", ");
        Some((Reason::ImageNotPinned, format!("Deployment {} uses image {images} by tag: name it by digest (…@sha256:…), a tag can change after the gates have passed", workload.name)))
    } else if enforced && workload.history_limit < 2 {
        Some((Reason::HistoryLimitTooLow, format!("Deployment {} has revisionHistoryLimit {}: set it to at least 2, a rollback needs the last good ReplicaSet", workload.name, workload.history_limit)))
    } else {
        None
    };
    match problem {
        Some((reason, message)) => {
            draft.say(ConditionType::WorkloadMatched, Status::False, reason, message.clone());
            draft.stall(reason, message);
            false
        }
        None => {
            let message = format!("Deployment {} names model {}", workload.name, release.model_digest.short(12));
            draft.say(ConditionType::WorkloadMatched, Status::True, Reason::Matched, message);
            true
        }
    }
}

fn not_named(draft: &mut Draft, workload: &Workload) -> bool {
    let release = &draft.facts.release;
    let named = match workload.named_models.as_slice() {
        [] => "no model".to_owned(),
        [one] => format!("model {}", one.short(12)),
        several => format!("{} digests, none of them this one", several.len()),
    };
    let message = format!(
        "Deployment {} names {named}, the release is about model {}: set the pod annotation modelgate.dev/model-digest to the release's digest, or correct spec.model.digest",
        workload.name,
        release.model_digest.short(12)
    );
    draft.say(ConditionType::WorkloadMatched, Status::False, Reason::ModelNotNamed, message.clone());
    let since = draft.waiting_since(ConditionType::WorkloadMatched, Reason::ModelNotNamed);
    draft.report.waiting_since = Some(since);
    let over = draft.wait_over(since, draft.facts.waits.pairing_seconds);
    if draft.now >= over {
        draft.stall(Reason::PairingTimedOut, message);
    } else {
        draft.look_at(over);
        draft.reconcile(Reason::AwaitingWorkload, message);
    }
    false
}
