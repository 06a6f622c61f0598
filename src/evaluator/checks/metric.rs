//! `metric`: one number of an evaluation report, within bounds, and not far from other numbers.

mod rows;

use super::reading::Reading;
use super::words::{figure, name, remedy};
use crate::evaluator::sources::Sources;
use crate::evidence::Metrics;
use crate::measure::Table;
use crate::policy::check::{Judged, Metric};
use crate::policy::{Count, Finding, FindingReason, Gate, Outcome};

/// Answers one metric gate.
pub fn find(gate: &Gate, check: &Metric, sources: &mut Sources) -> Finding {
    answer(gate, check, Reading::new(gate, sources)).unwrap_or_else(|finding| *finding)
}

fn answer(gate: &Gate, check: &Metric, mut reading: Reading<'_>) -> Result<Finding, Box<Finding>> {
    let mut number = |evidence: &str, name: &str| match &check.slice {
        None => {
            let metrics = reading.document(evidence, |bytes| Metrics::parse(bytes, check.format))?;
            if let Some(format) = metrics.format() {
                reading.read_as(evidence, format);
            }
            metrics.number(name).map(|one| (one, 1)).map_err(|error| reading.unusable(evidence, &error))
        }
        Some(slice) => {
            let read = |table: &Table| rows::read(table, name, slice, &check.limits);
            reading.table(evidence, read).map(|of| (of.worst, of.rows))
        }
    };
    let (value, rows) = number(&check.evidence, &check.name)?;
    let (baseline, rows_there) = match &check.against_baseline {
        Some(against) => {
            let wanted = against.name.as_ref().unwrap_or(&check.name);
            let (baseline, rows) = number(&against.evidence, wanted)?;
            (Some(baseline), rows)
        }
        None => (None, 1),
    };
    let compared = baseline.is_some() || check.against_admitted.is_some() || check.against_history.is_some();
    if compared && rows.max(rows_there) > 1 {
        let message = format!(
            "{} is compared with other numbers, and where names {} rows; name one in the policy",
            name(&check.name),
            rows.max(rows_there)
        );
        return Ok(reading.finding(Outcome::Error, FindingReason::NothingAsked, message));
    }
    let answer = check.judge(value, baseline).unwrap_or_else(Judged::nothing_asked);
    let of_rows = if rows > 1 { format!(" in the worst of {rows} rows") } else { String::new() };
    let measured = format!("{} is {}{of_rows}", name(&check.name), figure(value));
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
    let finding = reading.finding(answer.outcome, answer.reason, message);
    let finding = finding.with_value(value).with_threshold(&answer.threshold);
    Ok(match check.anomaly_percent(value) {
        Some(percent) => finding.with_count(Count::AnomalyPercent, percent),
        None => finding,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluator::checks::testing::{Bench, decimal, gate};
    use crate::policy::check::{AgainstAdmitted, AgainstBaseline, AgainstHistory, Movement};
    use crate::policy::{Check, FindingReason, Limits};

    fn check(limits: Limits, against_admitted: Option<AgainstAdmitted>) -> Metric {
        Metric {
            evidence: "metrics".into(),
            format: None,
            name: "accuracy".into(),
            limits,
            against_admitted,
            against_baseline: None,
            against_history: None,
            slice: None,
        }
    }

    fn against(less: Option<&str>, more: Option<&str>, baseline: Option<&str>) -> Option<AgainstAdmitted> {
        Some(AgainstAdmitted { movement: movement(less, more, false), baseline: baseline.map(str::to_owned) })
    }

    fn movement(less: Option<&str>, more: Option<&str>, relative: bool) -> Movement {
        Movement { max_decrease: less.map(decimal), max_increase: more.map(decimal), relative }
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
    fn a_number_of_another_document() {
        use FindingReason::{AboveMaximum, BelowMinimum, EvidenceMissing, MetricMissing, UndefinedRatio, WithinLimits};
        let cases: [(Movement, Option<&[u8]>, f64, Outcome, FindingReason); 13] = [
            (movement(Some("0.02"), None, false), Some(b"{\"accuracy\": 0.9}"), 0.88, Outcome::Pass, WithinLimits),
            (movement(Some("0.02"), None, false), Some(b"{\"accuracy\": 0.9}"), 0.87, Outcome::Fail, BelowMinimum),
            (movement(None, Some("0.1"), true), Some(b"{\"accuracy\": 0.5}"), 0.55, Outcome::Pass, WithinLimits),
            (movement(None, Some("0.1"), true), Some(b"{\"accuracy\": 0.5}"), 0.551, Outcome::Fail, AboveMaximum),
            (movement(Some("0.1"), None, true), Some(b"{\"accuracy\": -0.5}"), -0.56, Outcome::Fail, BelowMinimum),
            (movement(None, Some("0.1"), true), Some(b"{\"accuracy\": 0}"), 0.1, Outcome::Inconclusive, UndefinedRatio),
            // Shares of next to nothing.
            (movement(None, Some("0.1"), true), Some(b"{\"accuracy\": 1e-320}"), 1e10, Outcome::Fail, AboveMaximum),
            (movement(Some("0.1"), None, true), Some(b"{\"accuracy\": 1e-320}"), -1e10, Outcome::Fail, BelowMinimum),
            (movement(None, Some("0.1"), true), Some(b"{\"accuracy\": -1e-40}"), 1e300, Outcome::Fail, AboveMaximum),
            (
                movement(None, Some("0.1"), true),
                Some(b"{\"accuracy\": -0.0}"),
                0.1,
                Outcome::Inconclusive,
                UndefinedRatio,
            ),
            (movement(None, Some("0.1"), false), Some(b"{\"accuracy\": -1e308}"), 1e308, Outcome::Fail, AboveMaximum),
            (movement(Some("0.1"), None, false), Some(b"{\"loss\": 0}"), 0.1, Outcome::Missing, MetricMissing),
            (movement(Some("0.1"), None, false), None, 0.1, Outcome::Missing, EvidenceMissing),
        ];
        for (movement, other, value, outcome, reason) in cases {
            let mut bench = Bench::new();
            bench.put("metrics", format!(r#"{{"accuracy": {value}}}"#).as_bytes(), None);
            if let Some(other) = other {
                bench.put("in-use", other, None);
            }
            let baseline = AgainstBaseline { evidence: "in-use".into(), name: None, movement };
            let check = Metric { against_baseline: Some(baseline), ..check(Limits::default(), None) };
            let finding = find(&gate(Check::Metric(check.clone())), &check, &mut bench.sources());
            assert_eq!((finding.outcome, finding.reason), (outcome, reason), "{}", finding.message);
        }
    }

    #[test]
    fn a_number_among_earlier_ones() {
        use FindingReason::{AboveMaximum, BelowMinimum, NotFinite, WithinLimits};
        let usual = ["0.8", "0.81", "0.82", "0.83", "0.84"];
        let cases: [(&[&str], f64, Outcome, FindingReason); 6] = [
            (&usual, 0.86, Outcome::Pass, WithinLimits),
            (&usual, 0.9, Outcome::Fail, AboveMaximum),
            (&usual, 0.7, Outcome::Fail, BelowMinimum),
            (&usual[..4], 0.1, Outcome::Pass, WithinLimits),
            (&["0.8"; 5], 0.81, Outcome::Fail, AboveMaximum),
            (&["0.8", "0.8", "0.8", "0.8", "NaN"], 0.8, Outcome::Error, NotFinite),
        ];
        for (values, value, outcome, reason) in cases {
            let values = values.iter().map(ToString::to_string).collect();
            let history = AgainstHistory { last: 20, fewest: 5, max_deviations: decimal("3.5"), values };
            let check = Metric { against_history: Some(history), ..check(Limits::default(), None) };
            let finding = answer(Some(format!(r#"{{"accuracy": {value}}}"#).as_bytes()), check);
            assert_eq!((finding.outcome, finding.reason), (outcome, reason), "{}", finding.message);
        }
    }

    #[test]
    fn rows_of_a_table() {
        use FindingReason::{
            AboveMaximum, BelowMinimum, ColumnMissing, EvidenceEmpty, EvidenceUnreadable, ExpressionInvalid, NotFinite,
            NothingAsked, TooFewRows, WithinLimits,
        };
        let table = "region,rows,accuracy,loss\nEU,900,0.91,0.2\nUS,800,0.83,0.3\nUK,12,0.4,\n";
        let min = || Limits::at_least(decimal("0.8"));
        let both = || Limits { min: Some(decimal("0.5")), max: Some(decimal("0.9")) };
        let cases = [
            (
                table,
                "accuracy",
                "row.rows >= 100",
                min(),
                Outcome::Pass,
                WithinLimits,
                "is 0.83 in the worst of 2 rows",
            ),
            (table, "accuracy", "row.region == 'EU'", min(), Outcome::Pass, WithinLimits, "accuracy is 0.91, asked"),
            (table, "accuracy", "row.rows > 0", min(), Outcome::Fail, BelowMinimum, "is 0.4 in the worst of 3 rows"),
            (table, "accuracy", "row.rows > 100", both(), Outcome::Fail, AboveMaximum, "is 0.91 in the worst of 2"),
            (table, "accuracy", "row.region == 'XX'", min(), Outcome::Inconclusive, TooFewRows, "has no such row"),
            (table, "precision", "row.rows > 0", min(), Outcome::Missing, ColumnMissing, "has no column"),
            (table, "accuracy", "row.size > 0", min(), Outcome::Missing, ColumnMissing, "\"size\""),
            (table, "accuracy", "row.region > 0", min(), Outcome::Error, ExpressionInvalid, "cannot be told"),
            (table, "loss", "row.rows > 0", min(), Outcome::Error, EvidenceUnreadable, "1 empty"),
            (table, "region", "row.rows > 0", min(), Outcome::Error, EvidenceUnreadable, "type text"),
            (table, "accuracy", "row.rows > 0", Limits::default(), Outcome::Error, NothingAsked, "asks nothing"),
            ("region,accuracy\nEU,NaN\n", "accuracy", "row.region == 'EU'", min(), Outcome::Error, NotFinite, "NaN"),
            (
                "region,accuracy\n",
                "accuracy",
                "row.region == 'EU'",
                min(),
                Outcome::Inconclusive,
                TooFewRows,
                "no such row",
            ),
            ("", "accuracy", "row.region == 'EU'", min(), Outcome::Missing, EvidenceEmpty, ""),
        ];
        for (table, name, slice, limits, outcome, reason, said) in cases {
            let check = Metric { name: name.into(), slice: Some(slice.into()), ..check(limits, None) };
            let finding = answer(Some(table.as_bytes()), check);
            assert_eq!((finding.outcome, finding.reason), (outcome, reason), "{slice}: {}", finding.message);
            assert!(finding.message.contains(said), "{said}: {}", finding.message);
        }
        let lines = br#"{"region":"EU","accuracy":0.91}"#;
        let one = |slice: &str| Metric {
            slice: Some(slice.into()),
            ..check(Limits::default(), against(Some("0.02"), None, Some("0.92")))
        };
        assert_eq!(answer(Some(lines), one("row.region == 'EU'")).outcome, Outcome::Pass);
        let several = answer(Some(table.as_bytes()), one("row.rows > 100"));
        assert_eq!((several.outcome, several.reason), (Outcome::Error, NothingAsked), "{}", several.message);
    }

    #[test]
    fn rows_of_another_table() {
        for (slice, outcome) in [("row.region == 'EU'", Outcome::Pass), ("row.region == 'US'", Outcome::Fail)] {
            let mut bench = Bench::new();
            bench.put("metrics", b"region,accuracy\nEU,0.88\nUS,0.5\n", None);
            bench.put("in-use", b"region,accuracy\nUS,0.7\nEU,0.9\n", None);
            let movement = movement(Some("0.05"), None, false);
            let baseline = AgainstBaseline { evidence: "in-use".into(), name: None, movement };
            let check = Metric {
                against_baseline: Some(baseline),
                slice: Some(slice.into()),
                ..check(Limits::default(), None)
            };
            let finding = find(&gate(Check::Metric(check.clone())), &check, &mut bench.sources());
            assert_eq!((finding.outcome, finding.evidence.len()), (outcome, 2), "{}", finding.message);
        }
    }

    /// The nearest double, and not one beside it.
    #[test]
    fn a_number_is_read_as_it_is_written() {
        for text in ["31.245270191439438", "121.48791951161945", "100.78399658203125"] {
            let equal = Limits { min: Some(decimal(text)), max: Some(decimal(text)) };
            let finding = answer(Some(format!(r#"{{"accuracy": {text}}}"#).as_bytes()), check(equal, None));
            assert_eq!((finding.outcome, finding.value.as_deref()), (Outcome::Pass, Some(text)), "{}", finding.message);
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
