//! Releases and workloads that do not belong together.

use super::{apply, deployment_named, holds_words, quiet, release_named, says, status_of};
use crate::stage::operator::shared;
use crate::stage::place::{MODEL_DIGEST, Place, digest, is_paused, is_seen, mark};
use futures::future::join_all;
use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use modelgate::api::{GateRun, ModelRelease};
use serde_json::{Value, json};

fn always() -> Value {
    json!([{"name": "always", "expression": {"expression": "true"}}])
}

#[tokio::test]
async fn a_release_that_fits_no_workload_starts_nothing() {
    let _turn = shared();
    let place = Place::new("enforce").await;
    place.policy(always()).await;
    let cases: [(&str, Value, &str, &str, &[&str]); 6] = [
        ("no-target", Value::Null, "TargetNotFound", "Reconciling", &["/no-target does not exist", "apply it"]),
        (
            "other-kind",
            Value::Null,
            "TargetUnsupported",
            "Stalled",
            &["a apps/v1 StatefulSet cannot be held", "must name"],
        ),
        ("other-group", Value::Null, "TargetUnsupported", "Stalled", &["serving.knative.dev/v1 Service", "must name"]),
        (
            "no-model",
            json!({"template": {"metadata": {"annotations": null}}}),
            "ModelNotNamed",
            "Reconciling",
            &["Deployment no-model names model", "set the pod annotation"],
        ),
        (
            "other-model",
            json!({"template": {"metadata": {"annotations": {MODEL_DIGEST: digest("2")}}}}),
            "ModelNotNamed",
            "Reconciling",
            &["Deployment other-model names 2 digests", "or correct spec.model.digest"],
        ),
        (
            "by-tag",
            json!({"template": {"spec": {"containers": [{"name": "server", "image": "localhost/pause:3.10"}]}}}),
            "ImageNotPinned",
            "Stalled",
            &["Deployment by-tag uses image localhost/pause:3.10 by tag", "name it by digest"],
        ),
    ];
    for (name, change, ..) in &cases {
        let mut release = release_named(name, &json!([]));
        match *name {
            "other-kind" => release["spec"]["targetRef"]["kind"] = "StatefulSet".into(),
            "other-group" => {
                release["spec"]["targetRef"]["apiVersion"] = "serving.knative.dev/v1".into();
                release["spec"]["targetRef"]["kind"] = "Service".into();
            }
            _ => {}
        }
        if !change.is_null() {
            let mut deployment = deployment_named(name);
            merge(&mut deployment["spec"], change);
            place.apply::<Deployment>(place.api(), &deployment).await;
        }
        place.apply::<ModelRelease>(place.api(), &release).await;
    }
    let each = cases.iter().map(async |(name, _, reason, also, words)| {
        let told = says(&place, name, "WorkloadMatched", "False", reason).await;
        println!("{name}: {told}");
        holds_words(&told, words);
        let also_said = status_of(&place, name, also).await.unwrap();
        assert_eq!(also_said.0, "True", "{name}");
        assert_eq!(also_said.2, told, "{name}");
        assert_eq!(status_of(&place, name, "Ready").await.unwrap().0, "False", "{name}");
    });
    join_all(each).await;
    quiet(&[&place]).await;
    assert_eq!(place.list::<GateRun>().await.len(), 0, "nothing is evaluated");
    for deployment in place.list::<Deployment>().await {
        assert!(is_seen(&deployment) && is_paused(&deployment) && mark(&deployment).is_none());
    }
    assert_eq!(place.list::<ReplicaSet>().await.len(), 0);
}

fn merge(into: &mut Value, change: &Value) {
    match (into, change) {
        (Value::Object(into), Value::Object(change)) => {
            change.iter().for_each(|(key, value)| merge(into.entry(key).or_insert(Value::Null), value));
        }
        (into, change) => *into = change.clone(),
    }
}

#[tokio::test]
async fn of_two_releases_the_older_has_the_deployment() {
    let _turn = shared();
    let place = Place::new("enforce").await;
    place.policy(always()).await;
    apply(&place, "first", &json!([])).await;
    says(&place, "first", "Ready", "True", "Released").await;
    let mut second = release_named("second", &json!([]));
    second["spec"]["targetRef"]["name"] = "first".into();
    // It names another version: it must not take the Deployment's hold away or void what was admitted.
    second["spec"]["model"]["digest"] = digest("2").into();
    place.apply::<ModelRelease>(place.api(), &second).await;
    let told = says(&place, "second", "Stalled", "True", "TargetClaimed").await;
    holds_words(&told, &["ModelRelease first is older and has Deployment first", "delete one of the two"]);
    quiet(&[&place]).await;
    says(&place, "first", "Ready", "True", "Released").await;
    place.delete::<ModelRelease>("first").await;
    let told = says(&place, "second", "WorkloadMatched", "False", "ModelNotNamed").await;
    holds_words(&told, &["Deployment first names", "none of them this one"]);
    quiet(&[&place]).await;
}
