//! A breach brings the last good revision back, and nothing brings the bad one back.

use crate::cluster::cluster;
use crate::stage::installed::OPERATOR;
use crate::stage::operator::shared;
use crate::stage::place::{Place, denied_gate, deployment, digest, is_paused, is_seen, mark, message, said};
use crate::stage::prometheus::prometheus;
use futures::future::join_all;
use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use kube::api::{Api, DeleteParams};
use modelgate::api::{AdmittedRevision, ModelRelease, ReleaseAction};
use serde_json::{Value, json};

/// A namespace whose one gate asks Prometheus, with these versions released one after the other.
async fn released(versions: &[&str], on_breach: &str, change: impl Fn(&mut Value)) -> Place {
    let place = Place::new("enforce").await;
    place.policy(json!([denied_gate(on_breach)])).await;
    for version in versions {
        apply(&place, version, &change).await;
        place.serves(version, 2).await;
    }
    place
}

async fn apply(place: &Place, version: &str, change: &impl Fn(&mut Value)) -> Deployment {
    let mut manifest = deployment(version, 2);
    change(&mut manifest);
    place.release(version, "none").await;
    place.deployment(&manifest).await
}

/// Waits until the pods are all of this version although the Deployment asks for another.
async fn restored(place: &Place, version: &str) -> ModelRelease {
    let release = place.says("Ready", "False", "RolledBack").await;
    let status = release.status.as_ref().unwrap();
    let rollback = status.last_rollback.as_ref().unwrap();
    assert!(rollback.completed_at.is_some());
    assert_eq!((place.pods(version, true).await, place.all_pods().await.len()), (2, 2));
    let record = place.admitted(version).await;
    assert_eq!(rollback.to.as_deref(), Some(&*record.spec.revision));
    // What a next restore would aim at.
    let current: Vec<_> = place.list::<AdmittedRevision>().await.into_iter().filter(is_current).collect();
    let named: Vec<_> = current.iter().map(|record| record.spec.model_version.as_deref()).collect();
    assert_eq!(named, [Some(version)], "what is back is the current one, and no other");
    assert_eq!(release.status.as_ref().unwrap().admitted_revision, Some(record.spec.revision));
    release
}

fn is_current(record: &AdmittedRevision) -> bool {
    let conditions = record.status.iter().flat_map(|status| &status.conditions);
    conditions.into_iter().any(|c| c.type_ == "Current" && format!("{:?}", c.status) == "True")
}

fn untouched(before: &Deployment, after: &Deployment) {
    let spec = |d: &Deployment| {
        let mut spec = serde_json::to_value(&d.spec).unwrap();
        spec.as_object_mut().unwrap().remove("paused");
        spec
    };
    assert_eq!(spec(before), spec(after), "a restore writes nothing that Git owns but paused");
}

fn unchanged(_: &mut Value) {}

#[tokio::test]
async fn a_breach_brings_the_last_good_version_back_and_the_bad_manifest_changes_nothing() {
    let _turn = shared();
    let place = released(&["1", "2"], "Rollback", unchanged).await;
    let before = place.deployed("it", |d| mark(d).is_some() && is_seen(d)).await;
    place.says("WatchHealthy", "True", "WithinLimits").await;
    prometheus().turn(&place.namespace);
    let release = restored(&place, "1").await;

    let after = place.deployed("the hold", is_paused).await;
    untouched(&before, &after);
    assert_eq!(mark(&after), None);
    assert_eq!(after.metadata.generation, before.metadata.generation.map(|g| g + 1), "paused, once");
    let record = place.admitted("2").await;
    let guard = record.status.unwrap().guard.expect("the bad revision is guarded");
    for word in ["denied", "3 times", "0.9", "0.3"] {
        assert!(guard.message.contains(word), "{}", guard.message);
    }
    assert_eq!(place.guarded().await, [digest("2")]);
    assert!(message(&release, "Ready").contains("still asks for"), "{}", message(&release, "Ready"));

    // Self-heal: the same manifests once more.
    let again = apply(&place, "2", &unchanged).await;
    assert_eq!(again.metadata.resource_version, after.metadata.resource_version, "nothing to change");
    let pods = |pods: Vec<k8s_openapi::api::core::v1::Pod>| {
        let mut uids: Vec<_> = pods.into_iter().map(|p| p.metadata.uid).collect();
        uids.sort();
        uids
    };
    let serving = pods(place.all_pods().await);
    let asked = prometheus().asked(&place.namespace);
    place.until("a few more looks", async || (prometheus().asked(&place.namespace) > asked + 2).then_some(())).await;
    assert_eq!(pods(place.all_pods().await), serving);
    assert_eq!(said(&place.get_release().await, "Ready").unwrap().1, "RolledBack");

    // The next version rolls from what serves.
    apply(&place, "3", &unchanged).await;
    place.serves("3", 2).await;
    assert_eq!(place.guarded().await, [digest("2")]);
    let kept: Vec<ReplicaSet> = place.replica_sets().await;
    assert_eq!(kept.len(), 2, "those of version 1 and 3");
}

