//! Reads: the world as one pass sees it. Nearly all of it comes from the cache; the API server is asked
//! only for what is read once (a finished Job, events of one that does not start, ownerless pods).

mod evidence;
mod recorded;

use self::evidence::evidence;
use self::recorded::{actions, approvals, runs};
pub use self::recorded::{admitted, guarded, recorded_since};
use super::world::World;
use super::{evaluation_job, jobs::EvaluatorPod, workload};
use crate::api::{self, labels};
use crate::intake::{self, IntakeError};
use crate::policy::check::AnsweredBy;
use crate::policy::{GateKey, Plan};
use crate::release::Facts;
use crate::release::facts::{Mode, Namespace, OrphanPod, PlanProblem, Prior, Release, Run, Target, Waits};
use jiff::Timestamp;
use k8s_openapi::api::core::v1 as core;
use kube::api::{Api, ListParams};
use kube::{Client, ResourceExt};
use std::collections::BTreeMap;

#[derive(Debug, thiserror::Error)]
pub enum GatherError {
    #[error("{kind} {name} cannot be read: {problem}")]
    Unreadable { kind: &'static str, name: String, problem: String },
    #[error("{0}")]
    Intake(#[from] IntakeError),
    #[error("reading from the API server: {0}")]
    Api(#[from] kube::Error),
}

/// What does not come from the cache.
pub struct Beside<'a> {
    pub enforcement: Result<(), String>,
    pub waits: Waits,
    /// Why the API server would not take the Job of a run, by the run's name.
    pub refused: Option<(String, String)>,
    pub evaluator: &'a EvaluatorPod,
    pub now: Timestamp,
}

/// All facts about one release. None when it is gone.
pub async fn gather(
    world: &World,
    client: &Client,
    namespace: &str,
    name: &str,
    beside: &Beside<'_>,
) -> Result<Option<Facts>, GatherError> {
    let Some(mut facts) = cached(world, namespace, name, beside)? else { return Ok(None) };
    let own_jobs: Vec<GateKey> = facts
        .plan
        .iter()
        .flat_map(Plan::gates)
        .filter(|gate| gate.check.answered_by() == AnsweredBy::OwnJob)
        .map(|gate| gate.key.clone())
        .collect();
    let open = |run: &&Run| run.finished.is_none() && !run.superseded && run.release_uid == facts.release.uid;
    for run in facts.runs.iter().filter(open) {
        for gate in std::iter::once(None).chain(own_jobs.iter().map(Some)) {
            facts.jobs.extend(evaluation_job::job(world, client, &facts.release, run, gate, &own_jobs, beside).await?);
        }
        facts.stray_jobs.extend(evaluation_job::strays(world, namespace, run, &facts.jobs));
    }
    if let Some((_, guard)) = crate::release::pending_restore(&facts) {
        facts.orphans = orphans(client, namespace, &guard.retiring).await?;
    }
    Ok(Some(facts))
}

/// What a release that is gone left undone, going by the records: a restore that is not over. None when there is none,
/// and when another release has the Deployment by now.
pub async fn left_behind(
    world: &World,
    client: &Client,
    namespace: &str,
    name: &str,
    beside: &Beside<'_>,
) -> Result<Option<Facts>, GatherError> {
    let records = world.admitted.list(namespace);
    let restoring = records.iter().filter_map(|record| record.read().ok()).filter(|record| {
        let guard = record.status.as_ref().and_then(|status| status.guard.as_ref());
        let its_own = record.spec.release_name.as_ref().is_none_or(|of| **of == *name);
        its_own
            && guard.is_some_and(|guard| guard.restore_to.is_some())
            && !claimed(world, namespace, &record.spec.target.name)
    });
    let Some(bad) = restoring.max_by_key(|record| intake::created(*record)) else { return Ok(None) };
    let (target_name, target_uid) = (&bad.spec.target.name, &bad.spec.target.uid);
    let ignored = ignored(world);
    let target = match world.deployments.get(namespace, target_name).filter(|d| d.meta.uid() == target_uid) {
        None => Target::NotFound,
        Some(deployment) => match workload::facts(world, &deployment, &ignored) {
            Ok(workload) => Target::Found(Box::new(workload)),
            Err(problem) => Target::Unreadable(problem),
        },
    };
    let (admitted, unreadable) = admitted(world, namespace, target_uid, target_name);
    let mut facts = Facts {
        release: Release::departed(namespace, name, target_name),
        prior: Prior::default(),
        namespace: namespace_facts(world, namespace),
        plan: Err(PlanProblem::NoPolicy(namespace.to_owned())),
        target,
        evidence: Vec::new(),
        runs: Vec::new(),
        jobs: Vec::new(),
        stray_jobs: Vec::new(),
        refused: None,
        approvals: Vec::new(),
        actions: Vec::new(),
        admitted,
        unreadable,
        guarded_digests: guarded(world, namespace)?,
        replica_sets: workload::replica_sets(world, namespace, target_uid, &ignored),
        orphans: Vec::new(),
        probes: Vec::new(),
        next_probe: None,
        enforcement: beside.enforcement.clone(),
        waits: beside.waits,
    };
    let Some((_, guard)) = crate::release::pending_restore(&facts) else { return Ok(None) };
    facts.orphans = orphans(client, namespace, &guard.retiring).await?;
    Ok(Some(facts))
}

/// Whether a release claims a Deployment.
pub fn claimed(world: &World, namespace: &str, deployment: &str) -> bool {
    let releases = world.releases.list(namespace);
    releases.iter().any(|r| r.read().map_or(true, |r| *r.spec.target_ref.name == *deployment))
}

/// What the cache alone tells: everything but the Jobs of unfinished runs and ownerless pods.
pub fn cached(world: &World, namespace: &str, name: &str, beside: &Beside<'_>) -> Result<Option<Facts>, GatherError> {
    let Some(object) = world.releases.get(namespace, name) else { return Ok(None) };
    let object = object.read().map_err(|problem| unreadable("ModelRelease", name, problem))?;
    let release = intake::release(object)?;
    let space = namespace_facts(world, namespace);
    let target = target(world, &release, object);
    let target_uid = match &target {
        Target::Found(workload) => workload.uid.clone(),
        Target::NotFound | Target::Unsupported(_) | Target::Claimed(_) | Target::Unreadable(_) => String::new(),
    };
    let runs = runs(world, namespace, &release);
    let approvals = approvals(world, namespace, name);
    let actions = actions(world, namespace, name);
    let (admitted, unreadable) = admitted(world, namespace, &target_uid, &release.target_name);
    let unreadable = [runs.unreadable, unreadable, approvals.unreadable, actions.unreadable].concat();
    Ok(Some(Facts {
        plan: policies(world, namespace, &space),
        evidence: release.evidence.iter().map(|e| evidence(world, namespace, e)).collect(),
        runs: runs.read,
        jobs: Vec::new(),
        stray_jobs: Vec::new(),
        approvals: approvals.read,
        actions: actions.read,
        admitted,
        unreadable,
        guarded_digests: guarded(world, namespace)?,
        replica_sets: workload::replica_sets(world, namespace, &target_uid, &ignored(world)),
        orphans: Vec::new(),
        probes: Vec::new(),
        next_probe: None,
        refused: beside.refused.clone(),
        enforcement: beside.enforcement.clone(),
        waits: beside.waits,
        prior: intake::prior(object),
        namespace: space,
        target,
        release,
    }))
}

fn unreadable(kind: &'static str, name: &str, problem: &str) -> GatherError {
    GatherError::Unreadable { kind, name: name.to_owned(), problem: problem.to_owned() }
}

/// How a namespace is governed, and its labels.
pub fn namespace_facts(world: &World, namespace: &str) -> Namespace {
    let labels: BTreeMap<String, String> = world
        .namespaces
        .named(namespace)
        .map(|n| n.meta.labels().map(|(k, v)| (k.to_owned(), v.to_owned())).collect())
        .unwrap_or_default();
    let mode = match labels.get(labels::ENFORCEMENT).map(String::as_str) {
        Some("enforce") => Mode::Enforce,
        Some("audit") => Mode::Audit,
        Some(_) | None => Mode::NotGoverned,
    };
    Namespace { mode, labels, recorded_since: recorded_since(world, namespace) }
}

fn policies(
    world: &World,
    namespace: &str,
    space: &Namespace,
) -> Result<crate::policy::Plan, crate::release::facts::PlanProblem> {
    let all = world.policies.all();
    let mut readable = Vec::with_capacity(all.len());
    for policy in &all {
        match policy.read() {
            Ok(policy) => readable.push(policy),
            // It may well select this namespace: what it asks is unknown, so nothing passes.
            Err(problem) => {
                return Err(crate::release::facts::PlanProblem::Invalid {
                    policy: policy.name_any(),
                    problem: problem.to_owned(),
                });
            }
        }
    }
    intake::plan(namespace, &space.labels, space.mode, readable)
}

/// Annotations that never make a new revision.
pub fn ignored(world: &World) -> Vec<String> {
    let mut ignored = vec![labels::RESTARTED_AT.to_owned()];
    if let Some(config) = world.gate_configs.named("modelgate")
        && let Ok(config) = config.read()
    {
        ignored.extend(config.spec.ignored_template_annotations.iter().map(ToString::to_string));
    }
    ignored
}

fn target(world: &World, release: &Release, object: &api::ModelRelease) -> Target {
    let wanted = &object.spec.target_ref;
    if wanted.kind != "Deployment" || wanted.api_version != "apps/v1" {
        return Target::Unsupported(format!("{} {}", wanted.api_version, wanted.kind));
    }
    let age = |o: &api::ModelRelease| (o.creation_timestamp().map(|t| t.0), o.name_any());
    let claims = world.releases.list(&release.namespace);
    let older = claims
        .iter()
        .filter_map(|other| other.read().ok())
        .filter(|other| other.spec.target_ref == *wanted && age(other) < age(object))
        .min_by_key(|other| age(other));
    if let Some(older) = older {
        return Target::Claimed(older.name_any());
    }
    match world.deployments.get(&release.namespace, &release.target_name) {
        None => Target::NotFound,
        Some(deployment) => match workload::facts(world, &deployment, &ignored(world)) {
            Ok(workload) => Target::Found(Box::new(workload)),
            Err(problem) => Target::Unreadable(problem),
        },
    }
}

async fn orphans(client: &Client, namespace: &str, hashes: &[String]) -> Result<Vec<OrphanPod>, GatherError> {
    if hashes.is_empty() {
        return Ok(Vec::new());
    }
    let pods: Api<core::Pod> = Api::namespaced(client.clone(), namespace);
    let selector = format!("pod-template-hash in ({})", hashes.join(","));
    let found = pods.list(&ListParams::default().labels(&selector)).await?;
    Ok(found
        .items
        .into_iter()
        .filter(|p| !p.owner_references().iter().any(|o| o.controller == Some(true)))
        .map(|p| {
            let conditions = p.status.as_ref().and_then(|s| s.conditions.as_ref());
            OrphanPod {
                name: p.name_any(),
                uid: p.uid().unwrap_or_default(),
                resource_version: p.resource_version().unwrap_or_default(),
                ready: conditions.into_iter().flatten().any(|c| c.type_ == "Ready" && c.status == "True"),
                terminating: p.metadata.deletion_timestamp.is_some(),
            }
        })
        .collect())
}
