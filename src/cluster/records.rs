//! Writes to Modelgate's own objects: runs, admitted revisions, the guard list, answers to people.

use super::world::{Kind, ReleaseKey};
use super::writer::{WriteError, Writer};
use crate::api::{self, labels};
use crate::intake;
use crate::policy::{Counts, Digest, OnBreach, Outcome};
use crate::release::decision::{Admission, CountReason, Evaluation, JobOf, NewRun, Row};
use crate::release::facts::Guard;
use jiff::Timestamp;
use kube::api::{Api, Patch};
use kube::{Resource, ResourceExt};
use serde_json::json;
use std::collections::BTreeMap;

fn condition(kind: &str, holds: bool, reason: &str, message: &str, at: Timestamp) -> api::Condition {
    api::Condition {
        type_: kind.to_owned(),
        status: if holds { api::ConditionStatus::True } else { api::ConditionStatus::False },
        observed_generation: None,
        last_transition_time: instant(at),
        reason: reason.to_owned(),
        message: crate::policy::finding::clean(message, 1024),
    }
}

/// Whole seconds, as Kubernetes writes times.
pub fn instant(at: Timestamp) -> api::Instant {
    Timestamp::from_second(at.as_second()).unwrap_or(at).to_string().into()
}

fn own_labels(release: &str) -> BTreeMap<String, String> {
    BTreeMap::from([
        (labels::RELEASE.to_owned(), release.to_owned()),
        ("app.kubernetes.io/managed-by".to_owned(), "modelgate".to_owned()),
    ])
}

pub fn new_run(key: &ReleaseKey, run: &NewRun, release_uid: &str) -> api::GateRun {
    let evidence = run.evidence.iter().map(|(name, digest, uid)| api::PinnedEvidence {
        name: name.clone().into(),
        digest: digest.as_ref().map(|d| d.to_string().into()),
        uid: uid.clone(),
    });
    let spec = api::GateRunSpec {
        release_name: key.name.to_string().into(),
        release_uid: release_uid.to_owned(),
        target_uid: run.target_uid.clone(),
        revision: run.revision.to_string().into(),
        model_digest: run.model_digest.to_string().into(),
        plan: run.plan.to_string().into(),
        attempt: run.attempt,
        evidence: evidence.collect(),
        compiled: run.compiled.clone(),
    };
    let mut object = api::GateRun::new(&run.name, spec);
    object.metadata.labels = Some(own_labels(&key.name));
    object
}

pub async fn finish_run(
    writer: &Writer,
    name: &str,
    outcome: Outcome,
    rows: &[Row],
    jobs: &[JobOf],
) -> Result<(), WriteError> {
    let now = Timestamp::now();
    let status = api::GateRunStatus {
        outcome: Some(intake::outcome(outcome)),
        finished_at: Some(instant(now)),
        job: jobs.iter().find(|job| job.gate.is_none()).map(job_ref),
        own_jobs: jobs.iter().filter_map(own_job_ref).collect(),
        rows: rows.iter().map(intake::gate_row).collect(),
        conditions: vec![condition("Complete", true, "Evaluated", &format!("worst blocking outcome: {outcome}"), now)],
    };
    let api = writer.namespaced::<api::GateRun>();
    writer.patch_status(&api, Kind::Run, name, &Patch::Merge(json!({"status": status}))).await.map(|_| ())
}

/// Closes a run that nobody waits for any more. It has no result, and is no answer to anything.
pub async fn supersede_run(writer: &Writer, name: &str) -> Result<(), WriteError> {
    let now = Timestamp::now();
    let message = "another revision, or another evaluation of it, is decided about by now";
    let status = api::GateRunStatus {
        outcome: Some(intake::outcome(Outcome::Skipped)),
        finished_at: Some(instant(now)),
        conditions: vec![condition("Complete", true, intake::SUPERSEDED, message, now)],
        ..api::GateRunStatus::default()
    };
    let api = writer.namespaced::<api::GateRun>();
    writer.patch_status(&api, Kind::Run, name, &Patch::Merge(json!({"status": status}))).await.map(|_| ())
}

pub async fn record_answers(writer: &Writer, name: &str, rows: &[Row]) -> Result<(), WriteError> {
    let rows: Vec<_> = rows.iter().map(intake::gate_row).collect();
    let api = writer.namespaced::<api::GateRun>();
    writer.patch_status(&api, Kind::Run, name, &Patch::Merge(json!({"status": {"rows": rows}}))).await.map(|_| ())
}

fn job_ref(job: &JobOf) -> api::JobRef {
    api::JobRef { name: job.name.clone().into(), uid: job.uid.clone() }
}

fn own_job_ref(job: &JobOf) -> Option<api::OwnJobRef> {
    let gate = job.gate.as_ref()?;
    Some(api::OwnJobRef {
        policy: gate.policy.clone().into(),
        gate: gate.gate.clone().into(),
        name: job.name.clone().into(),
        uid: job.uid.clone(),
    })
}

