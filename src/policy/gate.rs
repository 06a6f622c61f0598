//! One requirement of a policy.

use super::{Check, risk::Tier};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Names a gate across policies. Gates of different policies are never merged.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct GateKey {
    pub policy: String,
    pub gate: String,
}

impl GateKey {
    pub fn new(policy: impl Into<String>, gate: impl Into<String>) -> Self {
        Self { policy: policy.into(), gate: gate.into() }
    }
}

impl fmt::Display for GateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.policy, self.gate)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} does not name a gate: write policy/gate")]
pub struct InvalidGateKey(String);

impl TryFrom<String> for GateKey {
    type Error = InvalidGateKey;
    fn try_from(text: String) -> Result<Self, InvalidGateKey> {
        match text.split_once('/') {
            Some((policy, gate)) if !policy.is_empty() && !gate.is_empty() => Ok(Self::new(policy, gate)),
            Some(_) | None => Err(InvalidGateKey(text.chars().take(80).collect())),
        }
    }
}

impl From<GateKey> for String {
    fn from(key: GateKey) -> String {
        key.to_string()
    }
}

/// How strictly. Ordered from softest to strictest, so `min` gives the weakest of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Enforcement {
    /// A row, nothing else.
    Audit,
    /// A row and an event.
    Warn,
    /// Blocks.
    Enforce,
}

/// How much a gate that does not pass adds to the risk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Stage {
    BeforeRelease,
    AfterRelease,
}

/// What a breach does. Ordered: the strongest of several wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum OnBreach {
    /// Hold where it is; people decide.
    Freeze,
    /// Bring the last good revision's pods back.
    Rollback,
}

/// When an after-release gate is asked, and when its failures add up to a breach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WatchSchedule {
    pub interval_seconds: u64,
    /// Consecutive failures that make a breach.
    pub breach_after: u32,
    /// Consecutive answers without a number after which the watch is called blind.
    pub blind_after: u32,
    pub on_breach: OnBreach,
}

/// One requirement: exactly one check, with how strictly and when it is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Gate {
    pub key: GateKey,
    /// The weakest of namespace, policy and gate.
    pub enforcement: Enforcement,
    pub severity: Severity,
    pub stage: Stage,
    /// Asked only from this risk tier on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_tier: Option<Tier>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watch: Option<WatchSchedule>,
    /// What to do when it does not pass, in the policy author's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remediation: Option<String>,
    pub check: Check,
}
