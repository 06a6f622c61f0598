//! ModelRelease → the release and what its status said.

use super::policy::level;
use super::{IntakeError, digest, time};
use crate::api;
use crate::policy::evidence::{Columns, EvidenceSource, ProtectedColumn};
use crate::policy::risk::Factor;
use crate::policy::watch::Streak;
use crate::policy::{EvidenceSpec, GateKey};
use crate::release::condition::{Condition, ConditionType, Reason, Status};
use crate::release::facts::{GateStreak, Prior, Release, Rollback};

pub fn release(object: &api::ModelRelease) -> Result<Release, IntakeError> {
    let meta = &object.metadata;
    let spec = &object.spec;
    let declared = [
        (Factor::BusinessCriticality, spec.declared.business_criticality),
        (Factor::DataSensitivity, spec.declared.data_sensitivity),
        (Factor::ModelComplexity, spec.declared.model_complexity),
    ];
    Ok(Release {
        namespace: meta.namespace.clone().unwrap_or_default(),
        name: meta.name.clone().unwrap_or_default(),
        uid: meta.uid.clone().unwrap_or_default(),
        generation: meta.generation.unwrap_or_default(),
        target_name: spec.target_ref.name.to_string(),
        model_name: spec.model.name.to_string(),
        model_version: spec.model.version.to_string(),
        model_digest: digest("spec.model.digest", &spec.model.digest)?,
        authors: spec.authors.iter().map(ToString::to_string).collect(),
        changed_by: spec.changed_by.iter().map(ToString::to_string).collect(),
        declared: declared.into_iter().filter_map(|(f, l)| Some((f, level(l?)))).collect(),
        purpose: spec.declared.purpose.as_ref().map(ToString::to_string),
        evidence: spec.evidence.iter().map(evidence).collect::<Result<_, _>>()?,
    })
}

fn evidence(e: &api::Evidence) -> Result<EvidenceSpec, IntakeError> {
    let at = format!("evidence {}", e.name);
    let source = match (&e.config_map, &e.persistent_volume_claim, &e.https) {
        (Some(c), None, None) => EvidenceSource::ConfigMap { name: c.name.to_string(), key: c.key.to_string() },
        (None, Some(c), None) if !c.path.split('/').any(|part| part == "..") => {
            EvidenceSource::PersistentVolumeClaim { name: c.name.to_string(), path: c.path.to_string() }
        }
        (None, None, Some(h)) => EvidenceSource::Https { url: h.url.to_string() },
        (_, _, _) => {
            return Err(IntakeError::Shape {
                at,
                problem: "name exactly one source, with a path inside the volume".to_owned(),
            });
        }
    };
    let wanted = e.digest.as_ref().map(|d| digest(&at, d)).transpose()?;
    if wanted.is_none() && e.config_map.is_none() {
        return Err(IntakeError::Shape {
            at,
            problem: "evidence in a volume or at an https address needs its digest".to_owned(),
        });
    }
    let columns = e.columns.as_ref().map(|c| Columns {
        label: c.label.as_ref().map(ToString::to_string),
        prediction: c.prediction.as_ref().map(ToString::to_string),
        score: c.score.as_ref().map(ToString::to_string),
        favorable: c.favorable.clone(),
        protected: c
            .protected
            .iter()
            .map(|p| ProtectedColumn { attribute: p.attribute.to_string(), column: p.column.to_string() })
            .collect(),
    });
    Ok(EvidenceSpec { name: e.name.to_string(), source, digest: wanted, columns })
}

/// What the status said. A part that cannot be read is left out: the pass then says it anew.
pub fn prior(object: &api::ModelRelease) -> Prior {
    let Some(status) = &object.status else { return Prior::default() };
    let instant = |text: &api::Instant| time("status", text).ok();
    let streaks = status.watch.iter().map(|w| GateStreak {
        gate: GateKey::new(w.policy.to_string(), w.gate.to_string()),
        streak: Streak { failures: w.failures, blind: w.blind },
        message: w.message.clone(),
        at: w.at.as_ref().and_then(instant),
    });
    let last_rollback = status.last_rollback.as_ref().and_then(|r| {
        Some(Rollback {
            from: digest("status", &r.from).ok()?,
            to: r.to.as_ref().and_then(|d| digest("status", d).ok()),
            at: instant(&r.at)?,
            completed_at: r.completed_at.as_ref().and_then(instant),
            message: r.message.clone(),
        })
    });
    Prior {
        conditions: status.conditions.iter().filter_map(condition).collect(),
        admitted_revision: status.admitted_revision.as_ref().and_then(|d| digest("status", d).ok()),
        waiting_since: status.waiting_since.as_ref().and_then(instant),
        streaks: streaks.collect(),
        last_rollback,
    }
}

fn condition(c: &api::Condition) -> Option<Condition> {
    Some(Condition {
        kind: ConditionType::ALL.into_iter().find(|kind| format!("{kind:?}") == c.type_)?,
        status: match c.status {
            api::ConditionStatus::True => Status::True,
            api::ConditionStatus::False => Status::False,
            api::ConditionStatus::Unknown => Status::Unknown,
        },
        reason: serde_json::from_value::<Reason>(c.reason.clone().into()).ok()?,
        message: c.message.clone(),
        since: time("status", &c.last_transition_time).ok()?,
    })
}
