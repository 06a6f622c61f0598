//! Modelgate: release gates for ML models, enforced on Kubernetes. See `docs/architecture.md`.

pub mod api;
pub mod cli;
pub mod cluster;
pub mod controller;
pub mod evaluator;
pub mod evidence;
pub mod intake;
pub mod measure;
pub mod policy;
pub mod release;
pub mod runtime;
