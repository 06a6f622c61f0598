//! Modelgate: release gates for ML models, enforced on Kubernetes. See `docs/architecture.md`.

pub mod evidence;
pub mod measure;
pub mod policy;
