//! A Deployment and its ReplicaSets, from the cache, as facts.

use super::slim::{self, TemplateFacts};
use super::world::World;
use crate::api::{self, labels};
use crate::policy::Digest;
use crate::release::facts::{ReplicaSet, Workload};
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Kubernetes' default for `revisionHistoryLimit`.
const DEFAULT_HISTORY: i32 = 10;

/// The error says which part of the Deployment could not be read.
pub fn facts(world: &World, deployment: &slim::Deployment, ignored: &[String]) -> Result<Workload, String> {
    let template = deployment.template.as_ref().map_err(Clone::clone)?;
    let meta = &deployment.meta;
    let template_digest = template_digest(template, ignored);
    let status = &deployment.status;
    Ok(Workload {
        name: meta.name().to_owned(),
        uid: meta.uid().to_owned(),
        created: meta.created(),
        generation: meta.generation(),
        observed_generation: status.observed_generation,
        terminating: meta.is_terminating(),
        paused: deployment.paused,
        mark: meta.annotation(labels::ADMITTED).map(str::to_owned),
        changed_by: meta.annotation(labels::CHANGED_BY).map(str::to_owned),
        revision: recorded_revision(world, deployment, template, &template_digest, ignored)
            .unwrap_or_else(|| revision(world, meta.namespace(), template, &template_digest)),
        template_digest,
        named_models: template.model_digests.iter().cloned().collect(),
        unpinned_images: template
            .images
            .iter()
            .filter(|i| !i.image.contains("@sha256:"))
            .map(|i| i.image.to_string())
            .collect(),
        history_limit: deployment.revision_history_limit.unwrap_or(DEFAULT_HISTORY),
        replicas: deployment.replicas,
        max_unavailable: max_unavailable(deployment),
        updated: status.updated_replicas,
        available: status.available_replicas,
        total: status.replicas,
        recreate: &*deployment.strategy.kind == "Recreate",
    })
}

/// Digest of a pod template without the annotations that never make a revision.
pub fn template_digest(template: &TemplateFacts, ignored: &[String]) -> Digest {
    counted(&template.digest, template.annotations.iter(), ignored)
}

/// The same of the template that was admitted, counted as templates are counted now: which annotations are ignored may
/// have changed since. None when the snapshot cannot be read.
pub fn recorded_digest(record: &api::AdmittedRevision, ignored: &[String]) -> Option<Digest> {
    let kept: Told<'_> = serde_json::from_str(record.spec.template.as_str()?).ok()?;
    Some(counted(&kept.0, kept.1.iter().map(|(key, value)| (&**key, &**value)), ignored))
}

/// What is kept of an admitted template in the cache, in place of it. See [`recorded_digest`].
pub fn told(template: &TemplateFacts) -> serde_json::Result<String> {
    let annotations = template.annotations.iter().map(|(key, value)| (key.into(), value.into()));
    serde_json::to_string(&Told(template.digest.clone(), annotations.collect()))
}

/// What tells a template from others: its digest without annotations, and those.
#[derive(Serialize, Deserialize)]
struct Told<'a>(Digest, #[serde(borrow)] BTreeMap<Cow<'a, str>, Cow<'a, str>>);

fn counted<'a>(digest: &Digest, annotations: impl Iterator<Item = (&'a str, &'a str)>, ignored: &[String]) -> Digest {
    let kept: BTreeMap<&str, &str> = annotations.filter(|(key, _)| ignored.iter().all(|i| i != key)).collect();
    Digest::of(format!("{digest}\n{}", serde_json::to_string(&kept).unwrap_or_default()).as_bytes())
}

/// The name under which this very revision is on record. Which annotations are ignored may have changed since, and the
/// digest with them: what is guarded must not come back as another revision, nor what is admitted be held as one.
/// Several revisions may have become one: it is the one that was admitted, else what is guarded stays so.
fn recorded_revision(
    world: &World,
    deployment: &slim::Deployment,
    template: &TemplateFacts,
    template_digest: &Digest,
    ignored: &[String],
) -> Option<Digest> {
    let meta = &deployment.meta;
    let mark = meta.annotation(labels::ADMITTED);
    let known = |record: &api::AdmittedRevision| {
        let spec = &record.spec;
        if spec.target.uid != meta.uid() || recorded_digest(record, ignored).as_ref() != Some(template_digest) {
            return None;
        }
        let as_counted_then = Digest::parse(&spec.template_digest).ok()?;
        // With the ConfigMaps that are there now.
        let same = revision(world, meta.namespace(), template, &as_counted_then);
        let guarded = record.status.as_ref().is_some_and(|status| status.guard.is_some());
        (same.as_str() == &*spec.revision).then(|| (mark == Some(same.as_str()), guarded, spec.at.to_string(), same))
    };
    let records = world.admitted.list(meta.namespace());
    let (.., revision) = records.iter().filter_map(|record| known(record.read().ok()?)).max()?;
    Some(revision)
}

