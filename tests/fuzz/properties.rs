//! What must hold of every answer, whatever the input was.

use crate::harness::Verdict;
use modelgate::policy::finding::MESSAGE_LIMIT;
use modelgate::policy::{Finding, FindingReason, Outcome};
use serde::de::IgnoredAny;

/// Longest threshold, in bytes.
const THRESHOLD_LIMIT: usize = 80;

/// Words are short and printable; a pass rests on a finite number and on bytes that can be read.
pub fn fit(finding: &Finding, readable: bool) -> Verdict {
    // The evaluator outlives a check that panics and says so; here it is a defect.
    if matches!(finding.reason, FindingReason::JobFailed | FindingReason::JobTimedOut) {
        return Err(format!("{}: {}", finding.gate, finding.message));
    }
    printable("message", &finding.message, MESSAGE_LIMIT)?;
    printable("threshold", finding.threshold.as_deref().unwrap_or_default(), THRESHOLD_LIMIT)?;
    if let Some(value) = &finding.value
        && finding.number().is_none()
    {
        return Err(format!("value {value:?} is no number"));
    }
    if finding.outcome != Outcome::Pass {
        return Ok(());
    }
    if !readable {
        return Err(format!("{} passed on what cannot be read: {}", finding.gate, finding.message));
    }
    match finding.number() {
        Some(number) if !number.is_finite() => Err(format!("{} passed with {number}", finding.gate)),
        Some(_) | None => Ok(()),
    }
}

pub fn printable(what: &str, text: &str, limit: usize) -> Verdict {
    if text.len() > limit {
        return Err(format!("{what} has {} bytes, {limit} are allowed: {text:?}", text.len()));
    }
    match text.chars().find(|c| unprintable(*c)) {
        Some(c) => Err(format!("{what} holds {c:?}: {text:?}")),
        None => Ok(()),
    }
}

/// Controls, ends of lines, and marks that reorder or hide what stands beside them.
pub fn unprintable(c: char) -> bool {
    c.is_control()
        || ['\u{61c}', '\u{200b}', '\u{200e}', '\u{200f}', '\u{feff}'].contains(&c)
        || ('\u{2028}'..='\u{202e}').contains(&c)
        || ('\u{2060}'..='\u{206f}').contains(&c)
}

pub fn text(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    Some(text.strip_prefix('\u{feff}').unwrap_or(text)).filter(|text| !text.trim().is_empty())
}

/// Whether a plain JSON parser takes it: one document, or one a line.
pub fn json(text: &str) -> bool {
    let one = |text: &str| serde_json::from_str::<IgnoredAny>(text).is_ok();
    one(text) || text.lines().filter(|line| !line.trim().is_empty()).all(one)
}

/// Readable in its own syntax, told without any reader of ours.
pub fn document(bytes: &[u8]) -> bool {
    let Some(text) = text(bytes) else { return false };
    match text.trim_start().chars().next() {
        Some('{' | '[') => json(text),
        Some(_) | None => true,
    }
}

/// A report of tests may hold the words that Python writes for numbers that are none.
pub fn report(bytes: &[u8]) -> bool {
    let Some(text) = text(bytes) else { return false };
    let holds_words = ["NaN", "Infinity"].iter().any(|word| text.contains(word));
    match text.trim_start().chars().next() {
        Some('{' | '[') => holds_words || json(text),
        // What looks like markup may stand in a comment, or in text that says so.
        Some('<') => {
            let quoted = text.find("<!--").into_iter().chain(text.find("<![CDATA[")).min().unwrap_or(text.len());
            text.contains("<testcase") && text.find("<!DOCTYPE").is_none_or(|at| at > quoted)
        }
        Some(_) | None => false,
    }
}

pub fn table(bytes: &[u8]) -> bool {
    if bytes.starts_with(b"PAR1") {
        bytes.len() > 12 && bytes.ends_with(b"PAR1")
    } else if bytes.starts_with(b"ARROW1") {
        bytes.len() > 18 && bytes.ends_with(b"ARROW1")
    } else if bytes.starts_with(&[0xff; 4]) {
        bytes.ends_with(&[0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0])
    } else {
        text(bytes).is_some()
    }
}

/// Lines of JSON, each of which a plain parser takes; the words that Python writes are ours to judge.
pub fn lines(bytes: &[u8]) -> bool {
    let holds_words = |text: &str| ["NaN", "Infinity"].iter().any(|word| text.contains(word));
    match text(bytes) {
        Some(text) if text.trim_start().starts_with('{') => holds_words(text) || json(text),
        Some(_) | None => table(bytes),
    }
}