/// There is no status left to go by: the records say what is still to be done.
#[tokio::test]
async fn a_rollback_is_finished_although_its_release_is_deleted_meanwhile() {
    let _turn = shared();
    let place = released(&["1", "2"], "Rollback", unchanged).await;
    prometheus().turn(&place.namespace);
    place.until("the guard", async || place.admitted("2").await.status?.guard.map(drop)).await;
    place.delete::<ModelRelease>("m").await;
    place
        .until("the last good pods, and no others", async || {
            (place.pods("1", true).await == 2 && place.all_pods().await.len() == 2).then_some(())
        })
        .await;
    let held = place.deployed("the hold", is_paused).await;
    assert_eq!(mark(&held), None);
    assert_eq!(place.guarded().await, [digest("2")]);
}

/// As when something that they share breaks. All of them write the one list of what is guarded.
#[tokio::test]
async fn many_that_breach_at_once_are_all_brought_back() {
    let _turn = shared();
    let places = join_all((0..6).map(|_| released(&["1", "2"], "Rollback", unchanged))).await;
    join_all(places.iter().map(|place| place.says("WatchHealthy", "True", "WithinLimits"))).await;
    let audit = cluster().audit();
    for place in &places {
        prometheus().turn(&place.namespace);
    }
    join_all(places.iter().map(|place| restored(place, "1"))).await;
    for place in &places {
        assert_eq!(place.guarded().await, [digest("2")], "{}", place.namespace);
        let deployment = place.deployed("the hold", is_paused).await;
        assert_eq!(mark(&deployment), None);
    }
    audit.caught_up().await;
    let of_list = |write: &String| write.ends_with("patch gateconfigs/status modelgate");
    let writes: Vec<String> = audit.writes_of(OPERATOR, "").into_iter().filter(of_list).collect();
    println!("the guard list was written so: {writes:?}");
    let done = writes.iter().filter(|write| write.starts_with("200 ")).count();
    assert!(done >= places.len(), "each is in the list by a write of its own: {writes:?}");
}

#[tokio::test]
async fn what_was_brought_back_and_fails_too_is_frozen_and_stays() {
    let _turn = shared();
    let place = released(&["1", "2", "3"], "Rollback", unchanged).await;
    prometheus().turn(&place.namespace);
    restored(&place, "2").await;
    let asked = prometheus().asked(&place.namespace);
    place.until("the next look", async || (prometheus().asked(&place.namespace) > asked).then_some(())).await;
    prometheus().turn(&place.namespace);
    let release = place.says("Ready", "False", "Frozen").await;
    let told = message(&release, "Ready");
    assert!(told.contains("was brought back by a rollback and fails too"), "{told}");
    let rollback = release.status.unwrap().last_rollback.unwrap();
    assert_eq!(rollback.to.as_deref(), Some(&*place.admitted("2").await.spec.revision));
    let guard = place.admitted("2").await.status.unwrap().guard.unwrap();
    assert_eq!(guard.restore_to, None, "no second rollback");
    assert_eq!((place.pods("2", true).await, place.pods("1", false).await), (2, 0), "no loop");
}

#[tokio::test]
async fn without_a_predecessor_it_is_frozen_and_says_so() {
    let _turn = shared();
    let place = released(&["1"], "Rollback", unchanged).await;
    prometheus().turn(&place.namespace);
    let release = place.says("Ready", "False", "NoRollbackTarget").await;
    assert!(message(&release, "Ready").contains("apply another version"), "{}", message(&release, "Ready"));
    let held = place.deployed("the hold", |d| is_paused(d) && is_seen(d)).await;
    assert_eq!(mark(&held), None);
    assert_eq!((place.pods("1", true).await, place.all_pods().await.len()), (2, 2), "what runs keeps running");
    apply(&place, "2", &unchanged).await;
    place.serves("2", 2).await;
}

