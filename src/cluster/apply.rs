//! Writes: carries out a decision's steps in their order. Each is safe to repeat; the first that fails
//! ends the pass, and the next pass begins from what is there.

use super::jobs;
use super::workload::template_digest;
use super::world::Kind;
use super::writer::{WriteError, Writer};
use super::{gather, records, restore_steps, slim::TemplateFacts};
use crate::api::{self, labels};
use crate::intake;
use crate::policy::EvaluationOrder;
use crate::release::decision::{Admission, NewRun, Step};
use k8s_openapi::api::{apps::v1 as apps, batch::v1 as batch};
use kube::ResourceExt;
use kube::api::{Patch, PropagationPolicy};
use serde_json::json;

/// A step that could not be carried out.
#[derive(Debug, thiserror::Error)]
#[error("{source}")]
pub struct Undone {
    pub step: Step,
    pub source: WriteError,
}

impl Undone {
    /// A Job's name and why the API server would not take it, when that is what happened: the release's
    /// status says so while the operator tries again.
    pub fn refused_job(&self) -> Option<(String, String)> {
        match &self.source {
            WriteError::Refused { kind, name, message, .. } if *kind == Kind::Job.name() => {
                Some((name.clone(), message.clone()))
            }
            _ => None,
        }
    }

    /// What was refused and why, when trying again alone does not help.
    pub fn refusal(&self) -> Option<String> {
        match &self.source {
            WriteError::Refused { .. } | WriteError::Unwritable { .. } => Some(self.source.to_string()),
            WriteError::Conflict { .. } | WriteError::Api { .. } => None,
        }
    }
}

/// Carries out the steps.
pub async fn apply(writer: &Writer, steps: &[Step]) -> Result<(), Box<Undone>> {
    // The Deployment as it was read for its snapshot, so that admitting it needs no second read.
    let mut snapshot: Option<apps::Deployment> = None;
    let mut refused: Option<Box<Undone>> = None;
    for step in steps {
        // Jobs do not rest on one another: one that is refused keeps no other from being made.
        if refused.is_some() && !matches!(step, Step::StartJob { .. }) {
            continue;
        }
        if let Err(source) = one(writer, step, &mut snapshot).await {
            let undone = Box::new(Undone { step: step.clone(), source });
            if !matches!(step, Step::StartJob { .. }) || undone.refused_job().is_none() {
                return Err(undone);
            }
            refused.get_or_insert(undone);
        }
    }
    refused.map_or(Ok(()), Err)
}

async fn one(writer: &Writer, step: &Step, snapshot: &mut Option<apps::Deployment>) -> Result<(), WriteError> {
    match step {
        Step::StartRun(run) => start_run(writer, run).await,
        Step::StartJob { run_name, order, waits, .. } => start_job(writer, run_name, order, *waits).await,
        Step::FinishRun { run_name, outcome, rows, jobs, .. } => {
            records::finish_run(writer, run_name, *outcome, rows, jobs).await
        }
        Step::SupersedeRun { run_name } => records::supersede_run(writer, run_name).await,
        Step::RecordAnswers { run_name, rows } => records::record_answers(writer, run_name, rows).await,
        Step::DeleteJob { name, uid } => {
            let api = writer.namespaced::<batch::Job>();
            writer.delete(&api, Kind::Job, name, uid, None, PropagationPolicy::Background).await
        }
        Step::RecordAdmission(admission) => {
            *snapshot = record_admission(writer, admission).await?;
            Ok(())
        }
        Step::RecordEvaluation { admitted, evaluation } => records::evaluated(writer, admitted, evaluation).await,
        Step::Admit { deployment, uid, generation, revision } => {
            mark(writer, deployment, uid, *generation, revision.as_str(), true, snapshot.take()).await
        }
        Step::MarkAdopted { deployment, uid, generation, revision } => {
            mark(writer, deployment, uid, *generation, revision.as_str(), false, snapshot.take()).await
        }
        Step::Hold { deployment, uid } => {
            let patch = json!({
                "metadata": {"uid": uid, "annotations": {labels::ADMITTED: null}},
                "spec": {"paused": true},
            });
            let api = writer.namespaced::<apps::Deployment>();
            writer.patch(&api, Kind::Deployment, deployment, &Patch::Merge(patch)).await.map(|_| ())
        }
        Step::SetCurrent { admitted, current } => records::set_current(writer, admitted, *current).await,
        Step::Guard { admitted, guard } => records::guard(writer, admitted, Some(guard)).await,
        Step::Unguard { admitted } => records::guard(writer, admitted, None).await,
        Step::GuardDigest { digest, since } => records::guard_digest(writer, digest, Some(*since)).await,
        Step::UnguardDigest { digest } => records::guard_digest(writer, digest, None).await,
        Step::UnmarkReplicaSet { name, uid, mark } => restore_steps::unmark(writer, name, uid, mark).await,
        Step::RetireReplicaSet { name, uid, keep_pods } => restore_steps::retire(writer, name, uid, *keep_pods).await,
        Step::ReleasePods { replica_set, uid, hash } => {
            restore_steps::release_pods(writer, replica_set, uid, hash).await
        }
        Step::RebuildReplicaSet { admitted, deployment, uid, replicas } => {
            restore_steps::rebuild(writer, admitted, deployment, uid, *replicas).await
        }
        Step::TouchReplicaSet { name, uid, desired, nudge } => {
            restore_steps::touch(writer, name, uid, *desired, *nudge).await
        }
        Step::DeletePod { name, uid, resource_version } => {
            restore_steps::delete_pod(writer, name, uid, resource_version).await
        }
        Step::CountApproval { name, counted, reason, message } => {
            records::count_approval(writer, name, *counted, *reason, message).await
        }
        Step::CompleteAction { name, done, reason, message } => {
            records::complete_action(writer, name, *done, reason, message).await
        }
    }
}

