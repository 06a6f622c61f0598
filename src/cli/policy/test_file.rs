//! Tests of policies as they are written: given manifests and evidence, expected outcomes and reasons.

use crate::cli::offline::{FileError, documents, text};
use crate::policy::risk::Tier;
use crate::policy::{FindingReason, GateKey, Outcome};
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const API_VERSION: &str = "modelgate.dev/v1alpha1";
const KIND: &str = "PolicyTest";

#[derive(Debug, thiserror::Error)]
pub enum TestFileError {
    #[error("{0}")]
    File(#[from] FileError),
    #[error("folder {0} cannot be read: {1}")]
    Folder(String, std::io::Error),
    #[error("{0} holds no test: name test files *.test.yaml")]
    NoTests(String),
    #[error("{0} is not a {KIND}: {1}")]
    Malformed(String, String),
}

/// One file.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TestFile {
    api_version: String,
    kind: String,
    /// Policies under test, relative to this file.
    pub policies: Vec<PathBuf>,
    pub cases: Vec<Case>,
    /// Where paths begin.
    #[serde(skip)]
    pub folder: PathBuf,
    #[serde(skip)]
    pub shown: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Case {
    pub name: String,
    /// The release, and ConfigMaps with its evidence, relative to the test file.
    pub manifests: Vec<PathBuf>,
    /// Which release, if the manifests hold several.
    #[serde(default)]
    pub release: Option<String>,
    #[serde(default)]
    pub namespace_labels: BTreeMap<String, String>,
    /// Files that stand for evidence, by its name, relative to the test file.
    #[serde(default)]
    pub evidence: BTreeMap<String, PathBuf>,
    /// What the container of a gate's own Job wrote, by gate, relative to the test file.
    #[serde(default)]
    pub results: BTreeMap<GateKey, PathBuf>,
    /// The moment at which it is judged (RFC 3339); left out: when the test runs.
    #[serde(default)]
    pub at: Option<Timestamp>,
    pub expect: Expected,
}

/// What is not named is not compared; nothing named is an error.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Expected {
    #[serde(default)]
    pub verdict: Option<Word>,
    #[serde(default)]
    pub gates: BTreeMap<GateKey, ExpectedGate>,
    #[serde(default)]
    pub risk_tier: Option<Tier>,
    #[serde(default)]
    pub risk_score: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Word {
    Pass,
    Fail,
    Undecided,
    Error,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExpectedGate {
    pub outcome: Outcome,
    #[serde(default)]
    pub reason: Option<FindingReason>,
}

/// All test files of a folder and the folders in it, or one file.
pub fn read(path: &Path) -> Result<Vec<TestFile>, TestFileError> {
    let mut paths = Vec::new();
    collect(path, 0, &mut paths)?;
    paths.sort();
    if paths.is_empty() {
        return Err(TestFileError::NoTests(path.display().to_string()));
    }
    paths.iter().map(|path| parse(path)).collect()
}

fn collect(path: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), TestFileError> {
    if !path.is_dir() {
        found.push(path.to_owned());
        return Ok(());
    }
    let unreadable = |error| TestFileError::Folder(path.display().to_string(), error);
    for entry in std::fs::read_dir(path).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() && depth < 8 && !name.starts_with('.') {
            collect(&path, depth + 1, found)?;
        } else if name.ends_with(".test.yaml") || name.ends_with(".test.yml") {
            found.push(path);
        }
    }
    Ok(())
}

fn parse(path: &Path) -> Result<TestFile, TestFileError> {
    let shown = path.display().to_string();
    let malformed = |why: String| TestFileError::Malformed(shown.clone(), why);
    let mut documents: Vec<TestFile> = documents(&text(path, &shown)?).map_err(malformed)?;
    let (Some(file), true) = (documents.pop(), documents.is_empty()) else {
        return Err(malformed("one document is expected".to_owned()));
    };
    if file.api_version != API_VERSION || file.kind != KIND {
        return Err(malformed(format!("apiVersion is {API_VERSION} and kind {KIND}")));
    }
    for case in &file.cases {
        let expect = &case.expect;
        let risk = expect.risk_tier.is_some() || expect.risk_score.is_some();
        if expect.verdict.is_none() && expect.gates.is_empty() && !risk {
            return Err(malformed(format!("case {:?} expects nothing", case.name)));
        }
    }
    if file.cases.is_empty() {
        return Err(malformed("it has no cases".to_owned()));
    }
    Ok(TestFile { folder: path.parent().unwrap_or(Path::new("")).to_owned(), shown, ..file })
}
