//! The verdict without a cluster: files stand for the API server, this process for the evaluation Job.
//! Facts, decision and words are the operator's own.

mod error;
mod files;
mod object;
mod own_jobs;
mod schema;
mod suppose;
mod verdict;
mod yaml;

pub use error::FileError;
pub use files::{Files, Found, text};
pub use verdict::{Request, Verdict, VerdictError, verdict};
pub use yaml::documents;
