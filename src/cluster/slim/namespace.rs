//! A Namespace: its labels.

use super::{SlimMeta, kept_in};
use serde::Deserialize;

#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Namespace {
    #[serde(rename = "metadata")]
    pub meta: SlimMeta,
}

kept_in!(
    Namespace,
    k8s_openapi::ClusterResourceScope,
    "",
    "v1",
    "Namespace",
    "namespaces"
);
