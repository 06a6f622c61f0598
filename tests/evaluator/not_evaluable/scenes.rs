//! For each check a gate as a policy writes it, evidence with which it passes, and ways in which that can be spoilt.

use crate::docs::compiled;
use crate::job::Job;
use modelgate::intake;
use modelgate::policy::judgement;
use modelgate::policy::{Digest, EvaluationOrder, Finding, FindingReason, Outcome};
use serde_json::{Value, json};
use std::fs::{self, File};
use std::process::Command;

pub type Expected = (Outcome, FindingReason);

/// How a check uses a piece of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read {
    /// As rows.
    Table,
    /// As a document of some format.
    Document,
    /// As words of any kind.
    Prose,
    /// Not at all: what counts is that it is there, under its name and digest.
    Compared,
}

#[derive(Clone)]
pub struct Piece {
    pub name: &'static str,
    pub read: Read,
    pub bytes: Vec<u8>,
    pub columns: Option<Value>,
    spoilt: Option<Way>,
}

impl Piece {
    fn new(name: &'static str, read: Read, bytes: impl Into<Vec<u8>>) -> Self {
        Self { name, read, bytes: bytes.into(), columns: None, spoilt: None }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Not among the release's evidence.
    NotNamed,
    Absent,
    Empty,
    /// Nothing but ends of lines.
    Blank,
    /// One byte more than all evidence may have, none of which must be read to tell.
    TooLarge,
    /// More than a document may have, or rows than a line may.
    TooLong,
    OtherDigest,
    OtherConfigMap,
    NotPinned,
    /// A folder in its place.
    NoFile,
    Garbage,
    /// Cut within a row: one that is cut behind it is told by its digest alone.
    Truncated,
    /// A table where a document is asked for, and the other way round.
    Foreign,
    /// A document that somebody else should read.
    OtherKind,
}

impl Way {
    pub const ALL: [Self; 14] = [
        Self::NotNamed,
        Self::Absent,
        Self::Empty,
        Self::Blank,
        Self::TooLarge,
        Self::TooLong,
        Self::OtherDigest,
        Self::OtherConfigMap,
        Self::NotPinned,
        Self::NoFile,
        Self::Garbage,
        Self::Truncated,
        Self::Foreign,
        Self::OtherKind,
    ];
}

/// What a piece spoilt in that way comes to; `None` where it is as good as before.
pub fn expected(kind: &str, piece: &Piece, way: Way) -> Option<Expected> {
    let verdict = match way {
        Way::NotNamed | Way::Absent => (Outcome::Missing, FindingReason::EvidenceMissing),
        Way::Empty => (Outcome::Missing, FindingReason::EvidenceEmpty),
        Way::TooLarge => (Outcome::Error, FindingReason::EvidenceTooLarge),
        Way::OtherDigest => (Outcome::Error, FindingReason::DigestMismatch),
        Way::OtherConfigMap => (Outcome::Error, FindingReason::OtherConfigMap),
        Way::NotPinned => (Outcome::Error, FindingReason::NotPinned),
        Way::NoFile => (Outcome::Error, FindingReason::EvidenceUnreadable),
        // From here on the bytes are the pinned ones, and must be looked at.
        Way::Blank | Way::TooLong | Way::Garbage | Way::Truncated | Way::Foreign | Way::OtherKind => {
            return of_content(kind, piece, way);
        }
    };
    Some(verdict)
}

fn of_content(kind: &str, piece: &Piece, way: Way) -> Option<Expected> {
    let unreadable = (Outcome::Error, FindingReason::EvidenceUnreadable);
    match (piece.read, way) {
        (Read::Compared, _) => None,
        (Read::Prose, Way::Truncated | Way::OtherKind) => None,
        (_, Way::Blank) => Some((Outcome::Missing, FindingReason::EvidenceEmpty)),
        (_, Way::TooLong) => Some((Outcome::Error, FindingReason::EvidenceTooLarge)),
        // Any JSON is good enough for CEL, which then does not find what it asks for.
        (_, Way::OtherKind) if kind == "expression" => Some((Outcome::Error, FindingReason::ExpressionInvalid)),
        (_, _) => Some(unreadable),
    }
}

#[derive(Clone)]
pub struct Scene {
    pub check: Value,
    pub pieces: Vec<Piece>,
    /// Of the release.
    pub model: Digest,
    /// What the container of a gate's own Job writes, and its exit code.
    pub wrote: (Value, i32),
}

impl Scene {
    fn new(gate: &str, pieces: Vec<Piece>) -> Self {
        let check = compiled(&format!("- name: gate\n  {}", gate.replace('\n', "\n  ")));
        Self { check, pieces, model: model('a'), wrote: (json!({"outcome": "Pass", "value": 0.9}), 0) }
    }

