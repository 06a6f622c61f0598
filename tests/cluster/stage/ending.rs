//! How a story ended, without what differs between two tellings of the same one: times, UIDs, and names
//! that are made from them.

use super::place::{MARK, MODEL_DIGEST, Place, is_paused};
use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::batch::v1::Job;
use kube::ResourceExt;
use modelgate::api::{AdmittedRevision, GateRun, ModelRelease, ReleaseAction, ReleaseApproval};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const TELLING: [&str; 14] = [
    "uid",
    "releaseUid",
    "targetUid",
    "lastTransitionTime",
    "finishedAt",
    "at",
    "since",
    "completedAt",
    "waitingSince",
    "observedGeneration",
    "plan",
    "compiled",
    "retiring",
    "changedBy",
];

/// Everything that Modelgate and the cluster have to say about the namespace.
pub async fn ending(place: &Place) -> Value {
    let deployment: Option<Deployment> = place.api().get_opt("m").await.unwrap();
    let release: Option<ModelRelease> = place.api().get_opt("m").await.unwrap();
    let (sets, pods) = (place.list::<ReplicaSet>().await, place.all_pods().await);
    let (mut runs, records) = (place.list::<GateRun>().await, place.list::<AdmittedRevision>().await);
    let (jobs, actions) = (place.list::<Job>().await, place.list::<ReleaseAction>().await);
    let approvals = place.list::<ReleaseApproval>().await;
    runs.sort_by_key(|run| (run.spec.model_digest.clone(), run.spec.attempt));
    let end = json!({
        "release": release.map(|r| json!({"spec": r.spec, "status": r.status})),
        "deployment": deployment.map(|d| json!({
            "paused": is_paused(&d),
            "mark": d.annotations().get(MARK),
            "template": d.spec.as_ref().map(|s| s.template.clone()),
            "replicas": d.spec.as_ref().and_then(|s| s.replicas),
        })),
        "replicaSets": sorted(sets.iter().map(|rs| json!({
            "model": rs.spec.as_ref().and_then(|s| s.template.as_ref()?.metadata.as_ref()?.annotations.as_ref()?.get(MODEL_DIGEST).cloned()),
            "mark": rs.annotations().get(MARK),
            "replicas": rs.spec.as_ref().and_then(|s| s.replicas),
            "ready": rs.status.as_ref().and_then(|s| s.ready_replicas),
        }))),
        "pods": sorted(pods.iter().map(|p| json!({
            "model": p.annotations().get(MODEL_DIGEST),
            "owner": p.owner_references().first().map(|o| o.kind.clone()),
            "phase": p.status.as_ref().and_then(|s| s.phase.clone()),
        }))),
        "runs": runs.iter().map(|r| json!({"spec": r.spec, "status": r.status})).collect::<Vec<_>>(),
        "records": sorted(records.iter().map(|r| json!({"spec": r.spec, "status": r.status}))),
        "jobs": sorted(jobs.iter().map(|j| json!({"succeeded": j.status.as_ref().and_then(|s| s.succeeded)}))),
        "actions": sorted(actions.iter().map(|a| json!({"spec": a.spec, "status": a.status}))),
        "approvals": sorted(approvals.iter().map(|a| json!({"spec": a.spec, "status": a.status}))),
        "guarded": place.guarded().await,
    });
    let mut names = BTreeMap::from([(place.namespace.clone(), "NAMESPACE".to_owned())]);
    for (number, run) in runs.iter().enumerate() {
        names.insert(run.name_any(), format!("RUN-{number}"));
    }
    names.extend(jobs.iter().map(|j| (j.name_any(), "JOB".to_owned())));
    names.extend(
        records.iter().map(|r| (r.name_any(), format!("RECORD-{}", r.spec.model_version.as_deref().unwrap_or("")))),
    );
    names.extend(pods.iter().map(|p| (p.name_any(), "POD".to_owned())));
    let mut text = without_telling(end).to_string();
    // Longer names first: one may begin with another.
    let mut names: Vec<_> = names.into_iter().collect();
    names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    for (name, word) in names {
        text = text.replace(&name, &word);
    }
    serde_json::from_str(&without_times(&text)).unwrap()
}

/// `2026-01-31 12:00:00 UTC`, as it stands in sentences.
fn without_times(text: &str) -> String {
    let mut parts: Vec<&str> = text.split(" UTC").collect();
    let last = parts.pop().unwrap_or_default();
    let cut = |part: &&str| part[..part.len() - "2026-01-31 12:00:00".len()].to_owned() + "TIME";
    parts.iter().map(cut).collect::<String>() + last
}

/// Waits until the story has ended in this way; shows the difference when it does not.
pub async fn ends_like(place: &Place, wanted: &Value) {
    let began = std::time::Instant::now();
    let mut found = ending(place).await;
    while found != *wanted && began.elapsed() < super::place::PATIENCE {
        tokio::time::sleep(std::time::Duration::from_millis(250)).await;
        found = ending(place).await;
    }
    if found != *wanted {
        panic!("{} ended otherwise:\n{}", place.namespace, difference("", wanted, &found).join("\n"));
    }
}

fn without_telling(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut map: serde_json::Map<_, _> = map
                .into_iter()
                .filter(|(key, _)| !TELLING.contains(&key.as_str()))
                .map(|(key, value)| (key, without_telling(value)))
                .collect();
            // Conditions are a set.
            if let Some(Value::Array(conditions)) = map.get_mut("conditions") {
                conditions.sort_by_key(Value::to_string);
            }
            Value::Object(map)
        }
        Value::Array(list) => list.into_iter().map(without_telling).collect(),
        other => other,
    }
}

fn sorted(values: impl Iterator<Item = Value>) -> Vec<Value> {
    let mut values: Vec<Value> = values.collect();
    values.sort_by_key(|value| without_telling(value.clone()).to_string());
    values
}

fn difference(path: &str, wanted: &Value, found: &Value) -> Vec<String> {
    match (wanted, found) {
        (Value::Object(w), Value::Object(f)) => {
            let keys: std::collections::BTreeSet<_> = w.keys().chain(f.keys()).collect();
            let nothing = Value::Null;
            let each = |key: &String| {
                difference(&format!("{path}/{key}"), w.get(key).unwrap_or(&nothing), f.get(key).unwrap_or(&nothing))
            };
            keys.into_iter().flat_map(each).collect()
        }
        (Value::Array(w), Value::Array(f)) if w.len() == f.len() => {
            let each = |(at, (w, f)): (usize, (&Value, &Value))| difference(&format!("{path}/{at}"), w, f);
            w.iter().zip(f).enumerate().flat_map(each).collect()
        }
        (w, f) if w == f => Vec::new(),
        (w, f) => vec![format!("{path}: wanted {w}\n  found {f}")],
    }
}
