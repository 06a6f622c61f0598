//! Statements about where something comes from: DSSE envelopes, bare or in a Sigstore bundle, around in-toto
//! statements. Nothing in a statement can be read before enough trusted keys have verified it.

mod bundle;
mod certificate;
mod chain;
mod key;
mod lineage;
mod log;
mod model_signing;
mod names;
mod sct;
mod signer;
mod slsa;
mod statement;
mod time_stamp;
mod trust;

pub use certificate::{CertificateError, Purpose};
pub use key::{KeyError, public_key};
pub use lineage::{Open, open_input};
pub use names::{matches, repository};
pub use signer::{Roots, SignerError};
pub use statement::{About, Input, Made, Statement};
pub use trust::{MAX_TRUSTED_ROOT, TrustError, TrustedRoot, authority, trusted_root};

use bundle::Material;
use signer::Claim;

use super::node::Node;
use super::recognise::{Body, attestation, recognise};
use super::{EvidenceError, json};
use crate::policy::check::{Identity, TrustedKey};
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
    format: Format,
    payload: Vec<u8>,
    signatures: Vec<Vec<u8>>,
    /// What a bundle brings along beside it.
    material: Option<Material>,
}

/// Who may sign, and how many of them must.
#[derive(Debug, Clone, Copy)]
pub struct Trust<'t, 'k> {
    pub keys: &'t [&'k TrustedKey],
    /// `None`: certificates count nothing.
    pub roots: Option<Roots<'k>>,
    /// Different signers: keys, and whoever the certificate names. At least one.
    pub threshold: u32,
}

/// An envelope that enough of those have signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified<'k, 'e> {
    payload: &'e [u8],
    /// All trusted keys that signed it.
    pub keys: Vec<&'k TrustedKey>,
    /// Whom its certificate names.
    pub identity: Option<&'k Identity>,
}

/// Too few have signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Few {
    pub signers: usize,
    /// Why its certificate does not count, if it has one that is asked for.
    pub certificate: Option<SignerError>,
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
        let (envelope, material) = match node.format() {
            Format::Dsse => (node.clone(), None),
            Format::SigstoreBundle => (node.need("dsseEnvelope", "a DSSE envelope")?, bundle::material(node)?),
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
        Ok(Self { format: node.format(), payload, signatures, material })
    }

    /// An envelope by itself, or in a bundle.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Looks for as many different signers as the threshold says, at least one.
    ///
    /// # Errors
    /// How many did sign, when they are too few, and what is wrong with the certificate.
    pub fn verify<'k>(&self, trust: &Trust<'_, 'k>) -> Result<Verified<'k, '_>, Few> {
        let message = pre_authentication_encoding(PAYLOAD_TYPE, &self.payload);
        let signed = |key: &&&TrustedKey| self.signatures.iter().any(|one| key::verifies(&key.key, &message, one));
        let keys: Vec<&TrustedKey> = trust.keys.iter().filter(signed).copied().collect();
        let identity = trust.roots.as_ref().zip(self.material.as_ref()).map(|(roots, material)| {
            let claim = Claim {
                material,
                payload: &self.payload,
                payload_type: PAYLOAD_TYPE,
                message: &message,
                signatures: &self.signatures,
            };
            claim.identity(roots)
        });
        let (identity, wrong) = match identity {
            Some(Ok(identity)) => (Some(identity), None),
            Some(Err(wrong)) => (None, Some(wrong)),
            None => (None, None),
        };
        let signers = keys.len() + usize::from(identity.is_some());
        if signers >= (trust.threshold as usize).max(1) {
            Ok(Verified { payload: &self.payload, keys, identity })
        } else {
            Err(Few { signers, certificate: wrong })
        }
    }
}

impl<'k> Verified<'k, '_> {
    /// What findings call those who signed.
    pub fn signers(&self) -> impl Iterator<Item = &'k str> {
        let keys = self.keys.iter().map(|key| key.name.as_str());
        keys.chain(self.identity.map(|identity| identity.name.as_str()))
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