async fn start_run(writer: &Writer, run: &NewRun) -> Result<(), WriteError> {
    let api = writer.namespaced::<api::GateRun>();
    let Some(release) = writer.world.releases.get(&writer.key.namespace, &writer.key.name) else { return Ok(()) };
    let object = records::new_run(&writer.key, run, &release.uid().unwrap_or_default());
    let made = writer.create(&api, Kind::Run, &object).await?;
    // It was there already: the cache is about to show it, and the next pass follows it.
    let Some(made) = made else { return Ok(()) };
    let mut done = Ok(());
    for order in &run.orders {
        let order = order.for_run(&made.uid().unwrap_or_default(), intake::created(&made));
        done = done.and(start_job(writer, &run.name, &order, run.waits).await);
    }
    done
}

async fn start_job(writer: &Writer, run: &str, order: &EvaluationOrder, waits: (u64, u64)) -> Result<(), WriteError> {
    let unwritable =
        |e: serde_json::Error| WriteError::Unwritable { kind: "Job", name: run.to_owned(), message: e.to_string() };
    let job = jobs::build(&writer.key.namespace, run, &writer.key.name, order, waits, &writer.evaluator)
        .map_err(unwritable)?;
    let api = writer.namespaced::<batch::Job>();
    if writer.create(&api, Kind::Job, &job).await?.is_some() {
        return Ok(());
    }
    let name = order.job_name();
    let Some(there) = writer.read::<batch::Job>(Kind::Job, &name).await? else { return Ok(()) };
    if there.labels().get(labels::RUN).is_some_and(|of| of == run) {
        // The cache is about to show it.
        return Ok(());
    }
    if there.owner_references().iter().all(|owner| owner.uid != order.run) {
        let message = format!("a Job {name} is there that the operator did not create: delete it");
        return Err(WriteError::Refused { kind: Kind::Job.name(), verb: "create", name, message });
    }
    // Somebody took its label, by which the cache knows it. Another one is made once it is gone.
    let uid = there.uid().unwrap_or_default();
    writer.delete(&api, Kind::Job, &name, &uid, None, PropagationPolicy::Background).await?;
    Err(WriteError::Conflict { kind: Kind::Job.name(), name })
}

/// Snapshots the template that was decided about, if it is still that one.
async fn record_admission(writer: &Writer, admission: &Admission) -> Result<Option<apps::Deployment>, WriteError> {
    let live = read_decided(writer, &admission.deployment, &admission.deployment_uid, admission.generation).await?;
    let unreadable =
        |message: String| WriteError::Unwritable { kind: "AdmittedRevision", name: admission.name.clone(), message };
    let template = live.spec.as_ref().map(|s| &s.template);
    let template = serde_json::to_value(template).map_err(|e| unreadable(e.to_string()))?;
    let facts = TemplateFacts::read(&mut template.clone()).map_err(unreadable)?;
    if template_digest(&facts, &gather::ignored(&writer.world)) != admission.template_digest {
        return Err(WriteError::Conflict { kind: "Deployment", name: admission.deployment.clone() });
    }
    let record = records::admitted_revision(&writer.key, admission, template);
    let api = writer.namespaced::<api::AdmittedRevision>();
    writer.create(&api, Kind::Admitted, &record).await?;
    Ok(Some(live))
}

/// The Deployment, if UID and generation are still those that were decided about.
async fn read_decided(writer: &Writer, name: &str, uid: &str, generation: i64) -> Result<apps::Deployment, WriteError> {
    let api = writer.namespaced::<apps::Deployment>();
    let moved = || WriteError::Conflict { kind: "Deployment", name: name.to_owned() };
    let read = api.get_opt(name).await;
    let read =
        read.map_err(|source| WriteError::Api { kind: "Deployment", verb: "read", name: name.to_owned(), source })?;
    let live = read.ok_or_else(moved)?;
    if live.uid().as_deref() == Some(uid) && live.metadata.generation == Some(generation) {
        Ok(live)
    } else {
        Err(moved())
    }
}

/// Leaves the mark and, to admit, unpauses: one JSON patch that tests UID and generation, so that
/// nothing but the decided template can be let through.
async fn mark(
    writer: &Writer,
    deployment: &str,
    uid: &str,
    generation: i64,
    revision: &str,
    unpause: bool,
    snapshot: Option<apps::Deployment>,
) -> Result<(), WriteError> {
    let live = match snapshot {
        Some(live) => live,
        None => read_decided(writer, deployment, uid, generation).await?,
    };
    let mut operations = vec![
        json!({"op": "test", "path": "/metadata/uid", "value": uid}),
        json!({"op": "test", "path": "/metadata/generation", "value": generation}),
    ];
    if unpause {
        operations.push(json!({"op": "add", "path": "/spec/paused", "value": false}));
    }
    operations.push(match live.metadata.annotations {
        Some(_) => json!({"op": "add", "path": "/metadata/annotations/modelgate.dev~1admitted", "value": revision}),
        None => json!({"op": "add", "path": "/metadata/annotations", "value": {labels::ADMITTED: revision}}),
    });
    let patch: json_patch::Patch = serde_json::from_value(operations.into()).map_err(|e| WriteError::Unwritable {
        kind: "Deployment",
        name: deployment.to_owned(),
        message: e.to_string(),
    })?;
    let api = writer.namespaced::<apps::Deployment>();
    writer.patch(&api, Kind::Deployment, deployment, &Patch::<()>::Json(patch)).await.map(|_| ())
}

#[cfg(test)]
mod tests;
