//! The real program on real files, as the Job runs it.

mod bad_evidence;
mod docs;
mod expressions;
mod job;
mod mortgage;
mod results;
