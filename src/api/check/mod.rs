//! What a gate may ask: one file for each check.

mod approval;
mod data_contract;
mod documentation;
mod drift;
mod explainability;
mod expression;
mod fairness;
mod format;
mod job;
mod metric;
mod privacy;
mod prometheus;
mod provenance;
mod tests;
mod vulnerabilities;

pub use approval::*;
pub use data_contract::*;
pub use documentation::*;
pub use drift::*;
pub use explainability::*;
pub use expression::*;
pub use fairness::*;
pub use format::*;
pub use job::*;
pub use metric::*;
pub use privacy::*;
pub use prometheus::*;
pub use provenance::*;
pub use tests::*;
pub use vulnerabilities::*;
