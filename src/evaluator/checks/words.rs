//! Sentences of findings: what was measured, against what, and what to do.

use crate::policy::finding::clean;
pub use crate::policy::finding::figure;
use crate::policy::{Digest, Finding, FindingReason, Gate, Outcome};
use std::fmt::Display;

/// A name that the judged have chosen, short and printable.
pub fn name(text: &str) -> String {
    clean(text, 32)
}

/// What the policy's author says to do, else `otherwise`.
pub fn remedy<'a>(gate: &'a Gate, otherwise: &'a str) -> &'a str {
    gate.remediation.as_deref().unwrap_or(otherwise)
}

/// Evidence that gives no number: its name, then what is wrong with it.
pub fn without_number(
    gate: &Gate,
    (outcome, reason): (Outcome, FindingReason),
    evidence: &str,
    wrong: impl Display,
    digests: impl IntoIterator<Item = Digest>,
) -> Finding {
    let message = format!("{} {wrong}", name(evidence));
    Finding::new(gate.key.clone(), outcome, reason, message).with_evidence(digests)
}
