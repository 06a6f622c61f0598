//! Whether a trusted authority issued a certificate for a purpose, as of a moment. webpki builds and verifies the
//! chain (RFC 5280); what it leaves to others (key usage, the anchors' own limits) is asked here.

use super::certificate::{Certificate, CertificateError, Purpose};
use crate::policy::check::Authority;
use jiff::Timestamp;
use rustls::pki_types::{CertificateDer, SignatureVerificationAlgorithm, TrustAnchor, UnixTime};
use std::time::Duration;
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, KeyUsage, VerifiedPath, anchor_from_trusted_cert};

/// Everything with SHA-256 or better; RSA from 2048 bits on.
pub(super) static ALGORITHMS: &[&dyn SignatureVerificationAlgorithm] = ALL_VERIFICATION_ALGS;

/// Written to be read after "certificate".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    #[error("{0}")]
    Certificate(#[from] CertificateError),
    #[error("was issued by none of the trusted authorities that were in force at {0}")]
    NoAuthority(Timestamp),
    #[error("was not in force at {0}")]
    NotInForce(Timestamp),
    #[error("may not be used for this")]
    OtherPurpose,
    #[error("does not chain to a trusted authority: {0}")]
    Broken(webpki::Error),
}

/// A certificate that authorities of the policy trust by itself.
struct Anchor<'a> {
    anchor: TrustAnchor<'a>,
    path_length: Option<usize>,
}

/// Whether one of the authorities issued the certificate for the purpose, and both were in force at that moment.
/// `others` may stand between; nothing of them is trusted. Gives the issuer's SubjectPublicKeyInfo.
///
/// # Errors
/// Says what the chain misses.
pub(super) fn issued(
    leaf: &Certificate,
    others: &[Certificate],
    authorities: &[&Authority],
    purpose: Purpose,
    at: Timestamp,
) -> Result<Vec<u8>, ChainError> {
    if !leaf.holds(at) {
        return Err(ChainError::NotInForce(at));
    }
    // RFC 5280 leaves it to the application to ask for usages that are not named at all.
    let signs = leaf.usage()?.is_none_or(|usage| usage.digital_signature());
    let purposes = leaf.purposes()?;
    if !signs || !purposes.is_some_and(|(_, all)| all.contains(&purpose.oid())) {
        return Err(ChainError::OtherPurpose);
    }
    let trusted = certificates(authorities, purpose, at)?;
    let ders: Vec<CertificateDer<'_>> = trusted.iter().map(|one| CertificateDer::from(one.der())).collect();
    let mut anchors = Vec::new();
    for (certificate, der) in trusted.iter().zip(&ders) {
        let anchor = anchor_from_trusted_cert(der).map_err(ChainError::Broken)?;
        anchors.push(Anchor { anchor, path_length: certificate.path_length() });
    }
    let between: Vec<CertificateDer<'_>> = others.iter().map(|one| CertificateDer::from(one.der())).collect();
    let leaf_der = CertificateDer::from(leaf.der());
    let entity = EndEntityCert::try_from(&leaf_der).map_err(ChainError::Broken)?;
    let seconds = u64::try_from(at.as_second()).map_err(|_| ChainError::NotInForce(at))?;
    let time = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
    let trust: Vec<TrustAnchor<'_>> = anchors.iter().map(|one| one.anchor.clone()).collect();
    let limits = |path: &VerifiedPath<'_>| limits(path, &anchors, purpose);
    // Of those between, many name no purpose at all; the leaf's was asked for above.
    let usage = match purpose {
        Purpose::CodeSigning => KeyUsage::required_if_present(&[0x2b, 6, 1, 5, 5, 7, 3, 3]),
        Purpose::TimeStamping => KeyUsage::required_if_present(&[0x2b, 6, 1, 5, 5, 7, 3, 8]),
    };
    match entity.verify_for_usage(ALGORITHMS, &trust, &between, time, usage, None, Some(&limits)) {
        Ok(path) => Ok(path.issuer_spki().to_vec()),
        Err(webpki::Error::UnknownIssuer) => Err(ChainError::NoAuthority(at)),
        Err(error) => Err(ChainError::Broken(error)),
    }
}

/// What the authorities may issue with at that moment.
fn certificates(
    authorities: &[&Authority],
    purpose: Purpose,
    at: Timestamp,
) -> Result<Vec<Certificate>, CertificateError> {
    let mut found = Vec::new();
    for authority in authorities.iter().filter(|authority| authority.window.holds(at)) {
        for text in &authority.certificates {
            let certificate = Certificate::from_base64(text)?;
            if certificate.holds(at) && certificate.may_issue(purpose).is_ok() {
                found.push(certificate);
            }
        }
    }
    Ok(found)
}

/// What webpki does not look at: who signs certificates must be meant to, and an anchor's own limit on the length.
fn limits(path: &VerifiedPath<'_>, anchors: &[Anchor<'_>], purpose: Purpose) -> Result<(), webpki::Error> {
    let mut between = 0usize;
    for certificate in path.intermediate_certificates() {
        between = between.saturating_add(1);
        let read = Certificate::from_der(&certificate.der()).map_err(|_| webpki::Error::BadDer)?;
        read.may_issue(purpose).map_err(|_| webpki::Error::EndEntityUsedAsCa)?;
    }
    let used = path.anchor();
    let same = |one: &&Anchor<'_>| {
        one.anchor.subject == used.subject && one.anchor.subject_public_key_info == used.subject_public_key_info
    };
    let fits = |one: &Anchor<'_>| one.path_length.is_none_or(|most| between <= most);
    if anchors.iter().filter(same).any(fits) { Ok(()) } else { Err(webpki::Error::PathLenConstraintViolated) }
}
