use crate::policy::Limits;
use serde::{Deserialize, Serialize};

/// One number from a Prometheus query, after release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Prometheus {
    pub provider: String,
    pub query: String,
    #[serde(flatten)]
    pub limits: Limits,
}
