//! The program under limits of memory and processor time that the kernel keeps.

use crate::properties::{fit, unprintable};
use modelgate::policy::result::EvaluationOrder;
use modelgate::policy::{Digest, Finding, FindingReason, Outcome, message};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// Address space in KiB. The pod may hold 512 MiB; threads reserve more than they use.
const MEMORY: u64 = 900 << 10;
/// Seconds of processor time.
const PROCESSOR: u64 = 20;
/// Seconds after which it is ended: it may wait for something without using the processor.
const PATIENCE: u64 = 90;
/// What `timeout` says of it then.
const TIMED_OUT: i32 = 124;

/// Runs the program with these arguments.
pub fn modelgate(arguments: &[&str]) -> Output {
    let limits = format!("ulimit -v {MEMORY} && ulimit -t {PROCESSOR} && exec timeout {PATIENCE} \"$0\" \"$@\"");
    let output = Command::new("sh")
        .args(["-c", &limits, env!("CARGO_BIN_EXE_modelgate")])
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let what = arguments.join(" ");
    assert_eq!(output.status.signal(), None, "{what} was ended by a signal: {said}");
    assert!(!said.contains("panicked"), "{what}: {said}");
    assert_ne!(output.status.code(), Some(TIMED_OUT), "{what} did not end in {PATIENCE} s");
    for stream in [&output.stdout, &output.stderr] {
        let text = std::str::from_utf8(stream).unwrap_or_else(|_| panic!("{what} prints what is no UTF-8"));
        let strange = text.chars().find(|c| *c != '\n' && unprintable(*c));
        assert_eq!(strange, None, "{what} prints it: {}", text.escape_debug());
    }
    assert!(output.stderr.len() < 4096, "{what} says {} bytes", output.stderr.len());
    output
}

pub enum Content {
    Bytes(Vec<u8>),
    /// So many zero bytes, which take no room on the disk.
    Hole(u64),
    /// A beginning, and zero bytes behind it up to this size; all of it is pinned.
    Line(Vec<u8>, u64),
}

/// An evaluation whose evidence is all hostile.
pub struct Hostile {
    temp: TempDir,
    evidence: Vec<Value>,
    gates: Vec<Value>,
}

impl Hostile {
    pub fn new() -> Self {
        let temp = tempfile::tempdir().unwrap();
        fs::create_dir_all(temp.path().join("evidence")).unwrap();
        fs::create_dir(temp.path().join("work")).unwrap();
        Self { temp, evidence: Vec::new(), gates: Vec::new() }
    }

    fn path(&self, relative: &str) -> PathBuf {
        self.temp.path().join(relative)
    }

    pub fn evidence(self, name: &str, bytes: &[u8]) -> Self {
        self.content(name, &Content::Bytes(bytes.to_vec()), None)
    }

    pub fn table(self, name: &str, bytes: &[u8], columns: &Value) -> Self {
        self.content(name, &Content::Bytes(bytes.to_vec()), Some(columns))
    }

    pub fn content(mut self, name: &str, content: &Content, columns: Option<&Value>) -> Self {
        let folder = self.path(&format!("evidence/{name}"));
        fs::create_dir(&folder).unwrap();
        let digest = match content {
            Content::Bytes(bytes) => {
                fs::write(folder.join("key"), bytes).unwrap();
                Digest::of(bytes)
            }
            Content::Hole(size) => {
                File::create(folder.join("key")).unwrap().set_len(*size).unwrap();
                // Too large to be hashed, which must be seen before that.
                Digest::of(b"whatever")
            }
            Content::Line(start, size) => {
                let mut file = File::create(folder.join("key")).unwrap();
                file.write_all(start).unwrap();
                file.set_len(*size).unwrap();
                let (mut hasher, mut file) = (Sha256::new(), File::open(folder.join("key")).unwrap());
                let mut chunk = vec![0; 1 << 20];
                while let read @ 1.. = file.read(&mut chunk).unwrap() {
                    hasher.update(&chunk[..read]);
                }
                hasher.into()
            }
        };
        let source = json!({"configMap": {"name": "any", "key": "key"}});
        self.evidence.push(json!({"name": name, "source": source, "digest": digest, "columns": columns}));
        self
    }

    pub fn gate(mut self, name: &str, check: Value) -> Self {
        self.gates.push(json!({
            "key": format!("base/{name}"), "enforcement": "Enforce", "severity": "High", "stage": "BeforeRelease", "check": check,
        }));
        self
    }

    /// The findings, all of them fit for a status and a log.
    pub fn run(&self) -> Vec<Finding> {
        let order = json!({
            "run": "run",
            "facts": {
                "namespace": "lending", "namespaceLabels": {}, "release": "mortgage", "modelName": "mortgage",
                "modelVersion": "1", "declared": {},
            },
            "evidence": self.evidence,
            "gates": self.gates,
        });
        fs::write(self.path("order.json"), order.to_string()).unwrap();
        let at = |name: &str| self.path(name).to_str().unwrap().to_owned();
        let (order_at, evidence_at, work_at, log_at) = (at("order.json"), at("evidence"), at("work"), at("log"));
        let output = modelgate(&[
            "evaluate",
            "--order",
            &order_at,
            "--evidence-root",
            &evidence_at,
            "--work",
            &work_at,
            "--termination-log",
            &log_at,
            "--timeout",
            "60s",
        ]);
        let order: EvaluationOrder = serde_json::from_value(order).unwrap();
        let keys: Vec<_> = order.gates.into_iter().map(|gate| gate.key).collect();
        let document = message::read(&fs::read(log_at).unwrap(), &keys).unwrap();
        assert_eq!(document.results.len(), keys.len());
        let passed = document.results.iter().all(|finding| finding.outcome == Outcome::Pass);
        assert_eq!(passed, output.status.code() == Some(0), "{:?}", document.results);
        for finding in &document.results {
            fit(finding, true).unwrap();
        }
        for line in output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            serde_json::from_slice::<Value>(line).unwrap();
        }
        document.results
    }

    /// None of the gates passes, and each says why in one of these ways.
    #[track_caller]
    pub fn refused(&self, case: &str, reasons: &[FindingReason]) {
        for finding in self.run() {
            assert_ne!(finding.outcome, Outcome::Pass, "{case}: {finding:?}");
            assert!(reasons.contains(&finding.reason), "{case}: {finding:?}");
        }
    }
}
