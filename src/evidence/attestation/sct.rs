//! The word of a log of certificates that it shows this one to everybody (RFC 6962): Fulcio writes it into each
//! certificate, so that nobody is issued one in secret.

use super::certificate::{Certificate, timestamp};
use super::key;
use crate::policy::check::Log;
use sha2::{Digest as _, Sha256};
use std::time::Duration;
use x509_cert::der::asn1::{ObjectIdentifier, OctetStringRef};
use x509_cert::der::{Decode as _, Encode as _};

const LIST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.11129.2.4.2");
/// Promises in one certificate that are looked at.
const MAX_PROMISES: usize = 8;

/// Whether one of the logs promised to show the certificate. `issuer` is the SubjectPublicKeyInfo of who issued it.
pub(super) fn promised(certificate: &Certificate, issuer: &[u8], logs: &[Log]) -> bool {
    let holds = || {
        let mut bare = certificate.parsed().tbs_certificate.clone();
        let extensions = bare.extensions.as_mut()?;
        let at = extensions.iter().position(|extension| extension.extn_id == LIST)?;
        let list = extensions.remove(at);
        if extensions.iter().any(|extension| extension.extn_id == LIST) {
            return None;
        }
        // What the log saw: the certificate before its word was written into it.
        let seen = Seen { issuer: Sha256::digest(issuer).into(), certificate: bare.to_der().ok()? };
        let octets = OctetStringRef::from_der(list.extn_value.as_bytes()).ok()?;
        let mut rest = octets.as_bytes();
        let mut promises = prefixed(&mut rest, 2).filter(|_| rest.is_empty())?;
        for _ in 0..MAX_PROMISES {
            if promises.is_empty() {
                break;
            }
            if seen.by(prefixed(&mut promises, 2)?, logs)? {
                return Some(());
            }
        }
        None
    };
    holds().is_some()
}

struct Seen {
    issuer: [u8; 32],
    certificate: Vec<u8>,
}

impl Seen {
    /// Whether this promise is one of the logs'; `None` when it cannot be read.
    fn by(&self, promise: &[u8], logs: &[Log]) -> Option<bool> {
        let mut rest = promise;
        let version = taken(&mut rest, 1)?;
        // Which log it claims to be is not used: every log is tried.
        taken(&mut rest, 32)?;
        let time = taken(&mut rest, 8)?;
        let extensions = prefixed(&mut rest, 2)?;
        taken(&mut rest, 2)?;
        let signature = prefixed(&mut rest, 2)?;
        let length = u32::try_from(self.certificate.len()).ok().filter(|length| *length < 1 << 24)?.to_be_bytes();
        if version != [0] || !rest.is_empty() {
            return Some(false);
        }
        let count = u16::try_from(extensions.len()).ok()?.to_be_bytes();
        let parts: [&[u8]; 8] =
            [&[0, 0], time, &[0, 1], &self.issuer, length.get(1..)?, &self.certificate, &count, extensions];
        let message = parts.concat();
        let at = timestamp(Duration::from_millis(u64::from_be_bytes(time.try_into().ok()?)))?;
        let mut trusted = logs.iter().filter(|log| log.window.holds(at));
        Some(trusted.any(|log| key::verifies(&log.key, &message, signature)))
    }
}

/// The first bytes.
fn taken<'a>(from: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (first, rest) = from.split_at_checked(count)?;
    *from = rest;
    Some(first)
}

/// Bytes behind their count, which has so many bytes itself.
fn prefixed<'a>(from: &mut &'a [u8], size: usize) -> Option<&'a [u8]> {
    let count = taken(from, size)?.iter().fold(0usize, |count, byte| count << 8 | usize::from(*byte));
    taken(from, count)
}
