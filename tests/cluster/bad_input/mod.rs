//! What cannot be used ends in a clear status, on a real cluster: never in a pass, a crash or a hot loop.
//!
//! Many small cases share a namespace and its policy: a release and a Deployment for each, side by side.

mod evidence;
mod expressions;
mod jobs;
mod pairing;
mod policies;
mod prometheus;
mod results;
mod tables;
mod volumes;

use crate::cluster::cluster;
use crate::stage::installed::OPERATOR;
use crate::stage::place::{self, Place, is_paused, is_seen, mark};
use futures::future::join_all;
use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::ResourceExt;
use kube::api::PostParams;
use modelgate::api::{GateRow, ModelRelease};
use serde_json::{Value, json};
use std::time::Duration;

/// A release that cannot pass, and what it is to say.
pub struct Case {
    name: &'static str,
    /// `spec.evidence`.
    evidence: Value,
    /// Of the conditions GatesPassed and Stalled.
    reason: &'static str,
    /// Of the gate's row.
    finding: &'static str,
    /// Where the message names what is wrong and what to do.
    words: &'static [&'static str],
}

impl Case {
    pub fn new(
        name: &'static str,
        evidence: Value,
        (reason, finding): (&'static str, &'static str),
        words: &'static [&'static str],
    ) -> Self {
        Self { name, evidence, reason, finding, words }
    }
}

fn release_named(name: &str, evidence: &Value) -> Value {
    let mut release = place::release("1", "none");
    release["metadata"]["name"] = name.into();
    release["spec"]["targetRef"]["name"] = name.into();
    release["spec"]["evidence"] = evidence.clone();
    release
}

fn deployment_named(name: &str) -> Value {
    let mut deployment = place::deployment("1", 1);
    deployment["metadata"]["name"] = name.into();
    deployment["spec"]["selector"]["matchLabels"]["app"] = name.into();
    deployment["spec"]["template"]["metadata"]["labels"]["app"] = name.into();
    deployment
}

/// Applies a release and its Deployment, both of this name.
pub async fn apply(place: &Place, name: &str, evidence: &Value) {
    place.apply::<ModelRelease>(place.api(), &release_named(name, evidence)).await;
    place.apply::<Deployment>(place.api(), &deployment_named(name)).await;
}

/// A ConfigMap with one key, `file`. Bytes that are no text go where Kubernetes keeps such.
pub async fn config_map(place: &Place, name: &str, bytes: &[u8], immutable: bool) {
    let mut map = ConfigMap { immutable: Some(immutable), ..ConfigMap::default() };
    map.metadata.name = Some(name.to_owned());
    match std::str::from_utf8(bytes) {
        Ok(text) => map.data = Some([("file".to_owned(), text.to_owned())].into()),
        Err(_) => map.binary_data = Some([("file".to_owned(), k8s_openapi::ByteString(bytes.to_vec()))].into()),
    }
    place.api().create(&PostParams::default(), &map).await.unwrap();
}

/// Evidence of this name in the key `file` of a ConfigMap.
pub fn from_map(evidence: &str, map: &str) -> Value {
    json!({"name": evidence, "configMap": {"name": map, "key": "file"}})
}

async fn status_of(place: &Place, name: &str, kind: &str) -> Option<(String, String, String)> {
    let release: ModelRelease = place.api().get(name).await.unwrap();
    let (status, reason) = place::said(&release, kind)?;
    Some((status, reason, place::message(&release, kind)))
}

/// Waits until the condition has this status and reason; returns its message.
pub async fn says(place: &Place, name: &str, kind: &str, status: &str, reason: &str) -> String {
    let what = format!("{name}: {kind}={status}/{reason}");
    let told = |said: &(String, String, String)| said.0 == status && said.1 == reason;
    place.until(&what, async || status_of(place, name, kind).await.filter(told).map(|said| said.2)).await
}

/// The row of the release's only gate of this name.
pub async fn row(place: &Place, release: &str, gate: &str) -> GateRow {
    let release: ModelRelease = place.api().get(release).await.unwrap();
    let rows = release.status.unwrap().gates.unwrap().rows;
    rows.into_iter().find(|row| *row.gate == *gate).unwrap()
}

fn holds_words(said: &str, words: &[&str]) {
    for word in words {
        assert!(said.contains(word), "{word:?} is not in: {said}");
    }
}

/// Its Deployment waits, and the controller, which has seen it last, has made nothing of it.
pub async fn is_held(place: &Place, name: &str) {
    let held = place
        .until(&format!("{name} to be seen"), async || place.api::<Deployment>().get(name).await.ok().filter(is_seen))
        .await;
    assert!(is_paused(&held) && mark(&held).is_none(), "{name} is not held");
    let uid = held.uid().unwrap();
    let sets = place.list::<ReplicaSet>().await;
    assert!(!sets.iter().flat_map(|set| set.owner_references()).any(|owner| owner.uid == uid), "{name} started");
}

/// Each case stalls as told. `good` is evidence that passes: without it the gates might refuse everything.
pub async fn each_stalls(place: &Place, gate: &str, cases: &[Case], good: Value) {
    join_all(cases.iter().map(|case| apply(place, case.name, &case.evidence))).await;
    apply(place, "good", &good).await;
    let each = cases.iter().map(async |case| {
        let said = says(place, case.name, "Stalled", "True", case.reason).await;
        println!("{}: {said}", case.name);
        holds_words(&said, case.words);
        let passed = status_of(place, case.name, "GatesPassed").await.unwrap();
        assert_eq!((&*passed.0, &*passed.1), ("False", case.reason), "{}", case.name);
        let row = row(place, case.name, gate).await;
        assert_eq!(row.reason, case.finding, "{}: {}", case.name, row.message);
        is_held(place, case.name).await;
    });
    join_all(each).await;
    says(place, "good", "Ready", "True", "Released").await;
    quiet(&[place]).await;
    for case in cases {
        is_held(place, case.name).await;
    }
}

/// What is settled is left alone: for a while the operator writes nothing there, and hardly asks.
async fn quiet(places: &[&Place]) {
    const WHILE: Duration = Duration::from_secs(3);
    let mut asked = Vec::new();
    // What was told last may just be on its way.
    for _ in 0..4 {
        let audit = cluster().audit();
        tokio::time::sleep(WHILE).await;
        audit.caught_up().await;
        let there = |line: &Value| places.iter().any(|p| line["objectRef"]["namespace"] == p.namespace.as_str());
        let by_us = |line: &Value| line["user"]["username"] == OPERATOR;
        let lines = audit.since().into_iter().filter(|line| by_us(line) && there(line));
        asked = lines.map(|line| format!("{} {}", line["verb"], line["requestURI"])).collect();
        if asked.is_empty() {
            return;
        }
    }
    panic!("it does not come to rest: {asked:#?}");
}
