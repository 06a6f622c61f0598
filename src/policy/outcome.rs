//! What a gate came to.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What one gate came to. Ordered from best to worst, so `max` combines. Only `Pass` opens a gate by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Outcome {
    /// Measured, and within what the gate asks.
    Pass,
    /// Not asked at this stage or tier; the row says why.
    Skipped,
    /// Measured and outside, but the gate's enforcement does not block.
    Warn,
    /// Could not be told: too few rows, one group only, an undefined ratio.
    Inconclusive,
    /// The evidence is not there.
    Missing,
    /// The evidence is there and cannot be used, or the evaluation itself broke.
    Error,
    /// Measured, and outside what the gate asks.
    Fail,
}

impl Outcome {
    pub const ALL: [Outcome; 7] = [
        Outcome::Pass,
        Outcome::Skipped,
        Outcome::Warn,
        Outcome::Inconclusive,
        Outcome::Missing,
        Outcome::Error,
        Outcome::Fail,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Pass => "Pass",
            Outcome::Skipped => "Skipped",
            Outcome::Warn => "Warn",
            Outcome::Inconclusive => "Inconclusive",
            Outcome::Missing => "Missing",
            Outcome::Error => "Error",
            Outcome::Fail => "Fail",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
