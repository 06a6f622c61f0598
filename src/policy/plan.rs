//! The decision-relevant content of all matching policies. Its hash is what approvals bind to.

use super::{Digest, Gate, GateKey, risk::RiskModel};
use serde::{Deserialize, Serialize};

/// At most this many policies and gates apply to one release; more is refused, never cut.
pub const MAX_POLICIES: usize = 16;
pub const MAX_GATES: usize = 128;

/// All matching policies, ordered by name so that the same set always hashes the same.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Plan {
    pub policies: Vec<PolicyPlan>,
}

/// One policy as it applies to this release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PolicyPlan {
    pub name: String,
    pub gates: Vec<Gate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<RiskModel>,
    /// Whether a Deployment that ran before the namespace was governed may be restored to.
    pub adopted_is_baseline: bool,
}

impl Plan {
    pub fn new(mut policies: Vec<PolicyPlan>) -> Self {
        policies.sort_by(|a, b| a.name.cmp(&b.name));
        Self { policies }
    }

    pub fn gates(&self) -> impl Iterator<Item = &Gate> {
        self.policies.iter().flat_map(|policy| policy.gates.iter())
    }

    pub fn gate(&self, key: &GateKey) -> Option<&Gate> {
        self.gates().find(|gate| gate.key == *key)
    }

    pub fn hash(&self) -> Result<Digest, serde_json::Error> {
        Digest::of_json(self)
    }
}
