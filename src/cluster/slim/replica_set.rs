//! A ReplicaSet, with its template hashed the way its Deployment's is.

use super::deployment::read_status;
use super::template::HASH_LABEL;
use super::{SlimMeta, TemplateFacts, slim_object};
use serde::Deserialize;
use serde_json::Value;

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(from = "Wire")]
pub struct ReplicaSet {
    pub meta: SlimMeta,
    /// What `spec.replicas` asks for.
    pub replicas: i32,
    /// Equal to the Deployment's facts when it was made from that template. The error says which
    /// part of the ReplicaSet could not be read.
    pub template: Result<TemplateFacts, String>,
    pub status: ReplicaSetStatus,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ReplicaSetStatus {
    pub observed_generation: i64,
    pub replicas: i32,
    pub ready_replicas: i32,
    pub available_replicas: i32,
}

slim_object!(ReplicaSet, like k8s_openapi::api::apps::v1::ReplicaSet);

impl ReplicaSet {
    /// The value of the label `pod-template-hash`, which its pods carry too.
    pub fn pod_template_hash(&self) -> Option<&str> {
        self.meta.label(HASH_LABEL)
    }
}

#[derive(Deserialize)]
struct Wire {
    metadata: SlimMeta,
    #[serde(default)]
    spec: Value,
    #[serde(default)]
    status: Value,
}

#[derive(Deserialize)]
struct Spec {
    replicas: Option<i32>,
}

impl From<Wire> for ReplicaSet {
    fn from(mut wire: Wire) -> Self {
        let mut template = wire.spec.get_mut("template").map(Value::take).unwrap_or_default();
        let read = Spec::deserialize(wire.spec)
            .map_err(|error| format!("spec: {error}"))
            .and_then(|spec| Ok((spec, TemplateFacts::read(&mut template)?)))
            .and_then(|(spec, facts)| Ok((spec, facts, read_status(wire.status)?)));
        match read {
            Ok((spec, facts, status)) => {
                Self { meta: wire.metadata, replicas: spec.replicas.unwrap_or(1), template: Ok(facts), status }
            }
            Err(error) => Self {
                meta: wire.metadata,
                replicas: 0,
                template: Err(super::bounded(error, 512)),
                status: ReplicaSetStatus::default(),
            },
        }
    }
}
