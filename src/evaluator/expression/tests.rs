use super::*;
use crate::policy::Digest;

fn variables() -> Variables {
    let metrics = serde_json::json!({
        "accuracy": 0.81, "rows": 800, "zero": 0.0, "huge": 1e308, "name": "NaN", "none": null,
        "folds": [0.8, 0.82, 0.79], "big": 18446744073709551615u64,
        "many": (0..3000).collect::<Vec<_>>(),
    });
    Variables {
        facts: OrderFacts {
            namespace: "lending".into(),
            namespace_labels: [("env".into(), "prod".into())].into(),
            release: "mortgage".into(),
            at: None,
            model_name: "mortgage-approval".into(),
            model_version: "2.0.0".into(),
            model_digest: Some(Digest::of(b"model")),
            declared: [("purpose".into(), "lending".into())].into(),
        },
        evidence: [("metrics".into(), metrics)].into(),
    }
}

fn ask(text: &str) -> Answer {
    answer(text, variables(), Duration::from_secs(20))
}

#[test]
fn facts_and_evidence_can_be_read() {
    for text in [
        "evidence.metrics.accuracy >= 0.8 && evidence.metrics.rows > 500",
        "evidence.metrics.accuracy < 1 && evidence.metrics.rows < 800.5",
        "evidence['metrics'].folds.all(f, f > 0.7) && size(evidence.metrics.folds) == 3",
        "evidence.metrics.folds.map(f, f * 2.0 + 1.0).filter(f, f > 2.62).size() == 1",
        "release.name == 'mortgage' && release.namespace == 'lending' && release.namespaceLabels.env == 'prod'",
        "model.version.startsWith('2.') && model.name != '' && model.digest.startsWith('sha256:')",
        "declared.purpose in ['lending', 'insurance']",
        "!has(evidence.metrics.missing) && evidence.metrics.none == null",
        "evidence.metrics.big > 9223372036854775807",
        "evidence.metrics.accuracy * 100.0 > 80.9 && double('0.5') == 0.5 && -evidence.metrics.accuracy < 0.0",
    ] {
        assert_eq!(ask(text), Answer::True, "{text}");
    }
    assert_eq!(ask("evidence.metrics.accuracy >= 0.9"), Answer::False);
}

