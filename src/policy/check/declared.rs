//! `privacy.declared`: what the contract of the data must declare. A declaration is somebody's word: that it is there and
//! fits is all that can be told.

use super::encryption;
use crate::policy::contract::{Declaration, Declarations, Server};
use crate::policy::finding::clean;
use crate::policy::{Digest, FindingReason, Outcome};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Servers and purposes that a sentence names.
const NAMED: usize = 3;
const WORD: usize = 40;

/// What the data's contract must declare.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Declared {
    /// The contract.
    pub evidence: String,
    /// It must be one of these; the policy chooses it, not the release. Empty: any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub digests: Vec<Digest>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<Consent>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention: Option<Retention>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<Storage>,
}

/// People agreed to what the data is used for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// The custom property with the purposes.
    pub property: String,
    /// Uses that they must cover. Empty: the purpose that the release declares.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uses: Vec<String>,
}

/// The data may still be kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Retention {
    /// The custom property with the last day.
    pub property: String,
    /// For at least so many days more.
    #[serde(default)]
    pub min_days: u32,
}

/// Wherever the data lies, it is encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Storage {
    /// The custom property of each server.
    pub property: String,
    /// Ways that count. Empty: those that [`encryption::is_known`] knows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub encryption: Vec<String>,
}

/// What one of the things asked came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredAnswer {
    pub outcome: Outcome,
    pub reason: FindingReason,
    pub said: String,
}

impl Declared {
    /// One answer for each thing that is asked. `declared_use` is the release's; `at` the moment at which dates are judged.
    pub fn judge(&self, said: &Declarations, declared_use: Option<&str>, at: Option<Timestamp>) -> Vec<DeclaredAnswer> {
        let consent = self.consent.iter().map(|asked| consent(asked, said.purposes.as_deref(), declared_use));
        let retention = self.retention.iter().map(|asked| retention(asked, said.keep_until, at));
        let storage = self.storage.iter().map(|asked| storage(asked, &said.servers));
        consent.chain(retention).chain(storage).collect()
    }
}

fn answer(outcome: Outcome, reason: FindingReason, said: String) -> DeclaredAnswer {
    DeclaredAnswer { outcome, reason, said }
}

fn missing(said: String) -> DeclaredAnswer {
    answer(Outcome::Missing, FindingReason::DeclarationMissing, said)
}

fn consent(asked: &Consent, purposes: Option<&[String]>, declared_use: Option<&str>) -> DeclaredAnswer {
    let Some(purposes) = purposes else {
        return missing(format!("the contract declares no {}", clean(&asked.property, WORD)));
    };
    let uses: Vec<&str> = match (asked.uses.is_empty(), declared_use) {
        (false, _) => asked.uses.iter().map(String::as_str).collect(),
        (true, Some(declared)) if !declared.trim().is_empty() => vec![declared.trim()],
        (true, Some(_) | None) => {
            return missing("the release declares no purpose: set spec.declared.purpose".to_owned());
        }
    };
    let covered = |wanted: &&&str| purposes.iter().any(|purpose| purpose.eq_ignore_ascii_case(wanted));
    let open: Vec<&str> = uses.iter().filter(|wanted| !covered(wanted)).copied().collect();
    if open.is_empty() {
        return answer(Outcome::Pass, FindingReason::WithinLimits, format!("people agreed to {}", some(&uses)));
    }
    let agreed: Vec<&str> = purposes.iter().map(String::as_str).collect();
    let said = format!("people agreed to {} and not to {}", some(&agreed), some(&open));
    answer(Outcome::Fail, FindingReason::PurposeNotCovered, said)
}

