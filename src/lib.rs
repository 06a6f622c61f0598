//! Modelgate: release gates for ML models, enforced on Kubernetes. See `docs/architecture.md`.

pub mod api;
pub mod cluster;
pub mod controller;
pub mod policy;
pub mod runtime;
