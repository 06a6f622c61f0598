//! A team's own namespace and what it applies there: one release, `m`, of one Deployment, `m`.

use super::installed::installed;
use super::prometheus::QUERY;
use crate::cluster::cluster;
use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use kube::api::{Api, DeleteParams, ListParams, Patch, PatchParams, PostParams};
use kube::{Client, Resource, ResourceExt};
use modelgate::api::{AdmittedRevision, GateRun, GovernancePolicy, ModelRelease, ReleaseAction};
use modelgate::policy::Digest;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::fmt::Debug;
use std::time::{Duration, Instant};

/// Longest that anything takes, on a machine that is busy with other things too.
pub const PATIENCE: Duration = Duration::from_secs(120);

pub struct Place {
    pub namespace: String,
    pub client: Client,
}

impl Place {
    /// `mode` is the namespace's label `modelgate.dev/enforcement`; empty leaves it out.
    pub async fn new(mode: &str) -> Self {
        let labels = [("modelgate.dev/enforcement", mode)];
        let labels = if mode.is_empty() { &labels[..0] } else { &labels[..] };
        Self { namespace: cluster().namespace(labels).await, client: cluster().client().await }
    }

    pub fn api<K>(&self) -> Api<K>
    where
        K: Resource<Scope = k8s_openapi::NamespaceResourceScope>,
        K::DynamicType: Default,
    {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    /// Applies as the team does. The name is in the object.
    pub async fn apply<K>(&self, api: Api<K>, object: &Value) -> K
    where
        K: Resource + Clone + DeserializeOwned + Debug,
    {
        let name = object["metadata"]["name"].as_str().unwrap();
        // As kubectl does: a misspelt field must not vanish.
        let strictly = PatchParams::apply("team").force().validation_strict();
        api.patch(name, &strictly, &Patch::Apply(object)).await.unwrap()
    }

    /// A policy for this namespace alone.
    pub async fn policy(&self, gates: Value) {
        let api: Api<GovernancePolicy> = Api::all(self.client.clone());
        self.apply(api, &policy(&self.namespace, gates)).await;
    }

    /// Evidence of a version: its accuracy, in a ConfigMap that never changes.
    pub async fn evidence(&self, name: &str, accuracy: f64) {
        let map = json!({"metadata": {"name": name}, "immutable": true,
            "data": {"metrics.json": json!({"accuracy": accuracy}).to_string()}});
        let map: ConfigMap = serde_json::from_value(map).unwrap();
        self.api().create(&PostParams::default(), &map).await.unwrap();
    }

    pub async fn release(&self, version: &str, evidence: &str) -> ModelRelease {
        self.apply(self.api(), &release(version, evidence)).await
    }

    /// Applies what may differ from [`deployment`].
    pub async fn deployment(&self, manifest: &Value) -> Deployment {
        self.apply(self.api(), manifest).await
    }

    /// Waits until the Deployment is there and is as asked for.
    pub async fn deployed(&self, what: &str, is: impl Fn(&Deployment) -> bool) -> Deployment {
        self.until(what, async || self.api::<Deployment>().get_opt("m").await.unwrap().filter(&is)).await
    }

    pub async fn get_release(&self) -> ModelRelease {
        self.api().get("m").await.unwrap()
    }

    /// Waits until the release's condition has this status and reason.
    pub async fn says(&self, kind: &str, status: &str, reason: &str) -> ModelRelease {
        let what = format!("{kind}={status}/{reason}");
        self.until(&what, async || {
            let release = self.get_release().await;
            (said(&release, kind) == Some((status.to_owned(), reason.to_owned()))).then_some(release)
        })
        .await
    }

    /// The release serves this version, and its pods do.
    pub async fn serves(&self, version: &str, replicas: usize) -> ModelRelease {
        self.until(&format!("version {version} to serve"), async || {
            let (ready, all) = (self.pods(version, true).await, self.all_pods().await);
            let release = self.get_release().await;
            let current = release.status.as_ref().and_then(|s| s.observed_generation) == release.metadata.generation;
            let released = said(&release, "Ready") == Some(("True".to_owned(), "Released".to_owned()));
            (ready == replicas && all.len() == replicas && current && released).then_some(release)
        })
        .await
    }

    /// Pods of a version, its ready ones or all.
    pub async fn pods(&self, version: &str, ready: bool) -> usize {
        let digest = digest(version);
        let of_version = |p: &&Pod| p.annotations().get(MODEL_DIGEST) == Some(&digest);
        self.all_pods().await.iter().filter(of_version).filter(|p| !ready || is_ready(p)).count()
    }

    /// All pods of the Deployment that are not on their way out.
    pub async fn all_pods(&self) -> Vec<Pod> {
        let pods = listed(&self.api::<Pod>(), &ListParams::default().labels("app=m")).await;
        pods.into_iter().filter(|p| p.metadata.deletion_timestamp.is_none()).collect()
    }

    pub async fn list<K>(&self) -> Vec<K>
    where
        K: Resource<Scope = k8s_openapi::NamespaceResourceScope> + Clone + DeserializeOwned + Debug,
        K::DynamicType: Default,
    {
        listed(&self.api::<K>(), &ListParams::default()).await
    }

    pub async fn replica_sets(&self) -> Vec<ReplicaSet> {
        self.list().await
    }

    /// The record of a version's admission.
    pub async fn admitted(&self, version: &str) -> AdmittedRevision {
        let of_version = |a: &AdmittedRevision| a.spec.model_digest.as_deref() == Some(&*digest(version));
        let what = format!("the record of version {version}");
        self.until(&what, async || self.list().await.into_iter().find(of_version)).await
    }

    /// Digests that GateConfig guards here.
    pub async fn guarded(&self) -> Vec<String> {
        let config: modelgate::api::GateConfig = Api::all(self.client.clone()).get("modelgate").await.unwrap();
        let guarded = config.status.into_iter().flat_map(|s| s.guarded);
        guarded.filter(|g| *g.namespace == *self.namespace).map(|g| g.digest.to_string()).collect()
    }

    pub async fn runs(&self) -> Vec<GateRun> {
        self.list().await
    }

    /// Asks for something as this client's user; the API server's words if it refuses.
    pub async fn act(
        &self,
        client: Client,
        name: &str,
        verb: &str,
        revision: Option<&str>,
    ) -> Result<ReleaseAction, String> {
        let mut action = json!({"apiVersion": "modelgate.dev/v1alpha1", "kind": "ReleaseAction", "metadata": {"name": name},
            "spec": {"releaseName": "m", "action": verb, "reason": "a story"}});
        if let Some(revision) = revision {
            action["spec"]["revision"] = revision.into();
        }
        let action = serde_json::from_value(action).unwrap();
        let api: Api<ReleaseAction> = Api::namespaced(client, &self.namespace);
        api.create(&PostParams::default(), &action).await.map_err(|e| e.to_string())
    }

    /// Gives a user a ClusterRole here; returns their own client.
    pub async fn person(&self, user: &str, groups: &[&str], role: &str) -> Client {
        let name = format!("{role}-{}", Digest::of(user.as_bytes()).short(8));
        let (role, user_flag) = (format!("--clusterrole={role}"), format!("--user={user}"));
        cluster().kubectl(&["-n", &self.namespace, "create", "rolebinding", &name, &role, &user_flag]);
        cluster().client_as(user, groups).await
    }

    /// Waits until the answer is there; shows what is there instead when that takes too long.
    pub async fn until<T>(&self, what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let kinds = "deployments,replicasets,pods,jobs,gateruns,admittedrevisions,releaseactions";
        let there = cluster().try_kubectl(&["-n", &self.namespace, "get", kinds]);
        let release = cluster().try_kubectl(&["-n", &self.namespace, "get", "modelreleases", "-o", "yaml"]);
        panic!(
            "waited too long for {what} in {}\n{}\n{}",
            self.namespace,
            there.unwrap_or_default(),
            release.unwrap_or_default()
        );
    }

    pub async fn delete<K>(&self, name: &str)
    where
        K: Resource<Scope = k8s_openapi::NamespaceResourceScope> + Clone + DeserializeOwned + Debug,
        K::DynamicType: Default,
    {
        self.api::<K>().delete(name, &DeleteParams::default()).await.unwrap();
    }
}

/// An API server whose cache of a kind is being filled says so, and when to ask again.
async fn listed<K: Clone + DeserializeOwned + Debug>(api: &Api<K>, which: &ListParams) -> Vec<K> {
    for _ in 0..PATIENCE.as_secs() {
        match api.list(which).await {
            Err(kube::Error::Api(status)) if status.code == 429 => tokio::time::sleep(Duration::from_secs(1)).await,
            found => return found.unwrap().items,
        }
    }
    panic!("the API server never came to list what was asked for");
}

impl Drop for Place {
    fn drop(&mut self) {
        // What a failed test leaves is there to be looked at while the cluster lives.
        if !std::thread::panicking() {
            let _ = cluster().try_kubectl(&["delete", "namespace", &self.namespace, "--wait=false"]);
            let _ = cluster().try_kubectl(&["delete", "governancepolicy", &self.namespace, "--ignore-not-found"]);
        }
    }
}

pub const MODEL_DIGEST: &str = "modelgate.dev/model-digest";
pub const MARK: &str = "modelgate.dev/admitted";

pub fn digest(version: &str) -> String {
    Digest::of(format!("model {version}").as_bytes()).to_string()
}

pub fn policy(namespace: &str, gates: Value) -> Value {
    json!({"apiVersion": "modelgate.dev/v1alpha1", "kind": "GovernancePolicy", "metadata": {"name": namespace},
        "spec": {"match": {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}},
            "enforcement": "Enforce", "gates": gates}})
}

