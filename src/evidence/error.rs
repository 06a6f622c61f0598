//! Why a document gives no value, and what that comes to.

use crate::policy::{FindingReason, Format, Outcome, Subject};

/// Written to be read after the name of the evidence: `metrics is not UTF-8 at byte 12`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceError {
    #[error("is empty; release with evidence that says something")]
    Empty,
    #[error("is not UTF-8 at byte {at}; write it as UTF-8 and release that")]
    NotUtf8 { at: usize },
    #[error("is a table ({format}), and a document is asked for; release with one, or ask of rows in the policy")]
    Table { format: &'static str },
    #[error("has more than {limit} {what}; release with a smaller one")]
    TooLarge { what: &'static str, limit: usize },
    #[error("cannot be read as {format}: {why}; write it again and release that")]
    Unreadable { format: &'static str, why: String },
    #[error("looks like {format}, but {at} is not {expected}")]
    Shape { format: Format, at: String, expected: &'static str },
    #[error("is {format}, which holds no {}", .subject.words())]
    OtherFormat { format: Format, subject: Subject },
    #[error("is {syntax} of no known format that holds {}; name the format in the policy if it is one", .subject.words())]
    Unrecognised { syntax: &'static str, subject: Subject },
    #[error(
        "is {format} without a list of vulnerabilities: nobody looked for any; scan it and release with what that finds"
    )]
    NotScanned { format: Format },
    #[error("was broken off ({format}): {why}; run it to its end and release that")]
    Unfinished { format: Format, why: String },
    #[error("is {format} that nobody signed")]
    Unsigned { format: Format },
    #[error("has {what}, which is not a finite number; measure again and release that")]
    NotFinite { what: String },
    #[error("has no metric {name:?}; it has {present}; measure it and release that")]
    MetricMissing { name: String, present: String },
    #[error("has {kind} where metric {name:?} should be a number; write one and release that")]
    NotANumber { name: String, kind: &'static str },
}

impl EvidenceError {
    /// Never a pass: what is absent is `Missing`, what is there and of no use is `Error`.
    pub fn verdict(&self) -> (Outcome, FindingReason) {
        match self {
            EvidenceError::Empty => (Outcome::Missing, FindingReason::EvidenceEmpty),
            EvidenceError::MetricMissing { .. } => (Outcome::Missing, FindingReason::MetricMissing),
            EvidenceError::Unsigned { .. } => (Outcome::Fail, FindingReason::SignatureMissing),
            EvidenceError::NotScanned { .. } => (Outcome::Inconclusive, FindingReason::NothingScanned),
            EvidenceError::NotUtf8 { .. }
            | EvidenceError::Table { .. }
            | EvidenceError::Unreadable { .. }
            | EvidenceError::Shape { .. }
            | EvidenceError::OtherFormat { .. }
            | EvidenceError::Unrecognised { .. }
            | EvidenceError::Unfinished { .. }
            | EvidenceError::NotANumber { .. } => (Outcome::Error, FindingReason::EvidenceUnreadable),
            EvidenceError::TooLarge { .. } => (Outcome::Error, FindingReason::EvidenceTooLarge),
            EvidenceError::NotFinite { .. } => (Outcome::Error, FindingReason::NotFinite),
        }
    }
}
