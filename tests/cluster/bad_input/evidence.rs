//! Evidence in a ConfigMap.

use super::{Case, apply, config_map, each_stalls, from_map, holds_words, is_held, quiet, says};
use crate::cluster::cluster;
use crate::stage::operator::shared;
use crate::stage::place::{Place, accuracy_gate, digest, message, said};
use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use kube::api::PostParams;
use modelgate::api::{GateRun, ModelRelease, ReleaseApproval};
use serde_json::json;

/// One megabyte of JSON, nested ten thousand deep: nearly all that a ConfigMap holds.
fn nested() -> Vec<u8> {
    let (open, close) = ("{\"a\":".repeat(10_000), "}".repeat(10_000));
    let room = 1_000_000 - open.len() - close.len();
    format!("{open}{}0{close}", " ".repeat(room)).into_bytes()
}

#[tokio::test]
async fn metrics_that_say_nothing_reliable_stall_the_release() {
    let _turn = shared();
    let place = Place::new("enforce").await;
    place.policy(json!([accuracy_gate()])).await;
    let contents: [(&str, Vec<u8>); 10] = [
        ("empty", b"".to_vec()),
        ("blank", b" \n".to_vec()),
        ("binary", b"{\"accuracy\": \xff}".to_vec()),
        ("truncated", b"{\"accuracy\": 0.9".to_vec()),
        ("nested", nested()),
        ("nan", b"{\"accuracy\": NaN}".to_vec()),
        ("infinite", b"{\"accuracy\": Infinity}".to_vec()),
        ("other-number", b"{\"recall\": 0.9}".to_vec()),
        ("text", b"{\"accuracy\": \"high\"}".to_vec()),
        ("good", b"{\"accuracy\": 0.9}".to_vec()),
    ];
    for (name, bytes) in &contents {
        config_map(&place, name, bytes, true).await;
    }
    config_map(&place, "mutable", b"{\"accuracy\": 0.9}", false).await;
    let of = |map: &str| json!([from_map("metrics", map)]);
    let mut other_digest = from_map("metrics", "good");
    other_digest["digest"] = digest("something else").into();
    let unreadable = ("GateError", "EvidenceUnreadable");
    let cases = [
        Case::new("mutable", of("mutable"), ("GateError", "NotPinned"), &["ConfigMap mutable", "immutable: true"]),
        Case::new("empty", of("empty"), ("EvidenceMissing", "EvidenceEmpty"), &["metrics is empty", "release"]),
        Case::new("blank", of("blank"), ("EvidenceMissing", "EvidenceEmpty"), &["metrics is empty", "release"]),
        Case::new("binary", of("binary"), unreadable, &["metrics is not UTF-8 at byte 13", "release"]),
        Case::new("truncated", of("truncated"), unreadable, &["metrics cannot be read as JSON", "release"]),
        Case::new("nested", of("nested"), ("GateError", "EvidenceTooLarge"), &["metrics has more than 64", "release"]),
        Case::new("nan", of("nan"), ("GateError", "NotFinite"), &["metrics has NaN", "not a finite", "release"]),
        Case::new("infinite", of("infinite"), ("GateError", "NotFinite"), &["metrics has Infinity", "release"]),
        Case::new(
            "other-number",
            of("other-number"),
            ("EvidenceMissing", "MetricMissing"),
            &["metrics has no metric \"accuracy\"; it has recall", "release"],
        ),
        Case::new("text", of("text"), unreadable, &["metrics has text where metric \"accuracy\" should", "release"]),
        Case::new(
            "other-digest",
            json!([other_digest]),
            ("GateError", "DigestMismatch"),
            &["ConfigMap good holds", "the release names", "name the digest"],
        ),
        Case::new("unnamed", json!([]), ("EvidenceMissing", "EvidenceMissing"), &["add it to spec.evidence"]),
    ];
    each_stalls(&place, "accuracy", &cases, of("good")).await;
}

/// A kubelet remembers an immutable ConfigMap for as long as a pod of its own uses it, and a moment longer.
async fn made_again(place: &Place, name: &str, text: &str) {
    place.delete::<ConfigMap>(name).await;
    place
        .until("it to go", async || place.api::<ConfigMap>().get_opt(name).await.unwrap().is_none().then_some(()))
        .await;
    config_map(place, name, text.as_bytes(), true).await;
}

