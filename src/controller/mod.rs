//! The loop: watches and due times wake passes; a pass gathers, decides, applies, reports.

mod onboarding;
mod operator;
mod pass;
mod policy_status;
pub mod queue;
mod wake;

pub use operator::{Operator, OperatorError};
