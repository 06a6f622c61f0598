//! The cache against a real API server.

use crate::cluster::{cluster, until};
use k8s_openapi::api::apps::v1 as apps;
use k8s_openapi::api::core::v1 as core;
use kube::api::{Api, DeleteParams, Patch, PatchParams, PostParams};
use kube::{Client, ResourceExt};
use modelgate::api::ModelRelease;
use modelgate::cluster::watch;
use modelgate::cluster::world::{Change, Kind, ReleaseKey, World};
use modelgate::policy::Digest;
use modelgate::runtime::metrics::Metrics;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

struct Watched {
    client: Client,
    namespace: String,
    world: Arc<World>,
    changes: mpsc::UnboundedReceiver<Change>,
    _watches: JoinSet<()>,
}

async fn watched() -> Watched {
    let client = cluster().client().await;
    let namespace = cluster().namespace(&[("modelgate.dev/enforcement", "audit")]).await;
    let (tell, changes) = mpsc::unbounded_channel();
    let world = Arc::new(World::new(move |_: &World, change| drop(tell.send(change))));
    let stop = CancellationToken::new();
    let watches = watch::start(&client, &world, &Arc::new(Metrics::new()), &stop);
    world.until_ready().await;
    Watched { client, namespace, world, changes, _watches: watches }
}

impl Watched {
    fn release(&self) -> ReleaseKey {
        ReleaseKey::new(&self.namespace, "r")
    }

    /// Reads changes until the cache has caught up with the release of this test.
    async fn caught_up(&mut self) {
        let release = self.release();
        while let Some(change) = self.changes.recv().await {
            if matches!(&change, Change::CaughtUp(key) if *key == release) {
                return;
            }
        }
        panic!("the watches ended");
    }

    async fn create_deployment(&self) -> apps::Deployment {
        let api = Api::namespaced(self.client.clone(), &self.namespace);
        let deployment = serde_json::from_value(deployment()).unwrap();
        api.create(&PostParams::default(), &deployment).await.unwrap()
    }
}

fn deployment() -> Value {
    let digest = Digest::of(b"model").to_string();
    json!({
        "metadata": {"name": "m"},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": {"app": "m"}},
            "template": {
                "metadata": {"labels": {"app": "m"}, "annotations": {"modelgate.dev/model-digest": digest}},
                "spec": {
                    "containers": [{"name": "c", "image": "i:1", "envFrom": [{"configMapRef": {"name": "settings"}}]}],
                    "volumes": [{"name": "v", "projected": {"sources": [{"configMap": {"name": "more"}}]}}]
                }
            }
        }
    })
}

#[tokio::test]
async fn every_kind_is_listed_and_followed() {
    let mut watched = watched().await;
    assert!(watched.world.ready() && watched.world.awaited().is_empty());
    let namespace = watched.world.namespaces.named(&watched.namespace).unwrap();
    assert_eq!(namespace.meta.label("modelgate.dev/enforcement"), Some("audit"));
    assert!(watched.world.config_maps.get(&watched.namespace, "kube-root-ca.crt").is_none());

    let api: Api<core::ConfigMap> = Api::namespaced(watched.client.clone(), &watched.namespace);
    let map = json!({"metadata": {"name": "m"}, "data": {"a": "1"}, "binaryData": {"b": "AAE="}, "immutable": true});
    let created = api.create(&PostParams::default(), &serde_json::from_value(map).unwrap()).await.unwrap();
    watched.world.wrote(&watched.release(), Kind::ConfigMap, &created.resource_version().unwrap());
    if watched.world.behind(&watched.release()) {
        watched.caught_up().await;
    }
    let kept = watched.world.config_maps.get(&watched.namespace, "m").unwrap();
    assert!(kept.immutable);
    assert_eq!(kept.data["a"].digest, Digest::of(b"1"));
    assert_eq!(kept.data["b"].digest, Digest::of(&[0, 1]));
    assert_eq!(kept.meta.uid(), created.uid().unwrap());

    api.delete("m", &DeleteParams::default()).await.unwrap();
    watched.world.deleted(&watched.release(), Kind::ConfigMap, &watched.namespace, "m", kept.meta.uid());
    if watched.world.behind(&watched.release()) {
        watched.caught_up().await;
    }
    assert!(watched.world.config_maps.get(&watched.namespace, "m").is_none());
}

