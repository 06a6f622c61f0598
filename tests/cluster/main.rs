//! Tests against a real Kubernetes with one node. One module for each subject.
//!
//! They share a cluster of their own, which goes when this process goes. To keep one between runs,
//! start it and name it: `deploy/local/cluster up --name x`, then
//! `MODELGATE_TEST_CLUSTER=x cargo test --test cluster`. They mostly wait: `-- --test-threads 8` is
//! faster than one thread for each core.

mod admission;
mod bad_input;
mod client;
mod cluster;
mod crash;
mod enforcement;
mod forged;
mod lease;
mod onboarding;
mod orders;
mod own_jobs;
#[path = "../pages/mod.rs"]
mod pages;
mod refusals;
#[path = "../refused/mod.rs"]
mod refused;
mod restore;
mod same_verdict;
mod silence;
mod stage;
mod two_operators;
mod world;
mod written;
