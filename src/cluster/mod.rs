//! Everything that talks to the API server.

mod floors;
pub mod lenient;
pub mod probes;
pub mod prometheus;
pub mod slim;
pub mod store;
pub mod watch;
pub mod world;
pub mod apply;
pub mod events;
pub mod gather;
pub mod jobs;
pub mod records;
pub mod report;
mod restore_steps;
pub mod start_trouble;
pub mod workload;
pub mod writer;
