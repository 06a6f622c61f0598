//! The program inside the Job: reads an order and its evidence, answers every gate, leaves one result.

pub mod bring;
pub mod checks;
mod comparison;
mod counted;
pub mod expression;
pub mod fetch;
pub mod order;
mod run;
mod slice;
pub mod sources;
pub mod stage;
pub mod termination;

pub use run::{Ending, EvaluatorError, Options, evaluate, run};
