//! What a Sigstore bundle (v0.1 to v0.3) brings along to show whose signature it is: certificates, entries of
//! transparency logs and time stamps. All of it is a claim until something of the policy vouches for it.

use super::certificate::MAX_CERTIFICATE;
use super::decoded;
use super::log::Entry;
use crate::evidence::EvidenceError;
use crate::evidence::node::Node;

/// Certificates, log entries and time stamps: of each at most so many.
pub const MAX_PROOFS: usize = 8;
const VERSIONS: [&str; 6] = [
    "application/vnd.dev.sigstore.bundle+json;version=0.1",
    "application/vnd.dev.sigstore.bundle+json;version=0.2",
    "application/vnd.dev.sigstore.bundle+json;version=0.3",
    "application/vnd.dev.sigstore.bundle.v0.1+json",
    "application/vnd.dev.sigstore.bundle.v0.2+json",
    "application/vnd.dev.sigstore.bundle.v0.3+json",
];

/// The material of a bundle that a certificate signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Material {
    /// DER; the signer's first.
    pub certificates: Vec<Vec<u8>>,
    pub entries: Vec<Entry>,
    /// RFC 3161 responses, DER.
    pub stamps: Vec<Vec<u8>>,
}

/// Reads the material; `None` when the bundle was signed by a key, of which it says nothing that counts.
///
/// # Errors
/// `Shape` for an unknown version and what is nearly a bundle; `TooLarge` above [`MAX_PROOFS`].
pub(super) fn material(bundle: &Node<'_>) -> Result<Option<Material>, EvidenceError> {
    let version = bundle.need("mediaType", "a bundle of version 0.1 to 0.3")?;
    if !VERSIONS.contains(&version.text()?) {
        return Err(version.wrong("a bundle of version 0.1 to 0.3"));
    }
    let Some(material) = bundle.get("verificationMaterial") else { return Ok(None) };
    let raw = match (material.get("certificate"), material.get("x509CertificateChain")) {
        (Some(one), None) => vec![one],
        (None, Some(chain)) => chain.items_of("certificates")?,
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => return Err(material.wrong("one certificate or one chain")),
    };
    if raw.is_empty() {
        return Err(material.wrong("at least one certificate"));
    }
    bounded(&raw, "certificates")?;
    let der = |node: &Node<'_>| {
        let der = decoded(&node.need("rawBytes", "a certificate in base64")?)?;
        let long = EvidenceError::TooLarge { what: "bytes in a certificate", limit: MAX_CERTIFICATE };
        if der.len() > MAX_CERTIFICATE { Err(long) } else { Ok(der) }
    };
    let entries = material.items_of("tlogEntries")?;
    bounded(&entries, "log entries")?;
    let stamps = match material.get("timestampVerificationData") {
        Some(data) => data.items_of("rfc3161Timestamps")?,
        None => Vec::new(),
    };
    bounded(&stamps, "time stamps")?;
    let stamp = |node: &Node<'_>| decoded(&node.need("signedTimestamp", "a time stamp in base64")?);
    Ok(Some(Material {
        certificates: raw.iter().map(der).collect::<Result<_, _>>()?,
        entries: entries.iter().map(Entry::read).collect::<Result<_, _>>()?,
        stamps: stamps.iter().map(stamp).collect::<Result<_, _>>()?,
    }))
}

fn bounded(nodes: &[Node<'_>], what: &'static str) -> Result<(), EvidenceError> {
    let crowded = EvidenceError::TooLarge { what, limit: MAX_PROOFS };
    if nodes.len() > MAX_PROOFS { Err(crowded) } else { Ok(()) }
}
