//! Documents: depth, length, repetition, encodings, entities, aliases, and expressions over them.

use super::limited::{Content, Hostile};
use modelgate::policy::{FindingReason as Reason, Outcome};
use serde_json::{Value, json};

fn metric() -> Value {
    json!({"metric": {"evidence": "input", "name": "accuracy", "min": "0.5"}})
}

fn tests() -> Value {
    json!({"tests": {"evidence": ["input"], "maxFailed": 0, "minTests": 1}})
}

fn scan() -> Value {
    json!({"vulnerabilities": {"evidence": ["input"], "allowed": {"critical": 100}, "unratedAs": "Low", "allowUnscanned": true}})
}

fn card() -> Value {
    json!({"documentation": {"evidence": "input", "topics": [{"topic": "Limitations", "minWords": 0}]}})
}

fn explanation() -> Value {
    json!({"explainability": {"evidence": "input", "aboutModel": false, "maxShare": "1", "minFeatures": 1}})
}

fn contract() -> Value {
    json!({"dataContract": {"contract": "input", "data": "input"}})
}

fn expression(text: &str) -> Value {
    json!({"expression": {"expression": text, "evidence": ["input"]}})
}

/// One document, asked by every kind of gate that reads documents.
fn all(bytes: &[u8]) -> Hostile {
    Hostile::new()
        .evidence("input", bytes)
        .gate("metric", metric())
        .gate("tests", tests())
        .gate("scan", scan())
        .gate("card", card())
        .gate("explanation", explanation())
        .gate("contract", contract())
        .gate("expression", expression("evidence.input.accuracy > 0.5"))
}

/// What an unreadable document may come to, whoever asks.
const UNREADABLE: &[Reason] = &[
    Reason::EvidenceUnreadable,
    Reason::EvidenceTooLarge,
    Reason::EvidenceEmpty,
    Reason::NotFinite,
    Reason::MetricMissing,
    Reason::SectionMissing,
    Reason::NoTests,
    Reason::AboveMaximum,
    Reason::NothingScanned,
    Reason::FeaturesMissing,
    Reason::ExpressionInvalid,
    Reason::ExpressionTooCostly,
];

#[test]
fn deep_long_and_repeated() {
    let deep = |open: &str, close: &str| format!("{}0{}", open.repeat(10_000), close.repeat(10_000)).into_bytes();
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("10,000 lists", deep("[", "]")),
        ("10,000 objects", deep("{\"accuracy\":", "}")),
        ("a million brackets", b"[".repeat(1 << 20)),
        ("a key twice", b"{\"accuracy\": 0.9, \"accuracy\": 0.1}".to_vec()),
        ("a key twice, written otherwise", b"{\"accuracy\": 0.9, \"\\u0061ccuracy\": 0.1}".to_vec()),
        ("a million values", format!("[{}0]", "0,".repeat(1 << 20)).into_bytes()),
        ("one text of 5 MB", format!("{{\"accuracy\": \"{}\"}}", "9".repeat(5 << 20)).into_bytes()),
        ("cut", b"{\"accuracy\": 0.9, \"x\": [1, 2".to_vec()),
        ("two documents", b"{\"accuracy\": 0.9}{\"accuracy\": 0.9}".to_vec()),
        ("UTF-16", "{\"accuracy\": 0.9}".encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("Latin-1 within UTF-8", b"{\"accuracy\": 0.9, \"name\": \"caf\xe9\"}".to_vec()),
        ("an unpaired surrogate", b"{\"accuracy\": 0.9, \"name\": \"\\ud800\"}".to_vec()),
        ("zero bytes", vec![0; 100_000]),
        ("not a number", b"{\"accuracy\": NaN}".to_vec()),
        ("wrong magic", b"PK\x03\x04\x14\0\0\0".to_vec()),
        ("gzip", b"\x1f\x8b\x08\0\0\0\0\0\0\x03".to_vec()),
    ];
    for (case, bytes) in cases {
        all(&bytes).refused(case, UNREADABLE);
    }
}

/// Marks and line ends that change nothing.
#[test]
fn what_other_systems_add_is_read() {
    for text in
        ["\u{feff}{\"accuracy\": 0.9}", "{\r\n\"accuracy\": 0.9\r\n}\r\n", "\u{feff}name,value\r\naccuracy,0.9\r\n"]
    {
        let findings = Hostile::new().evidence("input", text.as_bytes()).gate("metric", metric()).run();
        assert_eq!(findings[0].outcome, Outcome::Pass, "{text:?} {:?}", findings[0]);
    }
}

