//! One measured value or document, compared with what the gate asks.

use super::{Count, Counts, Digest, GateKey, Outcome, count};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Longest message of a finding, in bytes; longer ones are cut at a character boundary.
pub const MESSAGE_LIMIT: usize = 256;
/// Longest threshold of a finding, in bytes.
pub const THRESHOLD_LIMIT: usize = 80;
/// Most of what a message says of formats, in bytes.
const FORMATS_LIMIT: usize = 100;
/// Most of a `where` that a message repeats, in bytes.
const SLICE_LIMIT: usize = 60;

/// What was found for one gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub gate: GateKey,
    pub outcome: Outcome,
    /// The number that was compared, as the shortest text that reads back to the same binary number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// What it was compared with, for people: `>= 0.8`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<String>,
    pub reason: FindingReason,
    /// One sentence: what was measured, on what, and what to do.
    pub message: String,
    /// Digests of the bytes that were read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Digest>,
    /// What was counted beside the number.
    #[serde(default, skip_serializing_if = "Counts::is_empty")]
    pub counts: Counts,
}

impl Finding {
    /// A finding without a number. The message is cleaned and cut to [`MESSAGE_LIMIT`].
    pub fn new(gate: GateKey, outcome: Outcome, reason: FindingReason, message: impl AsRef<str>) -> Self {
        let message = clean(message.as_ref(), MESSAGE_LIMIT);
        Self {
            gate,
            outcome,
            value: None,
            threshold: None,
            reason,
            message,
            evidence: Vec::new(),
            counts: Counts::new(),
        }
    }

    pub fn with_value(mut self, value: f64) -> Self {
        self.value = Some(format!("{value:?}"));
        self
    }

    pub fn with_count(mut self, what: Count, count: u64) -> Self {
        self.counts.insert(what, count.min(count::MOST));
        self
    }

    /// Says which rows the finding is about.
    pub fn about_rows(mut self, slice: &str) -> Self {
        self.message = clean(&format!("where {}: {}", clean(slice, SLICE_LIMIT), self.message), MESSAGE_LIMIT);
        self
    }

    /// Says what the evidence was read as, whatever else must be cut for it.
    pub fn read_as(mut self, formats: &[&str]) -> Self {
        if !formats.is_empty() {
            let said = clean(&format!(" (read as {})", formats.join(" and ")), FORMATS_LIMIT);
            // Whoever cleans it again cuts nothing.
            let rest = MESSAGE_LIMIT - '…'.len_utf8() - said.len();
            self.message = clean(&self.message, rest) + &said;
        }
        self
    }

    pub fn with_threshold(mut self, threshold: impl fmt::Display) -> Self {
        self.threshold = Some(clean(&threshold.to_string(), THRESHOLD_LIMIT));
        self
    }

    pub fn with_evidence(mut self, digests: impl IntoIterator<Item = Digest>) -> Self {
        self.evidence.extend(digests);
        self
    }

    /// The compared number, if it reads back as one.
    pub fn number(&self) -> Option<f64> {
        self.value.as_deref()?.parse().ok()
    }
}

/// Evidence is written by the judged: control characters, and marks that reorder or hide what stands beside them,
/// become spaces, and length is bounded, before any of it reaches a status, an event or a log.
pub fn clean(text: &str, limit: usize) -> String {
    let mut out = String::with_capacity(text.len().min(limit));
    for c in text.chars() {
        let c = if is_printable(c) { c } else { ' ' };
        if out.len() + c.len_utf8() > limit.saturating_sub('…'.len_utf8()) {
            out.push('…');
            break;
        }
        out.push(c);
    }
    out
}

/// Whether a character shows itself and nothing else: no control, no end of a line, none that turns the direction of
/// a text or is not seen at all. Joiners, which some scripts need, are printable.
pub fn is_printable(c: char) -> bool {
    !c.is_control()
        && !matches!(
            c,
            '\u{61c}'
                | '\u{200b}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
        )
}

