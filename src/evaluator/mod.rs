//! The program inside the Job: reads an order and its evidence, answers every gate, leaves one result.

pub mod expression;
pub mod fetch;
pub mod stage;
