//! `metric`: one number of an evaluation report.

use super::unusable;
use crate::evaluator::sources::Sources;
use crate::evidence::{MAX_DOCUMENT, Metrics};
use crate::policy::check::{AgainstAdmitted, Metric};
use crate::policy::{Decimal, Finding, FindingReason, GateKey, Limits, Outcome};

/// Answers one metric gate.
pub fn find(gate: &GateKey, check: &Metric, sources: &mut Sources) -> Finding {
    let document = match sources.document(&check.evidence, MAX_DOCUMENT) {
        Ok(document) => document,
        Err(error) => return unusable(gate, &check.evidence, error.verdict(), &error),
    };
    let number = Metrics::parse(&document.bytes).and_then(|metrics| metrics.number(&check.name));
    let finding = match number {
        Ok(value) => compare(gate, check, value),
        Err(error) => unusable(gate, &check.evidence, error.verdict(), &error),
    };
    finding.with_evidence([document.digest])
}

fn compare(gate: &GateKey, check: &Metric, value: f64) -> Finding {
    let Metric { name, limits, against_admitted, .. } = check;
    let found = |(outcome, reason), message: String, asked: String| {
        Finding::new(gate.clone(), outcome, reason, message).with_value(value).with_threshold(asked)
    };
    let plain = (*limits != Limits::default()).then(|| limits.judge(value));
    let against = against_admitted.as_ref().map(|against| moved(name, value, against));
    match (plain, against) {
        (None, None) => {
            let message = format!("The gate asks nothing of {name}; give it min, max or againstAdmitted.");
            found((Outcome::Error, FindingReason::NothingAsked), message, limits.to_string())
        }
        (Some(judged), against) if judged.0 != Outcome::Pass || against.is_none() => {
            found(judged, format!("{name} is {value}; asked is {limits}."), limits.to_string())
        }
        (_, Some(Move { verdict, message, asked })) => found(verdict, message, asked),
        // Taken by the arms above.
        (Some(judged), None) => found(judged, format!("{name} is {value}."), limits.to_string()),
    }
}

/// The number compared with the last admitted revision's.
struct Move {
    verdict: (Outcome, FindingReason),
    message: String,
    asked: String,
}

