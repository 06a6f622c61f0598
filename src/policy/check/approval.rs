use serde::{Deserialize, Serialize};

/// People. Looked at only when everything else is satisfied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Approval {
    pub groups: Vec<String>,
    pub required: u32,
    pub binds: ApprovalBinds,
}

/// What an approval holds on to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ApprovalBinds {
    /// Void when the pod template or the model changes.
    Revision,
    /// Survives changes of the template as long as the model stays.
    Model,
}
