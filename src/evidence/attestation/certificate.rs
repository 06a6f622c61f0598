//! X.509 certificates: whom they name, and what for. Whether anybody trusted issued one is for `chain` to say.

use super::key::{self, KeyError};
use super::names;
use crate::policy::check::{Identity, PublicKey, SubjectName};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use std::time::Duration;
use x509_cert::der::asn1::{ObjectIdentifier, Utf8StringRef};
use x509_cert::der::{Decode as _, Encode as _};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAltName};

/// Longest certificate, in bytes of DER.
pub const MAX_CERTIFICATE: usize = 8192;

/// Fulcio's extensions with the OpenID issuer: as UTF8String, and before that as bare bytes.
const ISSUER: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.57264.1.8");
const ISSUER_BARE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.57264.1.1");

/// What a certificate may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    CodeSigning,
    TimeStamping,
}

impl Purpose {
    pub(super) fn oid(self) -> ObjectIdentifier {
        match self {
            Purpose::CodeSigning => ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.3"),
            Purpose::TimeStamping => ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8"),
        }
    }
}

/// Written to be read after "certificate" or the name of one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    #[error("has more than {MAX_CERTIFICATE} bytes")]
    TooLong,
    #[error("cannot be read")]
    Unreadable,
    #[error("{0}")]
    Key(#[from] KeyError),
    #[error("is not one of an authority (CA, keyCertSign, and if purposes are named, this one)")]
    NotAuthority,
}

/// A certificate that could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    parsed: x509_cert::Certificate,
}

