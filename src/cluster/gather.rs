//! Reads: the world as one pass sees it. Nearly all of it comes from the cache; the API server is asked
//! only for what is read once (a finished Job, events of one that does not start, ownerless pods).

use super::lenient::Lenient;
use super::world::World;
use super::{evaluation_job, jobs::EvaluatorPod, workload};
use crate::api::{self, labels};
use crate::intake::{self, IntakeError};
use crate::policy::check::AnsweredBy;
use crate::policy::{Digest, EvidenceSource, EvidenceSpec, FindingReason, GateKey, Plan};
use crate::release::Facts;
use crate::release::facts::{
    Action, Admitted, Approval, Evidence, EvidenceState, Mode, Namespace, OrphanPod, PlanProblem, Prior, RecordKind,
    Release, Run, Target, Unreadable, Waits,
};
use jiff::Timestamp;
use k8s_openapi::api::core::v1 as core;
use kube::api::{Api, ListParams};
use kube::{Client, Resource, ResourceExt};
use std::collections::BTreeMap;
use std::sync::Arc;

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

/// Records of one kind that could be read, and those that could not.
struct Records<T> {
    read: Vec<T>,
    unreadable: Vec<Unreadable>,
}

/// Reads what concerns a release or workload. `mine` tells it of what can be read, `maybe` of what cannot.
fn records<K, T>(
    kind: RecordKind,
    all: &[Arc<Lenient<K>>],
    mine: impl Fn(&K) -> bool,
    maybe: impl Fn(&Lenient<K>) -> bool,
    read: impl Fn(&K) -> Result<T, IntakeError>,
) -> Records<T>
where
    K: Resource,
{
    let mut records = Records { read: Vec::new(), unreadable: Vec::new() };
    for object in all {
        let problem = match object.read() {
            Ok(record) if !mine(record) => continue,
            Ok(record) => match read(record) {
                Ok(read) => {
                    records.read.push(read);
                    continue;
                }
                Err(problem) => problem.to_string(),
            },
            Err(_) if !maybe(object) => continue,
            Err(problem) => problem.to_owned(),
        };
        let name = object.meta().name.clone().unwrap_or_default();
        records.unreadable.push(Unreadable { kind, name, problem });
    }
    records
}

fn runs(world: &World, namespace: &str, release: &Release) -> Records<Run> {
    let mut found = records(
        RecordKind::GateRun,
        &world.runs.list(namespace),
        |run| *run.spec.release_name == *release.name,
        |run| run.may_concern(&release.name),
        intake::run,
    );
    // Of a release of that name before this one only what is open matters: it is closed.
    found.read.retain(|run| run.release_uid == release.uid || run.finished.is_none() && !run.superseded);
    found
}

fn approvals(world: &World, namespace: &str, release: &str) -> Records<Approval> {
    let mut found = records(
        RecordKind::ReleaseApproval,
        &world.approvals.list(namespace),
        |approval| *approval.spec.release_name == *release,
        |approval| approval.may_concern(release),
        |approval| Ok(intake::approval(approval)),
    );
    found.read.sort_by(|a, b| (a.created, &a.name).cmp(&(b.created, &b.name)));
    found
}

fn actions(world: &World, namespace: &str, release: &str) -> Records<Action> {
    let found = records(
        RecordKind::ReleaseAction,
        &world.actions.list(namespace),
        |action| *action.spec.release_name == *release,
        |action| action.may_concern(release),
        intake::action,
    );
    let mut read: Vec<Action> = found.read.into_iter().flatten().collect();
    read.sort_by(|a, b| (a.created, &a.name).cmp(&(b.created, &b.name)));
    Records { read, unreadable: found.unreadable }
}

/// Revisions admitted to the workload; of a workload that is gone, those of its name. Beside them the records that
/// may be among them and cannot be read.
pub fn admitted(world: &World, namespace: &str, uid: &str, name: &str) -> (Vec<Admitted>, Vec<Unreadable>) {
    let ignored = ignored(world);
    let found = records(
        RecordKind::AdmittedRevision,
        &world.admitted.list(namespace),
        |record| if uid.is_empty() { *record.spec.target.name == *name } else { record.spec.target.uid == uid },
        |record| record.may_be_of(uid, name),
        |record| {
            let mut found = intake::admitted(record)?;
            if let Some(digest) = workload::recorded_digest(record, &ignored) {
                found.template_digest = digest;
            }
            Ok(found)
        },
    );
    (found.read, found.unreadable)
}

/// When the first revision of a namespace was put on record, by the API server's clock.
pub fn recorded_since(world: &World, namespace: &str) -> Option<Timestamp> {
    world
        .admitted
        .list(namespace)
        .iter()
        .filter_map(|record| record.meta().creation_timestamp.as_ref())
        .map(|t| t.0)
        .min()
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
