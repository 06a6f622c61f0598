//! What ran before its namespace was governed keeps running, on record as never evaluated.

use crate::cluster::cluster;
use crate::stage::operator::shared;
use crate::stage::place::{Place, accuracy_gate, deployment, is_paused, mark, message};
use k8s_openapi::api::apps::v1::Deployment;
use kube::api::{Api, Patch, PatchParams};
use modelgate::api::{AdmittedRevision, HowAdmitted};
use serde_json::json;

#[tokio::test]
async fn a_running_deployment_is_adopted_and_its_next_change_is_held() {
    let _turn = shared();
    let place = Place::new("").await;
    place.deployment(&deployment("1", 1)).await;
    place.until("its pod", async || (place.pods("1", true).await == 1).then_some(())).await;
    let pod = place.all_pods().await.remove(0).metadata.uid;
    place.policy(json!([accuracy_gate()])).await;
    cluster().kubectl(&["label", "namespace", &place.namespace, "modelgate.dev/enforcement=enforce"]);

    let adopted = place.deployed("the mark", |d| mark(d).is_some()).await;
    assert!(!is_paused(&adopted));
    let record = place.list::<AdmittedRevision>().await.remove(0);
    assert_eq!((record.spec.how, record.spec.run), (HowAdmitted::Adopted, None));
    // The template names its image's digest too. Nobody has said yet which of the two is the model.
    assert_eq!(record.spec.model_digest, None);
    assert_eq!(place.all_pods().await.remove(0).metadata.uid, pod, "the very same pod");

    let api: Api<Deployment> = place.api();
    let scale = Patch::Merge(json!({"spec": {"replicas": 2}}));
    api.patch("m", &PatchParams::default(), &scale).await.unwrap();
    place.until("two pods", async || (place.pods("1", true).await == 2).then_some(())).await;
    place.release("1", "none").await;
    let release = place.says("Ready", "True", "Adopted").await;
    assert!(message(&release, "Ready").contains("never evaluated"), "{}", message(&release, "Ready"));
    assert_eq!(place.runs().await.len(), 0);

    place.evidence("bad", 0.5).await;
    place.release("2", "bad").await;
    let held = place.deployment(&deployment("2", 2)).await;
    assert!(is_paused(&held) && mark(&held).is_none());
    place.says("Stalled", "True", "GateFailed").await;
    assert_eq!((place.pods("1", true).await, place.pods("2", false).await), (2, 0), "what ran goes on");
    place.evidence("good", 0.8).await;
    place.release("2", "good").await;
    place.serves("2", 2).await;
}
