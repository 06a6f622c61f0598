//! A Namespace: its labels.

use super::{SlimMeta, slim_object};
use serde::Deserialize;

#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Namespace {
    #[serde(rename = "metadata")]
    pub meta: SlimMeta,
}

slim_object!(Namespace, like k8s_openapi::api::core::v1::Namespace);