/// A number for people, six significant digits. The exact one is the finding's value.
pub fn figure(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-4..1e9).contains(&size) {
        return format!("{value:.3e}");
    }
    let whole_digits = if size < 1.0 { 0 } else { size.log10() as usize + 1 };
    let text = format!("{value:.*}", 6usize.saturating_sub(whole_digits));
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// Why a finding came to its outcome. Closed: every reader names each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum FindingReason {
    // Measured.
    WithinLimits,
    BelowMinimum,
    AboveMaximum,
    /// Every asked section is there and says something.
    Documented,
    SectionMissing,
    SectionEmpty,
    /// A link of a document leads to no file of its bundle, or to no heading.
    LinkDead,
    /// A document states a license that is none of those asked for.
    LicenseNotAllowed,
    ExpressionTrue,
    ExpressionFalse,
    /// More tests were skipped than may be.
    TestsSkipped,
    /// Fewer tests ran than must, or than for the last admitted revision.
    FewerTests,
    /// Statements signed by trusted keys say what the gate asks.
    Attested,
    /// A statement that nobody signed.
    SignatureMissing,
    /// Fewer trusted keys signed it than must, or it was changed afterwards.
    SignatureInvalid,
    /// The signer's certificate is none, or not of a trusted authority, or not for signing.
    CertificateInvalid,
    /// The signer's certificate names nobody whom the policy trusts.
    IdentityNotAllowed,
    /// The signer's certificate is over, and nothing trusted says that it was not when it signed.
    SigningTimeUnproven,
    /// The signature stands in no transparency log that the policy trusts, or the proof of that is not one.
    NotLogged,
    PredicateNotAllowed,
    BuilderNotAllowed,
    SourceNotAllowed,
    /// An input of a step is neither the subject of another statement nor a declared source.
    LineageOpen,
    /// Personal data was found in more cells of a column than may hold it.
    PersonalData,
    /// Cells of a column are not the tokens or masks they should be.
    NotRedacted,
    /// A column is there that may not be.
    ColumnNotAllowed,
    /// Too few rows are alike, or what is sensitive is too much the same among those that are.
    Identifiable,
    /// People did not agree to what the data is used for.
    PurposeNotCovered,
    /// The data may be kept no longer.
    RetentionPassed,
    /// A place where the data lies is declared without encryption.
    NotEncrypted,
    /// The ranking of features is unlike the earlier one.
    Unstable,
    // What a gate's own Job reports without a bound to judge it by.
    ReportedPass,
    ReportedFail,
    ReportedInconclusive,
    ReportedError,
    // Not asked now.
    NotAtThisTier,
    NotAtThisStage,
    // Could not be told.
    TooFewRows,
    TooFewGroups,
    GroupTooSmall,
    UndefinedRatio,
    ConstantColumn,
    NoComparableColumns,
    ExpressionNotBoolean,
    /// A report, or a suite, in which no test ran.
    NoTests,
    /// A scan that looked at nothing, or not at everything.
    NothingScanned,
    /// Older than the policy allows, or of an age that it does not say.
    EvidenceStale,
    /// A part of a data contract that nothing here evaluates, and that the gate does not pass over.
    RuleNotEvaluated,
    /// It does not say what it is about.
    SubjectUnknown,
    // Not there.
    EvidenceMissing,
    EvidenceEmpty,
    MetricMissing,
    ColumnMissing,
    SuiteMissing,
    FeaturesMissing,
    CasesMissing,
    /// A contract does not declare what the gate asks for, or the release does not.
    DeclarationMissing,
    /// No statement says how the model was made.
    ProvenanceMissing,
    // There, but of no use.
    EvidenceUnreadable,
    EvidenceTooLarge,
    DigestMismatch,
    /// The node gave the pod another ConfigMap than the pinned one: the one that had the name before.
    OtherConfigMap,
    /// It is about another model or other data.
    OtherSubject,
    NotPinned,
    /// A data contract of another version, or about something else, than the gate asks for.
    OtherContract,
    NotFinite,
    NothingAsked,
    ExpressionInvalid,
    ExpressionTooCostly,
    // The evaluation itself.
    ResultMissing,
    ResultInvalid,
    ResultForeign,
    /// The Job was made by another version of the operator, as before an update.
    OtherVersion,
    JobNotStarted,
    JobFailed,
    JobTimedOut,
    OutOfMemory,
    // After release.
    ProviderUnknown,
    ProviderUnreachable,
    NoData,
    ManySeries,
    // People.
    Approved,
    AwaitingApproval,
    Rejected,
}

impl fmt::Display for FindingReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_bounded_and_printable() {
        let long = "é\u{1b}[31m\n".repeat(200);
        let cleaned = clean(&long, MESSAGE_LIMIT);
        assert!(cleaned.len() <= MESSAGE_LIMIT);
        assert!(cleaned.ends_with('…'));
        assert!(!cleaned.chars().any(char::is_control));
        assert_eq!(clean("plain", 256), "plain");
        assert_eq!(clean("a\u{202e}b\u{2028}c\u{200b}d\u{feff}", 256), "a b c d ");
    }

    #[test]
    fn values_read_back_to_the_last_bit() {
        let key = GateKey::new("p", "g");
        for value in [0.1, 1.0 / 3.0, -0.0, f64::MIN_POSITIVE, 1e300] {
            let finding = Finding::new(key.clone(), Outcome::Pass, FindingReason::WithinLimits, "").with_value(value);
            assert_eq!(finding.number().map(f64::to_bits), Some(value.to_bits()));
        }
    }

    #[test]
    fn formats_are_told_however_long_the_rest_is() {
        let finding =
            |text: &str| Finding::new(GateKey::new("p", "g"), Outcome::Pass, FindingReason::WithinLimits, text);
        assert_eq!(finding("fine").read_as(&[]).message, "fine");
        assert_eq!(finding("fine").read_as(&["CSV", "Parquet"]).message, "fine (read as CSV and Parquet)");
        let long = finding(&"é".repeat(300)).read_as(&["CSV"]).message;
        assert!(long.ends_with("… (read as CSV)") && clean(&long, MESSAGE_LIMIT) == long, "{long}");
        let many = finding(&"é".repeat(300)).read_as(&["a format"; 40]).message;
        assert!(many.len() <= MESSAGE_LIMIT && many.ends_with('…'), "{many}");
    }

    #[test]
    fn figures() {
        let cases = [
            (0.658_340_643_612, "0.658341"),
            (0.8, "0.8"),
            (0.0, "0"),
            (-0.25, "-0.25"),
            (1.0, "1"),
            (12.345_678_9, "12.3457"),
            (1000.0, "1000"),
            (123_456_789.4, "123456789"),
            (0.000_012_3, "1.230e-5"),
            (1e300, "1.000e300"),
        ];
        for (value, text) in cases {
            assert_eq!(figure(value), text);
        }
    }
}
