//! One evaluation in this process: evidence as files, one gate, one finding.

use modelgate::evaluator::evaluate;
use modelgate::evaluator::fetch::Fetcher;
use modelgate::evaluator::stage::Stage;
use modelgate::policy::{Columns, Digest, EvaluationOrder, EvidenceSource, EvidenceSpec, Finding, Gate, OrderFacts};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// For all gates on one input; the harness has a limit of its own.
const PATIENCE: Duration = Duration::from_secs(50);

pub struct Bench {
    temp: TempDir,
    /// Evidence that does not change from input to input.
    fixed: Vec<EvidenceSpec>,
    facts: OrderFacts,
    count: u32,
}

impl Bench {
    pub fn new() -> Self {
        Self { temp: tempfile::tempdir().unwrap(), fixed: Vec::new(), facts: facts(), count: 0 }
    }

    pub fn with(mut self, name: &str, bytes: &[u8]) -> Self {
        let spec = self.put(name, bytes, None);
        self.fixed.push(spec);
        self
    }

    /// Evaluated at another moment, RFC 3339.
    pub fn at(mut self, moment: &str) -> Self {
        self.facts.at = Some(moment.parse().unwrap());
        self
    }

    fn put(&self, name: &str, bytes: &[u8], columns: Option<Columns>) -> EvidenceSpec {
        fs::write(self.temp.path().join(name), bytes).unwrap();
        let source = EvidenceSource::ConfigMap { name: "any".into(), key: name.into() };
        EvidenceSpec { name: name.into(), source, digest: Some(Digest::of(bytes)), columns }
    }

    /// What each gate comes to when evidence `input` holds these bytes.
    pub fn answers(&mut self, gates: &[Gate], bytes: &[u8], columns: Option<&Columns>) -> Vec<Finding> {
        self.count += 1;
        let work = self.temp.path().join(format!("work-{}", self.count));
        fs::create_dir(&work).unwrap();
        let mut evidence = self.fixed.clone();
        evidence.push(self.put("input", bytes, columns.cloned()));
        let files = evidence.iter().map(|spec| (spec.name.clone(), self.temp.path().join(&spec.name)));
        let files: BTreeMap<_, _> = files.collect();
        let stage =
            Stage::new(self.temp.path().to_owned(), work.clone(), 1 << 30, Fetcher::default()).with_files(files);
        let order = EvaluationOrder { run: "run".into(), facts: self.facts.clone(), evidence, gates: gates.to_vec() };
        let document = evaluate(order, stage, Instant::now() + PATIENCE, |_, _| Ok(())).unwrap();
        fs::remove_dir_all(work).unwrap();
        document.results
    }
}

pub fn facts() -> OrderFacts {
    OrderFacts {
        namespace: "lending".into(),
        release: "mortgage".into(),
        model_name: "mortgage".into(),
        model_version: "1".into(),
        model_digest: Some(Digest::parse(&format!("sha256:{}", "a".repeat(64))).unwrap()),
        at: Some("2026-06-01T00:00:00Z".parse().unwrap()),
        ..OrderFacts::default()
    }
}

pub fn gate(name: &str, check: Value) -> Gate {
    let gate = json!({
        "key": format!("base/{name}"), "enforcement": "Enforce", "severity": "High", "stage": "BeforeRelease", "check": check,
    });
    serde_json::from_value(gate).unwrap_or_else(|error| panic!("{name}: {error}"))
}
