//! Who the API server takes us for.

use crate::cluster::{cluster, until};
use k8s_openapi::api::authentication::v1::SelfSubjectReview;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::{Api, DeleteParams, PostParams};
use serde_json::json;

#[tokio::test]
async fn the_audit_log_tells_our_writes_from_others() {
    let namespace = cluster().namespace(&[]).await;
    let audit = cluster().audit();
    let api: Api<ConfigMap> = Api::namespaced(cluster().client().await, &namespace);
    let name = format!("ours-{namespace}");
    let map = serde_json::from_value(json!({"metadata": {"name": name}})).unwrap();
    api.create(&PostParams::default(), &map).await.unwrap();
    let theirs = format!("theirs-{namespace}");
    cluster().kubectl(&["-n", &namespace, "create", "configmap", &theirs]);
    api.delete(&name, &DeleteParams::default()).await.unwrap();
    let deleted = format!("delete configmaps {name}");
    let writes =
        until("the audit log", async || Some(audit.writes("modelgate/")).filter(|writes| writes.contains(&deleted)))
            .await;
    assert!(writes.contains(&format!("create configmaps {name}")));
    assert!(!writes.iter().any(|write| write.contains(&theirs)));
    assert!(audit.writes("kubectl").contains(&format!("create configmaps {theirs}")));
}

#[tokio::test]
async fn a_person_comes_with_name_and_groups() {
    let client = cluster().client_as("ann@bank.example", &["ml-risk", "lending-ml"]).await;
    let api: Api<SelfSubjectReview> = Api::all(client);
    let me = api.create(&PostParams::default(), &SelfSubjectReview::default()).await.unwrap();
    let info = me.status.unwrap().user_info.unwrap();
    assert_eq!(info.username.as_deref(), Some("ann@bank.example"));
    let groups = info.groups.unwrap();
    for group in ["ml-risk", "lending-ml", "system:authenticated"] {
        assert!(groups.iter().any(|g| g == group), "{groups:?}");
    }
}
