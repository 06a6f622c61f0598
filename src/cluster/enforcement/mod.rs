//! Whether the policies that hold are inside the API server, word for word as this program ships them.
//!
//! Every default that the API server would fill in is written out in the shipped files, so what is stored
//! must equal them.

pub mod canary;
mod compare;
pub mod rule;
mod shipped;

pub use compare::{Weakness, compare};
pub use shipped::{Shipped, ShippedError, shipped};

use super::world::World;
use crate::api;
use crate::policy::Digest;

/// The four kinds that the policies are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleKind {
    MutatingPolicy,
    MutatingBinding,
    ValidatingPolicy,
    ValidatingBinding,
}

impl RuleKind {
    pub const ALL: [Self; 4] =
        [Self::MutatingPolicy, Self::MutatingBinding, Self::ValidatingPolicy, Self::ValidatingBinding];

    /// As the API server names it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MutatingPolicy => "MutatingAdmissionPolicy",
            Self::MutatingBinding => "MutatingAdmissionPolicyBinding",
            Self::ValidatingPolicy => "ValidatingAdmissionPolicy",
            Self::ValidatingBinding => "ValidatingAdmissionPolicyBinding",
        }
    }
}

/// What the API server has.
pub trait Installed {
    /// Whether the API server knows the kind.
    fn serves(&self, kind: RuleKind) -> bool;
    /// Digest of the spec of an object; None when there is none of that name.
    fn spec(&self, kind: RuleKind, name: &str) -> Option<Digest>;
    /// Whether the policies find their parameter, and what is wrong with it.
    fn parameter(&self) -> Result<(), String>;
}

impl Installed for World {
    fn serves(&self, kind: RuleKind) -> bool {
        match kind {
            RuleKind::MutatingPolicy => self.mutating_policies.is_served(),
            RuleKind::MutatingBinding => self.mutating_bindings.is_served(),
            RuleKind::ValidatingPolicy => self.validating_policies.is_served(),
            RuleKind::ValidatingBinding => self.validating_bindings.is_served(),
        }
    }

    fn spec(&self, kind: RuleKind, name: &str) -> Option<Digest> {
        match kind {
            RuleKind::MutatingPolicy => self.mutating_policies.named(name).map(|r| r.spec.clone()),
            RuleKind::MutatingBinding => self.mutating_bindings.named(name).map(|r| r.spec.clone()),
            RuleKind::ValidatingPolicy => self.validating_policies.named(name).map(|r| r.spec.clone()),
            RuleKind::ValidatingBinding => self.validating_bindings.named(name).map(|r| r.spec.clone()),
        }
    }

    fn parameter(&self) -> Result<(), String> {
        match self.gate_configs.named(api::GATE_CONFIG) {
            None => Err("does not exist".to_owned()),
            Some(config) => config.read().map(|_| ()).map_err(|problem| format!("cannot be read: {problem}")),
        }
    }
}