/// Template and content of the ConfigMaps it refers to. Secrets count by name only, which stands in the
/// template; so does the model's digest.
fn revision(world: &World, namespace: &str, template: &TemplateFacts, template_digest: &Digest) -> Digest {
    let mut text = template_digest.to_string();
    for name in &template.config_maps {
        let content = world.config_maps.get(namespace, name).map(|c| c.content_digest().to_string());
        text.push_str(&format!("\n{name}={}", content.unwrap_or_else(|| "absent".to_owned())));
    }
    Digest::of(text.as_bytes())
}

fn max_unavailable(deployment: &slim::Deployment) -> i32 {
    match &deployment.strategy.max_unavailable {
        Some(IntOrString::Int(n)) => *n,
        Some(IntOrString::String(text)) => {
            let percent: i32 = text.trim_end_matches('%').parse().unwrap_or(0);
            deployment.replicas.saturating_mul(percent) / 100
        }
        None => 0,
    }
}

/// ReplicaSets that the Deployment controls.
pub fn replica_sets(world: &World, namespace: &str, uid: &str, ignored: &[String]) -> Vec<ReplicaSet> {
    chosen(world, namespace, ignored, |rs| rs.meta.is_owned_by(uid))
}

/// ReplicaSets that nothing controls.
pub fn ownerless(world: &World, namespace: &str, ignored: &[String]) -> Vec<ReplicaSet> {
    chosen(world, namespace, ignored, |rs| rs.meta.owner().is_none())
}

fn chosen(
    world: &World,
    namespace: &str,
    ignored: &[String],
    choose: impl Fn(&slim::ReplicaSet) -> bool,
) -> Vec<ReplicaSet> {
    let mut sets: Vec<ReplicaSet> = world
        .replica_sets
        .list(namespace)
        .iter()
        .filter(|rs| choose(rs.as_ref()))
        .map(|rs| ReplicaSet {
            name: rs.meta.name().to_owned(),
            uid: rs.meta.uid().to_owned(),
            hash: rs.meta.label("pod-template-hash").unwrap_or_default().to_owned(),
            template_digest: rs.template.as_ref().ok().map(|t| template_digest(t, ignored)),
            replicas: rs.replicas,
            ready: rs.status.ready_replicas,
            available: rs.status.available_replicas,
            mark: rs.meta.annotation(labels::ADMITTED).map(str::to_owned),
            desired_annotation: rs.meta.annotation("deployment.kubernetes.io/desired-replicas").map(str::to_owned),
            woken_at: rs.meta.annotation(labels::WOKEN_AT).and_then(|t| t.parse().ok()),
            terminating_since: rs.meta.deletion_timestamp(),
            created: rs.meta.created().unwrap_or(Timestamp::UNIX_EPOCH),
        })
        .collect();
    sets.sort_by(|a, b| a.name.cmp(&b.name));
    sets
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::lenient::Lenient;
    use serde_json::{Value, json};

    #[test]
    fn a_record_is_counted_as_templates_are_counted_now() {
        let template = |build: &str, image: &str| {
            json!({"metadata": {"annotations": {"build": build, "team": "risk"}, "labels": {"app": "m"}},
                "spec": {"containers": [{"name": "c", "image": image}]}})
        };
        let record = |template: &Value| {
            let object = json!({"apiVersion": "modelgate.dev/v1alpha1", "kind": "AdmittedRevision", "metadata": {"name": "m-1"},
                "spec": {"target": {"kind": "Deployment", "name": "m", "uid": "u"}, "revision": Digest::of(b"r"), "how": "Gates",
                    "at": "2026-11-24T00:00:00Z", "templateDigest": Digest::of(b"as it was counted"), "template": template}});
            serde_json::from_value::<Lenient<api::AdmittedRevision>>(object).unwrap()
        };
        let now = |template: Value, ignored: &[String]| {
            template_digest(&TemplateFacts::read(&mut template.clone()).unwrap(), ignored)
        };
        let kept = record(&template("1", "m:1"));
        let kept = kept.read().unwrap();
        for ignored in [vec![], vec!["build".to_owned()], vec!["build".to_owned(), "team".to_owned()]] {
            let recorded = recorded_digest(kept, &ignored).unwrap();
            assert_eq!(recorded, now(template("1", "m:1"), &ignored), "{ignored:?}");
            assert_eq!(recorded == now(template("2", "m:1"), &ignored), !ignored.is_empty(), "another build");
            assert_ne!(recorded, now(template("1", "m:2"), &ignored), "another image");
        }
        assert_eq!(recorded_digest(record(&json!({"spec": 1})).read().unwrap(), &[]), None);
    }
}
