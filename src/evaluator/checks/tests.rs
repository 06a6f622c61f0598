//! `tests`: all reports together; enough tests ran, none failed, the suites that matter are among them.

use super::reading::Reading;
use super::words::{elsewhere, name, with_remedy};
use crate::evaluator::sources::Sources;
use crate::evidence::TestReport;
use crate::evidence::test_report::Counts;
use crate::policy::check::{TestCounts, Tests};
use crate::policy::result::OrderFacts;
use crate::policy::{Count, Finding, FindingReason, Gate, Outcome};

/// Answers one tests gate.
pub fn find(gate: &Gate, check: &Tests, facts: &OrderFacts, sources: &mut Sources) -> Finding {
    answer(gate, check, facts, Reading::new(gate, sources)).unwrap_or_else(|finding| *finding)
}

fn answer(gate: &Gate, check: &Tests, facts: &OrderFacts, mut reading: Reading<'_>) -> Result<Finding, Box<Finding>> {
    let mut all = TestReport::default();
    let mut idle = None;
    for evidence in &check.evidence {
        let mut report = reading.document(evidence, |bytes| TestReport::parse(bytes, check.format))?;
        if let Some(format) = report.formats().first() {
            reading.read_as(evidence, *format);
        }
        let (ran, subjects) = (report.counts().ran(), std::mem::take(&mut report.subjects));
        all.join(report).map_err(|error| reading.unusable(evidence, &error))?;
        if check.about_model
            && let Some((outcome, reason, wrong)) = elsewhere(&subjects, facts.model_digest.as_ref())
        {
            let message = with_remedy(gate, outcome, format!("{} {wrong}", name(evidence)), "test this model");
            return Ok(reading.finding(outcome, reason, message));
        }
        if ran == 0 {
            idle.get_or_insert(evidence.as_str());
        }
    }
    let answer = judge(check, &all, idle);
    let message = with_remedy(gate, answer.outcome, answer.message, answer.otherwise);
    let counts = all.counts();
    let finding = reading.finding(answer.outcome, answer.reason, message);
    let finding = finding.with_count(Count::TestsRan, counts.ran()).with_count(Count::TestsSkipped, counts.skipped);
    Ok(match answer.outcome {
        Outcome::Pass | Outcome::Fail => {
            finding.with_value(not_passed(check, &counts) as f64).with_threshold(check.limits())
        }
        Outcome::Skipped | Outcome::Warn | Outcome::Inconclusive | Outcome::Missing | Outcome::Error => finding,
    })
}

fn not_passed(check: &Tests, counts: &Counts) -> u64 {
    let warned = if check.allow_warnings { 0 } else { counts.warned };
    counts.failed.saturating_add(counts.errored).saturating_add(warned)
}

struct Answer {
    outcome: Outcome,
    reason: FindingReason,
    message: String,
    otherwise: &'static str,
}

/// `idle` is a report in which no test ran.
fn judge(check: &Tests, all: &TestReport, idle: Option<&str>) -> Answer {
    let answer = |outcome, reason, message, otherwise| Answer { outcome, reason, message, otherwise };
    let counts = all.counts();
    let (bad, ran) = (not_passed(check, &counts), counts.ran());
    if bad > u64::from(check.max_failed) {
        let some: Vec<String> = all.bad().iter().take(3).map(|test| name(test)).collect();
        let more = if bad > some.len() as u64 { ", …" } else { "" };
        let named = if some.is_empty() { String::new() } else { format!(": {}{more}", some.join(", ")) };
        let message = format!("{}{named}", told(&counts));
        return answer(Outcome::Fail, FindingReason::AboveMaximum, message, "mend them, then run the tests again");
    }
    if ran == 0 {
        let message = format!("no test ran; {} skipped", counts.skipped);
        return answer(Outcome::Inconclusive, FindingReason::NoTests, message, "run them");
    }
    // What others tested says nothing about what this one was to test.
    if let Some(evidence) = idle {
        let message = format!("no test of {} ran; {} ran elsewhere", name(evidence), ran);
        return answer(Outcome::Inconclusive, FindingReason::NoTests, message, "run them");
    }
    let absent: Vec<String> =
        check.suites.iter().filter(|suite| all.suite_named(suite).is_none()).map(|suite| name(suite)).collect();
    if !absent.is_empty() {
        let there: Vec<String> = all.suites().take(4).map(|(suite, _)| name(suite)).collect();
        let message = format!("no suite {}; there are {}", absent.join(", "), there.join(", "));
        return answer(Outcome::Missing, FindingReason::SuiteMissing, message, "add its report");
    }
    let idle = |suite: &&String| all.suite_named(suite).is_some_and(|counts| counts.ran() == 0);
    if let Some(suite) = check.suites.iter().find(idle) {
        let message = format!("no test of suite {} ran", name(suite));
        return answer(Outcome::Inconclusive, FindingReason::NoTests, message, "run it");
    }
    let counted = TestCounts { ran, skipped: counts.skipped };
    if let Some((outcome, reason, words)) = check.judge_counts(counted) {
        return answer(outcome, reason, format!("{}; {words}", told(&counts)), "run them all");
    }
    let beyond = match all.beyond {
        0 => String::new(),
        beyond => format!("; {beyond} more are counted, but not listed"),
    };
    let message = format!("{}{beyond}{}", told(&counts), check.told_of_admitted(counted));
    answer(Outcome::Pass, FindingReason::WithinLimits, message, "")
}

