//! Everything that talks to the API server.

mod floors;
pub mod lenient;
pub mod prometheus;
pub mod slim;
pub mod store;
pub mod watch;
pub mod world;
