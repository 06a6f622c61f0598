//! Which passes a change wakes.

use crate::api::{GateConfig, ModelRelease, labels};
use crate::cluster::lenient::Lenient;
use crate::cluster::slim::{ReplicaSet, SlimMeta};
use crate::cluster::store::Moved;
use crate::cluster::world::{Change, ReleaseKey, World};
use crate::policy::Digest;
use kube::ResourceExt;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a pass is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    Release(ReleaseKey),
    /// Deployments of a namespace that no release claims.
    Onboarding(Arc<str>),
    /// Whether a GovernancePolicy can be used.
    Policy(String),
    /// Whether the API server holds what it should.
    Enforcement,
}

pub fn topics(world: &World, change: &Change) -> BTreeSet<Topic> {
    match change {
        Change::Release(moved) => {
            let (namespace, _) = moved.key();
            let mut woken = BTreeSet::from([own(moved.key())]);
            // Another release may have waited for this workload.
            for side in [&moved.old, &moved.new].into_iter().flatten() {
                if let Ok(release) = side.read() {
                    woken.extend(claiming(world, namespace, &release.spec.target_ref.name));
                }
            }
            woken
        }
        Change::Policy(moved) => {
            let mut woken = match spec_moved(moved) {
                true => everywhere(world),
                false => BTreeSet::new(),
            };
            woken.insert(Topic::Policy(moved.key().1.to_owned()));
            woken
        }
        Change::GateConfig(moved) => match config_moved(moved) {
            true => everywhere(world),
            // Its status may have been written by others.
            false => BTreeSet::from([Topic::Enforcement]),
        },
        Change::MutatingPolicy(moved) => rule_moved(moved, |rule| &rule.spec),
        Change::MutatingBinding(moved) => rule_moved(moved, |rule| &rule.spec),
        Change::ValidatingPolicy(moved) => rule_moved(moved, |rule| &rule.spec),
        Change::ValidatingBinding(moved) => rule_moved(moved, |rule| &rule.spec),
        Change::Run(moved) => named(world, moved, |run| Some(run.spec.release_name.0.clone())),
        Change::Approval(moved) => named(world, moved, |approval| Some(approval.spec.release_name.0.clone())),
        Change::Action(moved) => named(world, moved, |action| Some(action.spec.release_name.0.clone())),
        Change::Admitted(moved) => match moved.object().and_then(|o| o.read().ok()) {
            Some(record) => claiming(world, moved.key().0, &record.spec.target.name).collect(),
            None => in_namespace(world, moved.key().0).collect(),
        },
        Change::Namespace(moved) => {
            let (_, name) = moved.key();
            in_namespace(world, name).chain([Topic::Onboarding(name.into())]).collect()
        }
        Change::Deployment(moved) => {
            let (namespace, name) = moved.key();
            let woken: BTreeSet<Topic> = claiming(world, namespace, name).collect();
            if woken.is_empty() { BTreeSet::from([Topic::Onboarding(namespace.into())]) } else { woken }
        }
        Change::ReplicaSet(moved) => {
            let (namespace, _) = moved.key();
            let owner = moved.object().and_then(|rs| rs.meta.owner().map(|o| o.name.to_owned()));
            let claimed: BTreeSet<Topic> =
                owner.map(|name| claiming(world, namespace, &name).collect()).unwrap_or_default();
            let mark = |side: &Option<Arc<ReplicaSet>>| {
                side.as_ref().and_then(|rs| rs.meta.annotation(labels::ADMITTED).map(str::to_owned))
            };
            match claimed.is_empty() && mark(&moved.new).is_some_and(|new| mark(&moved.old) != Some(new)) {
                true => BTreeSet::from([Topic::Onboarding(namespace.into())]),
                false => claimed,
            }
        }
        Change::ConfigMap(moved) => {
            let (namespace, name) = moved.key();
            reading(world, namespace, name).collect()
        }
        Change::Job(moved) => labelled(moved, |job| &job.meta),
        Change::Pod(moved) => labelled(moved, |pod| &pod.meta),
        // Writes of an onboarding are remembered under no release's name.
        Change::CaughtUp(key) if key.name.is_empty() => BTreeSet::from([Topic::Onboarding(key.namespace.clone())]),
        Change::CaughtUp(key) => BTreeSet::from([Topic::Release(key.clone())]),
    }
}