pub fn admitted_revision(
    key: &ReleaseKey,
    admission: &Admission,
    template: serde_json::Value,
) -> api::AdmittedRevision {
    let spec = api::AdmittedRevisionSpec {
        release_name: admission.release.clone().map(Into::into),
        target: api::TargetSnapshot {
            kind: "Deployment".to_owned(),
            name: admission.deployment.clone().into(),
            uid: admission.deployment_uid.clone(),
        },
        revision: admission.revision.to_string().into(),
        model_digest: admission.model_digest.as_ref().map(|d| d.to_string().into()),
        model_version: admission.model_version.clone().map(Into::into),
        how: if admission.adopted { api::HowAdmitted::Adopted } else { api::HowAdmitted::Gates },
        at: admission.at.to_string().into(),
        run: admission.run.clone().map(Into::into),
        template_digest: admission.template_digest.to_string().into(),
        template,
        values: baseline(&admission.values),
        counts: counted(&admission.counts),
        explanations: digests(&admission.explanations),
    };
    let mut object = api::AdmittedRevision::new(&admission.name, spec);
    object.metadata.namespace = Some(key.namespace.to_string());
    if let Some(release) = &admission.release {
        object.metadata.labels = Some(own_labels(release));
    }
    object
}

fn baseline(values: &BTreeMap<String, String>) -> BTreeMap<String, api::BaselineValue> {
    values.iter().map(|(gate, value)| (gate.clone(), api::BaselineValue(value.clone()))).collect()
}

fn counted(counts: &BTreeMap<String, Counts>) -> BTreeMap<String, api::CountedNumbers> {
    counts.iter().map(|(gate, counts)| (gate.clone(), intake::counted(counts))).collect()
}

fn digests(of: &BTreeMap<String, Digest>) -> BTreeMap<String, api::DigestText> {
    of.iter().map(|(gate, digest)| (gate.clone(), digest.to_string().into())).collect()
}

/// The record's status as the cache has it.
fn record_status(writer: &Writer, name: &str) -> Result<api::AdmittedRevisionStatus, WriteError> {
    let unwritable =
        |message: String| WriteError::Unwritable { kind: "AdmittedRevision", name: name.to_owned(), message };
    let object = writer.world.admitted.get(&writer.key.namespace, name);
    let object = object.ok_or_else(|| unwritable("it is gone".to_owned()))?;
    let object = object.read().map_err(|problem| unwritable(problem.to_owned()))?;
    Ok(object.status.clone().unwrap_or_default())
}

async fn write_record(writer: &Writer, name: &str, status: &api::AdmittedRevisionStatus) -> Result<(), WriteError> {
    let mut body = json!({"status": status});
    if status.guard.is_none() {
        body["status"]["guard"] = serde_json::Value::Null;
    }
    let api = writer.namespaced::<api::AdmittedRevision>();
    writer.patch_status(&api, Kind::Admitted, name, &Patch::Merge(body)).await.map(|_| ())
}

fn replace(conditions: &mut Vec<api::Condition>, new: api::Condition) {
    conditions.retain(|c| c.type_ != new.type_);
    conditions.push(new);
}

pub async fn set_current(writer: &Writer, name: &str, current: bool) -> Result<(), WriteError> {
    let mut status = record_status(writer, name)?;
    let (reason, message) =
        if current { ("Serving", "it is what runs") } else { ("Superseded", "another revision runs") };
    replace(&mut status.conditions, condition("Current", current, reason, message, Timestamp::now()));
    write_record(writer, name, &status).await
}

pub async fn guard(writer: &Writer, name: &str, guard: Option<&Guard>) -> Result<(), WriteError> {
    let mut status = record_status(writer, name)?;
    status.guard = guard.map(|g| api::GuardRecord {
        at: g.at.to_string().into(),
        message: crate::policy::finding::clean(&g.message, 512),
        response: match g.response {
            OnBreach::Freeze => api::OnBreachName::Freeze,
            OnBreach::Rollback => api::OnBreachName::Rollback,
        },
        restore_to: g.restore_to.as_ref().map(|d| d.to_string().into()),
        retiring: g.retiring.clone(),
        action: g.action.clone(),
    });
    let now = Timestamp::now();
    match guard {
        Some(g) => {
            replace(&mut status.conditions, condition("Guarded", true, "TakenBack", &g.message, now));
            if g.restore_to.is_some() {
                replace(&mut status.conditions, condition("Current", false, "TakenBack", "it was taken back", now));
            }
        }
        None => replace(&mut status.conditions, condition("Guarded", false, "Unguarded", "a person unguarded it", now)),
    }
    write_record(writer, name, &status).await
}