    /// What the check asks, to be changed.
    pub fn asked(&mut self) -> &mut Value {
        self.check.as_object_mut().unwrap().values_mut().next().unwrap()
    }

    pub fn give(&mut self, name: &str, bytes: impl Into<Vec<u8>>) {
        self.pieces.iter_mut().find(|piece| piece.name == name).unwrap().bytes = bytes.into();
    }

    pub fn slice(&self, text: &str) -> Self {
        let mut sliced = self.clone();
        sliced.asked()["where"] = text.into();
        sliced
    }

    pub fn spoilt(&self, at: usize, way: Way) -> Self {
        let mut scene = self.clone();
        let piece = &mut scene.pieces[at];
        let document = include_bytes!("../../fixtures/vulnerabilities/grype.json");
        match way {
            Way::Blank => piece.bytes = b"\n\n".into(),
            // Rows are not counted in bytes: one that is too long is.
            Way::TooLong => piece.bytes.extend(format!("\"{}\"", "x".repeat(20 << 20)).bytes()),
            Way::Garbage => piece.bytes = [0xfe, 0x00, 0xff, 0x10].repeat(100),
            Way::Truncated => piece.bytes.truncate(piece.bytes.len() / 2 - 3),
            Way::Foreign if piece.read == Read::Table => piece.bytes = document.into(),
            Way::Foreign => piece.bytes = include_bytes!("../../fixtures/tables/loans.parquet").into(),
            Way::OtherKind if scene.check.get("vulnerabilities").is_some() => {
                piece.bytes = include_bytes!("../../fixtures/documents/model-card-toolkit.json").into();
            }
            Way::OtherKind => piece.bytes = document.into(),
            Way::NotNamed
            | Way::Absent
            | Way::Empty
            | Way::TooLarge
            | Way::OtherDigest
            | Way::OtherConfigMap
            | Way::NotPinned
            | Way::NoFile => piece.spoilt = Some(way),
        }
        scene
    }