/// Everything there is: at the start, and when cluster-wide settings change.
pub fn everywhere(world: &World) -> BTreeSet<Topic> {
    let releases = world.releases.all();
    let releases =
        releases.iter().map(|r| Topic::Release(ReleaseKey::new(&r.namespace().unwrap_or_default(), &r.name_any())));
    let namespaces = world.namespaces.all();
    let namespaces = namespaces.iter().map(|n| Topic::Onboarding(n.meta.name().into()));
    let policies = world.policies.all();
    let policies = policies.iter().map(|p| Topic::Policy(p.name_any()));
    let restoring = world.admitted.all();
    let left_behind = restoring.iter().filter_map(|record| {
        let record = record.read().ok()?;
        record.status.as_ref()?.guard.as_ref()?.restore_to.as_ref()?;
        let (namespace, release) = (record.namespace()?, record.spec.release_name.as_ref()?);
        let gone = world.releases.get(&namespace, release).is_none();
        gone.then(|| Topic::Release(ReleaseKey::new(&namespace, release)))
    });
    releases.chain(left_behind).chain(namespaces).chain(policies).chain([Topic::Enforcement]).collect()
}

fn own((namespace, name): (&str, &str)) -> Topic {
    Topic::Release(ReleaseKey::new(namespace, name))
}

fn in_namespace<'a>(world: &World, namespace: &'a str) -> impl Iterator<Item = Topic> + use<'a> {
    world.releases.list(namespace).into_iter().map(move |r| own((namespace, &r.name_any())))
}

/// Releases of a namespace whose target has this name, and those that cannot be read.
fn claiming<'a>(world: &World, namespace: &'a str, target: &'a str) -> impl Iterator<Item = Topic> + use<'a> {
    let claims = move |release: &Arc<Lenient<ModelRelease>>| {
        release.read().map_or(true, |release| *release.spec.target_ref.name == *target)
    };
    world.releases.list(namespace).into_iter().filter(claims).map(move |r| own((namespace, &r.name_any())))
}

/// Releases that read a ConfigMap as evidence or whose Deployment refers to it.
fn reading<'a>(world: &World, namespace: &'a str, config_map: &'a str) -> impl Iterator<Item = Topic> + use<'a> {
    let deployments: BTreeSet<String> = world
        .deployments
        .list(namespace)
        .iter()
        .filter(|d| d.template.as_ref().is_ok_and(|t| t.config_maps.contains(config_map)))
        .map(|d| d.meta.name().to_owned())
        .collect();
    let reads = move |release: &Arc<Lenient<ModelRelease>>| {
        release.read().map_or(true, |release| {
            let evidence = release.spec.evidence.iter().filter_map(|e| e.config_map.as_ref());
            evidence.into_iter().any(|c| *c.name == *config_map)
                || deployments.contains(&release.spec.target_ref.name.0)
        })
    };
    world.releases.list(namespace).into_iter().filter(reads).map(move |r| own((namespace, &r.name_any())))
}

fn named<K>(world: &World, moved: &Moved<Lenient<K>>, release: impl Fn(&K) -> Option<String>) -> BTreeSet<Topic>
where
    Lenient<K>: crate::cluster::slim::Object,
{
    match moved.object().map(|object| object.read()) {
        Some(Ok(record)) => release(record).map(|name| own((moved.key().0, &name))).into_iter().collect(),
        // It holds up whatever it may be about.
        Some(Err(_)) => in_namespace(world, moved.key().0).collect(),
        None => BTreeSet::new(),
    }
}

fn labelled<K>(moved: &Moved<K>, meta: impl Fn(&K) -> &SlimMeta) -> BTreeSet<Topic>
where
    K: crate::cluster::slim::Object,
{
    let release = moved.object().and_then(|o| meta(o).label(labels::RELEASE).map(str::to_owned));
    release.map(|name| own((moved.key().0, &name))).into_iter().collect()
}

fn spec_moved(moved: &Moved<Lenient<crate::api::GovernancePolicy>>) -> bool {
    let spec = |side: &Option<Arc<Lenient<crate::api::GovernancePolicy>>>| {
        side.as_ref().map(|o| o.read().map(|p| p.spec.clone()).map_err(str::to_owned))
    };
    spec(&moved.old) != spec(&moved.new)
}

fn rule_moved<K>(moved: &Moved<K>, spec: impl Fn(&K) -> &Digest) -> BTreeSet<Topic> {
    let digest = |side: &Option<Arc<K>>| side.as_ref().map(|rule| spec(rule).clone());
    match digest(&moved.old) != digest(&moved.new) {
        true => BTreeSet::from([Topic::Enforcement]),
        false => BTreeSet::new(),
    }
}

/// Conditions on GateConfig wake no release.
fn config_moved(moved: &Moved<Lenient<GateConfig>>) -> bool {
    let parts = |side: &Option<Arc<Lenient<GateConfig>>>| {
        side.as_ref().map(|o| {
            let read = o.read().map(|c| (c.spec.clone(), c.status.as_ref().map(|s| s.guarded.clone())));
            read.map_err(str::to_owned)
        })
    };
    parts(&moved.old) != parts(&moved.new)
}
