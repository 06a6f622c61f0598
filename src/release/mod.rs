//! Facts in, decision out. Pure: no client, no clock, no async.
//!
//! `decide` reads top to bottom like the flow in docs/architecture.md: pair, adopt, restore, act, watch,
//! evaluate, wait for people, admit.

mod adopt;
mod answer;
mod approval;
pub mod condition;
mod decide;
pub mod decision;
mod draft;
mod evaluation;
pub mod facts;
mod follow;
mod intervene;
mod notices;
mod order;
mod pairing;
mod restore;
mod running;
mod undone;
mod unreadable;
mod verdict;
mod watch;
mod words;

pub use adopt::{Standing, adoption, standing, unmark};
pub use decide::decide;
pub use decision::{Decision, Step};
pub use draft::later;
pub use facts::Facts;
pub use restore::{left_behind, pending as pending_restore};
pub use undone::undone;
pub use watch::{Asked, counted_at, probe_due, watched};