impl Certificate {
    /// Reads one.
    ///
    /// # Errors
    /// Too many bytes, or none of X.509 in DER.
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        if der.len() > MAX_CERTIFICATE {
            return Err(CertificateError::TooLong);
        }
        let parsed = x509_cert::Certificate::from_der(der).map_err(|_| CertificateError::Unreadable)?;
        Ok(Self { der: der.to_vec(), parsed })
    }

    /// Reads one from base64 without line breaks, as plans hold it.
    ///
    /// # Errors
    /// As for [`Certificate::from_der`].
    pub(super) fn from_base64(text: &str) -> Result<Self, CertificateError> {
        Self::from_der(&STANDARD.decode(text).map_err(|_| CertificateError::Unreadable)?)
    }

    /// Reads all blocks of a PEM text.
    ///
    /// # Errors
    /// As for [`Certificate::from_der`]; no block at all.
    pub(super) fn all_from_pem(pem: &str) -> Result<Vec<Self>, CertificateError> {
        let blocks = CertificateDer::pem_slice_iter(pem.as_bytes());
        let read = |block: Result<CertificateDer<'_>, _>| {
            block.map_err(|_| CertificateError::Unreadable).and_then(|der| Self::from_der(&der))
        };
        let all = blocks.map(read).collect::<Result<Vec<_>, _>>()?;
        if all.is_empty() { Err(CertificateError::Unreadable) } else { Ok(all) }
    }

    pub(super) fn der(&self) -> &[u8] {
        &self.der
    }

    pub(super) fn base64(&self) -> String {
        STANDARD.encode(&self.der)
    }

    pub(super) fn parsed(&self) -> &x509_cert::Certificate {
        &self.parsed
    }

    /// The key that it is about.
    ///
    /// # Errors
    /// Kinds of keys that are not supported, RSA below 2048 bits among them.
    pub(super) fn key(&self) -> Result<PublicKey, CertificateError> {
        let info = &self.parsed.tbs_certificate.subject_public_key_info;
        Ok(key::from_info(&info.to_der().map_err(|_| CertificateError::Unreadable)?)?)
    }

    /// First and last moment; none if the calendar of this program does not reach there.
    pub(super) fn validity(&self) -> Option<(Timestamp, Timestamp)> {
        let validity = &self.parsed.tbs_certificate.validity;
        let time = |time: x509_cert::time::Time| timestamp(time.to_unix_duration());
        Some((time(validity.not_before)?, time(validity.not_after)?))
    }

    pub(super) fn holds(&self, at: Timestamp) -> bool {
        self.validity().is_some_and(|(from, last)| from <= at && at <= last)
    }

    fn constraints(&self) -> Result<BasicConstraints, CertificateError> {
        let found = self.parsed.tbs_certificate.get::<BasicConstraints>().map_err(|_| CertificateError::Unreadable)?;
        let found = found.map(|(_, constraints)| constraints);
        Ok(found.unwrap_or(BasicConstraints { ca: false, path_len_constraint: None }))
    }

    pub(super) fn is_authority(&self) -> bool {
        self.constraints().is_ok_and(|constraints| constraints.ca)
    }

    /// How many authorities may stand between this one and a signer; none: any number.
    pub(super) fn path_length(&self) -> Option<usize> {
        self.constraints().ok().and_then(|constraints| constraints.path_len_constraint).map(usize::from)
    }

    /// Whether it may issue certificates for this purpose.
    ///
    /// # Errors
    /// `NotAuthority`, or what of it cannot be read.
    pub(super) fn may_issue(&self, purpose: Purpose) -> Result<(), CertificateError> {
        let may_sign = self.usage()?.is_none_or(|usage| usage.key_cert_sign());
        let fits = self.purposes()?.is_none_or(|(_, all)| all.contains(&purpose.oid()));
        if self.constraints()?.ca && may_sign && fits { Ok(()) } else { Err(CertificateError::NotAuthority) }
    }

    pub(super) fn usage(&self) -> Result<Option<KeyUsage>, CertificateError> {
        let found = self.parsed.tbs_certificate.get::<KeyUsage>().map_err(|_| CertificateError::Unreadable)?;
        Ok(found.map(|(_, usage)| usage))
    }

    /// The purposes that it names, and whether who does not know them must not use it.
    pub(super) fn purposes(&self) -> Result<Option<(bool, Vec<ObjectIdentifier>)>, CertificateError> {
        let found = self.parsed.tbs_certificate.get::<ExtendedKeyUsage>().map_err(|_| CertificateError::Unreadable)?;
        Ok(found.map(|(critical, purposes)| (critical, purposes.0)))
    }

    /// Its alternative names. The subject is none: nobody checks what stands there.
    ///
    /// # Errors
    /// Names that cannot be read.
    pub(super) fn names(&self) -> Result<Vec<SubjectName>, CertificateError> {
        let found = self.parsed.tbs_certificate.get::<SubjectAltName>().map_err(|_| CertificateError::Unreadable)?;
        let all = found.map(|(_, names)| names.0).unwrap_or_default();
        let known = all.into_iter().filter_map(|name| match name {
            GeneralName::UniformResourceIdentifier(uri) => Some(SubjectName::Uri(uri.to_string())),
            GeneralName::Rfc822Name(email) => Some(SubjectName::Email(email.to_string())),
            GeneralName::DnsName(name) => Some(SubjectName::DnsName(name.to_string())),
            _ => None,
        });
        Ok(known.collect())
    }

    /// The OpenID issuer that vouched for the name to the authority.
    ///
    /// # Errors
    /// An extension that stands twice or is no text, and two that say different things.
    pub(super) fn issuer(&self) -> Result<Option<String>, CertificateError> {
        let unreadable = || CertificateError::Unreadable;
        let extensions = self.parsed.tbs_certificate.extensions.as_deref().unwrap_or_default();
        let value = |oid: ObjectIdentifier| {
            let mut all = extensions.iter().filter(|extension| extension.extn_id == oid);
            match (all.next(), all.next()) {
                (found, None) => Ok(found.map(|extension| extension.extn_value.as_bytes())),
                (_, Some(_)) => Err(unreadable()),
            }
        };
        let text = value(ISSUER)?.map(|der| Utf8StringRef::from_der(der).map(|text| text.as_str().to_owned()));
        let text = text.transpose().map_err(|_| unreadable())?;
        let bare = value(ISSUER_BARE)?.map(|bytes| std::str::from_utf8(bytes).map(str::to_owned));
        let bare = bare.transpose().map_err(|_| unreadable())?;
        match (text, bare) {
            (Some(text), Some(bare)) if text != bare => Err(unreadable()),
            (text, bare) => Ok(text.or(bare)),
        }
    }
}

/// A moment by how long it is after the start of 1970.
pub(super) fn timestamp(since: Duration) -> Option<Timestamp> {
    i64::try_from(since.as_secs()).ok().and_then(|seconds| Timestamp::from_second(seconds).ok())
}

/// Whether the name and the issuer are those of the identity.
pub(super) fn is(identity: &Identity, name: &SubjectName, issuer: Option<&str>) -> bool {
    let named = match (&identity.subject, name) {
        (SubjectName::Uri(asked), SubjectName::Uri(found)) => names::matches([asked.as_str()], found),
        (SubjectName::Email(asked), SubjectName::Email(found)) => match asked.strip_prefix('*') {
            Some(domain) => {
                let person = found.strip_suffix(domain);
                person.is_some_and(|person| !person.is_empty() && !person.contains(['@', '"', ' ']))
            }
            None => asked == found,
        },
        (SubjectName::DnsName(asked), SubjectName::DnsName(found)) => asked.eq_ignore_ascii_case(found),
        (SubjectName::Uri(_) | SubjectName::Email(_) | SubjectName::DnsName(_), _) => false,
    };
    named && identity.issuer.as_deref() == issuer
}
