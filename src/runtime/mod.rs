//! What surrounds the work: options, logs, metrics, health, leadership, shutdown.

pub mod client;
pub mod health;
pub mod lease;
pub mod logs;
pub mod metrics;
pub mod options;
pub mod shutdown;
