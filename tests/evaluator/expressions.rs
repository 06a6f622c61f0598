//! Expressions that would take a process down do not.

use crate::job::Job;
use modelgate::policy::expression::{MAX_NESTING, MAX_PARTS, MAX_TEXT};
use modelgate::policy::{FindingReason, Outcome};

const METRICS: &[u8] = br#"{"accuracy": 0.81, "folds": [0.8, 0.82]}"#;

fn ask(text: &str) -> crate::job::Ended {
    Job::new().evidence("metrics", METRICS).expression("e", text, &["metrics"]).run()
}

#[test]
fn answers() {
    let finding = ask("evidence.metrics.accuracy >= 0.8").expect(Outcome::Pass, FindingReason::ExpressionTrue);
    assert_eq!(finding.evidence.len(), 1);
    ask("evidence.metrics.accuracy >= 0.9").expect(Outcome::Fail, FindingReason::ExpressionFalse);
    ask("evidence.metrics.accuracy").expect(Outcome::Inconclusive, FindingReason::ExpressionNotBoolean);
    ask("evidence.metrics.recall > 0.1").expect(Outcome::Error, FindingReason::ExpressionInvalid);
    ask("recall > 0.1").expect(Outcome::Error, FindingReason::ExpressionInvalid);
    ask("1 +").expect(Outcome::Error, FindingReason::ExpressionInvalid);
    let facts = "release.name == 'mortgage' && release.namespaceLabels.team == 'risk' && declared.purpose == 'lending'";
    ask(facts).expect(Outcome::Pass, FindingReason::ExpressionTrue);
}

#[test]
fn what_is_too_large_is_refused() {
    let nested = |open: &str, close: &str, count: usize| format!("{}true{}", open.repeat(count), close.repeat(count));
    for text in [
        nested("(", ")", 2000),
        nested("[", "]", 2000),
        nested("{1:", "}", 1000),
        nested("[1].all(x, ", ")", 200),
        nested("f(", ")", 1000),
        nested("true ? ", " : true", 300),
        "!".repeat(4000) + "true",
        "-".repeat(4000) + "1 == 1",
        vec!["1"; 2000].join("+"),
        vec!["true"; 600].join("&&"),
        format!("a{}", ".a".repeat(2000)),
        format!("a{}", "[0]".repeat(1000)),
        "a".repeat(1_000_000),
        " ".repeat(100_000),
        nested("[1].all(a, ", ")", 8),
    ] {
        ask(&text).expect(Outcome::Error, FindingReason::ExpressionTooCostly);
    }
}

/// The largest texts of each shape that are let through: the process must end by itself.
#[test]
fn what_is_let_through_does_not_overflow_the_stack() {
    let nested = |open: &str, close: &str, count: usize| format!("{}true{}", open.repeat(count), close.repeat(count));
    let filled = |unit: &str, count: usize| unit.repeat(count.min(MAX_TEXT / unit.len() - 2));
    for text in [
        nested("(", ")", MAX_NESTING),
        nested("[", "]", MAX_NESTING) + " != []",
        nested("{1:", "}", MAX_NESTING) + " != {}",
        nested("!(", ")", MAX_NESTING),
        nested("true ? (true ? ", " : true) : true", MAX_NESTING / 4),
        format!("{}true", "true ? true : ".repeat(MAX_NESTING)),
        filled("1+", MAX_PARTS / 2 - 2) + "1 > 0",
        filled("true&&", MAX_PARTS / 2 - 2) + "true",
        filled("1<", MAX_PARTS / 2 - 2) + "1",
        filled("!", MAX_PARTS - 2) + "true",
        filled("-", MAX_PARTS - 4) + "1 > 0",
        format!("evidence.metrics{} == 1", filled(".a", MAX_PARTS / 2 - 6)),
        format!("evidence.metrics{} == 1", filled("[0]", MAX_PARTS / 3 - 6)),
        format!("''{} == ''", filled(".trim()", MAX_PARTS / 4 - 4)),
        format!("'{}' == ''", "(".repeat(MAX_TEXT - 10)),
        format!("{}{}", nested("[1].all(x, ", ")", 2), " && [1, 2].map(x, [x].filter(y, y > 0)).size() == 2"),
        filled("a ", MAX_PARTS - 1),
        filled("( )", 120),
        filled("(", MAX_NESTING) + &filled("+", 300),
    ] {
        let ended = ask(&text);
        assert!(ended.code.is_some(), "a signal ended it: {}", &text[..text.len().min(60)]);
        let finding = ended.only();
        assert_ne!(finding.reason, FindingReason::JobFailed, "{finding:?}");
    }
}

#[test]
fn an_endless_expression_is_left_behind() {
    let many: Vec<u32> = (0..20_000).collect();
    let many = serde_json::json!({ "many": many }).to_string();
    let text = "evidence.m.many.all(a, evidence.m.many.all(b, a + b >= 0))";
    let ended = Job::new()
        .evidence("m", many.as_bytes())
        .expression("endless", text, &["m"])
        .expression("quick", "true", &[])
        .run();
    let results = ended.document().results;
    assert_eq!(results[0].reason, FindingReason::ExpressionTooCostly, "{:?}", results[0]);
    assert_eq!(results[1].outcome, Outcome::Pass);
    assert_eq!(ended.code, Some(3));
}
