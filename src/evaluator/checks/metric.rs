//! `metric`: one number of an evaluation report, within bounds and not far from the last admitted revision's.

use super::words::{figure, name, remedy, without_number};
use crate::evaluator::sources::Sources;
use crate::evidence::{MAX_DOCUMENT, Metrics};
use crate::policy::check::{AgainstAdmitted, Metric};
use crate::policy::{Finding, FindingReason, Gate, Limits, Outcome};

/// Answers one metric gate.
pub fn find(gate: &Gate, check: &Metric, sources: &mut Sources) -> Finding {
    let document = match sources.document(&check.evidence, MAX_DOCUMENT) {
        Ok(document) => document,
        Err(error) => return without_number(gate, error.verdict(), &check.evidence, error, []),
    };
    let number = Metrics::parse(&document.bytes, check.format).and_then(|metrics| metrics.number(&check.name));
    let value = match number {
        Ok(value) => value,
        Err(error) => return without_number(gate, error.verdict(), &check.evidence, error, [document.digest]),
    };
    let answer = judge(check, value);
    let measured = format!("{} is {}", name(&check.name), figure(value));
    let message = match answer.outcome {
        Outcome::Fail => {
            let remedy = remedy(gate, "improve the model, then release a new version");
            format!("{measured}, {}; {remedy}", answer.words)
        }
        Outcome::Pass
        | Outcome::Skipped
        | Outcome::Warn
        | Outcome::Inconclusive
        | Outcome::Missing
        | Outcome::Error => format!("{measured}, {}", answer.words),
    };
    Finding::new(gate.key.clone(), answer.outcome, answer.reason, message)
        .with_value(value)
        .with_threshold(&answer.threshold)
        .with_evidence([document.digest])
}

struct Answer {
    outcome: Outcome,
    reason: FindingReason,
    threshold: String,
    words: String,
}

fn judge(check: &Metric, value: f64) -> Answer {
    let Some(against) = &check.against_admitted else { return judge_plainly(&check.limits, value) };
    if check.limits == Limits::default() {
        return judge_against(against, value);
    }
    let plain = judge_plainly(&check.limits, value);
    if plain.outcome != Outcome::Pass {
        return plain;
    }
    let compared = judge_against(against, value);
    let words = format!("{}; {}", plain.words, compared.words);
    let threshold = match compared.outcome {
        Outcome::Pass => plain.threshold,
        Outcome::Skipped
        | Outcome::Warn
        | Outcome::Inconclusive
        | Outcome::Missing
        | Outcome::Error
        | Outcome::Fail => compared.threshold,
    };
    Answer { words, threshold, ..compared }
}

fn judge_plainly(limits: &Limits, value: f64) -> Answer {
    let (outcome, reason) = limits.judge(value);
    Answer { outcome, reason, threshold: limits.to_string(), words: format!("asked {limits}") }
}

