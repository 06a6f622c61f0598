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

/// More threads than this would hold more columns at once than the evaluator has memory for.
const MOST_THREADS: usize = 2;

/// Columns that are looked at side by side: one for each core.
fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| cores.get().min(MOST_THREADS))
}
