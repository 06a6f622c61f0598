//! The decision, from facts alone: stories run on a pure model of the cluster to their fixed points.

mod actions;
mod admission;
mod api_server;
mod approvals;
mod breach;
mod checked;
mod cluster;
mod crash;
mod evaluation;
mod gathered;
mod make;
mod onboarding;
mod orders;
mod own_jobs;
mod pairing;
mod records;
mod replay;
mod restore;
mod world;
