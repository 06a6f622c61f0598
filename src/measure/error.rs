//! Why a table gives no value, and what that comes to.

use crate::policy::{FindingReason, Outcome};

/// Written to be read after the name of the evidence: `predictions has no column "race"; …`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MeasureError {
    #[error("has no rows; release with rows")]
    Empty,
    #[error("cannot be read as {format}: {why}; write it again and release that")]
    Unreadable { format: &'static str, why: String },
    #[error("has more than {limit} {what}; release with fewer")]
    TooLarge { what: &'static str, limit: u64 },
    #[error("has no column {column:?}; it has {present}")]
    ColumnMissing { column: String, present: String },
    /// Empty, NaN or infinite, or a word where the favourable value is a number.
    #[error(
        "has {count} empty or unusable cells in column {column:?}, as NaN is, or a word where the favorable value is a \
         number; fill or drop these rows, no outcome is guessed"
    )]
    NullCells { column: String, count: u64 },
    #[error("has {text} in column {column:?}, which is not a finite number; write an empty cell for a missing value")]
    NotFinite { column: String, text: String },
    #[error("has {text} in column {column:?}, which is not a score from 0 to 1")]
    NotAScore { column: String, text: String },
    #[error("has values of type {kind} in column {column:?}, which cannot be compared; leave the column out")]
    UnsupportedType { column: String, kind: String },
}

impl MeasureError {
    /// Names some of the columns that are there.
    pub fn column_missing(column: &str, there: &[String]) -> Self {
        let some = there.iter().take(6).map(String::as_str).collect::<Vec<_>>().join(", ");
        let present = match there.len() {
            0..=6 => some,
            more => format!("{some} and {} more", more - 6),
        };
        Self::ColumnMissing { column: column.to_owned(), present }
    }

    /// Never a pass: what is absent is `Missing`, what is there and of no use is `Error`.
    pub fn verdict(&self) -> (Outcome, FindingReason) {
        match self {
            MeasureError::Empty => (Outcome::Missing, FindingReason::EvidenceEmpty),
            MeasureError::ColumnMissing { .. } => (Outcome::Missing, FindingReason::ColumnMissing),
            MeasureError::Unreadable { .. }
            | MeasureError::NullCells { .. }
            | MeasureError::NotAScore { .. }
            | MeasureError::UnsupportedType { .. } => (Outcome::Error, FindingReason::EvidenceUnreadable),
            MeasureError::TooLarge { .. } => (Outcome::Error, FindingReason::EvidenceTooLarge),
            MeasureError::NotFinite { .. } => (Outcome::Error, FindingReason::NotFinite),
        }
    }
}
