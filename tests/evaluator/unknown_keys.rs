//! Tools write more with every version: a name that no reader knows, in any object of any fixture, changes no reading.

use modelgate::evidence::explanation::Explanation;
use modelgate::evidence::scan::{Statements, Weakness};
use modelgate::evidence::{Document, Envelope, Metrics, Scan, TestReport, contract};
use serde_json::{Value, json};
use std::fmt::Debug;
use std::fs;
use std::path::{Path, PathBuf};

const UNKNOWN: &str = "x-unknown-to-all";

/// Objects whose names are the writer's own and whose values are of one shape (features, tasks, scores, kinds of warnings):
/// one more name is one more of these. A fixture, and how the places of such objects begin.
const OWN_NAMES: &[(&str, &[&str])] = &[
    ("explanation.json", &["/importance", "/local/0/importance", "/local/1/importance"]),
    ("importances.json", &[""]),
    ("lm-eval.json", &["/results"]),
    ("inspect-brittle.json", &["/results/scores/0/metrics"]),
    ("inspect-success.json", &["/results/scores/0/metrics"]),
    ("promptfoo.json", &["/results/prompts/0/metrics/namedScores"]),
    ("great-expectations-legacy-checkpoint.json", &["/run_results"]),
    ("cargo-audit.json", &["/warnings"]),
    ("cargo-audit-clean.json", &["/warnings"]),
];

fn fixtures(folder: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// The documents of a file: one, or one a line.
fn documents(path: &Path) -> Option<Vec<Value>> {
    let text = fs::read_to_string(path).ok()?;
    match path.extension()?.to_str()? {
        "json" | "sarif" => Some(vec![serde_json::from_str(&text).ok()?]),
        "jsonl" => text.lines().map(|line| serde_json::from_str(line).ok()).collect(),
        _ => None,
    }
}

fn written(documents: &[Value]) -> Vec<u8> {
    documents.iter().map(|one| format!("{one}\n")).collect::<String>().into_bytes()
}

/// Where the objects of a document are.
fn objects(at: &str, value: &Value, found: &mut Vec<String>) {
    let escaped = |name: &String| name.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Object(members) => {
            found.push(at.to_owned());
            members.iter().for_each(|(name, value)| objects(&format!("{at}/{}", escaped(name)), value, found));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(nth, value)| objects(&format!("{at}/{nth}"), value, found));
        }
        _ => {}
    }
}

fn told<T: Debug, E: Debug>(read: Result<T, E>) -> Option<String> {
    read.ok().map(|read| format!("{read:?}"))
}

/// Named readings but those below the unknown name: an object of metrics has names of the writer's own.
fn metrics(bytes: &[u8]) -> Option<String> {
    let all = told(Metrics::parse(bytes, None))?;
    let named = all.split_once("named: {")?.1.rsplit_once('}')?.0.rsplit_once('}').map_or("", |(named, _)| named);
    Some(known(named))
}

/// Paths below which words stand, or headings.
fn document(bytes: &[u8]) -> Option<String> {
    let all = told(Document::parse(bytes, None))?;
    let Some((before, (paths, after))) =
        all.split_once("Paths({").and_then(|(before, rest)| Some((before, rest.split_once("})")?)))
    else {
        return Some(all);
    };
    Some([before, &known(paths), after].concat())
}

/// The entries of a map that are not of the unknown name.
fn known(map: &str) -> String {
    map.split(", \"").filter(|one| !one.contains(UNKNOWN)).collect::<Vec<_>>().join(", \"")
}

/// Without the spot, by which findings of one report are told from each other: it may be the whole finding.
fn scan(bytes: &[u8]) -> Option<String> {
    let scan = Scan::parse(bytes, None).ok()?;
    let one = |found: &Weakness| {
        let Weakness { id, ids, place, rating, fix, known_exploited, suppressed, .. } = found;
        format!("{id} {ids:?} {place} {rating:?} {fix:?} {known_exploited:?} {suppressed}")
    };
    let found: Vec<String> = scan.weaknesses().iter().map(one).collect();
    let Scan { format, scanned, unscanned, at, database_at, subjects, unlisted, .. } = &scan;
    Some(format!("{format} {scanned:?} {unscanned} {at:?} {database_at:?} {subjects:?} {unlisted} {found:?}"))
}