/// Asked by the evaluator, before release.
pub fn accuracy_gate() -> Value {
    json!({"name": "accuracy", "severity": "High", "metric": {"evidence": "metrics", "name": "accuracy", "min": "0.75"}})
}

/// Asked of Prometheus every second; three failures are a breach.
pub fn denied_gate(on_breach: &str) -> Value {
    json!({"name": "denied", "severity": "High",
        "watch": {"interval": "1s", "breachAfter": 3, "blindAfter": 5, "onBreach": on_breach},
        "prometheus": {"provider": "main", "query": QUERY, "max": "0.3"}})
}

pub fn release(version: &str, evidence: &str) -> Value {
    json!({"apiVersion": "modelgate.dev/v1alpha1", "kind": "ModelRelease", "metadata": {"name": "m"},
    "spec": {
        "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "m"},
        "model": {"name": "m", "version": version, "digest": digest(version)},
        "owner": {"team": "lending"},
        "evidence": [{"name": "metrics", "configMap": {"name": evidence, "key": "metrics.json"}}]
    }})
}

pub fn deployment(version: &str, replicas: i32) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "m"},
    "spec": {
        "replicas": replicas,
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
        "selector": {"matchLabels": {"app": "m"}},
        "template": {
            "metadata": {"labels": {"app": "m"}, "annotations": {MODEL_DIGEST: digest(version)}},
            "spec": {
                "automountServiceAccountToken": false,
                "terminationGracePeriodSeconds": 1,
                "containers": [{"name": "server", "image": installed().model_server, "imagePullPolicy": "IfNotPresent"}]
            }
        }
    }})
}

