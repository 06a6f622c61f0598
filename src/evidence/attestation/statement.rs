//! in-toto statements, v1 and v0.1: what they are about, and what they say of it.

use super::{model_signing, slsa};
use crate::evidence::EvidenceError;
use crate::evidence::node::Node;
use crate::policy::{Digest, Format};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeSet;

/// Bytes of a name or type that is compared with what a policy allows. Nothing is cut to that length: what is longer
/// is refused, so that no two names look the same.
const MAX_NAME: usize = 512;

/// A statement, read. Things are known by SHA-256 only; other digests tell nothing apart here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    pub subjects: BTreeSet<Digest>,
    pub predicate_type: String,
    pub about: About,
}

/// What it says of its subjects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// SLSA provenance: how they were made.
    Made(Made),
    /// An OpenSSF model signature. Signed files are among the subjects.
    Files,
    /// Something that is not read here.
    Other,
}

/// How something was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    pub builder: String,
    pub finished: Option<Timestamp>,
    pub inputs: Vec<Input>,
    /// Repositories that it was made from, as written.
    pub sources: BTreeSet<String>,
}

/// Something that a step used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// URI, else name.
    pub name: String,
    pub sha256: Option<Digest>,
    /// A digest that nobody can forge today stands beside it: SHA-2, SHA-3, BLAKE2b, BLAKE3; for git also its own.
    pub pinned: bool,
}

/// Reads a statement.
///
/// # Errors
/// `Shape` for another type, no subject, or a subject, digest or known predicate that is not as it should be.
pub(super) fn read(value: &Value) -> Result<Statement, EvidenceError> {
    let node = Node::root(Format::InTotoStatement, value);
    let expected = "an in-toto statement of v1 or v0.1";
    let version = node.need("_type", expected)?;
    if !["https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1"].contains(&version.text()?) {
        return Err(version.wrong(expected));
    }
    let listed = node.need("subject", "a list of subjects")?;
    let mut subjects = BTreeSet::new();
    let mut count = 0usize;
    for subject in listed.items()? {
        count += 1;
        let digests = subject.need("digest", "digests")?;
        if digests.entries()?.next().is_none() {
            return Err(digests.wrong("at least one digest"));
        }
        subjects.extend(sha256(&digests)?);
    }
    if count == 0 {
        return Err(listed.wrong("a list of at least one subject"));
    }
    let predicate_type = name(&node.need("predicateType", "a predicate type")?)?.to_owned();
    let predicate = || node.need("predicate", "a predicate");
    let about = match predicate_type.as_str() {
        "https://slsa.dev/provenance/v1" => About::Made(slsa::v1(&predicate()?)?),
        "https://slsa.dev/provenance/v0.2" => About::Made(slsa::v0_2(&predicate()?)?),
        "https://model_signing/signature/v1.0" => {
            subjects = model_signing::files(&predicate()?, &listed, subjects)?;
            About::Files
        }
        _ => About::Other,
    };
    Ok(Statement { subjects, predicate_type, about })
}

/// A name as it stands.
pub(super) fn name<'a>(node: &Node<'a>) -> Result<&'a str, EvidenceError> {
    let text = node.text()?;
    let long = EvidenceError::TooLarge { what: "bytes in a name", limit: MAX_NAME };
    if text.len() > MAX_NAME { Err(long) } else { Ok(text) }
}

/// SHA-256 among digests by algorithm.
fn sha256(digests: &Node<'_>) -> Result<Option<Digest>, EvidenceError> {
    digests.get("sha256").map(|hex| digest(&hex)).transpose()
}

/// A SHA-256 digest in hex.
pub(super) fn digest(hex: &Node<'_>) -> Result<Digest, EvidenceError> {
    Digest::parse(&format!("sha256:{}", hex.text()?)).map_err(|_| hex.wrong("a SHA-256 digest in lower-case hex"))
}

/// A resource descriptor, or an older material.
pub(super) fn input(node: &Node<'_>) -> Result<Input, EvidenceError> {
    let name = node.any(&["uri", "name"]).map(|text| name(&text)).transpose()?.unwrap_or_default();
    let (mut known, mut pinned) = (None, false);
    if let Some(digests) = node.get("digest") {
        known = sha256(&digests)?;
        for (algorithm, hex) in digests.entries()? {
            pinned |= strong(algorithm, hex.text()?, name);
        }
    }
    Ok(Input { name: name.to_owned(), sha256: known, pinned })
}

fn strong(algorithm: &str, hex: &str, uri: &str) -> bool {
    let git = uri.starts_with("git+") || uri.starts_with("git:");
    let digits = match algorithm {
        "sha256" | "sha512_256" | "sha3_256" | "blake2s" | "blake3" => 64,
        "sha384" | "sha3_384" => 96,
        "sha512" | "sha3_512" | "blake2b" => 128,
        // Git's own names; older provenance writes them as sha1.
        "gitCommit" | "gitTree" | "gitTag" | "gitBlob" if hex.len() == 64 => 64,
        "gitCommit" | "gitTree" | "gitTag" | "gitBlob" => 40,
        "sha1" if git => 40,
        _ => return false,
    };
    hex.len() == digits && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
}
