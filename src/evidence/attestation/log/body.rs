//! What an entry says was signed, by whom. Anybody may hand in entries, so one counts only for the signature, the
//! content and the certificate that it names, all three.

use super::super::certificate::Certificate;
use crate::evidence::json;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

/// A signature as a bundle holds it.
pub(in super::super) struct Signed<'a> {
    /// The body of the envelope, of which some entries name the digest.
    pub payload: &'a [u8],
    /// What the signature is over, of which others do.
    pub message: &'a [u8],
    pub payload_type: &'a str,
    pub signature: &'a [u8],
    pub certificate: &'a Certificate,
}

/// Whether the entry is about the signature. Kinds that are not known are about nothing.
pub(super) fn is_about(body: &[u8], signed: &Signed<'_>) -> bool {
    let Ok(body) = json::parse(body) else { return false };
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str);
    let spec = |pointer: &str| body.pointer(&format!("/spec{pointer}")).unwrap_or(&Value::Null);
    match (text("/kind"), text("/apiVersion")) {
        (Some("dsse"), Some("0.0.1")) => {
            let signatures = spec("/signatures").as_array().map(Vec::as_slice).unwrap_or_default();
            let made = |one: &Value| signed.is(&one["signature"]) && signed.by_pem(&one["verifier"]);
            hexed(spec("/payloadHash"), signed.payload) && signatures.iter().any(made)
        }
        (Some("intoto"), Some("0.0.2")) => {
            let envelope = spec("/content/envelope");
            let signatures = envelope["signatures"].as_array().map(Vec::as_slice).unwrap_or_default();
            // The signature stands there as the envelope has it, in base64 once more.
            let inner =
                |one: &Value| decoded(&one["sig"]).and_then(|text| String::from_utf8(text).ok()).map(Value::from);
            let made = |one: &Value| inner(one).is_some_and(|sig| signed.is(&sig)) && signed.by_pem(&one["publicKey"]);
            envelope["payloadType"] == signed.payload_type
                && hexed(spec("/content/payloadHash"), signed.payload)
                && signatures.iter().any(made)
        }
        (Some("dsse"), Some("0.0.2")) => {
            let signatures = spec("/dsseV002/signatures").as_array().map(Vec::as_slice).unwrap_or_default();
            let made = |one: &Value| signed.is(&one["content"]) && signed.by_raw(&one["verifier"]);
            digest(spec("/dsseV002/payloadHash"), signed.payload) && signatures.iter().any(made)
        }
        (Some("hashedrekord"), Some("0.0.2")) => {
            let signature = spec("/hashedRekordV002/signature");
            digest(spec("/hashedRekordV002/data"), signed.message)
                && signed.is(&signature["content"])
                && signed.by_raw(&signature["verifier"])
        }
        _ => false,
    }
}

impl Signed<'_> {
    fn is(&self, base64: &Value) -> bool {
        decoded(base64).is_some_and(|bytes| bytes == self.signature)
    }

    /// PEM in base64.
    fn by_pem(&self, base64: &Value) -> bool {
        let pem = decoded(base64).and_then(|pem| String::from_utf8(pem).ok());
        let found = pem.and_then(|pem| Certificate::all_from_pem(&pem).ok());
        found.is_some_and(|all| all.first().is_some_and(|one| one.der() == self.certificate.der()))
    }

    fn by_raw(&self, verifier: &Value) -> bool {
        decoded(&verifier["x509Certificate"]["rawBytes"]).is_some_and(|der| der == self.certificate.der())
    }
}

fn decoded(base64: &Value) -> Option<Vec<u8>> {
    STANDARD.decode(base64.as_str()?).ok()
}

/// A SHA-256 digest as Rekor v1 names it.
fn hexed(hash: &Value, content: &[u8]) -> bool {
    hash["algorithm"] == "sha256" && hash["value"] == hex::encode(Sha256::digest(content))
}

/// A digest as Rekor v2 names it.
fn digest(hash: &Value, content: &[u8]) -> bool {
    let expected = match hash["algorithm"].as_str() {
        Some("SHA2_256") => Sha256::digest(content).to_vec(),
        Some("SHA2_384") => Sha384::digest(content).to_vec(),
        Some("SHA2_512") => Sha512::digest(content).to_vec(),
        _ => return false,
    };
    decoded(&hash["digest"]).is_some_and(|digest| digest == expected)
}
