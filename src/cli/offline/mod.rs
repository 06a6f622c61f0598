//! The verdict without a cluster: files stand for the API server, this process for the evaluation Job.
//! Facts, decision and words are the operator's own.

mod files;
mod verdict;

pub use files::documents;
pub use files::{FileError, Files};
pub use verdict::{Request, Verdict, VerdictError, verdict};
