//! What wakes a pass, and when.

pub mod queue;
