//! What a gate may ask: one file for each check.

mod approval;
mod documentation;
mod drift;
mod expression;
mod fairness;
mod metric;
mod prometheus;

pub use approval::*;
pub use documentation::*;
pub use drift::*;
pub use expression::*;
pub use fairness::*;
pub use metric::*;
pub use prometheus::*;