#[test]
fn what_is_wrong_is_named_with_what_there_is() {
    for (text, said) in [
        ("recall > 0.5", "there is no variable recall; there are release, model, declared and evidence"),
        ("evidence.model.x == 1", "model is no evidence of this gate; list it under evidence (metrics)"),
        ("release.nmae == 'a'", "release has no field nmae; it has name, namespace, namespaceLabels"),
        (
            "evidence.metrics.recall > 0.5",
            "evidence.metrics has no field recall; it has accuracy, big, folds, huge, many, name, …",
        ),
        ("model.version > 1", "model.version is a string, which never compares with a number"),
        ("evidence.metrics.name > 1", "> does not take string and int"),
        ("evidence.metrics.name + 1 == 'a'", "+ does not take a string and a number"),
        ("declared.dataSensitivity == 'Low'", "dataSensitivity"),
    ] {
        match ask(text) {
            Answer::Invalid(why) => assert!(why.contains(said), "{text}: {why}"),
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn what_is_no_boolean_is_no_answer() {
    for (text, kind) in
        [("1", "a number"), ("'true'", "a string"), ("null", "null"), ("[true]", "a list"), ("{'a': true}", "a map")]
    {
        assert_eq!(ask(text), Answer::NotBoolean(kind), "{text}");
    }
}

#[test]
fn what_is_not_there_or_not_cel_is_invalid() {
    for text in [
        "evidence.metrics.recall > 0.5",
        "!evidence.metrics.a.b",
        "!evidence.metrics.accuracy.b",
        "evidence.model.x == 1",
        "unknown == 1",
        "unknown()",
        "'a' > 1",
        "'a' + 1 == 'a1'",
        "1 +",
        "true false",
        "evidence.metrics.rows / 0 > 1",
        "9223372036854775807 + 1 > 0",
        "",
    ] {
        assert!(matches!(ask(text), Answer::Invalid(_)), "{text} {:?}", ask(text));
    }
}

/// NaN differs from everything, so `!=` would hold.
#[test]
fn no_answer_rests_on_nan_or_infinity() {
    for text in [
        "evidence.metrics.zero / evidence.metrics.zero != 1.0",
        "!(evidence.metrics.zero / evidence.metrics.zero > 0.05)",
        "evidence.metrics.accuracy / evidence.metrics.zero > 0.05",
        "evidence.metrics.huge * 10.0 != 1.0",
        "evidence.metrics.huge + evidence.metrics.huge != 1.0",
        "-evidence.metrics.huge - evidence.metrics.huge != 1.0",
        "double(evidence.metrics.name) != 1.0",
        "double('inf') > 1.0",
        "evidence.metrics.folds.all(f, f / evidence.metrics.zero != 1.0)",
        "evidence.metrics.folds.map(f, f / evidence.metrics.zero).size() == 3",
        "[1.0 / 0.0] != []",
        "{'a': 1.0 / 0.0}.a != 1.0",
        "{'a': 1.0 / 0.0} != {}",
        "1e999 != 1.0",
    ] {
        assert!(matches!(ask(text), Answer::Invalid(_)), "{text} {:?}", ask(text));
    }
}

#[test]
fn time_is_limited() {
    let many = "evidence.metrics.many";
    let text = format!("{many}.all(a, {many}.all(b, a + b >= 0))");
    let found = answer(&text, variables(), Duration::from_millis(200));
    assert!(matches!(&found, Answer::TooCostly(why) if why.contains("0.2 s")), "{found:?}");
}

#[test]
fn what_is_made_is_limited() {
    let many = "evidence.metrics.many";
    for text in [
        format!("{many}.map(a, {many}.map(b, a + b)).size() > 0"),
        format!("{many}.map(a, {{'k': {many}}}).size() > 0"),
        format!("{many}.filter(a, a >= 0).map(a, [{many}, {many}]).size() > 0"),
    ] {
        let found = ask(&text);
        assert!(matches!(&found, Answer::TooCostly(why) if why.contains("makes more")), "{text} {found:?}");
    }
    assert_eq!(ask(&format!("{many}.map(a, 'x' + string(a)).size() == 3000")), Answer::True);
}

#[test]
fn size_is_limited() {
    for text in ["(".repeat(2000) + "true" + &")".repeat(2000), "!".repeat(1500) + "true", " ".repeat(10_000)] {
        assert!(matches!(ask(&text), Answer::TooCostly(_)));
    }
}

/// Tools write null for what they could not compute; `!=` would hold.
#[test]
fn values_of_different_kinds_do_not_differ() {
    for (text, said) in [
        ("evidence.metrics.none != 'failed'", "null is not compared with a string; ask whether it is null first"),
        ("evidence.metrics.none != 5", "null is not compared with a number; ask whether it is null first"),
        ("'5' != evidence.metrics.rows", "a string is not compared with a number"),
        ("evidence.metrics.folds != 3", "a list is not compared with a number"),
        ("evidence.metrics.name == 0.1 || false", "a string is not compared with a number"),
        ("!(evidence.metrics.none in [1, 2])", "null is not looked for in a list of a number"),
        ("!(evidence.metrics.none in [])", "null is not looked for in a list of nothing"),
        (
            "evidence.metrics.none == evidence.metrics.none",
            "null is not compared with null; ask whether it is null first",
        ),
        // Nor within what they hold.
        (
            "!('failed' in ['ok', evidence.metrics.none])",
            "a string is not compared with null; ask whether it is null first",
        ),
        ("[evidence.metrics.none] != ['failed']", "null is not compared with a string; ask whether it is null first"),
        (
            "{'s': evidence.metrics.none} != {'s': 'failed'}",
            "null is not compared with a string; ask whether it is null first",
        ),
        ("{'s': [evidence.metrics.rows]} != {'s': ['failed']}", "a number is not compared with a string"),
        ("!(evidence.metrics.name in evidence.metrics.folds)", "a string is not looked for in a list of a number"),
        ("evidence.metrics.folds.all(f, f != 'bad')", "a number is not compared with a string"),
    ] {
        match ask(text) {
            Answer::Invalid(why) => assert_eq!(why, said, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
    for text in [
        "evidence.metrics.none == null && evidence.metrics.name != null && null in [evidence.metrics.none]",
        "evidence.metrics.rows == 800.0 && evidence.metrics.rows in [800, 1] && !(evidence.metrics.rows in [1, 'a'])",
        "'accuracy' in evidence.metrics && !('x' in evidence.metrics) && !('a' in [])",
        // The rest decides.
        "[evidence.metrics.none, 1] != ['failed', 2] && [1] != [1, 2] && {'a': 1} != {'b': 1}",
        "'ok' in [evidence.metrics.none, 'ok'] && {'a': [1, 2.0]} == {'a': [1.0, 2]} && [1] in [[2], [1]]",
    ] {
        assert_eq!(ask(text), Answer::True, "{text}");
    }
}

#[test]
fn nothing_is_true_of_each_of_none() {
    let nothing = |text: &str| {
        let metrics = serde_json::json!({
            "runs": [], "by": {}, "a": [[]], "ok": [{"runs": []}], "of": {"lending": [], "mortgage-approval": []},
        });
        let evidence = [("metrics".to_owned(), metrics)].into();
        answer(text, Variables { evidence, ..variables() }, Duration::from_secs(20))
    };
    for (text, place) in [
        ("evidence.metrics.runs.all(r, r.ok)", "evidence.metrics.runs"),
        ("!evidence.metrics.runs.exists(r, r.failed)", "evidence.metrics.runs"),
        ("evidence['metrics'].by.all(name, name != '')", "evidence['metrics'].by"),
        ("true && evidence.metrics.a[0].all(r, r > 1)", "evidence.metrics.a[0]"),
        ("evidence.metrics.runs.all(r, r.ok) || false", "evidence.metrics.runs"),
        ("evidence.metrics.of[model.name].all(r, r.ok)", "evidence.metrics.of[…]"),
        ("!evidence.metrics.of[declared.purpose].exists(r, r.failed)", "evidence.metrics.of[…]"),
        (
            "(has(evidence.metrics.new) ? evidence.metrics.new : evidence.metrics.runs).all(r, r.ok)",
            "evidence.metrics.new or evidence.metrics.runs",
        ),
    ] {
        assert_eq!(nothing(text), Answer::Nothing(place.to_owned()), "{text}");
    }
    for text in [
        "size(evidence.metrics.runs) == 0 || evidence.metrics.runs.all(r, r.ok)",
        "evidence.metrics.runs.all(r, r.ok) || evidence.metrics.runs.size() == 0",
        // What the text makes, and one list of many.
        "evidence.metrics.ok.filter(r, size(r.runs) > 0).all(r, r.ok)",
        "evidence.metrics.ok.all(o, o.runs.all(r, r.ok))",
        "evidence.metrics.of.all(name, evidence.metrics.of[name].all(r, r.ok))",
    ] {
        assert_eq!(nothing(text), Answer::True, "{text}");
    }
}
