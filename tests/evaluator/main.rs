//! The real program on real files, as the Job runs it.

mod bad_evidence;
mod docs;
mod expressions;
mod formats;
mod job;
mod mortgage;
mod not_evaluable;
#[path = "../pages/mod.rs"]
mod pages;
mod results;
mod unknown_keys;
