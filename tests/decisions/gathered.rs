//! Facts as they are gathered from the cache, and what is decided from them.

use modelgate::api;
use modelgate::cluster::gather::{Beside, cached};
use modelgate::cluster::jobs::EvaluatorPod;
use modelgate::cluster::lenient::Lenient;
use modelgate::cluster::slim;
use modelgate::cluster::world::World;
use modelgate::policy::Digest;
use modelgate::release::condition::{ConditionType, Reason};
use modelgate::release::facts::{Facts, RecordKind, Target, Waits, Workload};
use modelgate::release::{Decision, decide};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

const API: &str = "modelgate.dev/v1alpha1";

fn object<K: DeserializeOwned>(value: Value) -> K {
    serde_json::from_value(value).unwrap()
}

fn meta(name: &str) -> Value {
    json!({"name": name, "namespace": "lending", "uid": format!("uid-{name}"), "resourceVersion": "1", "generation": 1})
}

/// An enforced namespace with releases `m` and `n` of held Deployments of the same names.
fn cluster() -> World {
    let world = World::new(|_, _| {});
    let labels = json!({"modelgate.dev/enforcement": "enforce"});
    world.show::<slim::Namespace>(object(json!({"metadata": {"name": "lending", "uid": "ns", "labels": labels}})));
    for name in ["m", "n"] {
        world.show::<Lenient<api::ModelRelease>>(object(json!({
            "apiVersion": API, "kind": "ModelRelease", "metadata": meta(name),
            "spec": {"targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
                "model": {"name": "m", "version": "1", "digest": Digest::of(b"model")}}})));
        deploy(&world, name, "1");
    }
    world
}

fn deploy(world: &World, name: &str, build: &str) {
    world.show::<slim::Deployment>(object(json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta(name),
        "spec": {"replicas": 1, "paused": true, "selector": {"matchLabels": {"app": name}}, "template": template(name, build)}})));
}

fn template(name: &str, build: &str) -> Value {
    json!({"metadata": {"labels": {"app": name},
            "annotations": {"build": build, "modelgate.dev/model-digest": Digest::of(b"model")}},
        "spec": {"containers": [{"name": "c", "image": format!("registry/m@{}", Digest::of(b"image")),
            "envFrom": [{"configMapRef": {"name": "settings"}}]}]}})
}

