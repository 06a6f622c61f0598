//! A folder of evidence for the tests of checks, pinned as the operator pins it.

use crate::evaluator::fetch::Fetcher;
use crate::evaluator::sources::Sources;
use crate::evaluator::stage::Stage as Copies;
use crate::policy::{
    Check, Columns, Decimal, Digest, Enforcement, EvidenceSource, EvidenceSpec, Gate, GateKey, Severity, Stage,
};
use std::fs;

pub struct Bench {
    folder: tempfile::TempDir,
    specs: Vec<EvidenceSpec>,
}

impl Bench {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("copies")).unwrap();
        Self { folder, specs: Vec::new() }
    }

    pub fn put(&mut self, name: &str, bytes: &[u8], columns: Option<Columns>) {
        let source = EvidenceSource::PersistentVolumeClaim { name: "evidence".into(), path: "file".into() };
        fs::create_dir_all(self.folder.path().join("mounted").join(name)).unwrap();
        self.overwrite(name, bytes);
        self.specs.push(EvidenceSpec { name: name.into(), source, digest: Some(Digest::of(bytes)), columns });
    }

    /// Other bytes than those that are pinned.
    pub fn overwrite(&self, name: &str, bytes: &[u8]) {
        fs::write(self.folder.path().join("mounted").join(name).join("file"), bytes).unwrap();
    }

    /// Where the copies lie that checks read.
    pub fn copies(&self) -> std::path::PathBuf {
        self.folder.path().join("copies")
    }

    pub fn sources(&self) -> Sources {
        let stage = Copies::new(self.folder.path().join("mounted"), self.copies(), 1 << 30, Fetcher::default());
        Sources::new(stage, self.specs.clone())
    }
}

pub fn decimal(text: &str) -> Decimal {
    Decimal::parse(text).unwrap()
}

pub fn gate(check: Check) -> Gate {
    Gate {
        key: GateKey::new("base", "gate"),
        enforcement: Enforcement::Enforce,
        severity: Severity::High,
        stage: Stage::BeforeRelease,
        min_tier: None,
        watch: None,
        remediation: None,
        check,
    }
}
