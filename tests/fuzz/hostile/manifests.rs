//! Manifests and orders of somebody else: `modelgate check` and `modelgate policy` read them in CI.

use super::limited::modelgate;
use std::fs;
use std::path::Path;

const RELEASE: &str = "apiVersion: modelgate.dev/v1alpha1\nkind: ModelRelease\nmetadata: {name: mortgage}\nspec:\n  model: {name: m, version: '1', digest: 'sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'}\n  targetRef: {apiVersion: apps/v1, kind: Deployment, name: mortgage}\n  evidence: [{name: metrics, configMap: {name: c, key: k}}]\n  owner: {team: t, contacts: [c]}\n";

fn policy(gates: &str) -> String {
    format!(
        "apiVersion: modelgate.dev/v1alpha1\nkind: GovernancePolicy\nmetadata: {{name: base}}\nspec:\n  enforcement: Enforce\n  match: {{namespaceSelector: {{matchLabels: {{a: b}}}}}}\n  gates:\n{gates}"
    )
}

fn gate(name: &str) -> String {
    format!("  - {{name: {name}, metric: {{evidence: metrics, name: accuracy, min: \"0.8\"}}}}\n")
}

/// Manifests in a file: neither command succeeds, and the linter says what is wrong.
fn refused(case: &str, text: &[u8], said: &str) {
    let temp = tempfile::tempdir().unwrap();
    let at = temp.path().join("manifests.yaml");
    fs::write(&at, text).unwrap();
    let checked = modelgate(&["check", "-f", at.to_str().unwrap()]);
    assert!(matches!(checked.status.code(), Some(3 | 4)), "{case}: {:?}", checked.status);
    let linted = modelgate(&["policy", "lint", "-f", at.to_str().unwrap()]);
    assert_eq!(linted.status.code(), Some(4), "{case}");
    let told = String::from_utf8_lossy(&linted.stderr);
    assert!(told.contains(said), "{case}: {told}");
}

#[test]
fn manifests() {
    let many: String = (0..100_000).map(|i| gate(&format!("g{i}"))).collect();
    let small: String = (0..100_000).map(|i| format!("  - {{name: g{i}}}\n")).collect();
    let step = |i: usize| {
        let from = if i == 0 { "a".to_owned() } else { format!("b{}", i - 1) };
        format!("b{i}: &b{i} [{}]\n", vec![format!("*{from}"); 9].join(", "))
    };
    let lists: String = (0..30).map(step).collect();
    let items: String =
        (0..120_000).map(|i| format!("- {{apiVersion: v1, kind: Secret, metadata: {{name: s{i}}}}}\n")).collect();
    let good = policy(&gate("accuracy"));
    let whole = |gates: &str| format!("{RELEASE}---\n{}", policy(gates)).into_bytes();
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("100,000 gates", whole(&many), "budget breached"),
        ("100,000 gates that ask nothing", whole(&small), "spec.gates: has 100000 items, expected from 1 to 64"),
        (
            "200 gates",
            whole(&(0..200).map(|i| gate(&format!("g{i}"))).collect::<String>()),
            "spec.gates: has 200 items, expected from 1 to 64",
        ),
        ("a bomb of lists", format!("a: &a [x, x]\n{lists}").into_bytes(), "budget breached"),
        (
            "a long text many times",
            format!("a: &a \"{}\"\nb: [{}]\n", "x".repeat(4 << 20), vec!["*a"; 900].join(", ")).into_bytes(),
            "budget breached",
        ),
        ("depth", format!("a: {}{}\n", "[".repeat(10_000), "]".repeat(10_000)).into_bytes(), "recursion limit"),
        (
            "lists of lists",
            format!("{}{{}}", "{apiVersion: v1, kind: List, items: [".repeat(5000)).into_bytes(),
            "budget breached",
        ),
        ("100,000 documents", "---\na: 1\n".repeat(100_000).into_bytes(), "budget breached"),
        (
            "120,000 objects in a list",
            format!("apiVersion: v1\nkind: List\nitems:\n{items}").into_bytes(),
            "budget breached",
        ),
        ("a field twice", good.replace("min:", "min: \"0.9\", min:").into_bytes(), "duplicate mapping key: min"),
        ("Latin-1", [good.as_bytes(), b"# caf\xe9\n"].concat(), "UTF-8"),
        ("zero bytes", vec![0; 4096], "unexpected character"),
        ("nothing", b"\n".to_vec(), "holds no GovernancePolicy"),
    ];
    for (case, text, said) in cases {
        refused(case, &text, said);
    }
}