    pub fn run(&self) -> Finding {
        let mut job = self.pieces.iter().fold(Job::new(), place);
        job.model_digest = Some(self.model.clone());
        let job = job.gate("gate", self.check.clone());
        match self.check.get("job") {
            Some(_) => staged(&job, &self.wrote),
            None => job.run().only(),
        }
    }
}

/// A digest of one digit.
pub fn model(digit: char) -> Digest {
    Digest::parse(&format!("sha256:{}", digit.to_string().repeat(64))).unwrap()
}

/// A piece as the kubelet lays it out, unless it is spoilt.
fn place(mut job: Job, piece: &Piece) -> Job {
    let folder = job.path("evidence").join(piece.name);
    let file = folder.join("file.json");
    fs::create_dir(&folder).unwrap();
    fs::write(&file, &piece.bytes).unwrap();
    let mut digest = Some(Digest::of(&piece.bytes));
    let mut source = json!({"persistentVolumeClaim": {"name": "any", "path": "file.json"}});
    match piece.spoilt {
        Some(Way::NotNamed) => return job,
        Some(Way::Absent) => fs::remove_file(file).unwrap(),
        Some(Way::Empty) => {
            fs::write(file, b"").unwrap();
            digest = Some(Digest::of(b""));
        }
        Some(Way::TooLarge) => File::create(file).unwrap().set_len((1 << 30) + 1).unwrap(),
        Some(Way::OtherDigest) => digest = Some(Digest::of(b"tested")),
        Some(Way::OtherConfigMap) => {
            source = json!({"configMap": {"name": "any", "key": "file.json"}});
            digest = Some(Digest::of(b"tested"));
        }
        Some(Way::NotPinned) => digest = None,
        Some(Way::NoFile) => {
            fs::remove_file(&file).unwrap();
            fs::create_dir(file).unwrap();
        }
        Some(other) => panic!("{other:?} is a matter of bytes"),
        None => {}
    }
    job.evidence.push(json!({"name": piece.name, "source": source, "digest": digest, "columns": piece.columns}));
    job
}

/// A gate's own Job: evidence is brought by the program, then the container writes.
fn staged(job: &Job, (result, code): &(Value, i32)) -> Finding {
    let order: EvaluationOrder = serde_json::from_value(job.order()).unwrap();
    fs::write(job.path("order.json"), job.order().to_string()).unwrap();
    let digest = Digest::of_json(&order).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_modelgate"))
        .arg("stage")
        .arg("--order")
        .arg(job.path("order.json"))
        .args(["--order-digest", digest.as_str(), "--evidence-root"])
        .arg(job.path("evidence"))
        .arg("--into")
        .arg(job.path("work"))
        .arg("--termination-log")
        .arg(job.path("termination-log"))
        .output()
        .unwrap();
    let log = fs::read_to_string(job.path("termination-log")).unwrap();
    let document = match output.status.code() {
        Some(0) => {
            let mut one = json!({"gate": order.gates[0].key});
            one.as_object_mut().unwrap().extend(result.as_object().unwrap().clone());
            let written = json!({"schema": "modelgate.dev/result/v1", "run": order.run, "results": [one]});
            intake::own_result(&written.to_string(), *code, &order).unwrap()
        }
        code => intake::result(&log, code.unwrap(), &order).unwrap(),
    };
    let [finding] = &judgement::findings(&document, &order).unwrap()[..] else { panic!("{document:?}") };
    finding.clone()
}

fn fixture(path: &str) -> Vec<u8> {
    fs::read(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Sixty loans; `to` tells who gets one.
pub fn loans(to: impl Fn(u32) -> bool) -> String {
    let row = |i: u32| {
        json!({
            "deny": i % 2, "predicted": u32::from(!to(i)), "score": f64::from(i % 9) / 10.0,
            "region": if i.is_multiple_of(3) { "north" } else { "south" },
        })
    };
    (0..60).map(|i| format!("{}\n", row(i))).collect()
}

fn fair() -> String {
    loans(|i| i.is_multiple_of(2))
}

/// The same rows with a token for each person.
pub fn tokenized(rows: &str) -> String {
    let token = |nth: usize| Digest::of(format!("salt and person {nth}").as_bytes()).as_str()[7..39].to_owned();
    let lines = rows.lines().enumerate();
    lines.map(|(nth, row)| row.replacen('{', &format!("{{\"person\":\"{}\",", token(nth)), 1) + "\n").collect()
}

fn people() -> String {
    (0..60).map(|nth| format!("{{\"name\": \"person {nth}\"}}\n")).collect()
}

fn columns() -> Value {
    json!({
        "label": "deny", "prediction": "predicted", "score": "score", "favorable": "0",
        "protected": [{"attribute": "region", "column": "region"}],
    })
}

pub fn contract(version: &str) -> String {
    json!({
        "apiVersion": "v3.1.0", "kind": "DataContract", "id": "loans", "version": version, "status": "active",
        "schema": [{"name": "loans", "properties": [
            {"name": "region", "logicalType": "string", "required": true},
            {"name": "deny", "logicalType": "integer", "logicalTypeOptions": {"maximum": 1}},
        ]}],
        "customProperties": [
            {"property": "consentPurposes", "value": ["triage"]},
            {"property": "retentionUntil", "value": "2099-12-31"},
        ],
        "servers": [{"server": "lake", "type": "s3", "location": "s3://loans",
            "customProperties": [{"property": "encryption", "value": "aws:kms"}]}],
    })
    .to_string()
}

pub fn explanation(importance: &Value, data: &[u8]) -> String {
    json!({
        "schema": "modelgate.dev/explanation/v1", "model": {"digest": model('a')}, "data": {"digest": Digest::of(data)},
        "importance": importance, "local": [{"case": "row-1", "importance": {"income": 1}}],
    })
    .to_string()
}

pub fn junit(suite: &str, cases: &str) -> String {
    format!("<testsuite name='{suite}'><testcase name='first'/>{cases}</testsuite>")
}

/// A scene in which the check passes; `None` for those that read no evidence.
pub fn of(kind: &str) -> Option<Scene> {
    let scene = match kind {
        "documentation" => Scene::new(
            "documentation: {evidence: card, topics: [{topic: Limitations, minWords: 1}], linksResolve: true, bundle: [dictionary]}",
            vec![
                Piece::new("card", Read::Document, fixture("tests/fixtures/documents/model-card-toolkit.json")),
                Piece::new("dictionary", Read::Compared, "income: yearly"),
            ],
        ),
        "metric" => Scene::new(
            "metric: {evidence: metrics, name: accuracy, min: '0.5', againstBaseline: {evidence: before, maxDecrease: '0.05'}}",
            vec![
                Piece::new("metrics", Read::Document, r#"{"accuracy": 0.8, "recall": 0.7}"#),
                Piece::new("before", Read::Document, r#"{"accuracy": 0.81, "recall": 0.6}"#),
            ],
        ),
        "dataContract" => Scene::new(
            "dataContract: {contract: contract, data: loans, testedWith: {contract: tested, changes: Compatible}}",
            vec![
                Piece::new("contract", Read::Document, contract("1.1.0")),
                Piece::new("tested", Read::Document, contract("1.0.0")),
                Piece::new("loans", Read::Table, fair()),
            ],
        ),
        "fairness" => {
            let predictions = |name, rows| Piece { columns: Some(columns()), ..Piece::new(name, Read::Table, rows) };
            Scene::new(
                "fairness: {evidence: loans, attributes: [region], measure: DemographicParityDifference, max: '0.2', minGroupSize: 5, mitigation: {unmitigated: raw, evidence: record}}",
                vec![
                    predictions("loans", fair()),
                    predictions("raw", loans(|i| i.is_multiple_of(3))),
                    Piece::new("record", Read::Prose, "Rows of the north were given more weight."),
                ],
            )
        }
        "drift" => Scene::new(
            "drift: {reference: before, current: now, method: PSI, threshold: '0.2'}",
            vec![
                Piece::new("before", Read::Table, fair()),
                Piece::new("now", Read::Table, loans(|i| i.is_multiple_of(2) || i == 7)),
            ],
        ),
        "explainability" => {
            let report = explanation(&json!({"income": 0.9, "age": 0.08, "sex": 0.02}), b"rows");
            Scene::new(
                "explainability: {evidence: report, data: data, features: [sex], maxShare: '0.05', stability: {reference: before, minRankCorrelation: '0.5'}}",
                vec![
                    Piece::new("report", Read::Document, report),
                    Piece::new("before", Read::Document, explanation(&json!({"income": 5, "age": 3, "sex": 1}), b"")),
                    Piece::new("data", Read::Compared, "rows"),
                ],
            )
        }
        "privacy" => Scene::new(
            "privacy: {evidence: loans, personalData: {}, allowedColumns: ['*'], redacted: [{columns: [person], form: Hex, clearText: {evidence: people, column: name}}], declared: {evidence: contract, consent: {uses: [triage]}, retention: {minDays: 1}, storage: {}}}",
            vec![
                Piece::new("loans", Read::Table, tokenized(&fair())),
                Piece::new("people", Read::Table, people()),
                Piece::new("contract", Read::Document, contract("1.0.0")),
            ],
        ),
        "tests" => Scene::new(
            "tests: {evidence: [unit, attacks], suites: [red-team]}",
            vec![
                Piece::new("unit", Read::Document, junit("unit", "<testcase name='second'/>")),
                Piece::new("attacks", Read::Document, junit("red-team", "<testcase name='second'/>")),
            ],
        ),
        "vulnerabilities" => Scene::new(
            "vulnerabilities: {evidence: [scan], maxCritical: 0, statements: [vex]}",
            vec![
                Piece::new("scan", Read::Document, fixture("tests/fixtures/vulnerabilities/grype-clean.json")),
                Piece::new("vex", Read::Document, fixture("tests/fixtures/vulnerabilities/cyclonedx-vex.json")),
            ],
        ),
        "provenance" => {
            let page = String::from_utf8(fixture("docs/checks/provenance.md")).unwrap();
            let gate = page.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
            Scene {
                check: compiled(gate),
                pieces: vec![Piece::new(
                    "provenance",
                    Read::Document,
                    fixture("tests/fixtures/provenance/chain.jsonl"),
                )],
                model: model('a'),
                wrote: (Value::Null, 0),
            }
        }
        "expression" => Scene::new(
            "expression: {expression: evidence.metrics.accuracy > 0.5, evidence: [metrics]}",
            vec![Piece::new("metrics", Read::Document, r#"{"accuracy": 0.8}"#)],
        ),
        "job" => Scene::new(
            &format!(
                "job: {{image: 'example.test/red-team@sha256:{}', evidence: [prompts], min: '0.5'}}",
                "a".repeat(64)
            ),
            vec![Piece::new("prompts", Read::Compared, "{}")],
        ),
        _ => return None,
    };
    Some(scene)
}

/// The same where rows are chosen: a metric is then one of rows.
pub fn of_rows(kind: &str) -> Scene {
    match kind {
        "metric" => Scene::new(
            "metric: {evidence: metrics, name: accuracy, min: '0.5'}",
            vec![Piece::new("metrics", Read::Table, "region,accuracy\nnorth,0.8\nsouth,0.9\n")],
        ),
        other => of(other).unwrap(),
    }
}