fn settings(world: &World, value: &str) {
    world.show::<slim::ConfigMap>(object(json!({
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": meta("settings"), "data": {"a": value}})));
}

fn ignore(world: &World, annotations: &[&str]) {
    world.show::<Lenient<api::GateConfig>>(object(json!({
        "apiVersion": API, "kind": "GateConfig", "metadata": {"name": "modelgate", "uid": "config"},
        "spec": {"ignoredTemplateAnnotations": annotations}})));
}

fn facts(world: &World, name: &str) -> Facts {
    let evaluator = EvaluatorPod { image: String::new(), service_account: None };
    let now = "2026-11-24T00:00:00Z".parse().unwrap();
    let beside = Beside { enforcement: Ok(()), waits: Waits::default(), refused: None, evaluator: &evaluator, now };
    cached(world, "lending", name, &beside).unwrap().unwrap()
}

fn workload(facts: &Facts) -> &Workload {
    match &facts.target {
        Target::Found(workload) => workload,
        other => panic!("{other:?}"),
    }
}

fn ready(facts: &Facts) -> Reason {
    let Decision { report, .. } = decide(facts, "2026-11-24T00:00:00Z".parse().unwrap());
    report.conditions.iter().find(|c| c.kind == ConditionType::Ready).unwrap().reason
}

fn record(world: &World, of: &Workload, build: &str, guard: Option<Value>) {
    world.show::<Lenient<api::AdmittedRevision>>(object(json!({
        "apiVersion": API, "kind": "AdmittedRevision", "metadata": meta(&format!("{}-{build}", of.name)),
        "spec": {"target": {"kind": "Deployment", "name": of.name, "uid": of.uid}, "revision": of.revision, "how": "Gates",
            "at": "2026-11-23T00:00:00Z", "templateDigest": of.template_digest, "template": template(&of.name, build)},
        "status": {"guard": guard}})));
}

fn frozen() -> Option<Value> {
    Some(json!({"at": "2026-11-23T12:00:00Z", "message": "bad", "response": "Freeze"}))
}

#[test]
fn a_record_that_cannot_be_read_concerns_whom_it_names() {
    let world = cluster();
    let about = |name: &str| {
        let found = facts(&world, name).unreadable;
        found.into_iter().map(|record| (record.kind, record.name)).collect::<Vec<_>>()
    };
    world.show::<Lenient<api::AdmittedRevision>>(object(json!({
        "apiVersion": API, "kind": "AdmittedRevision", "metadata": meta("m-1"),
        "spec": {"target": {"kind": "Deployment", "name": "m", "uid": "uid-m"}}})));
    world.show::<Lenient<api::GateRun>>(object(json!({
        "apiVersion": API, "kind": "GateRun", "metadata": meta("m-2"), "spec": {"releaseName": "m"}})));
    let mut labelled = meta("m-3");
    labelled["labels"] = json!({"modelgate.dev/release": "m"});
    world.show::<Lenient<api::GateRun>>(object(json!({
        "apiVersion": API, "kind": "GateRun", "metadata": labelled, "spec": 7})));
    let wanted = [(RecordKind::GateRun, "m-2"), (RecordKind::GateRun, "m-3"), (RecordKind::AdmittedRevision, "m-1")];
    assert_eq!(about("m"), wanted.map(|(kind, name)| (kind, name.to_owned())));
    assert_eq!(about("n"), []);
    assert_eq!(ready(&facts(&world, "m")), Reason::RecordUnreadable);
    assert_eq!(ready(&facts(&world, "n")), Reason::NoPolicy, "it goes on");
    // Readable, and with content that the API server would not have let through.
    world.show::<Lenient<api::ReleaseAction>>(object(json!({
        "apiVersion": API, "kind": "ReleaseAction", "metadata": meta("odd"),
        "spec": {"releaseName": "n", "action": "Unguard", "reason": "x", "revision": "sha256:short"}})));
    assert_eq!(about("n"), [(RecordKind::ReleaseAction, "odd".to_owned())]);
    // Nothing says whom it is about.
    world.show::<Lenient<api::ReleaseApproval>>(object(json!({
        "apiVersion": API, "kind": "ReleaseApproval", "metadata": meta("empty")})));
    assert!(about("m").len() == 4 && about("n").len() == 2);
}

#[test]
fn a_guarded_revision_stays_itself_when_other_annotations_are_ignored() {
    for (before, after) in [(vec![], vec!["build"]), (vec!["build"], vec![]), (vec!["other"], vec!["build", "more"])] {
        let world = cluster();
        settings(&world, "1");
        ignore(&world, &before);
        let bad = workload(&facts(&world, "m")).clone();
        record(&world, &bad, "1", frozen());
        assert_eq!(ready(&facts(&world, "m")), Reason::Frozen, "{before:?}");
        ignore(&world, &after);
        let now = facts(&world, "m");
        assert_eq!(workload(&now).revision, bad.revision, "{before:?} {after:?}");
        assert_eq!(ready(&now), Reason::Frozen, "{before:?} {after:?}");
        // With other settings it is another revision.
        settings(&world, "2");
        assert_ne!(workload(&facts(&world, "m")).revision, bad.revision);
        assert_ne!(ready(&facts(&world, "m")), Reason::Frozen);
    }
}

/// Two revisions become one: what was admitted stays so, and what was taken back does not come back as the other one.
#[test]
fn revisions_that_become_one() {
    let world = cluster();
    settings(&world, "1");
    let good = workload(&facts(&world, "m")).clone();
    record(&world, &good, "1", None);
    deploy(&world, "m", "2");
    let bad = workload(&facts(&world, "m")).clone();
    assert_ne!(bad.revision, good.revision);
    record(&world, &bad, "2", frozen());
    ignore(&world, &["build"]);
    for build in ["1", "2", "3"] {
        deploy(&world, "m", build);
        assert_eq!(workload(&facts(&world, "m")).revision, bad.revision, "{build}");
    }
    let mut running = meta("m");
    running["annotations"] = json!({"modelgate.dev/admitted": good.revision});
    world.show::<slim::Deployment>(object(json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": running,
        "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "m"}}, "template": template("m", "1")}})));
    assert_eq!(workload(&facts(&world, "m")).revision, good.revision);
}