#[tokio::test]
async fn a_replica_set_of_the_controller_has_its_deployments_template() {
    let watched = watched().await;
    let created = watched.create_deployment().await;
    let set =
        until("the ReplicaSet", async || watched.world.replica_sets.list(&watched.namespace).first().cloned()).await;
    assert!(set.meta.is_owned_by(&created.uid().unwrap()));
    assert!(set.pod_template_hash().is_some());
    assert_eq!(set.meta.annotation("deployment.kubernetes.io/revision"), Some("1"));
    let kept = watched.world.deployments.get(&watched.namespace, "m").unwrap();
    assert_eq!(kept.template, set.template);
    let facts = kept.template.clone().unwrap();
    assert_eq!(facts.config_maps.iter().map(|name| &**name).collect::<Vec<_>>(), ["more", "settings"]);
    assert_eq!(facts.model_digests.iter().cloned().collect::<Vec<_>>(), [Digest::of(b"model")]);
    assert_eq!(&*kept.strategy.kind, "RollingUpdate");
}

/// Without the floor a cache that lags shows the past: each write is checked right after its answer.
#[tokio::test]
async fn the_cache_is_never_read_from_before_an_own_write() {
    let mut watched = watched().await;
    watched.create_deployment().await;
    let api: Api<apps::Deployment> = Api::namespaced(watched.client.clone(), &watched.namespace);
    let mut was_behind = 0;
    for replicas in 2..42 {
        let patch = Patch::Merge(json!({"spec": {"replicas": replicas}}));
        let written = api.patch("m", &PatchParams::default(), &patch).await.unwrap();
        watched.world.wrote(&watched.release(), Kind::Deployment, &written.resource_version().unwrap());
        if watched.world.behind(&watched.release()) {
            was_behind += 1;
            watched.caught_up().await;
        }
        let kept = watched.world.deployments.get(&watched.namespace, "m").unwrap();
        assert_eq!(kept.replicas, replicas);
    }
    println!("behind after {was_behind} of 40 writes");
    let last = api.get("m").await.unwrap();
    let nothing = Patch::Merge(json!({"spec": {"replicas": 41}}));
    let same = api.patch("m", &PatchParams::default(), &nothing).await.unwrap();
    assert_eq!(same.metadata.generation, last.metadata.generation);
}

#[tokio::test]
async fn an_orphaning_delete_counts_once_the_object_terminates() {
    let mut watched = watched().await;
    watched.create_deployment().await;
    let set =
        until("the ReplicaSet", async || watched.world.replica_sets.list(&watched.namespace).first().cloned()).await;
    let api: Api<apps::ReplicaSet> = Api::namespaced(watched.client.clone(), &watched.namespace);
    api.delete(set.meta.name(), &DeleteParams::orphan()).await.unwrap();
    let release = watched.release();
    watched.world.deleted(&release, Kind::ReplicaSet, &watched.namespace, set.meta.name(), set.meta.uid());
    if watched.world.behind(&release) {
        watched.caught_up().await;
    }
    let now = watched.world.replica_sets.get(&watched.namespace, set.meta.name());
    assert!(now.is_none_or(|now| now.meta.is_terminating() || now.meta.uid() != set.meta.uid()));
}

#[tokio::test]
async fn a_release_is_readable_and_carries_no_managed_fields() {
    let watched = watched().await;
    let api: Api<ModelRelease> = Api::namespaced(watched.client.clone(), &watched.namespace);
    let release = json!({
        "metadata": {"name": "r", "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}"}},
        "spec": {
            "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "m"},
            "model": {"name": "m", "version": "1", "digest": Digest::of(b"model").to_string()},
            "owner": {"team": "lending"}
        }
    });
    api.create(&PostParams::default(), &serde_json::from_value(release).unwrap()).await.unwrap();
    let kept = until("the release", async || watched.world.releases.get(&watched.namespace, "r")).await;
    let release = kept.read().unwrap();
    assert_eq!(release.spec.model.version, "1".into());
    assert_eq!(release.metadata.managed_fields, None);
    assert!(release.annotations().is_empty());
}