#[test]
fn a_gigabyte_in_one_line() {
    let hole = Content::Hole((1 << 30) + 1);
    let hostile = Hostile::new().content("input", &hole, None);
    let gates =
        [metric(), tests(), scan(), card(), explanation(), contract(), expression("evidence.input.accuracy > 0.5")];
    let hostile = gates.into_iter().enumerate().fold(hostile, |all, (at, check)| all.gate(&format!("g{at}"), check));
    hostile.refused("1 GiB", &[Reason::EvidenceTooLarge]);
}

/// Long names above many values: each value must not take a copy.
#[test]
fn long_names_above_many_values() {
    let long = "k".repeat(2 << 20);
    let zeros = vec!["0"; 180_000].join(",");
    let many: String = (0..100_000).map(|i| format!("\"{i}\":0,")).collect();
    let cases = [
        ("a card", format!("{{\"model_details\": {{\"{long}\": [{zeros}]}}}}")),
        ("a card of many keys", format!("{{\"model_details\": {{\"{long}\": {{{many}\"x\":0}}}}}}")),
        ("results", format!("{{\"n-shot\": {{}}, \"results\": {{\"{long}\": {{{many}\"x\":0}}}}}}")),
        ("values", format!("{{\"{}\": {{{many}\"x\":0}}}}", "k".repeat(1000))),
        ("features", format!("{{\"{long}\": 1}}")),
    ];
    for (case, text) in cases {
        all(text.as_bytes()).refused(case, UNREADABLE);
    }
}

#[test]
fn xml() {
    let laughs: String =
        (1..10).map(|i| format!("<!ENTITY l{i} \"{}\">", format!("&l{};", i - 1).repeat(10))).collect();
    let bomb = format!(
        "<!DOCTYPE t [<!ENTITY l0 \"ha\">{laughs}]><testsuite name=\"&l9;\"><testcase name=\"a\"/></testsuite>"
    );
    let outside =
        "<!DOCTYPE t [<!ENTITY f SYSTEM \"file:///etc/hostname\">]><testsuite><testcase name=\"&f;\"/></testsuite>";
    let named = "k".repeat(3_300_000);
    let attributes: String = (0..300_000).map(|i| format!(" a{i}=''")).collect();
    let cases = [
        ("a bomb of entities", bomb),
        ("an entity of a file", outside.to_owned()),
        ("an unknown entity", "<testsuite><testcase name=\"&lol;\"/></testsuite>".to_owned()),
        ("depth", format!("<testsuites>{}", "<testsuite>".repeat(100_000))),
        ("elements", format!("<testsuite>{}</testsuite>", "<a/>".repeat(300_000))),
        (
            "suites",
            format!(
                "<testsuites>{}</testsuites>",
                (0..9000).map(|i| format!("<testsuite name='{i}'/>")).collect::<String>()
            ),
        ),
        ("a long name", format!("<testsuite name=\"{named}\">{}</testsuite>", "<a/>".repeat(190_000))),
        ("attributes", format!("<testsuite{attributes}></testsuite>")),
        ("cut", "<testsuite><testcase name=\"a\"/>".to_owned()),
        ("UTF-16 declared", "<?xml version=\"1.0\" encoding=\"UTF-16\"?><testsuite>".to_owned()),
    ];
    for (case, text) in cases {
        all(text.as_bytes()).refused(case, UNREADABLE);
    }
}

#[test]
fn yaml() {
    let step = |i: usize| {
        let from = if i == 0 { "a".to_owned() } else { format!("b{}", i - 1) };
        format!("b{i}: &b{i} [{}]\n", vec![format!("*{from}"); 9].join(", "))
    };
    let lists: String = (0..30).map(step).collect();
    let long = "x".repeat(3 << 20);
    let cases = [
        ("a bomb of lists", format!("a: &a [x, x]\n{lists}")),
        ("a long text many times", format!("a: &a \"{long}\"\nb: [{}]\n", vec!["*a"; 99].join(", "))),
        (
            "merged maps",
            format!("a: &a {{x: 1}}\n{}", (0..500).map(|i| format!("m{i}: {{<<: *a}}\n")).collect::<String>()),
        ),
        ("depth", format!("a: {}{}\n", "[".repeat(10_000), "]".repeat(10_000))),
        ("a circle", "a: &a [*a]\n".to_owned()),
        ("a key twice", "license: mit\nlicense: gpl\n".to_owned()),
        ("an include", "license: !include /etc/hostname\nx: [\n".to_owned()),
    ];
    let check = json!({"documentation": {"evidence": "input", "frontMatter": ["license"], "sections": [{"heading": "Use", "minWords": 1}]}});
    let metric = metric();
    for (case, front) in cases {
        let text = format!("---\n{front}---\n# Use\nIt says something.\n");
        let hostile = Hostile::new().evidence("input", text.as_bytes());
        hostile.gate("card", check.clone()).gate("metric", metric.clone()).refused(case, UNREADABLE);
    }
}