/// `12 of 15 tests passed, 1 failed, 2 skipped`
fn told(counts: &Counts) -> String {
    let mut text = format!("{} of {} tests passed", counts.passed, counts.total());
    for (number, word) in
        [(counts.failed, "failed"), (counts.errored, "broke"), (counts.warned, "warned"), (counts.skipped, "skipped")]
    {
        if number > 0 {
            text.push_str(&format!(", {number} {word}"));
        }
    }
    text
}

#[cfg(test)]
mod cases {
    use super::*;
    use crate::evaluator::checks::testing::{Bench, gate};
    use crate::policy::check::TestsAgainstAdmitted;
    use crate::policy::{Check, Digest, Format};

    fn check() -> Tests {
        Tests {
            evidence: vec!["report".into()],
            format: None,
            suites: vec![],
            max_failed: 0,
            allow_warnings: false,
            max_skipped: None,
            min_tests: 1,
            about_model: false,
            against_admitted: None,
            admitted: None,
        }
    }

    fn answer(reports: &[(&str, &[u8])], check: Tests) -> Finding {
        let mut bench = Bench::new();
        for (name, bytes) in reports {
            bench.put(name, bytes, None);
        }
        let model_digest = Digest::parse(&format!("sha256:{}", "a".repeat(64))).ok();
        let facts = OrderFacts { model_digest, ..OrderFacts::default() };
        find(&gate(Check::Tests(check.clone())), &check, &facts, &mut bench.sources())
    }

    /// A suite with so many passed, failed, skipped.
    fn junit(suite: &str, [passed, failed, skipped]: [usize; 3]) -> Vec<u8> {
        let case = |inside: &str, number| format!("<testcase name='t'>{inside}</testcase>").repeat(number);
        let cases = case("", passed) + &case("<failure/>", failed) + &case("<skipped/>", skipped);
        format!("<testsuite name='{suite}'>{cases}</testsuite>").into_bytes()
    }

    /// One test that passed, in a suite that counts so many.
    fn counting(tests: u64) -> Vec<u8> {
        format!("<testsuite name='s' tests='{tests}'><testcase name='t'/></testsuite>").into_bytes()
    }

    #[test]
    fn what_is_counted_but_not_listed_is_told() {
        let finding = answer(&[("report", &counting(6))], check());
        assert_eq!(finding.message, "1 of 1 tests passed; 5 more are counted, but not listed");
        assert_eq!(answer(&[("report", &counting(1))], check()).message, "1 of 1 tests passed");
    }

    #[test]
    fn a_report_about_another_model_is_no_evidence() {
        let statement = |digest: &str| {
            let text = include_str!("../../../tests/fixtures/tests/in-toto-passed.json");
            text.replace(&"a".repeat(64), &digest.repeat(64)).into_bytes()
        };
        let about = || Tests { about_model: true, ..check() };
        let passed = junit("s", [3, 0, 0]);
        for (reports, check, outcome, reason) in [
            (vec![statement("a")], about(), Outcome::Pass, FindingReason::WithinLimits),
            (vec![statement("b")], check(), Outcome::Pass, FindingReason::WithinLimits),
            (vec![statement("b")], about(), Outcome::Error, FindingReason::OtherSubject),
            (vec![statement("a"), statement("b")], about(), Outcome::Error, FindingReason::OtherSubject),
            (vec![statement("a"), passed], about(), Outcome::Inconclusive, FindingReason::SubjectUnknown),
        ] {
            let names = ["report", "other"];
            let asked = names.iter().take(reports.len()).map(|name| (*name).to_owned()).collect();
            let given: Vec<_> = names.into_iter().zip(reports.iter().map(Vec::as_slice)).collect();
            let finding = answer(&given, Tests { evidence: asked, ..check });
            assert_eq!((finding.outcome, finding.reason), (outcome, reason), "{}", finding.message);
        }
    }

