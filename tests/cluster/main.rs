//! Tests against a real API server, etcd and controller manager. One module for each subject.
//!
//! They share a cluster of their own, which goes when this process goes. To keep one between runs,
//! start it and name it: `deploy/local/cluster up --control-plane --name x`, then
//! `MODELGATE_TEST_CLUSTER=x cargo test --test cluster`.

mod client;
mod cluster;
mod lease;
mod world;
