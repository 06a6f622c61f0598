//! Whom a policy trusts with certificates, read from what its author wrote: PEM, and Sigstore's `trusted_root.json`.

use super::certificate::{Certificate, CertificateError, Purpose};
use super::key::{self, KeyError};
use crate::policy::check::{Authority, Log, Window};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::Deserialize;

/// Certificates of one authority.
pub const MAX_CERTIFICATES: usize = 8;
/// Longest trusted root, in bytes.
pub const MAX_TRUSTED_ROOT: usize = 16 << 10;
/// Authorities, time stamp authorities and logs of a trusted root: of each at most so many.
const MAX_PARTS: usize = 8;
const MEDIA_TYPE: &str = "application/vnd.dev.sigstore.trustedroot";

/// Written to be read after the name of what it is about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    #[error("certificate {at} {why}")]
    Certificate { at: usize, why: CertificateError },
    #[error("holds no certificate in PEM that can be read ({0})")]
    Pem(CertificateError),
    #[error("has more than {limit} {what}")]
    TooMany { what: &'static str, limit: usize },
    #[error("cannot be read as a trusted root: {0}")]
    Unreadable(String),
    #[error("is not a trusted root: its mediaType does not start with {MEDIA_TYPE}")]
    OtherKind,
    #[error("log {at} {why}")]
    Log { at: usize, why: KeyError },
    #[error("has no authority that may issue certificates for this")]
    NoAuthority,
}

/// Reads an authority from PEM. Each certificate is trusted by itself: roots, and intermediates without their roots.
///
/// # Errors
/// No certificate, too many, and one that may not issue for the purpose. For time stamps, the signer's own may be there.
pub fn authority(name: &str, pem: &str, until: Option<Timestamp>, purpose: Purpose) -> Result<Authority, TrustError> {
    let found = Certificate::all_from_pem(pem).map_err(TrustError::Pem)?;
    of_certificates(name, &found, Window { from: None, until }, purpose)
}

fn of_certificates(
    name: &str,
    found: &[Certificate],
    window: Window,
    purpose: Purpose,
) -> Result<Authority, TrustError> {
    if found.len() > MAX_CERTIFICATES {
        return Err(TrustError::TooMany { what: "certificates", limit: MAX_CERTIFICATES });
    }
    for (at, certificate) in found.iter().enumerate() {
        let own_signer = purpose == Purpose::TimeStamping && !certificate.is_authority();
        if !own_signer {
            certificate.may_issue(purpose).map_err(|why| TrustError::Certificate { at, why })?;
        }
    }
    if !found.iter().any(Certificate::is_authority) {
        return Err(TrustError::NoAuthority);
    }
    Ok(Authority { name: name.to_owned(), certificates: found.iter().map(Certificate::base64).collect(), window })
}

/// What a trusted root says that a gate asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedRoot {
    pub authorities: Vec<Authority>,
    pub timestamp_authorities: Vec<Authority>,
    pub logs: Vec<Log>,
    pub certificate_logs: Vec<Log>,
}

