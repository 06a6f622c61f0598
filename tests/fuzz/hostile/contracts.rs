//! Contracts that would take long or much: patterns, rules, aliases, names.

use super::limited::Hostile;
use modelgate::policy::{FindingReason as Reason, Outcome};
use serde_json::json;

const HEAD: &str = "kind: DataContract\napiVersion: v3.1.0\nid: i\nversion: '1'\nschema:\n- name: t\n";

/// A table of ten rows held to the contract, which is the tested one too.
fn held(contract: &str, rows: &str) -> Hostile {
    let check =
        json!({"contract": "contract", "data": "rows", "testedWith": {"contract": "tested", "changes": "Compatible"}});
    Hostile::new()
        .evidence("contract", contract.as_bytes())
        .evidence("tested", format!("{contract}\n").as_bytes())
        .evidence("rows", rows.as_bytes())
        .gate("contract", json!({ "dataContract": check }))
}

fn rows(cell: &str) -> String {
    format!("a,b\n{}", format!("{cell},1\n").repeat(10))
}

#[test]
fn what_takes_too_much_is_refused() {
    let step = |i: usize| {
        let from = if i == 0 { "a".to_owned() } else { format!("b{}", i - 1) };
        format!("b{i}: &b{i} [{}]\n", vec![format!("*{from}"); 9].join(", "))
    };
    let column = |said: &str| format!("{HEAD}  properties: [{{name: a, {said}}}]\n");
    let cases = [
        ("a bomb of lists", format!("a: &a [x, x]\n{}", (0..30).map(step).collect::<String>())),
        ("a long text many times", format!("a: &a \"{}\"\nb: [{}]\n", "x".repeat(3 << 20), vec!["*a"; 99].join(", "))),
        ("depth", format!("{HEAD}  properties: {}{}\n", "[".repeat(10_000), "]".repeat(10_000))),
        ("a long list", column(&format!("enum: [{}]", vec!["1"; 30_000].join(", ")))),
        (
            "many columns",
            format!("{HEAD}  properties: [{}]\n", (0..5000).map(|i| format!("{{name: c{i}}}, ")).collect::<String>()),
        ),
    ];
    for (case, text) in cases {
        held(&text, &rows("x")).refused(case, &[Reason::EvidenceUnreadable, Reason::EvidenceTooLarge]);
    }
}

#[test]
fn what_is_taken_comes_to_an_end() {
    let patterned = |pattern: &str, count: usize| {
        let one =
            |i: usize| format!("{{name: c{i}, logicalType: string, logicalTypeOptions: {{pattern: '{pattern}'}}}}, ");
        format!(
            "{HEAD}  properties: [{{name: a, quality: [{{metric: invalidValues, pattern: '{pattern}', mustBe: 0}}]}}, {}]\n",
            (0..count).map(one).collect::<String>()
        )
    };
    let names: String = (0..1000).map(|i| format!("{{name: c{i}, unique: true, primaryKey: true}}, ")).collect();
    let together = (0..1000).map(|i| format!("c{i}")).collect::<Vec<_>>().join(", ");
    let wide = format!("{}\n{}", together.replace(", ", ","), format!("{}\n", vec!["0"; 1000].join(",")).repeat(10));
    let duplicates =
        vec![format!("{{metric: duplicateValues, mustBe: 0, arguments: {{properties: [{together}]}}}}"); 20].join(", ");
    let cases = [
        ("patterns that turn back", patterned("(a*)*b", 30), rows(&"a".repeat(100_000))),
        ("large patterns", patterned("[a-z]{1,3000}", 30), rows(&"a".repeat(1000))),
        ("wide keys", format!("{HEAD}  properties: [{names}]\n  quality: [{duplicates}]\n"), wide),
    ];
    for (case, contract, rows) in cases {
        let findings = held(&contract, &rows).run();
        assert_ne!(findings[0].outcome, Outcome::Pass, "{case}: {:?}", findings[0]);
        assert!(!matches!(findings[0].reason, Reason::JobFailed | Reason::JobTimedOut), "{case}: {:?}", findings[0]);
    }
}

/// Controls and escapes wherever a message tells of them. `run` looks at every message.
#[test]
fn nothing_is_told_as_it_is() {
    let evil = "\\e[31m\\n::error::\\u202e\\u2028".repeat(20);
    let raw = "\u{1b}[31m::error::\u{202e}\u{2028}".repeat(20);
    let contracts = [
        format!("{HEAD}  properties: [{{name: \"{evil}\"}}]\n"),
        format!("{HEAD}  properties: [{{name: a, logicalType: integer}}]\n"),
        format!(
            "{HEAD}  properties: [{{name: a, physicalType: \"{evil}\", classification: \"{evil}\", \"{evil}\": 1}}]\n"
        ),
        format!("{HEAD}  properties: [{{name: a, quality: [{{type: \"{evil}\"}}]}}]\n")
            .replace("id: i", &format!("id: \"{evil}\"")),
        format!("{HEAD}  properties: [{{name: a}}]\n").replace("name: t", &format!("name: \"{evil}\"")),
        format!("{HEAD}  properties: [{{name: a}}]\n").replace("DataContract", &format!("\"{evil}\"")),
        evil.clone(),
    ];
    for contract in contracts {
        let findings = held(&contract, &rows(&format!("\"{raw}\""))).run();
        assert!(findings[0].message.len() <= 256);
    }
}
