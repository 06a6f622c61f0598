//! Public keys as PEM, and whether a signature is theirs.

use crate::policy::check::{KeyAlgorithm, PublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};

/// Longest PEM text: an RSA key of 8192 bits has less.
pub const MAX_PEM: usize = 2048;

const BEGIN: &str = "-----BEGIN PUBLIC KEY-----";
const END: &str = "-----END PUBLIC KEY-----";

/// What stands before the key in a SubjectPublicKeyInfo (RFC 5280, 8410, 5480). Each is fixed to the last byte, so
/// there is nothing to parse; keys with other parameters or compressed points are refused.
const ED25519: &[u8] = &[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
const P256: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
const P384: &[u8] = &[
    0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00,
    0x22, 0x03, 0x62, 0x00,
];
const RSA: &[u8] = &[0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
/// PKCS#1 of a modulus of 2048 bits with the shortest exponent.
const SHORTEST_RSA: usize = 268;

/// Written to be read after the name of the key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("is not one PEM block of PUBLIC KEY")]
    NotPem,
    #[error("has more than {MAX_PEM} bytes")]
    TooLong,
    #[error("is not a public key of Ed25519, P-256, P-384 or RSA with at least 2048 bits")]
    Unsupported,
}

/// Reads one public key from PEM.
///
/// # Errors
/// Text that is not exactly one block of `PUBLIC KEY`, or a kind of key that is not supported.
pub fn public_key(pem: &str) -> Result<PublicKey, KeyError> {
    if pem.len() > MAX_PEM {
        return Err(KeyError::TooLong);
    }
    let body = pem.trim().strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(END)).ok_or(KeyError::NotPem)?;
    let body: String = body.split_ascii_whitespace().collect();
    from_info(&STANDARD.decode(body).map_err(|_| KeyError::NotPem)?)
}

/// Reads one public key from its SubjectPublicKeyInfo.
///
/// # Errors
/// A kind of key that is not supported.
pub fn from_info(info: &[u8]) -> Result<PublicKey, KeyError> {
    let point = |prefix: &[u8], size: usize| info.strip_prefix(prefix).filter(|point| point.len() == size);
    let uncompressed = |point: &&[u8]| point.first() == Some(&0x04);
    let found = if let Some(key) = point(ED25519, 32) {
        Some((KeyAlgorithm::Ed25519, key))
    } else if let Some(key) = point(P256, 65).filter(uncompressed) {
        Some((KeyAlgorithm::P256, key))
    } else if let Some(key) = point(P384, 97).filter(uncompressed) {
        Some((KeyAlgorithm::P384, key))
    } else {
        rsa(info).map(|key| (KeyAlgorithm::Rsa, key))
    };
    let (algorithm, key) = found.ok_or(KeyError::Unsupported)?;
    Ok(PublicKey { algorithm, bytes: hex::encode(key) })
}

/// The PKCS#1 key inside: a sequence of algorithm and bit string, both with lengths of two bytes.
fn rsa(info: &[u8]) -> Option<&[u8]> {
    let long = |bytes: &'_ [u8], tag: u8| -> Option<usize> {
        let [found, 0x82, high, low, rest @ ..] = bytes else { return None };
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        (*found == tag && rest.len() == length).then_some(length)
    };
    long(info, 0x30)?;
    let bits = info.get(4..)?.strip_prefix(RSA)?;
    long(bits, 0x03)?;
    let key = bits.get(4..)?.strip_prefix(&[0x00])?;
    long(key, 0x30)?;
    (key.len() >= SHORTEST_RSA).then_some(key)
}

/// Whether the key made this signature over this message. A key that is none verifies nothing.
pub fn verifies(key: &PublicKey, message: &[u8], signed: &[u8]) -> bool {
    let Ok(bytes) = hex::decode(&key.bytes) else { return false };
    let by = |algorithm: &'static dyn VerificationAlgorithm| {
        UnparsedPublicKey::new(algorithm, &bytes).verify(message, signed).is_ok()
    };
    match key.algorithm {
        KeyAlgorithm::Ed25519 => by(&signature::ED25519),
        KeyAlgorithm::P256 => by(&signature::ECDSA_P256_SHA256_ASN1),
        KeyAlgorithm::P384 => by(&signature::ECDSA_P384_SHA384_ASN1),
        KeyAlgorithm::Rsa => by(&signature::RSA_PSS_2048_8192_SHA256) || by(&signature::RSA_PKCS1_2048_8192_SHA256),
    }
}
