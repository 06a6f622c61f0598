//! Custom resource types of `modelgate.dev/v1alpha1`: shapes, bounds, rules and explain texts only.

mod admitted_revision;
mod check;
mod crds;
mod gate;
mod gate_config;
mod gate_run;
mod governance_policy;
mod meta;
mod model_release;
mod release_action;
mod release_approval;
mod text;

pub use admitted_revision::*;
pub use check::*;
pub use crds::{all as crds, explain_pages};
pub use gate::*;
pub use gate_config::*;
pub use gate_run::*;
pub use governance_policy::*;
pub use meta::*;
pub use model_release::*;
pub use release_action::*;
pub use release_approval::*;
pub use text::*;

pub const GROUP: &str = "modelgate.dev";
pub const VERSION: &str = "v1alpha1";

/// Labels and annotations: names are for ever.
pub mod labels {
    /// Namespace label: `enforce` or `audit`.
    pub const ENFORCEMENT: &str = "modelgate.dev/enforcement";
    /// Pod template annotation that names the model: `sha256:…`.
    pub const MODEL_DIGEST: &str = "modelgate.dev/model-digest";
    /// Mark on an admitted Deployment and its ReplicaSets: the revision. Written by the operator alone.
    pub const ADMITTED: &str = "modelgate.dev/admitted";
    /// Stamped on a Deployment: who changed the template last.
    pub const CHANGED_BY: &str = "modelgate.dev/changed-by";
    /// On a ReplicaSet: when the operator last touched it to wake the Deployment controller.
    pub const WOKEN_AT: &str = "modelgate.dev/woken-at";
    /// On what the operator makes: the release's name.
    pub const RELEASE: &str = "modelgate.dev/release";
    /// On evaluation Jobs and pods: the GateRun's name.
    pub const RUN: &str = "modelgate.dev/run";
    /// On Jobs and pods of a gate's own: the gate's name.
    pub const GATE: &str = "modelgate.dev/gate";
    /// On evaluator pods: the order, as JSON, read through the downward API.
    pub const ORDER: &str = "modelgate.dev/order";
    /// On evaluator Jobs: digest of the Job's own spec, so that a foreign Job is told apart.
    pub const SPEC_HASH: &str = "modelgate.dev/spec-hash";
    /// `kubectl rollout restart` writes this; it never makes a new revision.
    pub const RESTARTED_AT: &str = "kubectl.kubernetes.io/restartedAt";
}
