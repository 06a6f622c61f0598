//! A Deployment, with its template hashed.

use super::compact::Words;
use super::{SlimMeta, TemplateFacts, slim_object};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, LabelSelectorRequirement};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde::Deserialize;
use serde_json::Value;

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(from = "Wire")]
pub struct Deployment {
    pub meta: SlimMeta,
    pub replicas: i32,
    pub paused: bool,
    pub selector: Selector,
    /// None is the API server's default, 10.
    pub revision_history_limit: Option<i32>,
    pub min_ready_seconds: i32,
    pub strategy: Strategy,
    /// The error says which part of the Deployment could not be read, be it outside the template:
    /// the other fields then hold their defaults and mean nothing.
    pub template: Result<TemplateFacts, String>,
    pub status: DeploymentStatus,
}

/// Which pods belong to a Deployment.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Selector {
    #[serde(default)]
    match_labels: Words,
    #[serde(default)]
    match_expressions: Box<[LabelSelectorRequirement]>,
}

impl Selector {
    pub fn to_label_selector(&self) -> LabelSelector {
        let labels = self.match_labels.iter().map(|(key, value)| (key.to_owned(), value.to_owned()));
        LabelSelector {
            match_labels: (!self.match_labels.is_empty()).then(|| labels.collect()),
            match_expressions: (!self.match_expressions.is_empty()).then(|| self.match_expressions.to_vec()),
        }
    }
}

/// How pods are replaced. `kind` is `RollingUpdate` or `Recreate`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(from = "StrategyWire")]
pub struct Strategy {
    pub kind: Box<str>,
    pub max_unavailable: Option<IntOrString>,
    pub max_surge: Option<IntOrString>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DeploymentStatus {
    pub observed_generation: i64,
    pub replicas: i32,
    pub updated_replicas: i32,
    pub available_replicas: i32,
    pub ready_replicas: i32,
    pub conditions: Box<[Condition]>,
}

/// A condition of a built-in object. `status` is `True`, `False` or `Unknown`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Condition {
    #[serde(rename = "type")]
    pub kind: Box<str>,
    pub status: Box<str>,
    pub reason: Box<str>,
}

slim_object!(Deployment, like k8s_openapi::api::apps::v1::Deployment);

impl DeploymentStatus {
    pub fn condition(&self, kind: &str) -> Option<&Condition> {
        self.conditions.iter().find(|condition| &*condition.kind == kind)
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
#[serde(rename_all = "camelCase")]
struct Spec {
    replicas: Option<i32>,
    #[serde(default)]
    paused: bool,
    selector: Selector,
    revision_history_limit: Option<i32>,
    #[serde(default)]
    min_ready_seconds: i32,
    #[serde(default)]
    strategy: Strategy,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StrategyWire {
    #[serde(default, rename = "type")]
    kind: Box<str>,
    rolling_update: Option<RollingUpdate>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RollingUpdate {
    max_unavailable: Option<IntOrString>,
    max_surge: Option<IntOrString>,
}

impl From<StrategyWire> for Strategy {
    fn from(wire: StrategyWire) -> Self {
        let (max_unavailable, max_surge) =
            wire.rolling_update.map(|update| (update.max_unavailable, update.max_surge)).unwrap_or_default();
        Self { kind: wire.kind, max_unavailable, max_surge }
    }
}

impl From<Wire> for Deployment {
    fn from(mut wire: Wire) -> Self {
        let mut template = wire.spec.get_mut("template").map(Value::take).unwrap_or_default();
        let read = Spec::deserialize(wire.spec)
            .map_err(|error| format!("spec: {error}"))
            .and_then(|spec| Ok((spec, TemplateFacts::read(&mut template)?)))
            .and_then(|(spec, facts)| Ok((spec, facts, read_status(wire.status)?)));
        match read {
            Ok((spec, facts, status)) => Self {
                meta: wire.metadata,
                replicas: spec.replicas.unwrap_or(1),
                paused: spec.paused,
                selector: spec.selector,
                revision_history_limit: spec.revision_history_limit,
                min_ready_seconds: spec.min_ready_seconds,
                strategy: spec.strategy,
                template: Ok(facts),
                status,
            },
            Err(error) => Self {
                meta: wire.metadata,
                replicas: 0,
                paused: false,
                selector: Selector::default(),
                revision_history_limit: None,
                min_ready_seconds: 0,
                strategy: Strategy::default(),
                template: Err(super::bounded(error, 512)),
                status: DeploymentStatus::default(),
            },
        }
    }
}

/// A status that is not there yet is all zeros.
pub(super) fn read_status<T: Default + serde::de::DeserializeOwned>(status: Value) -> Result<T, String> {
    if status.is_null() {
        return Ok(T::default());
    }
    T::deserialize(status).map_err(|error| format!("status: {error}"))
}
