//! RFC 3161 time stamps: a trusted authority says that something existed at a moment.

use super::certificate::{Certificate, Purpose, timestamp};
use super::chain::{self, ALGORITHMS, ChainError};
use crate::policy::check::Authority;
use cms::cert::CertificateChoices;
use cms::signed_data::{SignedData, SignerIdentifier, SignerInfo};
use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use webpki::EndEntityCert;
use x509_cert::der::asn1::{ObjectIdentifier, OctetStringRef};
use x509_cert::der::{Decode as _, Encode as _};
use x509_tsp::{TimeStampResp, TstInfo};

/// Longest response, in bytes.
const MAX_RESPONSE: usize = 32 << 10;

const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
const TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");
const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");

/// Written to be read after "the time stamp".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeStampError {
    #[error("cannot be read")]
    Unreadable,
    #[error("is about something else")]
    OtherSignature,
    #[error("was signed by no trusted authority")]
    NotSigned,
    #[error("was signed with a certificate that {0}")]
    Chain(ChainError),
}

/// When the signature existed, as one of the authorities says.
///
/// # Errors
/// Says which part does not hold.
pub(super) fn stamped(
    response: &[u8],
    signature: &[u8],
    authorities: &[Authority],
) -> Result<Timestamp, TimeStampError> {
    let token = Token::read(response).ok_or(TimeStampError::Unreadable)?;
    let imprint = &token.info.message_imprint;
    let same =
        hash(imprint.hash_algorithm.oid, signature).is_some_and(|hash| hash == imprint.hashed_message.as_bytes());
    if !same {
        return Err(TimeStampError::OtherSignature);
    }
    let at = timestamp(token.info.gen_time.to_unix_duration()).ok_or(TimeStampError::Unreadable)?;
    let mut wrong = TimeStampError::NotSigned;
    for authority in authorities {
        match token.signed_by(authority, at) {
            Ok(()) => return Ok(at),
            Err(TimeStampError::NotSigned) => {}
            Err(error) => wrong = error,
        }
    }
    Err(wrong)
}

struct Token {
    info: TstInfo,
    /// DER of what the signature covers.
    attributes: Vec<u8>,
    signer: SignerInfo,
    certificates: Vec<Certificate>,
}

impl Token {
    fn read(response: &[u8]) -> Option<Self> {
        if response.len() > MAX_RESPONSE {
            return None;
        }
        let response = TimeStampResp::from_der(response).ok()?;
        // Granted, as asked or with changes.
        if response.status.status as u8 > 1 {
            return None;
        }
        let token = response.time_stamp_token?;
        if token.content_type != SIGNED_DATA {
            return None;
        }
        let data: SignedData = token.content.decode_as().ok()?;
        let content = &data.encap_content_info;
        if content.econtent_type != TST_INFO {
            return None;
        }
        let octets = content.econtent.as_ref()?.decode_as::<OctetStringRef<'_>>().ok()?;
        let [signer] = data.signer_infos.0.as_slice() else { return None };
        let attributes = signer.signed_attrs.as_ref()?;
        let value = |oid: ObjectIdentifier| {
            let mut all = attributes.iter().filter(|attribute| attribute.oid == oid);
            match (all.next(), all.next()) {
                (Some(one), None) if one.values.len() == 1 => one.values.get(0),
                _ => None,
            }
        };
        let kind: ObjectIdentifier = value(CONTENT_TYPE)?.decode_as().ok()?;
        let digest = value(MESSAGE_DIGEST)?.decode_as::<OctetStringRef<'_>>().ok()?;
        if kind != TST_INFO || hash(signer.digest_alg.oid, octets.as_bytes())? != digest.as_bytes() {
            return None;
        }
        let certificates = data.certificates.iter().flat_map(|set| set.0.iter()).filter_map(|choice| match choice {
            CertificateChoices::Certificate(one) => Certificate::from_der(&one.to_der().ok()?).ok(),
            CertificateChoices::Other(_) => None,
        });
        Some(Self {
            info: TstInfo::from_der(octets.as_bytes()).ok()?,
            attributes: attributes.to_der().ok()?,
            certificates: certificates.collect(),
            signer: signer.clone(),
        })
    }

    /// Signers that an authority names must be who signed; else anybody whom it certified for that.
    fn signed_by(&self, authority: &Authority, at: Timestamp) -> Result<(), TimeStampError> {
        let read = |text: &String| Certificate::from_base64(text);
        let own = authority.certificates.iter().map(read).collect::<Result<Vec<_>, _>>();
        let own = own.map_err(|error| TimeStampError::Chain(error.into()))?;
        let named: Vec<&Certificate> = own.iter().filter(|one| !one.is_authority()).collect();
        let candidates = if named.is_empty() { self.certificates.iter().collect() } else { named };
        let mut wrong = TimeStampError::NotSigned;
        for signer in candidates {
            if !self.names(signer) || !self.verifies(signer) {
                continue;
            }
            // RFC 3161, 2.3: for that alone, and who does not know the purpose must not use it.
            let only = signer.purposes().ok().flatten();
            if only != Some((true, vec![Purpose::TimeStamping.oid()])) {
                wrong = TimeStampError::Chain(ChainError::OtherPurpose);
                continue;
            }
            match chain::issued(signer, &self.certificates, &[authority], Purpose::TimeStamping, at) {
                Ok(_) => return Ok(()),
                Err(error) => wrong = TimeStampError::Chain(error),
            }
        }
        Err(wrong)
    }

    fn names(&self, certificate: &Certificate) -> bool {
        let certificate = &certificate.parsed().tbs_certificate;
        match &self.signer.sid {
            SignerIdentifier::IssuerAndSerialNumber(named) => {
                named.issuer == certificate.issuer && named.serial_number == certificate.serial_number
            }
            SignerIdentifier::SubjectKeyIdentifier(id) => {
                let own = certificate.get::<x509_cert::ext::pkix::SubjectKeyIdentifier>().ok().flatten();
                own.is_some_and(|(_, own)| own == *id)
            }
        }
    }

    /// Every strong algorithm is tried: which of them the signer names proves nothing.
    fn verifies(&self, signer: &Certificate) -> bool {
        let der = CertificateDer::from(signer.der());
        let Ok(entity) = EndEntityCert::try_from(&der) else { return false };
        let signature = self.signer.signature.as_bytes();
        ALGORITHMS.iter().any(|algorithm| entity.verify_signature(*algorithm, &self.attributes, signature).is_ok())
    }
}

fn hash(algorithm: ObjectIdentifier, content: &[u8]) -> Option<Vec<u8>> {
    const SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
    const SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
    const SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");
    match algorithm {
        SHA256 => Some(Sha256::digest(content).to_vec()),
        SHA384 => Some(Sha384::digest(content).to_vec()),
        SHA512 => Some(Sha512::digest(content).to_vec()),
        _ => None,
    }
}