fn retention(asked: &Retention, keep_until: Option<Timestamp>, at: Option<Timestamp>) -> DeclaredAnswer {
    let Some(until) = keep_until else {
        return missing(format!("the contract declares no {}", clean(&asked.property, WORD)));
    };
    let Some(at) = at else {
        let said = "nobody says at what moment the retention date is judged".to_owned();
        return answer(Outcome::Inconclusive, FindingReason::EvidenceStale, said);
    };
    // Until the end of the day before, unless it says an hour.
    let last = until.to_string();
    if until <= at {
        return answer(Outcome::Fail, FindingReason::RetentionPassed, format!("it had to be deleted before {last}"));
    }
    let days = until.duration_since(at).as_secs() / (24 * 3600);
    if days < i64::from(asked.min_days) {
        let said = format!("it may be kept {days} days more, until {last}; asked at least {}", asked.min_days);
        return answer(Outcome::Fail, FindingReason::RetentionPassed, said);
    }
    answer(Outcome::Pass, FindingReason::WithinLimits, format!("it may be kept until {last}"))
}

fn storage(asked: &Storage, servers: &[Server]) -> DeclaredAnswer {
    if servers.is_empty() {
        return missing("the contract declares no servers".to_owned());
    }
    let named = |how: &String| asked.encryption.iter().any(|way| way == how);
    let counts = |how: &String| asked.encryption.is_empty() || named(how);
    let bad = servers.iter().find_map(|server| match &server.encryption {
        Declaration::No => Some(format!("server {} is declared without encryption", clean(&server.name, WORD))),
        Declaration::Said(how) if !counts(how) => {
            let (name, how) = (clean(&server.name, WORD), clean(how, WORD));
            Some(format!("server {name} is encrypted by {how}, which the policy does not name"))
        }
        Declaration::Said(_) | Declaration::Absent => None,
    });
    if let Some(said) = bad {
        return answer(Outcome::Fail, FindingReason::NotEncrypted, said);
    }
    if let Some(silent) = servers.iter().find(|server| server.encryption == Declaration::Absent) {
        return missing(format!("server {} declares no {}", clean(&silent.name, WORD), clean(&asked.property, WORD)));
    }
    let unknown = servers.iter().find_map(|server| match &server.encryption {
        Declaration::Said(how) if !named(how) && !encryption::is_known(how) => Some((&server.name, how)),
        Declaration::Said(_) | Declaration::No | Declaration::Absent => None,
    });
    if let Some((name, how)) = unknown {
        return missing(format!(
            "server {} declares {} {}, which is no known way (true, AES-256, aws:kms, CMEK, TDE, LUKS, …); name it in the \
             policy if it is one",
            clean(name, WORD),
            clean(&asked.property, WORD),
            clean(how, WORD)
        ));
    }
    let many = if servers.len() == 1 { "1 server".to_owned() } else { format!("{} servers", servers.len()) };
    answer(Outcome::Pass, FindingReason::WithinLimits, format!("{many} declared encrypted"))
}