    #[test]
    fn table() {
        use FindingReason::{AboveMaximum, FewerTests, NoTests, SuiteMissing, TestsSkipped, WithinLimits};
        let unscored = br#"{"version": 2, "status": "success", "eval": {"task": "t"}, "results": {"total_samples": 4,
            "completed_samples": 4, "scores": [{"scored_samples": 0, "unscored_samples": 4, "metrics": {"accuracy": {"value": NaN}}}]}}"#;
        let cut = br#"{"version": 2, "status": "success", "eval": {"task": "t", "dataset": {"samples": 10}, "config": {"limit": 4}},
            "results": {"total_samples": 4, "completed_samples": 4, "scores": [{"metrics": {"accuracy": {"value": 1}}}]}}"#;
        let of_the_run = br#"{"eventType": "COMPLETE", "eventTime": "2026-01-02T03:04:05Z", "job": {"name": "check"},
            "run": {"runId": "r", "facets": {"test": {"tests": [{"name": "a", "status": "pass"}, {"name": "b", "status": "fail"}]}}}}"#;
        let grouped = br#"{"results": {"suite": {" ": " ", "alias": "suite"}, "t": {"alias": " - t", "acc,none": 0.6}},
            "group_subtasks": {"suite": ["t"], "t": []}, "n-samples": {"t": {"original": 4, "effective": 4}},
            "n-shot": {"t": 0}, "higher_is_better": {}}"#;
        let cases = [
            (junit("s", [3, 0, 1]), check(), Outcome::Pass, WithinLimits),
            (junit("s", [3, 1, 0]), check(), Outcome::Fail, AboveMaximum),
            (junit("s", [3, 1, 0]), Tests { max_failed: 1, ..check() }, Outcome::Pass, WithinLimits),
            (junit("s", [0, 0, 0]), check(), Outcome::Inconclusive, NoTests),
            (junit("s", [0, 0, 4]), check(), Outcome::Inconclusive, NoTests),
            (junit("s", [3, 0, 1]), Tests { max_skipped: Some(0), ..check() }, Outcome::Fail, TestsSkipped),
            (junit("s", [3, 0, 1]), Tests { max_skipped: Some(1), ..check() }, Outcome::Pass, WithinLimits),
            (junit("s", [3, 0, 1]), Tests { min_tests: 4, ..check() }, Outcome::Fail, FewerTests),
            (junit("s", [3, 0, 1]), Tests { suites: vec!["s".into()], ..check() }, Outcome::Pass, WithinLimits),
            (junit("s", [3, 0, 1]), Tests { suites: vec!["t".into()], ..check() }, Outcome::Missing, SuiteMissing),
            // Counted, but not listed: no test of its own.
            (counting(6), check(), Outcome::Pass, WithinLimits),
            (counting(6), Tests { min_tests: 2, ..check() }, Outcome::Fail, FewerTests),
            // Nothing was scored.
            (unscored.to_vec(), check(), Outcome::Fail, AboveMaximum),
            (cut.to_vec(), Tests { max_skipped: Some(5), ..check() }, Outcome::Fail, TestsSkipped),
            (of_the_run.to_vec(), check(), Outcome::Fail, AboveMaximum),
            (grouped.to_vec(), check(), Outcome::Pass, WithinLimits),
        ];
        for (report, check, outcome, reason) in cases {
            let said = format!("{check:?}");
            let finding = answer(&[("report", &report)], check);
            assert_eq!((finding.outcome, finding.reason), (outcome, reason), "{said}: {}", finding.message);
            let measured = matches!(outcome, Outcome::Pass | Outcome::Fail);
            assert_eq!(finding.value.is_some(), measured, "{said}");
        }
    }

    #[test]
    fn a_suite_that_must_run_ran() {
        let must = Tests { evidence: vec!["a".into(), "b".into()], suites: vec!["red-team".into()], ..check() };
        let (unit, idle, red) = (junit("unit", [3, 0, 0]), junit("red-team", [0, 0, 2]), junit("red-team", [1, 0, 0]));
        let finding = answer(&[("a", &unit), ("b", &idle)], must.clone());
        assert_eq!((finding.outcome, finding.reason), (Outcome::Inconclusive, FindingReason::NoTests));
        let finding = answer(&[("a", &unit), ("b", &red)], must.clone());
        assert_eq!((finding.outcome, finding.evidence.len()), (Outcome::Pass, 2));
        let finding = answer(&[("a", &unit)], must);
        assert_eq!((finding.outcome, finding.reason), (Outcome::Missing, FindingReason::EvidenceMissing));
    }

    #[test]
    fn a_report_in_which_nothing_ran_is_not_covered_by_another() {
        let two = || Tests { evidence: vec!["unit".into(), "red-team".into()], ..check() };
        let (good, bad) = (junit("unit", [3, 0, 0]), junit("unit", [3, 1, 0]));
        for idle in [junit("red-team", [0, 0, 0]), junit("red-team", [0, 0, 2])] {
            let finding = answer(&[("unit", &good), ("red-team", &idle)], two());
            assert_eq!((finding.outcome, finding.reason), (Outcome::Inconclusive, FindingReason::NoTests));
            assert_eq!(finding.message, "no test of red-team ran; 3 ran elsewhere; run them");
            assert_eq!(answer(&[("unit", &bad), ("red-team", &idle)], two()).outcome, Outcome::Fail);
        }
    }

    #[test]
    fn tests_that_were_there_before() {
        use FindingReason::{FewerTests, TestsSkipped, WithinLimits};
        let fewer = |max_fewer| Some(TestsAgainstAdmitted { max_fewer, max_more_skipped: None });
        let skipped = |most| Some(TestsAgainstAdmitted { max_fewer: 9, max_more_skipped: Some(most) });
        let before = |ran, skipped| Some(TestCounts { ran, skipped });
        let cases = [
            (
                fewer(0),
                before(4, 0),
                Outcome::Pass,
                WithinLimits,
                "5 of 7 tests passed, 2 skipped; 2 more skipped than",
            ),
            (fewer(0), before(6, 0), Outcome::Fail, FewerTests, "5 ran, 1 fewer than the 6 of the admitted revision"),
            (fewer(1), before(6, 2), Outcome::Pass, WithinLimits, "; 1 fewer ran than for the admitted revision"),
            (skipped(1), before(7, 0), Outcome::Fail, TestsSkipped, "2 skipped, 2 more than the 0 of the admitted"),
            (skipped(2), before(7, 0), Outcome::Pass, WithinLimits, "; 2 fewer ran and 2 more skipped than for"),
            (fewer(0), None, Outcome::Pass, WithinLimits, "; no admitted revision was asked this before"),
            // Nothing asks for it: it is told all the same.
            (None, before(9, 0), Outcome::Pass, WithinLimits, "; 4 fewer ran and 2 more skipped than for"),
            (None, before(5, 2), Outcome::Pass, WithinLimits, "5 of 7 tests passed, 2 skipped"),
        ];
        for (against_admitted, admitted, outcome, reason, said) in cases {
            let check = Tests { against_admitted, admitted, ..check() };
            let finding = answer(&[("report", &junit("s", [5, 0, 2]))], check);
            assert_eq!((finding.outcome, finding.reason), (outcome, reason), "{said}: {}", finding.message);
            assert!(finding.message.contains(said), "{said}: {}", finding.message);
            assert_eq!(TestCounts::of(&finding.counts), Some(TestCounts { ran: 5, skipped: 2 }));
        }
    }

    #[test]
    fn warnings() {
        let report = br#"{"metrics": [], "tests": [{"metric_config": {}, "name": "n", "status": "WARNING"},
            {"metric_config": {}, "name": "m", "status": "SUCCESS"}]}"#;
        assert_eq!(answer(&[("report", report)], check()).outcome, Outcome::Fail);
        assert_eq!(answer(&[("report", report)], Tests { allow_warnings: true, ..check() }).outcome, Outcome::Pass);
    }

    #[test]
    fn says_what_failed_and_what_to_do() {
        let finding = answer(&[("report", &junit("s", [2, 4, 1]))], check());
        assert_eq!(
            finding.message,
            "2 of 7 tests passed, 4 failed, 1 skipped: t, t, t, …; mend them, then run the tests again"
        );
        assert_eq!((finding.value.as_deref(), finding.threshold.as_deref()), (Some("4.0"), Some("<= 0")));
        let finding = answer(&[("report", &junit("s", [0, 0, 0]))], check());
        assert_eq!(finding.message, "no test ran; 0 skipped; run them");
    }

    #[test]
    fn bad_evidence() {
        use FindingReason::{EvidenceEmpty, EvidenceTooLarge, EvidenceUnreadable};
        let deep = "<testsuite>".repeat(40);
        let cases: [(&[u8], Option<Format>, Outcome, FindingReason); 6] = [
            (b"", None, Outcome::Missing, EvidenceEmpty),
            (b"\xff<", None, Outcome::Error, EvidenceUnreadable),
            (b"<testsuite>", None, Outcome::Error, EvidenceUnreadable),
            (b"{}", None, Outcome::Error, EvidenceUnreadable),
            (b"<testsuite/>", Some(Format::Garak), Outcome::Error, EvidenceUnreadable),
            (deep.as_bytes(), None, Outcome::Error, EvidenceTooLarge),
        ];
        for (bytes, format, outcome, reason) in cases {
            let finding = answer(&[("report", bytes)], Tests { format, ..check() });
            assert_eq!((finding.outcome, finding.reason), (outcome, reason), "{}", finding.message);
        }
    }
}