/// Words of somebody else in a log of CI, in every form of the verdict. `modelgate` looks at what is printed.
#[test]
fn escapes() {
    let good = policy(&gate("accuracy"));
    let evil = "x\\u001b[31m\\n::error::\\u202e\\u2028";
    let whole = format!("{RELEASE}---\n{good}");
    let texts: Vec<(&str, String)> = vec![
        ("a release", whole.replace("{name: mortgage}\nspec", &format!("{{name: \"{evil}\"}}\nspec"))),
        ("a kind", whole.replace("kind: GovernancePolicy", &format!("kind: \"{evil}\""))),
        ("a field", whole.replace("min:", &format!("\"{evil}\":"))),
        ("a bound", whole.replace("\"0.8\"", &format!("\"{evil}\""))),
        ("a gate", whole.replace("{name: accuracy, metric", &format!("{{name: \"{evil}\", metric"))),
        ("a version", whole.replace("version: '1'", &format!("version: \"{evil}\""))),
        ("a model", whole.replace("model: {name: m", &format!("model: {{name: \"{evil}\""))),
        ("a metric", whole.replace("name: accuracy, min", &format!("name: \"{evil}\", min"))),
        ("a key", whole.replace("key: k", &format!("key: \"{evil}\""))),
        ("a remedy", whole.replace("\"0.8\"}", &format!("\"0.8\"}}, remediation: {{text: \"{evil}\"}}"))),
    ];
    let forms = ["table", "json", "junit", "sarif", "markdown"].map(|form| ["check", "-o", form]);
    let mut commands: Vec<&[&str]> = forms.iter().map(|form| &form[..]).collect();
    commands.extend([&["policy", "lint"][..], &["policy", "explain"]]);
    let temp = tempfile::tempdir().unwrap();
    let at = temp.path().join("manifests.yaml");
    let run = |text: &str, command: &[&str]| {
        fs::write(&at, text).unwrap();
        modelgate(&[command, &["-f", at.to_str().unwrap()][..]].concat())
    };
    // Without them the verdict is reached: there is no evidence.
    assert_eq!(run(&whole, commands[0]).status.code(), Some(2));
    for (case, text) in &texts {
        assert_ne!(*text, whole, "{case}");
        assert_eq!(run(text, commands[0]).status.code(), Some(4), "{case}");
        // Ends of lines alone are taken in sentences, but start no line of the output.
        let text = text.replace("\\u001b[31m", "").replace("\\u202e\\u2028", "");
        for command in &commands {
            let output = run(&text, command);
            let lines = [output.stdout, output.stderr].concat();
            let forged = lines.split(|byte| *byte == b'\n').any(|line| line.trim_ascii().starts_with(b"::"));
            assert!(!forged, "{case}: {command:?} prints {}", String::from_utf8_lossy(&lines));
        }
    }
}

#[test]
fn orders() {
    let gate = |i: u32| {
        format!(
            "{{\"key\":\"p/g{i}\",\"enforcement\":\"Enforce\",\"severity\":\"High\",\"stage\":\"BeforeRelease\",\"check\":{{\"expression\":{{\"expression\":\"true\"}}}}}}"
        )
    };
    let order = |gates: &str| {
        format!(
            "{{\"run\":\"r\",\"facts\":{{\"namespace\":\"n\",\"namespaceLabels\":{{}},\"release\":\"r\",\"modelName\":\"m\",\"modelVersion\":\"1\",\"declared\":{{}}}},\"evidence\":[],\"gates\":[{gates}]}}"
        )
    };
    let gates = |count: u32| (0..count).map(gate).collect::<Vec<_>>().join(",");
    let evil = "\\u001b[31m\\n::error::\\u202e\\u2028";
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("100,000 gates", order(&gates(100_000)).into_bytes()),
        ("129 gates", order(&gates(129)).into_bytes()),
        ("no gate", order("").into_bytes()),
        ("depth", "[".repeat(1 << 19).into_bytes()),
        ("an unknown check", order(&gate(0).replace("\"expression\":{", &format!("\"{evil}\":{{"))).into_bytes()),
        ("a gate without a policy", order(&gate(0).replace("p/g0", evil)).into_bytes()),
        ("a gate twice", order(&format!("{},{}", gate(0), gate(0)).replace("p/g0", &format!("p/{evil}"))).into_bytes()),
        ("zero bytes", vec![0; 4096]),
        ("nothing", Vec::new()),
    ];
    for (case, bytes) in cases {
        let temp = tempfile::tempdir().unwrap();
        let at = |name: &str| temp.path().join(name).to_str().unwrap().to_owned();
        fs::write(at("order.json"), bytes).unwrap();
        let (order, log, root) = (at("order.json"), at("log"), at(""));
        let output = modelgate(&[
            "evaluate",
            "--order",
            &order,
            "--evidence-root",
            &root,
            "--work",
            &root,
            "--termination-log",
            &log,
        ]);
        assert_eq!(output.status.code(), Some(3), "{case}");
        let told = fs::read(Path::new(&log)).unwrap();
        let refused = modelgate::policy::message::read(&told, &[]).unwrap_err().to_string();
        assert!(refused.starts_with("the evaluator could not work: "), "{case}: {refused}");
        crate::properties::printable("refusal", &refused, 300).unwrap();
    }
}