fn some(words: &[&str]) -> String {
    let named: Vec<String> = words.iter().take(NAMED).map(|word| clean(word, WORD)).collect();
    let more = words.len().saturating_sub(named.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", named.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Option<Timestamp> {
        Some(text.parse().unwrap())
    }

    fn texts(words: &[&str]) -> Vec<String> {
        words.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn consent_covers_the_use() {
        use FindingReason::{DeclarationMissing, PurposeNotCovered, WithinLimits};
        let agreed = texts(&["research", "triage"]);
        let cases: [(Option<&[String]>, &[&str], Option<&str>, Outcome, FindingReason); 9] = [
            (Some(&agreed), &["triage"], None, Outcome::Pass, WithinLimits),
            (Some(&agreed), &["Triage", "research"], Some("marketing"), Outcome::Pass, WithinLimits),
            (Some(&agreed), &["triage", "marketing"], None, Outcome::Fail, PurposeNotCovered),
            (Some(&agreed), &[], Some(" triage "), Outcome::Pass, WithinLimits),
            (Some(&agreed), &[], Some("triage of patients"), Outcome::Fail, PurposeNotCovered),
            (Some(&agreed), &[], Some(" "), Outcome::Missing, DeclarationMissing),
            (Some(&agreed), &[], None, Outcome::Missing, DeclarationMissing),
            (None, &["triage"], Some("triage"), Outcome::Missing, DeclarationMissing),
            (Some(&[]), &["triage"], None, Outcome::Fail, PurposeNotCovered),
        ];
        for (purposes, uses, declared, outcome, reason) in cases {
            let asked = Consent { property: "consentPurposes".into(), uses: texts(uses) };
            let found = consent(&asked, purposes, declared);
            assert_eq!((found.outcome, found.reason), (outcome, reason), "{}", found.said);
        }
    }

    #[test]
    fn the_retention_date_is_not_past() {
        use FindingReason::{DeclarationMissing, EvidenceStale, RetentionPassed, WithinLimits};
        let until = at("2026-12-01T00:00:00Z");
        let cases = [
            (until, at("2026-11-30T23:59:59Z"), 0, Outcome::Pass, WithinLimits),
            (until, at("2026-12-01T00:00:00Z"), 0, Outcome::Fail, RetentionPassed),
            (until, at("2027-01-01T00:00:00Z"), 0, Outcome::Fail, RetentionPassed),
            (until, at("2026-11-01T00:00:00Z"), 30, Outcome::Pass, WithinLimits),
            (until, at("2026-11-01T00:00:01Z"), 30, Outcome::Fail, RetentionPassed),
            (until, None, 0, Outcome::Inconclusive, EvidenceStale),
            (None, at("2026-11-01T00:00:00Z"), 0, Outcome::Missing, DeclarationMissing),
        ];
        for (until, at, min_days, outcome, reason) in cases {
            let found = retention(&Retention { property: "retentionUntil".into(), min_days }, until, at);
            assert_eq!((found.outcome, found.reason), (outcome, reason), "{}", found.said);
        }
    }

    #[test]
    fn every_server_is_encrypted() {
        use Declaration::{Absent, No};
        use FindingReason::{DeclarationMissing, NotEncrypted, WithinLimits};
        let said = |how: &str| Declaration::Said(how.to_owned());
        let cases: [(Vec<Declaration>, &[&str], Outcome, FindingReason); 13] = [
            (vec![said("aws:kms"), said("n/a")], &[], Outcome::Missing, DeclarationMissing),
            (vec![said("unknown")], &[], Outcome::Missing, DeclarationMissing),
            (vec![said("in-house"), No], &[], Outcome::Fail, NotEncrypted),
            (vec![said("in-house")], &["in-house"], Outcome::Pass, WithinLimits),
            (vec![said("AES-256-GCM"), said("Yes")], &[], Outcome::Pass, WithinLimits),
            (vec![said("aws:kms"), said("true")], &[], Outcome::Pass, WithinLimits),
            (vec![said("aws:kms")], &["aws:kms", "AES-256"], Outcome::Pass, WithinLimits),
            (vec![said("aws:kms"), said("rot13")], &["aws:kms"], Outcome::Fail, NotEncrypted),
            (vec![said("true")], &["aws:kms"], Outcome::Fail, NotEncrypted),
            (vec![said("aws:kms"), No], &[], Outcome::Fail, NotEncrypted),
            (vec![Absent, No], &[], Outcome::Fail, NotEncrypted),
            (vec![said("aws:kms"), Absent], &[], Outcome::Missing, DeclarationMissing),
            (vec![], &[], Outcome::Missing, DeclarationMissing),
        ];
        for (declared, ways, outcome, reason) in cases {
            let servers: Vec<Server> =
                declared.into_iter().map(|encryption| Server { name: "lake".into(), encryption }).collect();
            let found = storage(&Storage { property: "encryption".into(), encryption: texts(ways) }, &servers);
            assert_eq!((found.outcome, found.reason), (outcome, reason), "{}", found.said);
        }
    }
}
