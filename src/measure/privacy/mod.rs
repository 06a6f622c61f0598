//! What a table says about people: personal data in cells, tokens that are none, rows that stand alone.
//! What counts as found, and what only looks so: `docs/checks/privacy.md`.

pub mod anonymity;
pub mod clear_text;
mod detect;
mod names;
pub mod personal;
pub mod redaction;

pub use detect::{Hits, scan};
