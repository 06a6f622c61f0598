//! Why a document gives no value, and what that comes to.

use crate::policy::{FindingReason, Format, Outcome, Subject};

/// Written to be read after the name of the evidence: `metrics is not UTF-8 at byte 12`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceError {
    #[error("is empty")]
    Empty,
    #[error("is not UTF-8 at byte {at}")]
    NotUtf8 { at: usize },
    #[error("has more than {limit} {what}")]
    TooLarge { what: &'static str, limit: usize },
    #[error("cannot be read as {format}: {why}")]
    Unreadable { format: &'static str, why: String },
    #[error("looks like {format}, but {at} is not {expected}")]
    Shape { format: Format, at: String, expected: &'static str },
    #[error("is {format}, which holds no {}", .subject.words())]
    OtherFormat { format: Format, subject: Subject },
    #[error("is {syntax} of no known format that holds {}; name the format in the policy if it is one", .subject.words())]
    Unrecognised { syntax: &'static str, subject: Subject },
    #[error("has {what}, which is not a finite number")]
    NotFinite { what: String },
    #[error("has no metric {name:?}; it has {present}")]
    MetricMissing { name: String, present: String },
    #[error("has {kind} where metric {name:?} should be a number")]
    NotANumber { name: String, kind: &'static str },
}

impl EvidenceError {
    /// Never a pass: what is absent is `Missing`, what is there and of no use is `Error`.
    pub fn verdict(&self) -> (Outcome, FindingReason) {
        match self {
            EvidenceError::Empty => (Outcome::Missing, FindingReason::EvidenceEmpty),
            EvidenceError::MetricMissing { .. } => (Outcome::Missing, FindingReason::MetricMissing),
            EvidenceError::NotUtf8 { .. }
            | EvidenceError::Unreadable { .. }
            | EvidenceError::Shape { .. }
            | EvidenceError::OtherFormat { .. }
            | EvidenceError::Unrecognised { .. }
            | EvidenceError::NotANumber { .. } => (Outcome::Error, FindingReason::EvidenceUnreadable),
            EvidenceError::TooLarge { .. } => (Outcome::Error, FindingReason::EvidenceTooLarge),
            EvidenceError::NotFinite { .. } => (Outcome::Error, FindingReason::NotFinite),
        }
    }
}