/// What each reader makes of the bytes; `None` of what it does not take.
fn readings(bytes: &[u8]) -> Vec<(&'static str, Option<String>)> {
    vec![
        ("metrics", metrics(bytes)),
        ("tests", told(TestReport::parse(bytes, None))),
        ("scan", scan(bytes)),
        ("statements", told(Statements::parse(bytes))),
        ("explanation", told(Explanation::parse(bytes, None))),
        ("envelope", told(Envelope::parse_all(bytes))),
        ("document", document(bytes)),
    ]
}

#[test]
fn in_every_object_of_every_fixture() {
    let (mut tried, mut changed) = (0, Vec::new());
    for folder in ["metrics", "tests", "vulnerabilities", "documents", "explanations", "provenance", "sigstore"] {
        for path in fixtures(folder) {
            let Some(known) = documents(&path) else { continue };
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let before = readings(&written(&known));
            if before.iter().all(|(_, reading)| reading.is_none()) {
                continue;
            }
            let own = OWN_NAMES.iter().find(|(file, _)| *file == name).map_or(&[][..], |(_, places)| places);
            for (nth, document) in known.iter().enumerate() {
                let mut places = Vec::new();
                objects("", document, &mut places);
                // Of long lists, some: their items are alike.
                let step = places.len().div_ceil(60).max(1);
                for place in places.iter().step_by(step).filter(|place| !own.iter().any(|own| place.starts_with(own))) {
                    // Documents count words wherever they stand below a heading; a value without any says nothing there.
                    for (value, readers) in
                        [(json!({"of": ["a later version", 7, true]}), 6), (json!({"of": [null]}), 7)]
                    {
                        let mut more = known.clone();
                        let object = more[nth].pointer_mut(place).unwrap().as_object_mut().unwrap();
                        object.insert(UNKNOWN.to_owned(), value);
                        tried += 1;
                        let after = readings(&written(&more));
                        let both = before.iter().zip(&after).take(readers);
                        let other = both.filter(|(one, two)| one.1.is_some() && one != two);
                        changed.extend(other.map(|((reader, _), _)| format!("{name} {place:?}: {reader}")));
                    }
                }
            }
        }
    }
    assert!(changed.is_empty(), "{} of {tried}:\n{}", changed.len(), changed.join("\n"));
    assert!(tried > 1000, "{tried}");
}

/// What a contract says and nothing here evaluates is told as such; no rule is lost without that.
#[test]
fn in_every_object_of_a_contract() {
    let mut tried = 0;
    for path in fixtures("contracts") {
        let text = fs::read_to_string(&path).unwrap();
        if !path.to_str().unwrap().ends_with(".odcs.yaml") {
            continue;
        }
        let known: Value = serde_saphyr::from_str(&text).unwrap();
        let read = |document: &Value| contract::read(document.to_string().as_bytes());
        let before = read(&known).unwrap();
        let mut places = Vec::new();
        objects("", &known, &mut places);
        for place in places {
            let mut more = known.clone();
            more.pointer_mut(&place).unwrap().as_object_mut().unwrap().insert(UNKNOWN.to_owned(), json!(["x"]));
            let after = read(&more).unwrap_or_else(|error| panic!("{} {place}: {error}", path.display()));
            assert_eq!(after.objects.len(), before.objects.len());
            for (one, two) in before.objects.iter().zip(&after.objects) {
                // Part of a rule that is not understood makes it one that is not evaluated, and that is said.
                let told = two.unevaluated.len() > one.unevaluated.len();
                let same = (&one.columns, &one.rules) == (&two.columns, &two.rules);
                assert!(same || told, "{} {place}", path.display());
            }
            tried += 1;
        }
    }
    assert!(tried > 50, "{tried}");
}
