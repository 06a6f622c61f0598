use crate::policy::Digest;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Statements signed by trusted keys say what was made, how and from what. No single number decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Provenance {
    /// Envelopes and bundles; every one of them must hold.
    pub evidence: Vec<String>,
    pub keys: Vec<TrustedKey>,
    /// Different keys that must have signed each statement.
    pub threshold: u32,
    /// The release's model digest must be a subject.
    pub about_model: bool,
    /// Evidence whose digest must be a subject.
    #[serde(default)]
    pub subjects: Vec<String>,
    /// Empty: any.
    #[serde(default)]
    pub predicate_types: Vec<String>,
    /// Empty: any. A trailing `*` stands for any ending.
    #[serde(default)]
    pub builders: Vec<String>,
    /// Repositories, as `builders`.
    #[serde(default)]
    pub sources: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age_seconds: Option<u64>,
    /// `None`: inputs are not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lineage: Option<Lineage>,
}

impl Provenance {
    /// Whether a signature alone is not enough: somebody must say how the subjects were made.
    pub fn asks_how_it_was_made(&self) -> bool {
        !self.builders.is_empty()
            || !self.sources.is_empty()
            || self.max_age_seconds.is_some()
            || self.lineage.is_some()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TrustedKey {
    pub name: String,
    pub key: PublicKey,
    /// From then on it counts nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// A public key without its wrapping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicKey {
    pub algorithm: KeyAlgorithm,
    /// Hex of the key itself: Ed25519's 32 bytes, an uncompressed point, PKCS#1 for RSA.
    pub bytes: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyAlgorithm {
    Ed25519,
    /// ECDSA with SHA-256.
    P256,
    /// ECDSA with SHA-384.
    P384,
    /// PSS or PKCS#1 v1.5, with SHA-256.
    Rsa,
}

/// Every input of a step is the subject of another statement, or declared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lineage {
    #[serde(default)]
    pub declared: Vec<DeclaredSource>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeclaredSource {
    /// A trailing `*` stands for any ending.
    pub uri: String,
    /// `None`: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
}
