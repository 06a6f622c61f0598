//! Reads: the world as one pass sees it. Nearly all of it comes from the cache; the API server is asked
//! only for what is read once (a finished Job, events of one that does not start, ownerless pods).

use super::world::World;
use super::{evaluation_job, jobs::EvaluatorPod, workload};
use crate::api::{self, labels};
use crate::intake::{self, IntakeError};
use crate::policy::check::AnsweredBy;
use crate::policy::{Digest, EvidenceSource, EvidenceSpec, FindingReason, GateKey, Plan};
use crate::release::Facts;
use crate::release::facts::{Evidence, EvidenceState, Mode, Namespace, OrphanPod, Release, Run, Target, Waits};
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
    beside: Beside<'_>,
) -> Result<Option<Facts>, GatherError> {
    let Some(mut facts) = cached(world, namespace, name, &beside)? else { return Ok(None) };
    let own_jobs: Vec<GateKey> = facts
        .plan
        .iter()
        .flat_map(Plan::gates)
        .filter(|gate| gate.check.answered_by() == AnsweredBy::OwnJob)
        .map(|gate| gate.key.clone())
        .collect();
    for run in facts.runs.iter().filter(|r| r.finished.is_none()) {
        for gate in std::iter::once(None).chain(own_jobs.iter().map(Some)) {
            facts.jobs.extend(evaluation_job::job(world, client, &facts.release, run, gate, &own_jobs, &beside).await?);
        }
    }
    if let Some((_, guard)) = crate::release::pending_restore(&facts) {
        facts.orphans = orphans(client, namespace, &guard.retiring).await?;
    }
    Ok(Some(facts))
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
    Ok(Some(Facts {
        plan: policies(world, namespace, &space),
        evidence: release.evidence.iter().map(|e| evidence(world, namespace, e)).collect(),
        runs: runs(world, namespace, &release)?,
        jobs: Vec::new(),
        approvals: approvals(world, namespace, name)?,
        actions: actions(world, namespace, name)?,
        admitted: admitted(world, namespace, &target_uid, &release.target_name)?,
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
    Namespace { mode, labels }
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

fn evidence(world: &World, namespace: &str, spec: &EvidenceSpec) -> Evidence {
    let state = match &spec.source {
        EvidenceSource::ConfigMap { name, key } => config_map(world, namespace, spec, name, key),
        EvidenceSource::PersistentVolumeClaim { .. } | EvidenceSource::Https { .. } => match &spec.digest {
            Some(digest) => EvidenceState::Pinned { digest: digest.clone(), uid: None },
            None => EvidenceState::Unusable(
                FindingReason::NotPinned,
                format!("evidence {} names no digest: add spec.evidence[].digest", spec.name),
            ),
        },
    };
    Evidence { name: spec.name.clone(), source: spec.source.clone(), state }
}

fn config_map(world: &World, namespace: &str, spec: &EvidenceSpec, name: &str, key: &str) -> EvidenceState {
    let Some(found) = world.config_maps.get(namespace, name) else {
        return EvidenceState::Missing(format!(
            "evidence {}: ConfigMap {namespace}/{name} does not exist: apply it, with immutable: true",
            spec.name
        ));
    };
    if !found.immutable {
        return EvidenceState::Unusable(
            FindingReason::NotPinned,
            format!(
                "evidence {}: ConfigMap {name} can be changed: make it anew under another name with immutable: true",
                spec.name
            ),
        );
    }
    let Some(entry) = found.data.get(key) else {
        return EvidenceState::Missing(format!(
            "evidence {}: ConfigMap {namespace}/{name} has no key {key}: correct the release, or make it anew with that key",
            spec.name
        ));
    };
    match &spec.digest {
        Some(wanted) if *wanted != entry.digest => EvidenceState::Unusable(
            FindingReason::DigestMismatch,
            format!(
                "evidence {}: ConfigMap {name} holds {} and the release names {}: name the digest of what was tested",
                spec.name,
                entry.digest.short(12),
                wanted.short(12)
            ),
        ),
        Some(_) | None => {
            EvidenceState::Pinned { digest: entry.digest.clone(), uid: Some(found.meta.uid().to_owned()) }
        }
    }
}

fn runs(world: &World, namespace: &str, release: &Release) -> Result<Vec<Run>, GatherError> {
    let mut runs = Vec::new();
    for object in world.runs.list(namespace) {
        let run = object.read().map_err(|problem| unreadable("GateRun", &object.name_any(), problem))?;
        if *run.spec.release_name == *release.name && run.spec.release_uid == release.uid {
            runs.push(intake::run(run)?);
        }
    }
    Ok(runs)
}

fn approvals(
    world: &World,
    namespace: &str,
    release: &str,
) -> Result<Vec<crate::release::facts::Approval>, GatherError> {
    let mut approvals = Vec::new();
    for object in world.approvals.list(namespace) {
        let approval = object.read().map_err(|problem| unreadable("ReleaseApproval", &object.name_any(), problem))?;
        if *approval.spec.release_name == *release {
            approvals.push(intake::approval(approval));
        }
    }
    approvals.sort_by(|a, b| (a.created, &a.name).cmp(&(b.created, &b.name)));
    Ok(approvals)
}

fn actions(world: &World, namespace: &str, release: &str) -> Result<Vec<crate::release::facts::Action>, GatherError> {
    let mut actions = Vec::new();
    for object in world.actions.list(namespace) {
        let action = object.read().map_err(|problem| unreadable("ReleaseAction", &object.name_any(), problem))?;
        if *action.spec.release_name == *release {
            actions.extend(intake::action(action)?);
        }
    }
    actions.sort_by(|a, b| (a.created, &a.name).cmp(&(b.created, &b.name)));
    Ok(actions)
}

/// Revisions admitted to the workload; of a workload that is gone, those of its name.
pub fn admitted(
    world: &World,
    namespace: &str,
    uid: &str,
    name: &str,
) -> Result<Vec<crate::release::facts::Admitted>, GatherError> {
    let ignored = ignored(world);
    let mut admitted = Vec::new();
    for object in world.admitted.list(namespace) {
        let record = object.read().map_err(|problem| unreadable("AdmittedRevision", &object.name_any(), problem))?;
        let target = &record.spec.target;
        if if uid.is_empty() { *target.name == *name } else { target.uid == uid } {
            let mut found = intake::admitted(record)?;
            if let Some(digest) = workload::recorded_digest(record, &ignored) {
                found.template_digest = digest;
            }
            admitted.push(found);
        }
    }
    Ok(admitted)
}

/// Models that GateConfig guards in a namespace.
pub fn guarded(world: &World, namespace: &str) -> Result<Vec<Digest>, GatherError> {
    let Some(config) = world.gate_configs.named("modelgate") else { return Ok(Vec::new()) };
    let config = config.read().map_err(|problem| unreadable("GateConfig", "modelgate", problem))?;
    let guarded = config.status.iter().flat_map(|s| &s.guarded).filter(|g| *g.namespace == *namespace);
    Ok(guarded.filter_map(|g| Digest::parse(&g.digest).ok()).collect())
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
