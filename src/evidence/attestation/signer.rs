//! Whose certificate made a signature: it must have made it, been logged where logs are asked for, been in force when
//! it signed, come from a trusted authority, and name somebody whom the policy trusts.

use super::bundle::Material;
use super::certificate::{self, Certificate, CertificateError, Purpose};
use super::chain::{self, ChainError};
use super::key;
use super::log::{LogError, Logged, Signed};
use super::sct;
use super::time_stamp::{self, TimeStampError};
use crate::policy::FindingReason;
use crate::policy::check::{Authority, Identity, Log, SubjectName};
use crate::policy::finding::clean;
use jiff::{SignedDuration, Timestamp};

/// Clocks of logs and time stamp authorities may be ahead of the one that the evaluation goes by.
const AHEAD: SignedDuration = SignedDuration::from_secs(300);

/// What certificates are held to. All of it comes from the policy, the time from the order.
#[derive(Debug, Clone, Copy)]
pub struct Roots<'t> {
    pub identities: &'t [Identity],
    pub authorities: &'t [Authority],
    pub timestamp_authorities: &'t [Authority],
    /// If there are any, a signature must stand in one.
    pub logs: &'t [Log],
    /// If there are any, a certificate must be known to one.
    pub certificate_logs: &'t [Log],
    /// When this is evaluated.
    pub at: Option<Timestamp>,
}

/// Written to be read after the name of the evidence and a colon.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignerError {
    #[error("its certificate {0}")]
    Certificate(#[from] CertificateError),
    #[error("its certificate {0}")]
    Chain(ChainError),
    #[error("its certificate carries the word of no trusted log of certificates")]
    Secret,
    #[error("its certificate's key did not make the signature, or it was changed afterwards")]
    Signature,
    #[error("its log entry {0}")]
    Log(#[from] LogError),
    #[error("it brings no entry of a transparency log")]
    NotLogged,
    #[error("the log {log} was not trusted at {at}")]
    LogNotInForce { log: String, at: Timestamp },
    #[error("its certificate was in force until {until} and nothing trusted proves that it signed before ({why})")]
    TimeUnproven { until: Timestamp, why: String },
    #[error("it was signed at {0}, which is still to come")]
    Future(Timestamp),
    #[error("it cannot be told when this is evaluated")]
    NoTime,
    #[error("its certificate names {names}, issued for {issuer}: nobody of the policy's identities")]
    Identity { names: String, issuer: String },
}

impl SignerError {
    pub fn reason(&self) -> FindingReason {
        match self {
            SignerError::Certificate(_) | SignerError::Chain(_) | SignerError::Secret => {
                FindingReason::CertificateInvalid
            }
            SignerError::Signature => FindingReason::SignatureInvalid,
            SignerError::Log(_) | SignerError::NotLogged | SignerError::LogNotInForce { .. } => {
                FindingReason::NotLogged
            }
            SignerError::TimeUnproven { .. } | SignerError::Future(_) | SignerError::NoTime => {
                FindingReason::SigningTimeUnproven
            }
            SignerError::Identity { .. } => FindingReason::IdentityNotAllowed,
        }
    }
}

/// What a bundle's certificate is to have signed.
pub(super) struct Claim<'e> {
    pub material: &'e Material,
    pub payload: &'e [u8],
    pub payload_type: &'e str,
    /// What signatures are over.
    pub message: &'e [u8],
    pub signatures: &'e [Vec<u8>],
}

impl Claim<'_> {
    /// The identity that signed.
    ///
    /// # Errors
    /// The first thing that does not hold.
    pub(super) fn identity<'t>(&self, roots: &Roots<'t>) -> Result<&'t Identity, SignerError> {
        let mut certificates = Vec::new();
        for der in &self.material.certificates {
            certificates.push(Certificate::from_der(der)?);
        }
        let (leaf, others) = certificates.split_first().ok_or(CertificateError::Unreadable)?;
        let key = leaf.key()?;
        let made = |signature: &&Vec<u8>| key::verifies(&key, self.message, signature);
        let signature = self.signatures.iter().find(made).ok_or(SignerError::Signature)?;
        let signed = Signed {
            payload: self.payload,
            message: self.message,
            payload_type: self.payload_type,
            signature,
            certificate: leaf,
        };
        let times = self.times(&signed, leaf, roots)?;
        let authorities: Vec<&Authority> = roots.authorities.iter().collect();
        for at in &times {
            let issuer =
                chain::issued(leaf, others, &authorities, Purpose::CodeSigning, *at).map_err(SignerError::Chain)?;
            if !roots.certificate_logs.is_empty() && !sct::promised(leaf, &issuer, roots.certificate_logs) {
                return Err(SignerError::Secret);
            }
        }
        let (names, issuer) = (leaf.names()?, leaf.issuer()?);
        let mut known = roots.identities.iter();
        known.find(|one| names.iter().any(|name| certificate::is(one, name, issuer.as_deref()))).ok_or_else(|| {
            let names: Vec<String> = names.iter().map(shown).collect();
            let names = if names.is_empty() { "nobody".to_owned() } else { names.join(", ") };
            SignerError::Identity {
                names: clean(&names, 110),
                issuer: clean(issuer.as_deref().unwrap_or("no issuer"), 60),
            }
        })
    }

    /// All moments at which the signature was made, or existed, as logs and authorities of the policy say. Without any
    /// of them, the moment of the evaluation: what a certificate that is in force now signed, it signed while it was.
    fn times(&self, signed: &Signed<'_>, leaf: &Certificate, roots: &Roots<'_>) -> Result<Vec<Timestamp>, SignerError> {
        let now = roots.at.ok_or(SignerError::NoTime)?;
        let logged: Vec<Logged<'_>> = if roots.logs.is_empty() {
            Vec::new()
        } else if self.material.entries.is_empty() {
            return Err(SignerError::NotLogged);
        } else {
            let all = self.material.entries.iter().map(|entry| entry.logged(signed, roots.logs));
            all.collect::<Result<_, _>>()?
        };
        let mut times: Vec<Timestamp> = logged.iter().filter_map(|logged| logged.at).collect();
        let mut wrong: Option<TimeStampError> = None;
        for stamp in &self.material.stamps {
            match time_stamp::stamped(stamp, signed.signature, roots.timestamp_authorities) {
                Ok(at) => times.push(at),
                Err(error) => wrong = Some(error),
            }
        }
        if let Some(later) = times.iter().find(|at| at.duration_since(now) > AHEAD) {
            return Err(SignerError::Future(*later));
        }
        if times.is_empty() {
            if let Some((_, until)) = leaf.validity().filter(|(_, until)| *until < now) {
                let why = wrong.map(|error| format!("the time stamp {error}"));
                let why = why.unwrap_or_else(|| "no promise of a log, no time stamp".to_owned());
                return Err(SignerError::TimeUnproven { until, why });
            }
            times.push(now);
        }
        for (at, log) in times.iter().flat_map(|at| logged.iter().map(move |logged| (*at, logged.log))) {
            if !log.window.holds(at) {
                return Err(SignerError::LogNotInForce { log: log.name.clone(), at });
            }
        }
        Ok(times)
    }
}

fn shown(name: &SubjectName) -> String {
    match name {
        SubjectName::Uri(name) | SubjectName::Email(name) | SubjectName::DnsName(name) => name.clone(),
    }
}

#[cfg(test)]
mod tests;