fn moved(name: &str, value: f64, against: &AgainstAdmitted) -> Move {
    let Some(text) = &against.baseline else {
        return Move {
            verdict: (Outcome::Pass, FindingReason::NoBaseline),
            message: format!("{name} is {value}; no admitted revision has a number to compare it with yet."),
            asked: "nothing of a first release".into(),
        };
    };
    let Some(before) = text.parse::<f64>().ok().filter(|before| before.is_finite()) else {
        return Move {
            verdict: (Outcome::Error, FindingReason::NotFinite),
            message: format!("The last admitted revision's {name} is recorded as {text:?}, which is no number."),
            asked: "a recorded number".into(),
        };
    };
    // 0.81 - 0.8 is a little more than 0.01 in binary; the slack is far below what any metric resolves.
    let slack = 4.0 * f64::EPSILON * before.abs().max(value.abs());
    let bound = |limit: &Option<Decimal>, change: f64| {
        limit.as_ref().map(|limit| (change <= limit.value() + slack, limit.clone()))
    };
    let fall = bound(&against.max_decrease, before - value);
    let rise = bound(&against.max_increase, value - before);
    let verdict = match (&fall, &rise) {
        (None, None) => (Outcome::Error, FindingReason::NothingAsked),
        (Some((false, _)), _) => (Outcome::Fail, FindingReason::BelowMinimum),
        (_, Some((false, _))) => (Outcome::Fail, FindingReason::AboveMaximum),
        (Some((true, _)) | None, Some((true, _)) | None) => (Outcome::Pass, FindingReason::WithinLimits),
    };
    let part = |bound: Option<(bool, Decimal)>, word: &str| bound.map(|(_, limit)| format!("{limit} {word}"));
    let asked: Vec<String> = [part(fall, "below"), part(rise, "above")].into_iter().flatten().collect();
    let asked = format!("at most {} {before}", asked.join(" or "));
    Move {
        verdict,
        message: format!("{name} is {value}, {before} on the last admitted revision; asked is {asked}."),
        asked,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Option<Decimal> {
        Some(Decimal::parse(text).unwrap())
    }

    fn against(decrease: Option<&str>, increase: Option<&str>, baseline: Option<&str>) -> Option<AgainstAdmitted> {
        Some(AgainstAdmitted {
            max_decrease: decrease.and_then(decimal),
            max_increase: increase.and_then(decimal),
            baseline: baseline.map(Into::into),
        })
    }

    #[test]
    fn table() {
        use FindingReason as R;
        use Outcome::{Error, Fail, Pass};
        let nothing = Limits::default;
        let min = || Limits::at_least(Decimal::parse("0.8").unwrap());
        let both = || Limits { min: decimal("0.1"), max: decimal("0.9") };
        let cases = [
            (min(), None, 0.8, Pass, R::WithinLimits),
            (min(), None, 0.79, Fail, R::BelowMinimum),
            (both(), None, 0.95, Fail, R::AboveMaximum),
            (nothing(), None, 0.5, Error, R::NothingAsked),
            (nothing(), against(Some("0.01"), None, None), 0.1, Pass, R::NoBaseline),
            (min(), against(Some("0.01"), None, None), 0.9, Pass, R::NoBaseline),
            (min(), against(Some("0.01"), None, None), 0.1, Fail, R::BelowMinimum),
            (min(), against(Some("0.25"), None, Some("1.0")), 0.85, Pass, R::WithinLimits),
            (min(), against(Some("0.125"), None, Some("1.0")), 0.85, Fail, R::BelowMinimum),
            (min(), against(Some("0.5"), None, Some("1.0")), 0.7, Fail, R::BelowMinimum),
            (nothing(), against(Some("0.5"), None, Some("0.5")), 0.0, Pass, R::WithinLimits),
            (nothing(), against(None, Some("0.25"), Some("0.5")), 0.75, Pass, R::WithinLimits),
            (nothing(), against(None, Some("0.25"), Some("0.5")), 0.76, Fail, R::AboveMaximum),
            (nothing(), against(None, Some("0.25"), Some("0.5")), 0.0, Pass, R::WithinLimits),
            (nothing(), against(Some("0.1"), Some("0.1"), Some("0.5")), 0.3, Fail, R::BelowMinimum),
            (nothing(), against(Some("0.01"), None, Some("0.81")), 0.8, Pass, R::WithinLimits),
            (nothing(), against(Some("0.01"), None, Some("0.81")), 0.7999999999, Fail, R::BelowMinimum),
            (nothing(), against(Some("0"), Some("0"), Some("0.1")), 0.1, Pass, R::WithinLimits),
            (nothing(), against(None, None, Some("0.5")), 0.5, Error, R::NothingAsked),
            (nothing(), against(Some("0.1"), None, Some("NaN")), 0.5, Error, R::NotFinite),
            (nothing(), against(Some("0.1"), None, Some("x")), 0.5, Error, R::NotFinite),
        ];
        for (limits, against_admitted, value, outcome, reason) in cases {
            let check = Metric { evidence: "m".into(), name: "accuracy".into(), limits, against_admitted };
            let finding = compare(&GateKey::new("p", "g"), &check, value);
            assert_eq!((finding.outcome, finding.reason), (outcome, reason), "{value} {check:?}");
            assert_eq!(finding.number(), Some(value));
        }
    }

    #[test]
    fn words() {
        let check = Metric {
            evidence: "m".into(),
            name: "accuracy".into(),
            limits: Limits::default(),
            against_admitted: against(Some("0.01"), Some("0.2"), Some("0.81")),
        };
        let finding = compare(&GateKey::new("p", "g"), &check, 0.5);
        let expected =
            "accuracy is 0.5, 0.81 on the last admitted revision; asked is at most 0.01 below or 0.2 above 0.81.";
        assert_eq!(finding.message, expected);
        assert_eq!(finding.threshold.as_deref(), Some("at most 0.01 below or 0.2 above 0.81"));
    }
}
