//! One evaluation: mounted evidence, an order, a termination log.

use modelgate::policy::message;
use modelgate::policy::result::{EvaluationOrder, ResultDocument};
use modelgate::policy::{Digest, Finding, FindingReason, GateKey, Outcome};
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

pub const RUN: &str = "0c9b2e0e-6ad1-4f2c-9d7c-3f0a5a3c2f11";

pub struct Job {
    temp: TempDir,
    pub evidence: Vec<Value>,
    gates: Vec<Value>,
    pub timeout: &'static str,
    pub model_digest: Option<Digest>,
}

pub struct Ended {
    /// `None` when a signal ended it.
    pub code: Option<i32>,
    pub message: Vec<u8>,
    pub log: String,
    keys: Vec<GateKey>,
}

impl Job {
    pub fn new() -> Self {
        let temp = tempfile::tempdir().unwrap();
        for folder in ["evidence", "work"] {
            fs::create_dir(temp.path().join(folder)).unwrap();
        }
        Self { temp, evidence: vec![], gates: vec![], timeout: "60s", model_digest: None }
    }

    pub fn path(&self, relative: &str) -> PathBuf {
        self.temp.path().join(relative)
    }

    /// Evidence in a ConfigMap, pinned to what it holds.
    pub fn evidence(self, name: &str, bytes: &[u8]) -> Self {
        let digest = Digest::of(bytes);
        self.pinned(name, Some(bytes), Some(&digest), None)
    }

    /// Evidence of a table whose columns mean something.
    pub fn table(self, name: &str, bytes: &[u8], columns: Value) -> Self {
        let digest = Digest::of(bytes);
        self.pinned(name, Some(bytes), Some(&digest), Some(columns))
    }

    /// Evidence under a file name of its own.
    pub fn file(mut self, name: &str, key: &str, bytes: &[u8]) -> Self {
        let folder = self.path("evidence").join(name);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(key), bytes).unwrap();
        self.evidence.push(json!({
            "name": name, "source": {"configMap": {"name": "any", "key": key}}, "digest": Digest::of(bytes),
        }));
        self
    }

    /// Evidence laid out as the kubelet does, with any pin; without bytes nothing is mounted.
    pub fn pinned(mut self, name: &str, bytes: Option<&[u8]>, digest: Option<&Digest>, columns: Option<Value>) -> Self {
        if let Some(bytes) = bytes {
            let folder = self.path("evidence").join(name);
            fs::create_dir_all(folder.join("..data")).unwrap();
            fs::write(folder.join("..data/key"), bytes).unwrap();
            std::os::unix::fs::symlink("..data/key", folder.join("key")).unwrap();
        }
        let source = json!({"configMap": {"name": "any", "key": "key"}});
        self.evidence.push(json!({"name": name, "source": source, "digest": digest, "columns": columns}));
        self
    }

    /// Evidence with a source as written.
    pub fn source(mut self, name: &str, source: Value, digest: &Digest) -> Self {
        self.evidence.push(json!({"name": name, "source": source, "digest": digest}));
        self
    }

    pub fn gate(mut self, name: &str, check: Value) -> Self {
        self.gates.push(json!({
            "key": format!("base/{name}"), "enforcement": "Enforce", "severity": "High", "stage": "BeforeRelease",
            "check": check,
        }));
        self
    }

    pub fn expression(self, name: &str, text: &str, evidence: &[&str]) -> Self {
        self.gate(name, json!({"expression": {"expression": text, "evidence": evidence}}))
    }

    pub fn order(&self) -> Value {
        json!({
            "run": RUN,
            "facts": {
                "namespace": "lending", "namespaceLabels": {"team": "risk"}, "release": "mortgage",
                "modelName": "mortgage", "modelVersion": "2.0.0", "modelDigest": self.model_digest, "declared": {"purpose": "lending"},
                "at": "2026-12-01T00:00:00Z",
            },
            "evidence": self.evidence,
            "gates": self.gates,
        })
    }

    pub fn start(&self) -> Child {
        self.start_with(&self.order().to_string())
    }

    pub fn start_with(&self, order: &str) -> Child {
        fs::write(self.path("order.json"), order).unwrap();
        Command::new(env!("CARGO_BIN_EXE_modelgate"))
            .arg("evaluate")
            .arg("--order")
            .arg(self.path("order.json"))
            .arg("--evidence-root")
            .arg(self.path("evidence"))
            .arg("--work")
            .arg(self.path("work"))
            .arg("--termination-log")
            .arg(self.path("termination-log"))
            .args(["--timeout", self.timeout])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    pub fn run(&self) -> Ended {
        self.end(self.start())
    }

    pub fn end(&self, child: Child) -> Ended {
        let output = child.wait_with_output().unwrap();
        let order: EvaluationOrder = serde_json::from_value(self.order()).unwrap();
        Ended {
            code: output.status.code(),
            message: fs::read(self.path("termination-log")).unwrap_or_default(),
            log: String::from_utf8(output.stdout).unwrap(),
            keys: order.gates.into_iter().map(|gate| gate.key).collect(),
        }
    }
}

impl Ended {
    /// The document, which must be about this run and answer every gate in order.
    pub fn document(&self) -> ResultDocument {
        let document = message::read(&self.message, &self.keys).unwrap();
        assert_eq!(document.run, RUN);
        let answered: Vec<&GateKey> = document.results.iter().map(|finding| &finding.gate).collect();
        assert_eq!(answered, self.keys.iter().collect::<Vec<_>>());
        document
    }

    pub fn only(&self) -> Finding {
        let results = self.document().results;
        assert_eq!(results.len(), 1);
        results.into_iter().next().unwrap()
    }

    /// What the only gate came to, and that the exit code says the same.
    #[track_caller]
    pub fn expect(&self, outcome: Outcome, reason: FindingReason) -> Finding {
        let finding = self.only();
        assert_eq!((finding.outcome, finding.reason), (outcome, reason), "{finding:?}");
        let code = match outcome {
            Outcome::Pass | Outcome::Skipped | Outcome::Warn => 0,
            Outcome::Fail => 1,
            Outcome::Inconclusive | Outcome::Missing => 2,
            Outcome::Error => 3,
        };
        assert_eq!(self.code, Some(code));
        finding
    }
}
