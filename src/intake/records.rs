//! GateRun, AdmittedRevision, ReleaseApproval, ReleaseAction → facts, and rows in both directions.

use super::{IntakeError, digest, time};
use crate::api;
use crate::policy::{Count, Counts, Enforcement, Finding, FindingReason, GateKey, OnBreach, Outcome};
use crate::release::decision::Row;
use crate::release::facts::{Action, Admitted, Approval, FinishedRun, Guard, Person, Run, Verb};
use jiff::Timestamp;
use kube::ResourceExt;

/// When an object was made, as the API server says; long ago when it does not.
pub fn created<K: kube::Resource>(object: &K) -> Timestamp {
    object.meta().creation_timestamp.as_ref().map_or(Timestamp::UNIX_EPOCH, |t| t.0)
}

/// Why a run is complete that was closed before it ended: reason of its condition `Complete`.
pub const SUPERSEDED: &str = "Superseded";

fn truth<'a>(conditions: &'a [api::Condition], kind: &str) -> Option<&'a api::Condition> {
    conditions.iter().find(|c| c.type_ == kind)
}

pub fn run(object: &api::GateRun) -> Result<Run, IntakeError> {
    let spec = &object.spec;
    let status = object.status.as_ref();
    let complete =
        status.and_then(|s| truth(&s.conditions, "Complete")).is_some_and(|c| c.status == api::ConditionStatus::True);
    let superseded = status.and_then(|s| truth(&s.conditions, "Complete")).is_some_and(|c| c.reason == SUPERSEDED);
    let finished = match status.filter(|_| complete && !superseded) {
        Some(status) => Some(FinishedRun {
            at: time("status.finishedAt", status.finished_at.as_deref().unwrap_or_default())?,
            findings: status.rows.iter().map(finding_row).collect(),
        }),
        None => None,
    };
    let answered = status.filter(|_| !complete).map(|status| status.rows.iter().map(finding_row).collect());
    let evidence = spec.evidence.iter().map(|e| {
        let pinned = e.digest.as_ref().map(|d| digest("spec.evidence", d)).transpose()?;
        Ok::<_, IntakeError>((e.name.to_string(), pinned, e.uid.clone()))
    });
    Ok(Run {
        name: object.name_any(),
        uid: object.uid().unwrap_or_default(),
        release_uid: spec.release_uid.clone(),
        target_uid: spec.target_uid.clone(),
        revision: digest("spec.revision", &spec.revision)?,
        model_digest: digest("spec.modelDigest", &spec.model_digest)?,
        plan: digest("spec.plan", &spec.plan)?,
        attempt: spec.attempt,
        created: created(object),
        evidence: evidence.collect::<Result<_, _>>()?,
        answered: answered.unwrap_or_default(),
        finished,
        superseded,
    })
}

/// A stored row as the finding it was. A reason of a later version reads as an unusable result.
pub fn finding_row(row: &api::GateRow) -> Finding {
    Finding {
        gate: GateKey::new(row.policy.to_string(), row.gate.to_string()),
        outcome: match row.outcome {
            api::OutcomeName::Pass => Outcome::Pass,
            api::OutcomeName::Warn => Outcome::Warn,
            api::OutcomeName::Fail => Outcome::Fail,
            api::OutcomeName::Error => Outcome::Error,
            api::OutcomeName::Inconclusive => Outcome::Inconclusive,
            api::OutcomeName::Skipped => Outcome::Skipped,
            api::OutcomeName::Missing => Outcome::Missing,
        },
        value: row.value.clone(),
        threshold: row.threshold.clone(),
        reason: serde_json::from_value(row.reason.clone().into()).unwrap_or(FindingReason::ResultInvalid),
        message: row.message.clone(),
        evidence: Vec::new(),
        counts: counts(&row.counts),
    }
}

/// Those of a later version are passed over.
fn counts(stored: &api::CountedNumbers) -> Counts {
    let known = |(name, number): (&String, &i64)| Some((Count::named(name)?, u64::try_from(*number).ok()?));
    stored.0.iter().filter_map(known).collect()
}

pub fn counted(counts: &Counts) -> api::CountedNumbers {
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    api::CountedNumbers(counts.iter().map(|(what, count)| (what.name().to_owned(), number(*count))).collect())
}

/// A row as the API shows it.
pub fn gate_row(row: &Row) -> api::GateRow {
    api::GateRow {
        policy: row.key.policy.clone().into(),
        gate: row.key.gate.clone().into(),
        check: row.check.clone(),
        outcome: outcome(row.outcome),
        enforcement: match row.enforcement {
            Enforcement::Enforce => api::EnforcementName::Enforce,
            Enforcement::Warn => api::EnforcementName::Warn,
            Enforcement::Audit => api::EnforcementName::Audit,
        },
        value: row.value.clone(),
        threshold: row.threshold.clone(),
        reason: row.reason.clone(),
        message: crate::policy::finding::clean(&row.message, crate::policy::finding::MESSAGE_LIMIT),
        counts: counted(&row.counts),
    }
}

