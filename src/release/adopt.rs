//! Onboarding: what already ran when its namespace became governed keeps running, on record.

use super::condition::{ConditionType, Reason, Status};
use super::decision::{Admission, Step};
use super::draft::Draft;
use super::facts::{Mode, Release, Workload};
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
    draft.steps.extend(adoption(workload, Some(&draft.facts.release), draft.now));
    let message = format!("Deployment {} ran before its namespace was governed: it keeps running, never evaluated", workload.name);
    draft.say(ConditionType::Admitted, Status::True, Reason::Adopted, message.clone());
    draft.reconcile(Reason::Admitting, message);
    true
}

/// The writes that put a running Deployment on record. A template names its images' digests too: which of
/// several is the model only a release can tell.
pub fn adoption(workload: &Workload, release: Option<&Release>, now: jiff::Timestamp) -> [Step; 2] {
    let named = &workload.named_models;
    let model = match (release, named.as_slice()) {
        (Some(release), _) if named.contains(&release.model_digest) => Some(release.model_digest.clone()),
        (_, [one]) => Some(one.clone()),
        (_, _) => None,
    };
    let admission = Admission {
        name: record_name(workload),
        release: release.map(|r| r.name.clone()),
        deployment: workload.name.clone(),
        deployment_uid: workload.uid.clone(),
        generation: workload.generation,
        revision: workload.revision.clone(),
        model_digest: model,
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
