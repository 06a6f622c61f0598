//! What is on record about a release and its workload, and what of it cannot be read.

use super::{GatherError, ignored, unreadable};
use crate::cluster::lenient::Lenient;
use crate::cluster::workload;
use crate::cluster::world::World;
use crate::intake::{self, IntakeError};
use crate::policy::Digest;
use crate::release::facts::{Action, Admitted, Approval, RecordKind, Release, Run, Unreadable};
use jiff::Timestamp;
use kube::Resource;
use std::sync::Arc;

/// Records of one kind that could be read, and those that could not.
pub(super) struct Records<T> {
    pub read: Vec<T>,
    pub unreadable: Vec<Unreadable>,
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

pub(super) fn runs(world: &World, namespace: &str, release: &Release) -> Records<Run> {
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

pub(super) fn approvals(world: &World, namespace: &str, release: &str) -> Records<Approval> {
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

pub(super) fn actions(world: &World, namespace: &str, release: &str) -> Records<Action> {
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
