//! The single writes to ReplicaSets and pods, most of them of a restore.

use super::world::Kind;
use super::writer::{WriteError, Writer};
use crate::api::{self, labels};
use k8s_openapi::api::{apps::v1 as apps, core::v1 as core};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};
use kube::ResourceExt;
use kube::api::{ListParams, Patch, PropagationPolicy};
use serde_json::json;

pub async fn retire(writer: &Writer, name: &str, uid: &str, keep_pods: bool) -> Result<(), WriteError> {
    let policy = if keep_pods { PropagationPolicy::Orphan } else { PropagationPolicy::Background };
    let api = writer.namespaced::<apps::ReplicaSet>();
    writer.delete(&api, Kind::ReplicaSet, name, uid, None, policy).await
}

/// The garbage collector is slow or down: take its pods from the ReplicaSet, then let it go.
pub async fn release_pods(writer: &Writer, replica_set: &str, uid: &str, hash: &str) -> Result<(), WriteError> {
    let pods = writer.namespaced::<core::Pod>();
    let of_hash = ListParams::default().labels(&format!("pod-template-hash={hash}"));
    let listed = pods.list(&of_hash).await.map_err(|source| WriteError::Api {
        kind: "pods",
        verb: "list",
        name: replica_set.to_owned(),
        source,
    })?;
    for pod in listed.items {
        let Some(index) = pod.owner_references().iter().position(|o| o.uid == uid) else { continue };
        let path = format!("/metadata/ownerReferences/{index}");
        let operations = json!([
            {"op": "test", "path": format!("{path}/uid"), "value": uid},
            {"op": "remove", "path": path},
        ]);
        json_patch_pod(writer, &pod.name_any(), operations).await?;
    }
    let sets = writer.namespaced::<apps::ReplicaSet>();
    let patch = json!({"metadata": {"uid": uid, "finalizers": null}});
    match writer.patch(&sets, Kind::ReplicaSet, replica_set, &Patch::Merge(patch)).await {
        Err(WriteError::Api { source: kube::Error::Api(status), .. }) if status.is_not_found() => Ok(()),
        other => other.map(|_| ()),
    }
}

async fn json_patch_pod(writer: &Writer, name: &str, operations: serde_json::Value) -> Result<(), WriteError> {
    let patch: json_patch::Patch = serde_json::from_value(operations).map_err(|e| WriteError::Unwritable {
        kind: "Pod",
        name: name.to_owned(),
        message: e.to_string(),
    })?;
    let pods = writer.namespaced::<core::Pod>();
    writer.patch_unwatched(&pods, Kind::Pod, name, &Patch::<()>::Json(patch)).await
}

/// Tests the mark that was decided about: the Deployment controller may have written the right one since.
pub async fn unmark(writer: &Writer, name: &str, uid: &str, mark: &str) -> Result<(), WriteError> {
    let path = "/metadata/annotations/modelgate.dev~1admitted";
    let operations = json!([
        {"op": "test", "path": "/metadata/uid", "value": uid},
        {"op": "test", "path": path, "value": mark},
        {"op": "remove", "path": path},
    ]);
    let patch: json_patch::Patch = serde_json::from_value(operations).map_err(|e| WriteError::Unwritable {
        kind: "ReplicaSet",
        name: name.to_owned(),
        message: e.to_string(),
    })?;
    let api = writer.namespaced::<apps::ReplicaSet>();
    writer.patch(&api, Kind::ReplicaSet, name, &Patch::<()>::Json(patch)).await.map(|_| ())
}

/// Makes a pruned ReplicaSet again from the record of its admission. It carries the mark, or it could
/// not be scaled up.
pub async fn rebuild(
    writer: &Writer,
    admitted: &str,
    deployment: &str,
    uid: &str,
    replicas: i32,
) -> Result<(), WriteError> {
    let unwritable = |message: &str| WriteError::Unwritable {
        kind: "ReplicaSet",
        name: deployment.to_owned(),
        message: message.to_owned(),
    };
    let namespace = &writer.key.namespace;
    // The cache holds no templates.
    let record = writer.read::<api::AdmittedRevision>(Kind::Admitted, admitted).await?;
    let record = record.ok_or_else(|| unwritable("its AdmittedRevision is gone"))?;
    let owner =
        writer.world.deployments.get(namespace, deployment).ok_or_else(|| unwritable("its Deployment is gone"))?;
    let hash = record.spec.template_digest.trim_start_matches("sha256:").chars().take(10).collect::<String>();
    let mut template: core::PodTemplateSpec =
        serde_json::from_value(record.spec.template).map_err(|e| unwritable(&e.to_string()))?;
    let hash_label = ("pod-template-hash".to_owned(), hash.clone());
    let template_labels = template.metadata.get_or_insert_default().labels.get_or_insert_default();
    template_labels.insert(hash_label.0.clone(), hash_label.1.clone());
    let set_labels = template_labels.clone();
    let mut selector = owner.selector.to_label_selector();
    selector.match_labels.get_or_insert_default().insert(hash_label.0, hash_label.1);
    let object = apps::ReplicaSet {
        metadata: ObjectMeta {
            name: Some(format!("{deployment}-{hash}")),
            namespace: Some(namespace.to_string()),
            labels: Some(set_labels),
            annotations: Some([(labels::ADMITTED.to_owned(), record.spec.revision.to_string())].into()),
            owner_references: Some(vec![OwnerReference {
                api_version: "apps/v1".to_owned(),
                kind: "Deployment".to_owned(),
                name: deployment.to_owned(),
                uid: uid.to_owned(),
                controller: Some(true),
                block_owner_deletion: None,
            }]),
            ..ObjectMeta::default()
        },
        spec: Some(apps::ReplicaSetSpec {
            replicas: Some(replicas),
            min_ready_seconds: Some(owner.min_ready_seconds),
            selector,
            template: Some(template),
        }),
        status: None,
    };
    let api = writer.namespaced::<apps::ReplicaSet>();
    writer.create(&api, Kind::ReplicaSet, &object).await.map(|_| ())
}

/// Corrects the count that the Deployment controller compares with, and wakes it if it slept.
pub async fn touch(writer: &Writer, name: &str, uid: &str, desired: i32, nudge: bool) -> Result<(), WriteError> {
    let mut annotations = json!({"deployment.kubernetes.io/desired-replicas": desired.to_string()});
    if nudge {
        annotations[labels::WOKEN_AT] = jiff::Timestamp::now().to_string().into();
    }
    let patch = json!({"metadata": {"uid": uid, "annotations": annotations}});
    let api = writer.namespaced::<apps::ReplicaSet>();
    writer.patch(&api, Kind::ReplicaSet, name, &Patch::Merge(patch)).await.map(|_| ())
}

pub async fn delete_pod(writer: &Writer, name: &str, uid: &str, resource_version: &str) -> Result<(), WriteError> {
    let api = writer.namespaced::<core::Pod>();
    writer.delete(&api, Kind::Pod, name, uid, Some(resource_version), PropagationPolicy::Background).await
}
