//! Entries of transparency logs (Rekor v1 and v2): that one is about this very signature, that the log promised or
//! proved that it holds it, and when.

mod body;
mod checkpoint;
mod merkle;

use super::{decoded, key};
use crate::evidence::EvidenceError;
use crate::evidence::node::Node;
use crate::policy::check::Log;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

pub(super) use body::Signed;

/// Hashes of a proof: a tree has no more levels.
const MAX_HASHES: usize = 64;
/// Longest checkpoint, in bytes; witnesses add a line each.
const MAX_CHECKPOINT: usize = 8192;

/// Written to be read after "the log entry".
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    #[error("is about another signature")]
    OtherSignature,
    #[error("has neither a promise nor a proof that a log holds it")]
    Unproven,
    #[error("has a promise that no trusted log made")]
    Promise,
    #[error("has a checkpoint that no trusted log signed")]
    Checkpoint,
    #[error("does not stand in the log that its checkpoint describes")]
    NotIncluded,
}

/// One entry as a bundle brings it along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// What the log holds, byte for byte.
    body: Vec<u8>,
    log_id: Vec<u8>,
    index: u64,
    /// Seconds since 1970, which only a promise makes true.
    integrated: Option<i64>,
    promise: Option<Vec<u8>>,
    proof: Option<Proof>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Proof {
    index: u64,
    hashes: Vec<[u8; 32]>,
    checkpoint: String,
}

/// An entry that a log vouches for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Logged<'l> {
    /// When the log took it in, if the log promised that.
    pub at: Option<Timestamp>,
    /// Whose checkpoint holds it.
    pub log: &'l Log,
}

impl Entry {
    pub(super) fn read(node: &Node<'_>) -> Result<Self, EvidenceError> {
        let promise = node
            .get("inclusionPromise")
            .map(|promise| decoded(&promise.need("signedEntryTimestamp", "a signature in base64")?));
        let integrated = node.get("integratedTime").map(|time| whole(&time)).transpose()?;
        Ok(Self {
            body: decoded(&node.need("canonicalizedBody", "the entry in base64")?)?,
            log_id: node
                .get("logId")
                .and_then(|id| id.get("keyId"))
                .map(|id| decoded(&id))
                .transpose()?
                .unwrap_or_default(),
            index: node.get("logIndex").map(|index| whole(&index)).transpose()?.unwrap_or_default(),
            // Zero is how its format says nothing.
            integrated: integrated.and_then(|time| i64::try_from(time).ok()).filter(|time| *time != 0),
            promise: promise.transpose()?,
            proof: node.get("inclusionProof").map(|proof| Proof::read(&proof)).transpose()?,
        })
    }

    /// Whether it is about what was signed, and logs of the policy vouch for that.
    ///
    /// # Errors
    /// Says which part does not hold. A promise and a proof must both hold where both are there.
    pub(super) fn logged<'l>(&self, signed: &Signed<'_>, logs: &'l [Log]) -> Result<Logged<'l>, LogError> {
        if !body::is_about(&self.body, signed) {
            return Err(LogError::OtherSignature);
        }
        let promised = self.promise.as_ref().map(|promise| self.promised(promise, logs)).transpose()?;
        let proven = self.proof.as_ref().map(|proof| proof.holds(&self.body, logs)).transpose()?;
        match (promised, proven) {
            (Some(promised), _) => Ok(promised),
            (None, Some(log)) => Ok(Logged { at: None, log }),
            (None, None) => Err(LogError::Unproven),
        }
    }

    /// What Rekor v1 signs of an entry at once: JSON in canonical form (RFC 8785), in which base64, hex and whole
    /// numbers stand as they are.
    fn promised<'l>(&self, promise: &[u8], logs: &'l [Log]) -> Result<Logged<'l>, LogError> {
        let at = self.integrated.unwrap_or_default();
        let message = format!(
            r#"{{"body":"{}","integratedTime":{at},"logID":"{}","logIndex":{}}}"#,
            STANDARD.encode(&self.body),
            hex::encode(&self.log_id),
            self.index
        );
        let time = self.integrated.and_then(|seconds| Timestamp::from_second(seconds).ok());
        let in_force = |log: &&Log| time.is_none_or(|time| log.window.holds(time));
        let mut by = logs.iter().filter(in_force).filter(|log| key::verifies(&log.key, message.as_bytes(), promise));
        by.next().map(|log| Logged { at: time, log }).ok_or(LogError::Promise)
    }
}

impl Proof {
    fn read(node: &Node<'_>) -> Result<Self, EvidenceError> {
        let hashes = node.items_of("hashes")?;
        if hashes.len() > MAX_HASHES {
            return Err(EvidenceError::TooLarge { what: "hashes in a proof", limit: MAX_HASHES });
        }
        let hash = |node: &Node<'_>| <[u8; 32]>::try_from(decoded(node)?).map_err(|_| node.wrong("a SHA-256 hash"));
        let envelope = node.need("checkpoint", "a checkpoint")?.need("envelope", "a signed note")?;
        let checkpoint = envelope.text()?;
        if checkpoint.len() > MAX_CHECKPOINT {
            return Err(EvidenceError::TooLarge { what: "bytes in a checkpoint", limit: MAX_CHECKPOINT });
        }
        Ok(Self {
            index: node.get("logIndex").map(|index| whole(&index)).transpose()?.unwrap_or_default(),
            hashes: hashes.iter().map(hash).collect::<Result<_, _>>()?,
            checkpoint: checkpoint.to_owned(),
        })
    }

    /// Size and root are those of the checkpoint; what a bundle says of them beside it is not read.
    fn holds<'l>(&self, body: &[u8], logs: &'l [Log]) -> Result<&'l Log, LogError> {
        let (checkpoint, log) = checkpoint::signed(&self.checkpoint, logs).ok_or(LogError::Checkpoint)?;
        let root = merkle::root(merkle::leaf(body), self.index, checkpoint.size, &self.hashes);
        if root == Some(checkpoint.root) { Ok(log) } else { Err(LogError::NotIncluded) }
    }
}

/// A whole number, which the format writes as text.
fn whole(node: &Node<'_>) -> Result<u64, EvidenceError> {
    match node.text() {
        Ok(text) => text.parse().map_err(|_| node.wrong("a whole number")),
        Err(_) => node.count(),
    }
}
