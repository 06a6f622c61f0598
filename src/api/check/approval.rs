use crate::api::*;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How many people of which groups must approve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
pub struct ApprovalCheck {
    /// A person of any of these groups counts. Who wrote the release, or changed the Deployment last, never does.
    #[schemars(length(min = 1, max = 16))]
    #[x_kube(merge_strategy = ListMerge::Set)]
    pub groups: Vec<UserName>,
    /// How many different people.
    #[schemars(range(min = 1, max = 16))]
    pub required: u32,
    /// Revision: void when template or model change. Model: survives template-only changes.
    #[serde(default)]
    pub binds: ApprovalBindsName,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum ApprovalBindsName {
    #[default]
    Revision,
    Model,
}
