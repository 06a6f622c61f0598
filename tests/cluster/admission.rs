//! From the first apply to serving pods, and what holds a Deployment and what does not.

use crate::cluster::{Audit, cluster};
use crate::stage::operator::shared;
use crate::stage::place::{Place, accuracy_gate, deployment, is_paused, is_seen, mark, message};
use k8s_openapi::api::apps::v1::Deployment;
use kube::api::{Api, Patch, PatchParams};
use modelgate::api::HowAdmitted;
use serde_json::{Value, json};

/// ReplicaSets and pods of the Deployment that were ever made, by the API server's own log.
fn ever_made(audit: &Audit, namespace: &str) -> Vec<String> {
    let by = |controller: &str| audit.writes_of(&format!("system:serviceaccount:kube-system:{controller}"), namespace);
    let made = by("deployment-controller").into_iter().chain(by("replicaset-controller"));
    made.filter(|write| write.starts_with("201 create ")).collect()
}

async fn patch(place: &Place, patch: Value) -> Deployment {
    let api: Api<Deployment> = place.api();
    api.patch("m", &PatchParams::default(), &Patch::Merge(patch)).await.unwrap()
}

#[tokio::test]
async fn a_failed_gate_starts_no_pod_and_better_evidence_does() {
    let _turn = shared();
    let place = Place::new("enforce").await;
    let audit = cluster().audit();
    place.policy(json!([accuracy_gate()])).await;
    place.evidence("first", 0.5).await;
    place.release("1", "first").await;
    place.deployment(&deployment("1", 2)).await;

    let release = place.says("Stalled", "True", "GateFailed").await;
    for word in ["accuracy", "0.5", "0.75"] {
        assert!(message(&release, "Stalled").contains(word), "{}", message(&release, "Stalled"));
    }
    let held = place.deployed("the controller to see it", is_seen).await;
    assert!(is_paused(&held) && mark(&held).is_none());
    assert_eq!(ever_made(&audit, &place.namespace), [""; 0]);
    assert_eq!(place.replica_sets().await.len() + place.all_pods().await.len(), 0);

    place.evidence("second", 0.8).await;
    place.release("1", "second").await;
    let release = place.serves("1", 2).await;
    assert!(!ever_made(&audit, &place.namespace).is_empty(), "the log shows what was made");
    let record = place.admitted("1").await;
    assert_eq!(record.spec.how, HowAdmitted::Gates);
    let admitted = place.deployed("the mark", |d| mark(d).is_some()).await;
    assert_eq!(mark(&admitted).as_deref(), Some(&*record.spec.revision));
    assert!(!is_paused(&admitted));
    let status = release.status.unwrap();
    assert_eq!(status.admitted_revision.as_deref(), Some(&*record.spec.revision));
    assert_eq!(record.spec.run, status.run);
    assert_eq!(place.runs().await.len(), 2, "one attempt for each evidence");
}

#[tokio::test]
async fn a_restart_and_a_persons_own_pause_are_not_held_and_every_other_change_is() {
    let _turn = shared();
    let place = Place::new("enforce").await;
    place.policy(json!([accuracy_gate()])).await;
    place.evidence("good", 0.8).await;
    place.release("1", "good").await;
    place.deployment(&deployment("1", 1)).await;
    place.serves("1", 1).await;
    let admitted = place.deployed("it", |_| true).await;
    let first = place.all_pods().await[0].metadata.uid.clone();

    let restart = |at: &str| json!({"spec": {"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": at}}}}});
    let restarted = patch(&place, restart("2026-01-01T00:00:00Z")).await;
    assert!(!is_paused(&restarted) && mark(&restarted) == mark(&admitted));
    place.until("a new pod", async || (place.all_pods().await.first()?.metadata.uid != first).then_some(())).await;
    place.serves("1", 1).await;

    let paused = patch(&place, json!({"spec": {"paused": true}})).await;
    assert_eq!(mark(&paused), mark(&admitted));
    let release = place.says("Reconciling", "True", "RollingOut").await;
    assert!(message(&release, "Ready").contains("paused by a person"));
    let resumed = patch(&place, json!({"spec": {"paused": false}})).await;
    assert!(!is_paused(&resumed), "a person's own pause is theirs to end");
    place.serves("1", 1).await;
    assert_eq!(place.runs().await.len(), 1, "nothing of this was evaluated again");

    let changes = [
        json!({"metadata": {"labels": {"tier": "web"}}}),
        json!({"metadata": {"annotations": {"note": "x"}}}),
        json!({"spec": {"terminationGracePeriodSeconds": 2}}),
    ];
    for change in changes {
        let changed = patch(&place, json!({"spec": {"template": change}})).await;
        assert!(is_paused(&changed) && mark(&changed).is_none(), "{change}");
        // The same gates pass for the new revision, and it rolls.
        let again = place.deployed("the new revision", |d| mark(d).is_some_and(|m| Some(m) != mark(&admitted))).await;
        assert!(!is_paused(&again));
        place.serves("1", 1).await;
    }
    assert_eq!(place.runs().await.len(), 4);
}
