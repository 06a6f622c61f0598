//! What surrounds the work: options, logs, metrics, health, leadership, shutdown.

pub mod metrics;
