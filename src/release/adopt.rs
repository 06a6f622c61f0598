//! Onboarding: what already ran when its namespace became governed keeps running, on record.

use super::condition::{ConditionType, Reason, Status};
use super::decision::{Admission, Step};
use super::draft::Draft;
use super::facts::{Admitted, Mode, Release, ReplicaSet, Workload};
use super::unreadable;
use crate::policy::Digest;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What an enforced namespace's Deployment is, going by its mark and what is on record.
///
/// Nobody can forge a mark while the namespace is governed, but it was not always.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Held, or admitted as recorded: the usual course.
    Known,
    /// It ran before its namespace was governed: every later change is paused by the API server.
    RanBefore,
    /// It runs, or could be resumed, and must not: its revision is guarded, or its mark is nobody's.
    Unfounded,
}

/// Where a Deployment stands. `sets` are its ReplicaSets, `admitted` the records of its revisions, `bad`
/// the guarded models of its namespace, `recorded_since` when the first revision there was put on record.
pub fn standing(
    workload: &Workload,
    sets: &[ReplicaSet],
    admitted: &[Admitted],
    bad: &[Digest],
    recorded_since: Option<Timestamp>,
) -> Standing {
    let held = workload.paused && workload.mark.is_none();
    let records: Vec<&Admitted> = admitted.iter().filter(|a| a.template_digest == workload.template_digest).collect();
    let backs = |a: &&&Admitted| a.guard.is_none() && workload.mark.as_deref() == Some(a.revision.as_str());
    let guarded =
        records.iter().any(|a| a.guard.is_some()) || workload.named_models.iter().any(|model| bad.contains(model));
    if records.iter().any(|a| backs(&a)) || held && guarded {
        return Standing::Known;
    }
    if guarded {
        return Standing::Unfounded;
    }
    // The API server pauses every change in an enforced namespace, unless its policies are away. Records tell that it
    // was one before this template, or this Deployment, came.
    let made_since = workload.created.zip(recorded_since).is_some_and(|(created, since)| created > since);
    if records.is_empty() && (!admitted.is_empty() || made_since) {
        return if held { Standing::Known } else { Standing::Unfounded };
    }
    // Without the mark no ReplicaSet starts. So this one did before, and somebody paused the Deployment.
    let runs = sets.iter().any(|rs| {
        rs.replicas > 0
            && rs.terminating_since.is_none()
            && rs.template_digest.as_ref() == Some(&workload.template_digest)
    });
    match (workload.paused, held) {
        (false, _) => Standing::RanBefore,
        (true, _) if runs && records.is_empty() => Standing::RanBefore,
        (true, true) => Standing::Known,
        // Its editors could resume it.
        (true, false) => Standing::Unfounded,
    }
}

/// Takes the mark from ReplicaSets that no record backs: asleep, they could be woken by it. The one that
/// the Deployment controller gives the Deployment's own mark is left to it. Without a Deployment nothing
/// backs a mark: one that is made later could take such a ReplicaSet over.
pub fn unmark(workload: Option<&Workload>, sets: &[ReplicaSet], admitted: &[Admitted]) -> Vec<Step> {
    let backed = |rs: &ReplicaSet, mark: &str| {
        let of_template = |digest: &Digest| rs.template_digest.as_ref() == Some(digest);
        let own = workload.is_some_and(|w| w.mark.as_deref() == Some(mark) && of_template(&w.template_digest));
        let recorded =
            |a: &Admitted| a.revision.as_str() == mark && of_template(&a.template_digest) && a.guard.is_none();
        own || admitted.iter().any(recorded)
    };
    let forged = sets.iter().filter(|rs| rs.terminating_since.is_none()).filter_map(|rs| {
        let mark = rs.mark.as_ref().filter(|mark| !backed(rs, mark))?;
        Some(Step::UnmarkReplicaSet { name: rs.name.clone(), uid: rs.uid.clone(), mark: mark.clone() })
    });
    forged.collect()
}

/// True if this pass puts a Deployment from before on record, or holds one that has no right to run.
pub(super) fn adopt(draft: &mut Draft, workload: &Workload) -> bool {
    let facts = draft.facts;
    if facts.namespace.mode != Mode::Enforce {
        return false;
    }
    // What runs may rest on it.
    if unreadable::admitted(facts).is_some() {
        return false;
    }
    draft.steps.extend(unmark(Some(workload), &facts.replica_sets, &facts.admitted));
    let since = facts.namespace.recorded_since;
    match standing(workload, &facts.replica_sets, &facts.admitted, &facts.guarded_digests, since) {
        Standing::Known => false,
        Standing::RanBefore => {
            ran_before(draft, workload);
            true
        }
        Standing::Unfounded => {
            draft.step(Step::Hold { deployment: workload.name.clone(), uid: workload.uid.clone() });
            let message = format!(
                "Deployment {} is held: its revision {} was never admitted, or was taken back; what runs keeps running",
                workload.name,
                workload.revision.short(12)
            );
            draft.say(ConditionType::Admitted, Status::False, Reason::Held, message.clone());
            draft.reconcile(Reason::Held, message);
            true
        }
    }
}

fn ran_before(draft: &mut Draft, workload: &Workload) {
    if let Err(problem) = &draft.facts.enforcement {
        // Without the API server's policies an unmarked Deployment may just have been created ungated.
        let message =
            format!("Deployment {} runs without a mark that counts, and is not adopted while {problem}", workload.name);
        draft.say(ConditionType::Admitted, Status::False, Reason::PoliciesAltered, message.clone());
        return draft.stall(Reason::PoliciesAltered, message);
    }
    let steps = adoption(workload, Some(&draft.facts.release), draft.now);
    // On record already, and not marked: a crash between the two.
    let name = record_name(workload);
    let recorded = draft.facts.admitted.iter().any(|a| a.name == name && a.target_uid == workload.uid);
    draft.steps.extend(steps.into_iter().skip(usize::from(recorded)));
    let message = format!(
        "Deployment {} ran before its namespace was governed: it keeps running, never evaluated",
        workload.name
    );
    draft.say(ConditionType::Admitted, Status::True, Reason::Adopted, message.clone());
    draft.reconcile(Reason::Admitting, message);
}

/// The writes that put a running Deployment on record. A template names its images' digests too: which of
/// several is the model only a release can tell.
pub fn adoption(workload: &Workload, release: Option<&Release>, now: Timestamp) -> [Step; 2] {
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
        counts: BTreeMap::new(),
        explanations: BTreeMap::new(),
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

#[cfg(test)]
mod tests;