pub fn outcome(outcome: Outcome) -> api::OutcomeName {
    match outcome {
        Outcome::Pass => api::OutcomeName::Pass,
        Outcome::Warn => api::OutcomeName::Warn,
        Outcome::Fail => api::OutcomeName::Fail,
        Outcome::Error => api::OutcomeName::Error,
        Outcome::Inconclusive => api::OutcomeName::Inconclusive,
        Outcome::Skipped => api::OutcomeName::Skipped,
        Outcome::Missing => api::OutcomeName::Missing,
    }
}

pub fn approval(object: &api::ReleaseApproval) -> Approval {
    let spec = &object.spec;
    let counted = object.status.as_ref().and_then(|s| truth(&s.conditions, "Counted"));
    Approval {
        name: object.name_any(),
        uid: object.uid().unwrap_or_default(),
        created: created(object),
        subject: spec.subject_ref.name.to_string(),
        approve: match spec.decision {
            api::ApprovalDecision::Approve => true,
            api::ApprovalDecision::Reject => false,
        },
        by: spec.approver.as_ref().map(|a| Person {
            name: a.username.to_string(),
            groups: a.groups.iter().map(ToString::to_string).collect(),
        }),
        counted_before: counted.map(|c| (c.status == api::ConditionStatus::True, c.message.clone())),
    }
}

/// An action that still has to be done; None once it is complete.
pub fn action(object: &api::ReleaseAction) -> Result<Option<Action>, IntakeError> {
    let spec = &object.spec;
    if object.status.as_ref().and_then(|s| truth(&s.conditions, "Complete")).is_some() {
        return Ok(None);
    }
    Ok(Some(Action {
        name: object.name_any(),
        uid: object.uid().unwrap_or_default(),
        created: created(object),
        verb: match spec.action {
            api::ActionName::Retry => Verb::Retry,
            api::ActionName::Freeze => Verb::Freeze,
            api::ActionName::Rollback => Verb::Rollback,
            api::ActionName::Unguard => Verb::Unguard,
        },
        revision: spec.revision.as_ref().map(|r| digest("spec.revision", r)).transpose()?,
        reason: spec.reason.to_string(),
        by: spec.requester.as_ref().map(|r| r.username.to_string()),
    }))
}

pub fn admitted(object: &api::AdmittedRevision) -> Result<Admitted, IntakeError> {
    let spec = &object.spec;
    let status = object.status.clone().unwrap_or_default();
    let guard = match &status.guard {
        Some(g) => Some(Guard {
            at: time("status.guard.at", &g.at)?,
            message: g.message.clone(),
            response: match g.response {
                api::OnBreachName::Freeze => OnBreach::Freeze,
                api::OnBreachName::Rollback => OnBreach::Rollback,
            },
            restore_to: g.restore_to.as_ref().map(|d| digest("status.guard.restoreTo", d)).transpose()?,
            retiring: g.retiring.clone(),
            action: g.action.clone(),
        }),
        None => None,
    };
    let current = truth(&status.conditions, "Current");
    let later = status.evaluation.as_ref();
    let model_digest = later.map(|e| &e.model_digest).or(spec.model_digest.as_ref());
    let model_version = later.map(|e| &e.model_version).or(spec.model_version.as_ref());
    let values = later.map_or(&spec.values, |e| &e.values);
    let stored_counts = later.map_or(&spec.counts, |e| &e.counts);
    let explanations = later.map_or(&spec.explanations, |e| &e.explanations);
    let explained = |(gate, stored): (&String, &api::DigestText)| Ok((gate.clone(), digest("explanations", stored)?));
    Ok(Admitted {
        name: object.name_any(),
        revision: digest("spec.revision", &spec.revision)?,
        model_digest: model_digest.map(|d| digest("modelDigest", d)).transpose()?,
        model_version: model_version.map(ToString::to_string),
        template_digest: digest("spec.templateDigest", &spec.template_digest)?,
        target_uid: spec.target.uid.clone(),
        adopted: match spec.how {
            api::HowAdmitted::Adopted => later.is_none(),
            api::HowAdmitted::Gates => false,
        },
        at: time("at", later.map_or(&spec.at, |e| &e.at))?,
        values: values.iter().map(|(k, v)| (k.clone(), v.0.clone())).collect(),
        counts: stored_counts.iter().map(|(k, stored)| (k.clone(), counts(stored))).collect(),
        explanations: explanations.iter().map(explained).collect::<Result<_, IntakeError>>()?,
        guard,
        current: current.is_some_and(|c| c.status == api::ConditionStatus::True),
        served: current.map(|c| time("status.conditions", &c.last_transition_time)).transpose()?,
    })
}
