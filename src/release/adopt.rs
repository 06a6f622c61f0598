//! Onboarding: what already ran when its namespace became governed keeps running, on record.

use super::condition::{ConditionType, Reason, Status};
use super::decision::{Admission, Step};
use super::draft::Draft;
use super::facts::{Mode, Workload};
use crate::policy::Digest;
use std::collections::BTreeMap;

/// A Deployment in an enforced namespace that is neither marked nor paused was there before: every
/// later change is paused by the API server. True if this pass adopts it.
pub(super) fn adopt(draft: &mut Draft, workload: &Workload) -> bool {
    let governed = draft.facts.namespace.mode == Mode::Enforce;
    let unknown = workload.mark.is_none() && !workload.paused;
    if !governed || !unknown {
        return false;
    }
    if draft.facts.enforcement.is_err() {
        // Without the API server's policies an unmarked Deployment may just have been created ungated.
        let message = format!("Deployment {} runs without a mark and the admission policies are not intact", workload.name);
        draft.stall(Reason::PoliciesAltered, message);
        return true;
    }
    draft.steps.extend(adoption(workload, Some(draft.facts.release.name.clone()), draft.now));
    let message = format!("Deployment {} ran before its namespace was governed: it keeps running, never evaluated", workload.name);
    draft.say(ConditionType::Admitted, Status::True, Reason::Adopted, message.clone());
    draft.reconcile(Reason::Admitting, message);
    true
}

/// The writes that put a running Deployment on record.
pub fn adoption(workload: &Workload, release: Option<String>, now: jiff::Timestamp) -> [Step; 2] {
    let admission = Admission {
        name: record_name(workload),
        release,
        deployment: workload.name.clone(),
        deployment_uid: workload.uid.clone(),
        generation: workload.generation,
        revision: workload.revision.clone(),
        model_digest: workload.named_models.first().cloned(),
        model_version: None,
        adopted: true,
        at: now,
        run: None,
        template_digest: workload.template_digest.clone(),
        values: BTreeMap::new(),
    };
    let mark = Step::MarkAdopted {
        deployment: workload.name.clone(),
        uid: workload.uid.clone(),
        generation: workload.generation,
        revision: workload.revision.clone(),
    };
    [Step::RecordAdmission(Box::new(admission)), mark]
}

/// Name of the AdmittedRevision of a workload's revision. A Deployment made again has records of its own.
pub(super) fn record_name(workload: &Workload) -> String {
    let kept: String = workload.name.chars().take(40).collect();
    let identity = Digest::of(format!("{}\n{}", workload.uid, workload.revision).as_bytes());
    format!("{}-{}", kept.trim_end_matches(['-', '.']), identity.short(12))
}
