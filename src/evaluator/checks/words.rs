//! Sentences of findings: what was measured, against what, and what to do.

use crate::policy::finding::clean;
pub use crate::policy::finding::figure;
use crate::policy::{Digest, Finding, FindingReason, Gate, Outcome};
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::fmt::Display;

/// Clocks of those who write evidence may be ahead of ours by this much.
const AHEAD_SECONDS: i64 = 300;

/// A name that the judged have chosen, short and printable.
pub fn name(text: &str) -> String {
    clean(text, 32)
}

/// What the policy's author says to do, else `otherwise`.
pub fn remedy<'a>(gate: &'a Gate, otherwise: &'a str) -> &'a str {
    gate.remediation.as_deref().unwrap_or(otherwise)
}

/// What was found, and unless that is a pass what to do about it.
pub fn with_remedy(gate: &Gate, outcome: Outcome, message: String, otherwise: &str) -> String {
    match outcome {
        Outcome::Pass => message,
        Outcome::Skipped
        | Outcome::Warn
        | Outcome::Inconclusive
        | Outcome::Missing
        | Outcome::Error
        | Outcome::Fail => format!("{message}; {}", remedy(gate, otherwise)),
    }
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

/// Why a report is not known to be about the release's model.
pub fn elsewhere(subjects: &BTreeSet<Digest>, model: Option<&Digest>) -> Option<(Outcome, FindingReason, String)> {
    match model {
        Some(model) if subjects.contains(model) => None,
        Some(model) if !subjects.is_empty() => {
            let wrong = format!("is not about the model {}", model.short(12));
            Some((Outcome::Error, FindingReason::OtherSubject, wrong))
        }
        Some(_) | None => {
            let wrong = "does not say by digest what it is about".to_owned();
            Some((Outcome::Inconclusive, FindingReason::SubjectUnknown, wrong))
        }
    }
}

/// Why something is not known to be recent enough.
pub fn stale(made: Option<Timestamp>, most: u64, now: Option<Timestamp>) -> Option<String> {
    let (Some(made), Some(now)) = (made, now) else { return Some("does not say when it was made".to_owned()) };
    let age = now.duration_since(made).as_secs();
    match u64::try_from(age) {
        Ok(age) if age <= most => None,
        Ok(age) => Some(format!("is {} h old; at most {} h are allowed", age / 3600, most / 3600)),
        Err(_) if age >= -AHEAD_SECONDS => None,
        Err(_) => Some("is dated in the future".to_owned()),
    }
}
