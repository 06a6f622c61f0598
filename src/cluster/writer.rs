//! One release's writes: counted, remembered for the cache, with errors sorted by what to do next.

use super::jobs::EvaluatorPod;
use super::world::{Kind, ReleaseKey, World};
use crate::runtime::metrics::Metrics;
use kube::api::{Api, DeleteParams, Patch, PatchParams, PostParams, Preconditions, PropagationPolicy};
use kube::{Client, Resource, ResourceExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Debug;
use std::future::Future;
use std::sync::Arc;

/// What a failed write asks for.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The object moved on, or a test in the patch failed: gather again.
    #[error("{kind} {name} has changed meanwhile")]
    Conflict { kind: &'static str, name: String },
    /// Refused, and will be again until somebody changes something.
    #[error("{verb} {kind} {name} was refused: {message}")]
    Refused { kind: &'static str, verb: &'static str, name: String, message: String },
    #[error("{verb} {kind} {name}: {source}")]
    Api { kind: &'static str, verb: &'static str, name: String, source: kube::Error },
    #[error("{kind} {name} cannot be written: {message}")]
    Unwritable { kind: &'static str, name: String, message: String },
}

#[derive(Clone)]
pub struct Writer {
    pub client: Client,
    pub world: Arc<World>,
    pub metrics: Arc<Metrics>,
    pub key: ReleaseKey,
    pub evaluator: EvaluatorPod,
}

impl Writer {
    pub fn namespaced<K>(&self) -> Api<K>
    where
        K: Resource<Scope = k8s_openapi::NamespaceResourceScope>,
        K::DynamicType: Default,
    {
        Api::namespaced(self.client.clone(), &self.key.namespace)
    }

    pub async fn create<K>(&self, api: &Api<K>, kind: Kind, object: &K) -> Result<Option<K>, WriteError>
    where
        K: Resource + Clone + DeserializeOwned + Serialize + Debug,
    {
        let name = object.name_any();
        match self.counted(kind, "create", &name, api.create(&PostParams::default(), object)).await {
            Ok(made) => {
                self.remember(kind, &made);
                Ok(Some(made))
            }
            Err(WriteError::Api { source: kube::Error::Api(status), .. }) if status.is_already_exists() => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub async fn patch<K, P>(&self, api: &Api<K>, kind: Kind, name: &str, patch: &Patch<P>) -> Result<K, WriteError>
    where
        K: Resource + Clone + DeserializeOwned + Debug,
        P: Serialize + Debug,
    {
        let written = self.counted(kind, "patch", name, api.patch(name, &PatchParams::default(), patch)).await?;
        self.remember(kind, &written);
        Ok(written)
    }

    /// Patches what the cache never holds: it could not tell when it shows the write.
    pub async fn patch_unwatched<K, P>(
        &self,
        api: &Api<K>,
        kind: Kind,
        name: &str,
        patch: &Patch<P>,
    ) -> Result<(), WriteError>
    where
        K: Resource + Clone + DeserializeOwned + Debug,
        P: Serialize + Debug,
    {
        self.counted(kind, "patch", name, api.patch(name, &PatchParams::default(), patch)).await.map(|_| ())
    }

    pub async fn patch_status<K, P>(
        &self,
        api: &Api<K>,
        kind: Kind,
        name: &str,
        patch: &Patch<P>,
    ) -> Result<K, WriteError>
    where
        K: Resource + Clone + DeserializeOwned + Debug,
        P: Serialize + Debug,
    {
        let written =
            self.counted(kind, "patch status of", name, api.patch_status(name, &PatchParams::default(), patch)).await?;
        self.remember(kind, &written);
        Ok(written)
    }

    /// Deletes if it is still that very object. Gone or replaced is as good as deleted.
    pub async fn delete<K>(
        &self,
        api: &Api<K>,
        kind: Kind,
        name: &str,
        uid: &str,
        resource_version: Option<&str>,
        policy: PropagationPolicy,
    ) -> Result<(), WriteError>
    where
        K: Resource + Clone + DeserializeOwned + Debug,
    {
        let params = DeleteParams {
            propagation_policy: Some(policy),
            preconditions: Some(Preconditions {
                uid: Some(uid.to_owned()),
                resource_version: resource_version.map(str::to_owned),
            }),
            ..DeleteParams::default()
        };
        match self.counted(kind, "delete", name, api.delete(name, &params)).await {
            Ok(_) => {
                self.world.deleted(&self.key, kind, &self.key.namespace, name, uid);
                Ok(())
            }
            Err(WriteError::Conflict { .. }) => Ok(()),
            Err(WriteError::Api { source: kube::Error::Api(status), .. }) if status.is_not_found() => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn remember<K: Resource>(&self, kind: Kind, object: &K) {
        if let Some(version) = &object.meta().resource_version {
            self.world.wrote(&self.key, kind, version);
        }
    }

    /// The object as the API server holds it; None when it is gone.
    pub async fn read<K>(&self, kind: Kind, name: &str) -> Result<Option<K>, WriteError>
    where
        K: Resource<Scope = k8s_openapi::NamespaceResourceScope> + Clone + DeserializeOwned + Debug,
        K::DynamicType: Default,
    {
        self.namespaced::<K>().get_opt(name).await.map_err(|error| sort(kind.name(), "get", name, error))
    }

    async fn counted<T>(
        &self,
        kind: Kind,
        verb: &'static str,
        name: &str,
        call: impl Future<Output = kube::Result<T>>,
    ) -> Result<T, WriteError> {
        let result = call.await.map_err(|error| sort(kind.name(), verb, name, error));
        self.metrics.write(kind.name(), verb, if result.is_ok() { "ok" } else { "error" });
        result
    }
}

/// A failed test in a JSON patch is a 422 without causes; a truly invalid object has at least one.
fn sort(kind: &'static str, verb: &'static str, name: &str, source: kube::Error) -> WriteError {
    let name = name.to_owned();
    match source {
        kube::Error::Api(status) if status.is_conflict() => WriteError::Conflict { kind, name },
        kube::Error::Api(status) if status.code == 422 || status.is_forbidden() => {
            let causes = status.details.as_ref().is_some_and(|d| !d.causes.is_empty());
            if status.code == 422 && !causes && status.message.contains("testing") {
                return WriteError::Conflict { kind, name };
            }
            WriteError::Refused { kind, verb, name, message: status.message }
        }
        source => WriteError::Api { kind, verb, name, source },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{Request, Response};
    use k8s_openapi::api::core::v1::Pod;
    use kube::client::Body;
    use serde_json::json;
    use std::convert::Infallible;

    /// The cache holds evaluation pods only: it would wait for ever for a write to another one.
    #[tokio::test]
    async fn only_a_patch_of_what_the_cache_holds_is_waited_for() {
        let service = tower::service_fn(|_: Request<Body>| async {
            let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "resourceVersion": "9"}});
            Ok::<_, Infallible>(Response::new(Body::from(serde_json::to_vec(&pod).unwrap())))
        });
        let writer = Writer {
            client: Client::new(service, "default"),
            world: Arc::new(World::new(|_, _| {})),
            metrics: Arc::new(Metrics::new()),
            key: ReleaseKey::new("lending", "m"),
            evaluator: EvaluatorPod { image: String::new(), service_account: None },
        };
        let (pods, patch) = (writer.namespaced::<Pod>(), Patch::Merge(json!({})));
        writer.patch_unwatched(&pods, Kind::Pod, "p", &patch).await.unwrap();
        assert!(!writer.world.behind(&writer.key));
        writer.patch(&pods, Kind::Pod, "p", &patch).await.unwrap();
        assert!(writer.world.behind(&writer.key));
    }
}
