use crate::policy::Digest;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Statements signed by trusted keys and identities say what was made, how and from what. No single number decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Provenance {
    /// Envelopes and bundles; every one of them must hold.
    pub evidence: Vec<String>,
    #[serde(default)]
    pub keys: Vec<TrustedKey>,
    /// Whose certificates may sign.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identities: Vec<Identity>,
    /// Who issues such certificates.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authorities: Vec<Authority>,
    /// Who says at what time something was signed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub timestamp_authorities: Vec<Authority>,
    /// Transparency logs. If there are any, what a certificate signed must stand in one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub logs: Vec<Log>,
    /// Logs of certificates. If there are any, a certificate must carry the word of one that it shows it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub certificate_logs: Vec<Log>,
    /// Different signers, keys or identities, that must have signed each statement.
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

/// Somebody whom a certificate names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    pub name: String,
    pub subject: SubjectName,
    /// The OpenID issuer that the certificate must name; `None`: it must name none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
}

/// A name among the certificate's alternative names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SubjectName {
    /// A trailing `*` stands for any ending.
    Uri(String),
    /// `*@` stands for everybody of a domain.
    Email(String),
    DnsName(String),
}

/// Certificates of one authority, each trusted by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Authority {
    pub name: String,
    /// DER in base64.
    pub certificates: Vec<String>,
    #[serde(default, flatten)]
    pub window: Window,
}

/// A transparency log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Log {
    pub name: String,
    pub key: PublicKey,
    #[serde(default, flatten)]
    pub window: Window,
}

/// When something is trusted: what happened at `until` or before `from` is not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

impl Window {
    pub fn holds(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }
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
