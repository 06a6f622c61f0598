//! Everything that talks to the API server.

pub mod apply;
pub mod enforcement;
mod evaluation_job;
pub mod events;
mod floors;
pub mod gather;
pub mod jobs;
pub mod lenient;
pub mod probes;
pub mod prometheus;
pub mod records;
pub mod report;
mod restore_steps;
pub mod slim;
pub mod start_trouble;
pub mod store;
pub mod watch;
pub mod workload;
pub mod world;
pub mod writer;