/// Reads Sigstore's `trusted_root.json`. Of the logs of certificates (`ctlogs`), those count whose keys can be read; one
/// fewer asks for more.
///
/// # Errors
/// Too long, no JSON of that form, a key twice, or parts that no policy could name itself.
pub fn trusted_root(text: &str) -> Result<TrustedRoot, TrustError> {
    if text.len() > MAX_TRUSTED_ROOT {
        return Err(TrustError::TooMany { what: "bytes", limit: MAX_TRUSTED_ROOT });
    }
    let document: Document = serde_json::from_str(text).map_err(|error| TrustError::Unreadable(error.to_string()))?;
    if !document.media_type.starts_with(MEDIA_TYPE) {
        return Err(TrustError::OtherKind);
    }
    let parts = [&document.certificate_authorities, &document.timestamp_authorities].map(Vec::len);
    if parts.into_iter().chain([document.tlogs.len(), document.ctlogs.len()]).any(|count| count > MAX_PARTS) {
        return Err(TrustError::TooMany { what: "authorities or logs of a kind", limit: MAX_PARTS });
    }
    let authorities = |written: &[WrittenAuthority], purpose| -> Result<Vec<Authority>, TrustError> {
        written.iter().enumerate().map(|(at, one)| one.read(at, purpose)).collect()
    };
    let certificate_logs: Vec<Log> =
        document.ctlogs.iter().enumerate().filter_map(|(at, log)| log.read(at).ok()).collect();
    if certificate_logs.is_empty() && !document.ctlogs.is_empty() {
        return Err(TrustError::Log { at: 0, why: KeyError::Unsupported });
    }
    Ok(TrustedRoot {
        certificate_logs,
        authorities: authorities(&document.certificate_authorities, Purpose::CodeSigning)?,
        timestamp_authorities: authorities(&document.timestamp_authorities, Purpose::TimeStamping)?,
        logs: document.tlogs.iter().enumerate().map(|(at, log)| log.read(at)).collect::<Result<_, _>>()?,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    media_type: String,
    #[serde(default)]
    tlogs: Vec<WrittenLog>,
    #[serde(default)]
    ctlogs: Vec<WrittenLog>,
    #[serde(default)]
    certificate_authorities: Vec<WrittenAuthority>,
    #[serde(default)]
    timestamp_authorities: Vec<WrittenAuthority>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenLog {
    #[serde(default)]
    base_url: String,
    public_key: WrittenKey,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenKey {
    raw_bytes: String,
    #[serde(default)]
    valid_for: Option<Validity>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenAuthority {
    #[serde(default)]
    uri: String,
    cert_chain: WrittenChain,
    #[serde(default)]
    valid_for: Option<Validity>,
}

#[derive(Deserialize)]
struct WrittenChain {
    certificates: Vec<WrittenCertificate>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenCertificate {
    raw_bytes: String,
}

#[derive(Clone, Copy, Deserialize)]
struct Validity {
    #[serde(default)]
    start: Option<Timestamp>,
    #[serde(default)]
    end: Option<Timestamp>,
}

fn window(validity: Option<Validity>) -> Window {
    validity.map(|validity| Window { from: validity.start, until: validity.end }).unwrap_or_default()
}

impl WrittenLog {
    fn read(&self, at: usize) -> Result<Log, TrustError> {
        let info = STANDARD.decode(&self.public_key.raw_bytes).map_err(|_| KeyError::Unsupported);
        let key = info.and_then(|info| key::from_info(&info)).map_err(|why| TrustError::Log { at, why })?;
        let name = if self.base_url.is_empty() { format!("log {at}") } else { self.base_url.clone() };
        Ok(Log { name, key, window: window(self.public_key.valid_for) })
    }
}

impl WrittenAuthority {
    fn read(&self, at: usize, purpose: Purpose) -> Result<Authority, TrustError> {
        let written = self.cert_chain.certificates.iter().enumerate();
        let read = |(at, one): (usize, &WrittenCertificate)| {
            Certificate::from_base64(&one.raw_bytes).map_err(|why| TrustError::Certificate { at, why })
        };
        let found = written.map(read).collect::<Result<Vec<_>, _>>()?;
        let name = if self.uri.is_empty() { format!("authority {at}") } else { self.uri.clone() };
        of_certificates(&name, &found, window(self.valid_for), purpose)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn text(file: &str) -> String {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");
        std::fs::read_to_string(format!("{folder}/{file}")).unwrap()
    }

    fn pem(der: &Value) -> String {
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", der.as_str().unwrap())
    }

    #[test]
    fn authorities_that_are_none() {
        let read = |pem: &str| authority("own", pem, None, Purpose::CodeSigning).map_err(|error| error.to_string());
        let company = text("sigstore/company.pem");
        assert_eq!(read(&company).unwrap().certificates.len(), 1);
        let bundle: Value = serde_json::from_str(&text("sigstore/company.json")).unwrap();
        let leaf = pem(&bundle["verificationMaterial"]["certificate"]["rawBytes"]);
        for (pem, said) in [
            (String::new(), "holds no certificate"),
            (company.replace("CERTIFICATE", "PRIVATE KEY"), "holds no certificate"),
            (pem(&json!("AAAA")), "cannot be read"),
            (leaf.clone(), "certificate 0 is not one of an authority"),
            (format!("{company}{leaf}"), "certificate 1 is not one of an authority"),
            (company.repeat(9), "more than 8 certificates"),
            // For time stamps only.
            (text("sigstore/stamps-root.pem") + &text("sigstore/loose-stamps.pem"), "certificate 1 is not"),
        ] {
            let error = read(&pem).unwrap_err();
            assert!(error.contains(said), "{said}: {error}");
        }
        let stamps = authority("stamps", &leaf, None, Purpose::TimeStamping);
        assert_eq!(stamps, Err(TrustError::NoAuthority));
    }

    #[test]
    fn trusted_roots() {
        let public = trusted_root(&text("sigstore-public/trusted_root.json")).unwrap();
        let counts = [public.authorities.len(), public.timestamp_authorities.len()];
        assert_eq!((counts, public.logs.len(), public.certificate_logs.len()), ([2, 1], 2, 2));
        // One of the four has a key of another form.
        let staging = trusted_root(&text("sigstore-public/staging_trusted_root.json")).unwrap();
        assert_eq!(staging.certificate_logs.len(), 3);
        assert_eq!(public.logs[1].name, "https://log2025-1.rekor.sigstore.dev");
        assert_eq!(public.logs[1].window.from, Some("2025-09-23T00:00:00Z".parse().unwrap()));
        let good: Value = serde_json::from_str(&text("sigstore/trusted_root.json")).unwrap();
        let changed = |pointer: &str, value: Value| {
            let mut root = good.clone();
            *root.pointer_mut(pointer).unwrap() = value;
            root.to_string()
        };
        let log = good["tlogs"][0].clone();
        let twice = good.to_string().replacen('{', "{\"tlogs\":[],", 1);
        for (text, said) in [
            (String::new(), "cannot be read"),
            ("{}".to_owned(), "cannot be read"),
            (good.to_string()[..700].to_owned(), "cannot be read"),
            (twice, "duplicate field"),
            (" ".repeat(MAX_TRUSTED_ROOT + 1), "more than 16384 bytes"),
            (changed("/mediaType", json!("application/json")), "is not a trusted root"),
            (changed("/tlogs", json!(vec![log; 9])), "more than 8 authorities or logs"),
            (changed("/tlogs/0/publicKey/rawBytes", json!("AAAA")), "log 0 is not a public key"),
            (changed("/ctlogs/0/publicKey/rawBytes", json!("AAAA")), "log 0 is not a public key"),
            (changed("/tlogs/0/publicKey/validFor/start", json!("soon")), "cannot be read"),
            (changed("/certificateAuthorities/0/certChain/certificates", json!([])), "no authority"),
            (
                changed("/certificateAuthorities/0/certChain/certificates/0/rawBytes", json!("AAAA")),
                "certificate 0 cannot be read",
            ),
        ] {
            let error = trusted_root(&text).unwrap_err().to_string();
            assert!(error.contains(said), "{said}: {error}");
        }
    }
}
