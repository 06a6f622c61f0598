//! The verdict without a cluster: files stand for the API server, this process for the evaluation Job.
//! Facts, decision and words are the operator's own.

mod files;
mod object;
mod own_jobs;
mod suppose;
mod verdict;

pub use files::{FileError, Files, Found, documents, text};
pub use verdict::{Request, Verdict, VerdictError, verdict};