#[tokio::test]
async fn a_pruned_replica_set_is_made_again() {
    let _turn = shared();
    let place = released(&["1", "2"], "Rollback", unchanged).await;
    let first = place.admitted("1").await;
    let sets: Vec<ReplicaSet> = place.replica_sets().await;
    let idle = sets.iter().find(|rs| rs.spec.as_ref().unwrap().replicas == Some(0)).unwrap();
    // Nobody else may.
    let operator = crate::stage::installed::installed().operator_config().await;
    let api: Api<ReplicaSet> = Api::namespaced(kube::Client::try_from(operator).unwrap(), &place.namespace);
    api.delete(idle.metadata.name.as_ref().unwrap(), &DeleteParams::background()).await.unwrap();
    place.until("it to go", async || (place.replica_sets().await.len() == 1).then_some(())).await;
    prometheus().turn(&place.namespace);
    restored(&place, "1").await;
    let sets = place.replica_sets().await;
    assert_eq!(sets.len(), 1);
    let annotations = sets[0].metadata.annotations.as_ref().unwrap();
    assert_eq!(annotations.get("modelgate.dev/admitted").map(String::as_str), Some(&*first.spec.revision));
    // The controller takes it as its own: it scales it, and rolls from it.
    let api: Api<Deployment> = place.api();
    let patch = kube::api::Patch::Merge(json!({"spec": {"replicas": 3}}));
    api.patch("m", &kube::api::PatchParams::default(), &patch).await.unwrap();
    place.until("three pods", async || (place.pods("1", true).await == 3).then_some(())).await;
    apply(&place, "3", &unchanged).await;
    place.serves("3", 2).await;
}

#[tokio::test]
async fn recreate_is_restored_too() {
    let _turn = shared();
    let recreate =
        |manifest: &mut Value| manifest["spec"]["strategy"] = json!({"type": "Recreate", "rollingUpdate": null});
    let place = released(&["1", "2"], "Rollback", recreate).await;
    prometheus().turn(&place.namespace);
    restored(&place, "1").await;
}

#[tokio::test]
async fn a_person_with_the_verb_takes_a_version_back_and_lets_it_in_again() {
    let _turn = shared();
    let place = released(&["1", "2"], "Freeze", unchanged).await;
    let editor = place.person("eve@bank.example", &[], "edit").await;
    let refused = place.act(editor, "not-hers", "Rollback", None).await.unwrap_err();
    assert!(refused.contains("lacks the verb rollback"), "{refused}");
    let oncall = place.person("otto@bank.example", &[], "modelgate-responder").await;
    let action = place.act(oncall.clone(), "back", "Rollback", None).await.unwrap();
    assert_eq!(action.spec.requester.unwrap().username, "otto@bank.example".into());
    restored(&place, "1").await;
    answered(&place, "back", "True", "Done").await;
    let guard = place.admitted("2").await.status.unwrap().guard.unwrap();
    assert!(guard.message.contains("otto@bank.example"), "{}", guard.message);

    let guarded = place.admitted("2").await.spec.revision.to_string();
    place.act(oncall.clone(), "wrong", "Unguard", Some(&digest("x"))).await.unwrap();
    answered(&place, "wrong", "False", "NotGuarded").await;
    place.act(oncall.clone(), "forgiven", "Unguard", Some(&guarded)).await.unwrap();
    answered(&place, "forgiven", "True", "Done").await;
    place.serves("2", 2).await;
    assert!(place.guarded().await.is_empty());

    place.act(oncall.clone(), "stop", "Freeze", None).await.unwrap();
    answered(&place, "stop", "True", "Done").await;
    place.says("Ready", "False", "Frozen").await;
    let held = place.deployed("the hold", |d| is_paused(d) && is_seen(d)).await;
    assert_eq!((mark(&held), place.pods("2", true).await), (None, 2));
    place.act(oncall, "again", "Retry", None).await.unwrap();
    answered(&place, "again", "False", "NothingToDo").await;
}

async fn answered(place: &Place, action: &str, status: &str, reason: &str) {
    let api: Api<ReleaseAction> = place.api();
    let said = place
        .until(&format!("an answer to {action}"), async || {
            let action = api.get(action).await.unwrap();
            let complete = action.status?.conditions.into_iter().find(|c| c.type_ == "Complete")?;
            Some((format!("{:?}", complete.status), complete.reason))
        })
        .await;
    assert_eq!(said, (status.to_owned(), reason.to_owned()), "{action}");
}

#[tokio::test]
async fn deleting_the_release_keeps_the_hold() {
    let _turn = shared();
    let place = released(&["1"], "Rollback", unchanged).await;
    place.deployment(&deployment("2", 2)).await;
    place.says("WorkloadMatched", "False", "ModelNotNamed").await;
    place.delete::<ModelRelease>("m").await;
    place
        .until("it to go", async || place.api::<ModelRelease>().get_opt("m").await.unwrap().is_none().then_some(()))
        .await;
    let api: Api<Deployment> = place.api();
    let patch = kube::api::Patch::Merge(json!({"spec": {"paused": false, "replicas": 3}}));
    api.patch("m", &kube::api::PatchParams::default(), &patch).await.unwrap();
    // Scaling still works, on what was admitted; nothing of the new template starts.
    place.until("three pods", async || (place.pods("1", true).await == 3).then_some(())).await;
    let held = place.deployed("the controller to see it", is_seen).await;
    assert!(is_paused(&held) && mark(&held).is_none());
    assert_eq!((place.pods("2", false).await, place.replica_sets().await.len()), (0, 1));
}
