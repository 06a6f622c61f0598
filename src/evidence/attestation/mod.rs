//! Statements about where something comes from: DSSE envelopes, bare or in a Sigstore bundle, around in-toto
//! statements. Nothing in a statement can be read before enough trusted keys have verified it.

mod key;
mod lineage;
mod model_signing;
mod names;
mod slsa;
mod statement;

pub use key::{KeyError, public_key};
pub use lineage::{Open, open_input};
pub use names::{matches, repository};
pub use statement::{About, Input, Made, Statement};

use super::node::Node;
use super::recognise::{Body, attestation, recognise};
use super::{EvidenceError, json};
use crate::policy::check::TrustedKey;
use crate::policy::{Format, Subject};
use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Envelopes that one gate reads; more are refused.
pub const MAX_ENVELOPES: usize = 64;
/// Signatures on one envelope; more are refused before any is looked at.
pub const MAX_SIGNATURES: usize = 16;
const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// One envelope, not verified yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    payload: Vec<u8>,
    signatures: Vec<Vec<u8>>,
}

/// An envelope that enough keys have signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified<'k, 'e> {
    payload: &'e [u8],
    /// All trusted keys that signed it, at least as many as were asked.
    pub keys: Vec<&'k TrustedKey>,
}

impl Envelope {
    /// All envelopes of a document: a DSSE envelope, a Sigstore bundle, or one of them on each line.
    ///
    /// # Errors
    /// Those of [`recognise`]; `Unsigned` for a statement without envelope or an envelope without signature; `Shape`
    /// for another payload than an in-toto statement; `TooLarge` above [`MAX_ENVELOPES`] or [`MAX_SIGNATURES`].
    pub fn parse_all(bytes: &[u8]) -> Result<Vec<Self>, EvidenceError> {
        let recognised = recognise(bytes, None, Subject::Provenance)?;
        let expected = "an envelope or a bundle on each line";
        let shape = || EvidenceError::Shape { format: recognised.format, at: "/".to_owned(), expected };
        let read = |value, line: Option<usize>| {
            let format = attestation(value).ok_or_else(shape)?;
            Self::read(&match line {
                Some(index) => Node::line(format, index, value),
                None => Node::root(format, value),
            })
        };
        match &recognised.body {
            Body::Json(value) => Ok(vec![read(value, None)?]),
            Body::Lines(lines) if lines.len() > MAX_ENVELOPES => {
                Err(EvidenceError::TooLarge { what: "envelopes", limit: MAX_ENVELOPES })
            }
            Body::Lines(lines) => lines.iter().enumerate().map(|(index, value)| read(value, Some(index))).collect(),
            Body::Xml(_) | Body::Text(_) => Err(shape()),
        }
    }

    fn read(node: &Node<'_>) -> Result<Self, EvidenceError> {
        let envelope = match node.format() {
            Format::Dsse => node.clone(),
            Format::SigstoreBundle => node.need("dsseEnvelope", "a DSSE envelope")?,
            other => return Err(EvidenceError::Unsigned { format: other }),
        };
        let payload_type = envelope.need("payloadType", PAYLOAD_TYPE)?;
        if payload_type.text()? != PAYLOAD_TYPE {
            return Err(payload_type.wrong(PAYLOAD_TYPE));
        }
        let payload = decoded(&envelope.need("payload", "base64")?)?;
        let found = envelope.items_of("signatures")?;
        if found.is_empty() {
            return Err(EvidenceError::Unsigned { format: node.format() });
        }
        if found.len() > MAX_SIGNATURES {
            return Err(EvidenceError::TooLarge { what: "signatures", limit: MAX_SIGNATURES });
        }
        // `keyid` is a hint that anybody can write: every trusted key is tried.
        let signatures = found.iter().map(|one| decoded(&one.need("sig", "base64")?)).collect::<Result<_, _>>()?;
        Ok(Self { payload, signatures })
    }

    /// Looks for as many different keys as `threshold` says, at least one.
    ///
    /// # Errors
    /// The keys that did sign, when they are too few.
    pub fn verify<'k>(&self, keys: &[&'k TrustedKey], threshold: u32) -> Result<Verified<'k, '_>, Vec<&'k TrustedKey>> {
        let message = pre_authentication_encoding(PAYLOAD_TYPE, &self.payload);
        let signed = |key: &&&TrustedKey| self.signatures.iter().any(|one| key::verifies(&key.key, &message, one));
        let by: Vec<&TrustedKey> = keys.iter().filter(signed).copied().collect();
        if by.len() >= (threshold as usize).max(1) {
            Ok(Verified { payload: &self.payload, keys: by })
        } else {
            Err(by)
        }
    }
}

impl Verified<'_, '_> {
    /// What was signed.
    ///
    /// # Errors
    /// Those of [`json::parse`], and `Shape` for what is no in-toto statement.
    pub fn statement(&self) -> Result<Statement, EvidenceError> {
        statement::read(&json::parse(self.payload)?)
    }
}

/// What a signature is over (DSSE 1.0): the lengths keep type and body apart.
fn pre_authentication_encoding(payload_type: &str, body: &[u8]) -> Vec<u8> {
    let mut message = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), body.len()).into_bytes();
    message.extend_from_slice(body);
    message
}

/// Both alphabets are allowed, with padding or without.
fn decoded(node: &Node<'_>) -> Result<Vec<u8>, EvidenceError> {
    let lenient = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let text = node.text()?;
    let read = |alphabet| GeneralPurpose::new(alphabet, lenient).decode(text).ok();
    read(&STANDARD).or_else(|| read(&URL_SAFE)).ok_or_else(|| node.wrong("base64"))
}

#[cfg(test)]
mod tests;