/// Rests on the record as it is now: the same pass may have unguarded it, which the cache does not show yet.
pub async fn evaluated(writer: &Writer, name: &str, evaluation: &Evaluation) -> Result<(), WriteError> {
    let gone =
        || WriteError::Unwritable { kind: "AdmittedRevision", name: name.to_owned(), message: "it is gone".to_owned() };
    let live = writer.read::<api::AdmittedRevision>(Kind::Admitted, name).await?.ok_or_else(gone)?;
    let record = api::EvaluationRecord {
        at: evaluation.at.to_string().into(),
        run: evaluation.run.clone().into(),
        model_digest: evaluation.model_digest.to_string().into(),
        model_version: evaluation.model_version.clone().into(),
        values: baseline(&evaluation.values),
        counts: counted(&evaluation.counts),
        explanations: digests(&evaluation.explanations),
    };
    let mut conditions = live.status.map(|s| s.conditions).unwrap_or_default();
    let message = format!("GateRun {} was satisfied", evaluation.run);
    replace(&mut conditions, condition("Evaluated", true, "GatesPassed", &message, evaluation.at));
    let patch = Patch::Merge(json!({
        "metadata": {"resourceVersion": live.metadata.resource_version},
        "status": {"evaluation": record, "conditions": conditions},
    }));
    let api = writer.namespaced::<api::AdmittedRevision>();
    writer.patch_status(&api, Kind::Admitted, name, &patch).await.map(|_| ())
}

/// How often the guard list is written anew after another release has written it meanwhile.
const GUARD_LIST_ATTEMPTS: usize = 20;

/// Adds a digest to the guard list, or takes it off. The list is shared by all releases: the version
/// that was read must still be there. Many breach at once when something they share breaks, and a restore
/// must not wait for its turn in the queue because of that: it reads again and goes on.
pub async fn guard_digest(writer: &Writer, digest: &Digest, since: Option<Timestamp>) -> Result<(), WriteError> {
    let unwritable = |message: &str| WriteError::Unwritable {
        kind: "GateConfig",
        name: "modelgate".to_owned(),
        message: message.to_owned(),
    };
    let api: Api<api::GateConfig> = Api::all(writer.client.clone());
    let config = writer
        .world
        .gate_configs
        .named("modelgate")
        .ok_or_else(|| unwritable("it does not exist: apply deploy/ again"))?;
    let mut config = config.read().map_err(unwritable)?.clone();
    for _ in 1..GUARD_LIST_ATTEMPTS {
        match write_guard_list(writer, &api, &config, digest, since).await {
            Err(WriteError::Conflict { .. }) => {}
            other => return other,
        }
        let live = api.get("modelgate").await;
        config = live.map_err(|source| WriteError::Api {
            kind: "GateConfig",
            verb: "read",
            name: "modelgate".to_owned(),
            source,
        })?;
    }
    write_guard_list(writer, &api, &config, digest, since).await
}

async fn write_guard_list(
    writer: &Writer,
    api: &Api<api::GateConfig>,
    config: &api::GateConfig,
    digest: &Digest,
    since: Option<Timestamp>,
) -> Result<(), WriteError> {
    let mut guarded = config.status.as_ref().map(|s| s.guarded.clone()).unwrap_or_default();
    let own = |g: &api::GuardedDigest| *g.digest == *digest.as_str() && *g.namespace == *writer.key.namespace;
    let there = guarded.iter().any(own);
    match since {
        Some(_) if there => return Ok(()),
        None if !there => return Ok(()),
        Some(since) => guarded.push(api::GuardedDigest {
            digest: digest.to_string().into(),
            namespace: writer.key.namespace.to_string().into(),
            release: writer.key.name.to_string().into(),
            since: instant(since),
        }),
        None => guarded.retain(|g| !own(g)),
    }
    let patch = json!({
        "metadata": {"resourceVersion": config.resource_version()},
        "status": {"guarded": guarded},
    });
    writer.patch_status(api, Kind::GateConfig, "modelgate", &Patch::Merge(patch)).await.map(|_| ())
}

pub async fn count_approval(
    writer: &Writer,
    name: &str,
    counted: bool,
    reason: CountReason,
    message: &str,
) -> Result<(), WriteError> {
    let said = condition("Counted", counted, &format!("{reason:?}"), message, Timestamp::now());
    let api = writer.namespaced::<api::ReleaseApproval>();
    answer(writer, &api, Kind::Approval, name, said).await
}

pub async fn complete_action(
    writer: &Writer,
    name: &str,
    done: bool,
    reason: &str,
    message: &str,
) -> Result<(), WriteError> {
    let said = condition("Complete", done, reason, message, Timestamp::now());
    let api = writer.namespaced::<api::ReleaseAction>();
    answer(writer, &api, Kind::Action, name, said).await
}

/// A person may have deleted what they gave meanwhile: then there is nothing to answer.
async fn answer<K>(
    writer: &Writer,
    api: &Api<K>,
    kind: Kind,
    name: &str,
    said: api::Condition,
) -> Result<(), WriteError>
where
    K: Resource + Clone + serde::de::DeserializeOwned + std::fmt::Debug,
{
    let patch = Patch::Merge(json!({"status": {"conditions": [said]}}));
    match writer.patch_status(api, kind, name, &patch).await {
        Err(WriteError::Api { source: kube::Error::Api(status), .. }) if status.is_not_found() => Ok(()),
        other => other.map(|_| ()),
    }
}