/// An immutable ConfigMap can be deleted and made again: what was found in the first is not found in the second.
#[tokio::test]
async fn evidence_that_is_made_again_is_other_evidence() {
    let _turn = shared();
    let (place, admitted) = (Place::new("enforce").await, Place::new("enforce").await);
    let people = json!({"name": "people", "approval": {"groups": ["ml-risk"], "required": 1}});
    place.policy(json!([accuracy_gate(), people])).await;
    admitted.policy(json!([accuracy_gate()])).await;
    let metrics = json!([from_map("metrics", "report")]);
    for place in [&place, &admitted] {
        config_map(place, "report", b"{\"accuracy\": 0.9}", true).await;
        apply(place, "m", &metrics).await;
    }
    let first = place.says("Approved", "Unknown", "AwaitingApproval").await.status.unwrap().run.unwrap();
    made_again(&place, "report", "{\"accuracy\": 0.5}").await;
    let second = place.says("Stalled", "True", "GateFailed").await;
    holds_words(&message(&second, "Stalled"), &["accuracy is 0.5"]);
    assert_ne!(second.status.unwrap().run.as_ref(), Some(&first), "another run");

    // Nor does an approval of what the first one said open the gate.
    let rita = place.person("rita@bank.example", &["ml-risk"], "modelgate-approver").await;
    let approval = json!({"apiVersion": "modelgate.dev/v1alpha1", "kind": "ReleaseApproval", "metadata": {"name": "late"},
        "spec": {"releaseName": "m", "subjectRef": {"kind": "GateRun", "name": *first}, "decision": "Approve", "reason": "looked at it"}});
    let approvals = kube::Api::<ReleaseApproval>::namespaced(rita, &place.namespace);
    approvals.create(&PostParams::default(), &serde_json::from_value(approval).unwrap()).await.unwrap();
    // The same bytes in another object are evaluated anew, too.
    made_again(&place, "report", "{\"accuracy\": 0.9}").await;
    let third = place.says("Approved", "Unknown", "AwaitingApproval").await.status.unwrap().run.unwrap();
    assert_ne!(third, first);
    place
        .until("an answer to the approval", async || {
            let said = place.api::<ReleaseApproval>().get("late").await.unwrap().status?.conditions;
            said.iter().any(|c| c.type_ == "Counted" && c.reason == "OtherRun").then_some(())
        })
        .await;
    is_held(&place, "m").await;
    // One for each ConfigMap, and those that were given the one before.
    let runs = place.runs().await;
    let evaluated = runs.iter().filter(|run| !was_given_another(run)).count();
    assert_eq!(evaluated, 3, "{runs:?}");

    // What was admitted stays so: its evidence is not read again.
    says(&admitted, "m", "Ready", "True", "Released").await;
    made_again(&admitted, "report", "{\"accuracy\": 0.5}").await;
    quiet(&[&place, &admitted]).await;
    let release: ModelRelease = admitted.get_release().await;
    assert_eq!(said(&release, "Ready"), Some(("True".into(), "Released".into())));
    assert_eq!(admitted.runs().await.len(), 1);
}

fn was_given_another(run: &GateRun) -> bool {
    run.status.iter().flat_map(|s| &s.rows).any(|row| row.reason == "OtherConfigMap")
}

/// As long as a pod uses the earlier ConfigMap, its node gives it to every new pod. In an audit namespace, where a pod
/// may be without a Deployment.
#[tokio::test]
async fn a_config_map_that_the_node_remembers_is_no_evidence() {
    let _turn = shared();
    let place = Place::new("audit").await;
    place.policy(json!([accuracy_gate()])).await;
    config_map(&place, "report", b"{\"accuracy\": 0.9}", true).await;
    let user = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "user"}, "spec": {
        "containers": [{"name": "idle", "image": cluster().idle_image(),
            "volumeMounts": [{"name": "report", "mountPath": "/report"}]}],
        "volumes": [{"name": "report", "configMap": {"name": "report"}}]}});
    place.api::<Pod>().create(&PostParams::default(), &serde_json::from_value(user).unwrap()).await.unwrap();
    place
        .until("the pod to run", async || {
            let pod = place.api::<Pod>().get("user").await.unwrap();
            (pod.status?.phase? == "Running").then_some(())
        })
        .await;
    made_again(&place, "report", "{\"accuracy\": 0.5}").await;
    apply(&place, "m", &json!([from_map("metrics", "report")])).await;
    place
        .until("a run that was given the earlier one", async || {
            place.runs().await.iter().any(was_given_another).then_some(())
        })
        .await;
    place.delete::<Pod>("user").await;
    let release = place.says("GatesPassed", "True", "PassedWithWarnings").await;
    let rows = release.status.unwrap().gates.unwrap().rows;
    holds_words(&rows[0].message, &["accuracy is 0.5"]);
}
