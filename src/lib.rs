//! Modelgate: release gates for ML models, enforced on Kubernetes. See `docs/architecture.md`.

pub mod api;
pub mod cli;
pub mod evaluator;
pub mod evidence;
pub mod policy;
