use crate::api::*;
use kube::KubeSchema;
use serde::{Deserialize, Serialize};

/// One number from a Prometheus instant query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[x_kube(validation = Rule::new("has(self.min) || has(self.max)").message("ask for min or max"))]
#[x_kube(validation = Rule::new("!has(self.min) || !has(self.max) || double(self.min) <= double(self.max)").message("no number is at least min and at most max: correct one"))]
pub struct PrometheusCheck {
    /// A provider named in GateConfig.
    pub provider: Name,
    /// PromQL that gives exactly one number. ${namespace}, ${release}, ${deployment} and ${revision} are filled in.
    pub query: Formula,
    /// Smallest good value, in quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<DecimalText>,
    /// Largest good value, in quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<DecimalText>,
}