/// Status and reason of a condition.
pub fn said(release: &ModelRelease, kind: &str) -> Option<(String, String)> {
    let conditions = &release.status.as_ref()?.conditions;
    let found = conditions.iter().find(|c| c.type_ == kind)?;
    Some((format!("{:?}", found.status), found.reason.clone()))
}

pub fn message(release: &ModelRelease, kind: &str) -> String {
    let conditions = release.status.iter().flat_map(|s| &s.conditions);
    conditions.filter(|c| c.type_ == kind).map(|c| c.message.clone()).collect()
}

pub fn mark(deployment: &Deployment) -> Option<String> {
    deployment.annotations().get(MARK).cloned()
}

pub fn is_paused(deployment: &Deployment) -> bool {
    deployment.spec.as_ref().and_then(|s| s.paused).unwrap_or(false)
}

/// The Deployment controller has seen the latest write: what it has not started by now it will not.
pub fn is_seen(deployment: &Deployment) -> bool {
    deployment.status.as_ref().and_then(|s| s.observed_generation) == deployment.metadata.generation
}

fn is_ready(pod: &Pod) -> bool {
    let conditions = pod.status.iter().flat_map(|s| s.conditions.iter().flatten());
    conditions.into_iter().any(|c| c.type_ == "Ready" && c.status == "True")
}