/// Controls and escapes in names and values, wherever a message tells of them. `run` looks at every message.
#[test]
fn nothing_is_told_as_it_is() {
    let evil = "\\u001b[31m\\n::error::\\u202e\\u2028\\u0000".repeat(40);
    let raw = "\u{1b}[31m::error::\u{202e}\u{2028}".repeat(40);
    let documents = [
        format!("{{\"{evil}\": {{\"{evil}\": 1}}}}"),
        format!("{{\"accuracy\": \"{evil}\"}}"),
        format!("{{\"info\": {{\"status\": \"{evil}\"}}, \"data\": {{\"metrics\": {{\"accuracy\": 1}}}}}}"),
        format!("{{\"model_details\": {{\"{evil}\": 3}}, \"quantitative_analysis\": \"{evil}\"}}"),
        format!(
            "{{\"bomFormat\": \"CycloneDX\", \"vulnerabilities\": [{{\"id\": \"{evil}\", \"affects\": \"{evil}\"}}]}}"
        ),
        format!(
            "<testsuite name=\"{raw}\"><testcase name=\"{raw}\" classname=\"{raw}\"><failure/></testcase></testsuite>"
        ),
        format!("<testsuite name=\"{raw}\" tests=\"9\"><testcase name=\"a\"/></testsuite>"),
        format!("feature,importance\n{raw},{raw}\n"),
        format!("---\n\"{evil}\": [\n---\n# {raw}\n[x]({raw})\n"),
        format!("# {raw}\n[x]({raw})\n"),
    ];
    for text in documents {
        let mut hostile = all(text.as_bytes()).gate("links", json!({"documentation": {"evidence": "input", "sections": [{"heading": "Use", "minWords": 0}], "linksResolve": true}}));
        hostile = hostile
            .gate("zero", json!({"tests": {"evidence": ["input"], "maxFailed": 0, "minTests": 1, "suites": ["x"]}}));
        for finding in hostile.run() {
            assert!(finding.message.len() <= 256);
        }
    }
}

/// Expressions that would hold much, or run long.
#[test]
fn expressions() {
    let list = vec!["0"; 100_000].join(",");
    let text = format!("{{\"accuracy\": 0.9, \"list\": [{list}], \"text\": \"{}\"}}", "x".repeat(1 << 20));
    let list = "evidence.input.list";
    let long = "evidence.input.text";
    let cases = [
        format!("size({list}.map(a, {list}.map(b, a + b))) > 0"),
        format!("size({list}.map(a, {long})) > 0"),
        format!("size({list}.map(a, {long} + 'x')) > 0"),
        format!("size({list}.map(a, [{long}, {long}, {long}])) > 0"),
        format!("size({list}.map(a, {{'k': {long}}})) > 0"),
        format!("size({list}.map(a, string({long}))) > 0"),
        format!("{list}.all(a, {list}.all(b, a + b >= 0))"),
        format!("{list}.map(a, {list}) == []"),
        format!("{long}.matches('(x+x+)+y') || {}", "!".repeat(600)),
        format!("size([{}]) > 0", vec![long; 120].join(" + 'a', ")),
    ];
    let gates = |hostile: Hostile, some: &[String]| {
        some.iter().enumerate().fold(hostile, |all, (at, text)| all.gate(&format!("e{at}"), expression(text)))
    };
    for some in cases.chunks(2) {
        let hostile = gates(Hostile::new().evidence("input", text.as_bytes()), some);
        hostile.refused(&some.join(" and "), &[Reason::ExpressionTooCostly, Reason::ExpressionInvalid]);
    }
}