fn judge_against(against: &AgainstAdmitted, value: f64) -> Answer {
    let asked = match (&against.max_decrease, &against.max_increase) {
        (None, None) => {
            let words = "and the gate asks nothing of it; give it a bound".to_owned();
            let reason = FindingReason::NothingAsked;
            return Answer { outcome: Outcome::Error, reason, threshold: "nothing".to_owned(), words };
        }
        (Some(less), None) => format!("at most {less} less"),
        (None, Some(more)) => format!("at most {more} more"),
        (Some(less), Some(more)) => format!("at most {less} less and {more} more"),
    };
    let threshold = format!("{asked} than admitted");
    let Some(text) = &against.baseline else {
        let words = format!("no admitted revision yet to compare with ({asked})");
        return Answer { outcome: Outcome::Pass, reason: FindingReason::WithinLimits, threshold, words };
    };
    let baseline = match text.parse::<f64>() {
        Ok(baseline) if baseline.is_finite() => baseline,
        Ok(_) | Err(_) => {
            let words = format!("and the admitted revision's value {} is no number", name(text));
            return Answer { outcome: Outcome::Error, reason: FindingReason::NotFinite, threshold, words };
        }
    };
    let change = value - baseline;
    // 0.83 - 0.85 is a little more than 0.02 in binary; rounding is not held against the model.
    let rounding = 4.0 * f64::EPSILON * value.abs().max(baseline.abs());
    let too_low = against.max_decrease.as_ref().is_some_and(|less| -change > less.value() + rounding);
    let too_high = against.max_increase.as_ref().is_some_and(|more| change > more.value() + rounding);
    let (outcome, reason) = match (too_low, too_high) {
        (true, _) => (Outcome::Fail, FindingReason::BelowMinimum),
        (false, true) => (Outcome::Fail, FindingReason::AboveMaximum),
        (false, false) => (Outcome::Pass, FindingReason::WithinLimits),
    };
    let direction = if change < 0.0 { "less" } else { "more" };
    let words = format!(
        "{} {direction} than the admitted revision's {}, asked {asked}",
        figure(change.abs()),
        figure(baseline)
    );
    Answer { outcome, reason, threshold, words }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluator::checks::testing::{Bench, decimal, gate};
    use crate::policy::Check;

    fn check(limits: Limits, against_admitted: Option<AgainstAdmitted>) -> Metric {
        Metric { evidence: "metrics".into(), format: None, name: "accuracy".into(), limits, against_admitted }
    }

    fn against(less: Option<&str>, more: Option<&str>, baseline: Option<&str>) -> Option<AgainstAdmitted> {
        Some(AgainstAdmitted {
            max_decrease: less.map(decimal),
            max_increase: more.map(decimal),
            baseline: baseline.map(str::to_owned),
        })
    }

    fn answer(bytes: Option<&[u8]>, check: Metric) -> Finding {
        let mut bench = Bench::new();
        if let Some(bytes) = bytes {
            bench.put("metrics", bytes, None);
        }
        find(&gate(Check::Metric(check.clone())), &check, &mut bench.sources())
    }

    #[test]
    fn bounds_and_the_admitted_revision() {
        use FindingReason::{AboveMaximum, BelowMinimum, NotFinite, NothingAsked, WithinLimits};
        let min = || Limits::at_least(decimal("0.8"));
        let cases = [
            (min(), None, 0.8, Outcome::Pass, WithinLimits),
            (min(), None, 0.79, Outcome::Fail, BelowMinimum),
            (Limits::at_most(decimal("0.8")), None, 0.81, Outcome::Fail, AboveMaximum),
            (Limits::default(), None, 0.9, Outcome::Error, NothingAsked),
            (Limits::default(), against(None, None, Some("0.9")), 0.9, Outcome::Error, NothingAsked),
            (Limits::default(), against(Some("0.02"), None, None), 0.1, Outcome::Pass, WithinLimits),
            (Limits::default(), against(Some("0.02"), None, Some("0.85")), 0.83, Outcome::Pass, WithinLimits),
            (Limits::default(), against(Some("0.02"), None, Some("0.85")), 0.8299, Outcome::Fail, BelowMinimum),
            (Limits::default(), against(Some("0.02"), None, Some("0.85")), 0.99, Outcome::Pass, WithinLimits),
            (Limits::default(), against(None, Some("0"), Some("0.85")), 0.86, Outcome::Fail, AboveMaximum),
            (Limits::default(), against(Some("0.02"), None, Some("NaN")), 0.86, Outcome::Error, NotFinite),
            (min(), against(Some("0.02"), None, Some("0.9")), 0.85, Outcome::Fail, BelowMinimum),
            (min(), against(Some("0.02"), None, Some("0.7")), 0.75, Outcome::Fail, BelowMinimum),
            (min(), against(Some("0.02"), None, None), 0.85, Outcome::Pass, WithinLimits),
        ];
        for (limits, against, value, outcome, reason) in cases {
            let said = format!("{limits} {against:?} {value}");
            let finding = answer(Some(format!(r#"{{"accuracy": {value}}}"#).as_bytes()), check(limits, against));
            assert_eq!((finding.outcome, finding.reason), (outcome, reason), "{said}: {}", finding.message);
            assert_eq!((finding.number(), finding.evidence.len()), (Some(value), 1));
        }
    }

    #[test]
    fn says_what_and_what_to_do() {
        let both = check(Limits::at_least(decimal("0.8")), against(Some("0.02"), None, Some("0.9")));
        let finding = answer(Some(br#"{"accuracy": 0.85}"#), both);
        assert_eq!(
            finding.message,
            "accuracy is 0.85, asked >= 0.8; 0.05 less than the admitted revision's 0.9, asked at most 0.02 less; \
             improve the model, then release a new version"
        );
        assert_eq!(finding.threshold.as_deref(), Some("at most 0.02 less than admitted"));
    }

    #[test]
    fn bad_evidence() {
        use FindingReason::{
            EvidenceEmpty, EvidenceMissing, EvidenceTooLarge, EvidenceUnreadable, MetricMissing, NotFinite,
        };
        let deep = format!("{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
        let padded = format!("{deep}{}", " ".repeat((1 << 20) - deep.len()));
        let cases: [(Option<&[u8]>, Outcome, FindingReason); 9] = [
            (None, Outcome::Missing, EvidenceMissing),
            (Some(b""), Outcome::Missing, EvidenceEmpty),
            (Some(b"\n"), Outcome::Missing, EvidenceEmpty),
            (Some(b"{\"accuracy\": \xff}"), Outcome::Error, EvidenceUnreadable),
            (Some(b"{\"accuracy\": 0.9"), Outcome::Error, EvidenceUnreadable),
            (Some(padded.as_bytes()), Outcome::Error, EvidenceTooLarge),
            (Some(b"{\"accuracy\": NaN}"), Outcome::Error, NotFinite),
            (Some(b"{\"accuracy\": \"Infinity\"}"), Outcome::Error, NotFinite),
            (Some(b"{\"precision\": 0.9}"), Outcome::Missing, MetricMissing),
        ];
        for (bytes, outcome, reason) in cases {
            let finding = answer(bytes, check(Limits::at_least(decimal("0.8")), None));
            assert_eq!((finding.outcome, finding.reason), (outcome, reason), "{}", finding.message);
        }
    }

    #[test]
    fn a_document_with_another_digest_is_not_read() {
        let mut bench = Bench::new();
        bench.put("metrics", br#"{"accuracy": 0.9}"#, None);
        bench.overwrite("metrics", br#"{"accuracy": 0.95}"#);
        let check = check(Limits::at_least(decimal("0.8")), None);
        let finding = find(&gate(Check::Metric(check.clone())), &check, &mut bench.sources());
        assert_eq!((finding.outcome, finding.reason), (Outcome::Error, FindingReason::DigestMismatch));
        assert_eq!((finding.value, finding.evidence.len()), (None, 0));
    }
}
