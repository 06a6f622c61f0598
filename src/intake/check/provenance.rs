use super::evidence;
use crate::api;
use crate::evidence::attestation::{Purpose, authority, public_key, trusted_root};
use crate::intake::{IntakeError, digest, seconds, time};
use crate::policy::check::{
    Authority, DeclaredSource, Identity, Lineage, Log, Provenance, SubjectName, TrustedKey, Window,
};

/// Authorities and logs of one gate, trusted root included.
const MAX_ROOTS: usize = 16;

pub(super) fn compile(at: &str, c: &api::ProvenanceCheck) -> Result<Provenance, IntakeError> {
    let shape = |problem: String| IntakeError::Shape { at: at.to_owned(), problem };
    if !c.about_model && c.subjects.is_empty() {
        return Err(shape("ask for statements about the model (aboutModel) or about evidence (subjects)".to_owned()));
    }
    let keys = keys(at, &c.keys)?;
    let identities = identities(at, &c.identities)?;
    if keys.is_empty() && identities.is_empty() {
        return Err(shape("name who may sign: keys, or identities with their authorities".to_owned()));
    }
    let mut roots = Roots {
        authorities: authorities(at, &c.authorities, Purpose::CodeSigning)?,
        timestamp_authorities: authorities(at, &c.timestamp_authorities, Purpose::TimeStamping)?,
        logs: logs(at, &c.logs)?,
        certificate_logs: Vec::new(),
    };
    if let Some(text) = &c.trusted_root {
        let found = trusted_root(text).map_err(|error| shape(format!("trustedRoot {error}")))?;
        roots.authorities.extend(found.authorities);
        roots.timestamp_authorities.extend(found.timestamp_authorities);
        roots.logs.extend(found.logs);
        roots.certificate_logs = found.certificate_logs;
    }
    roots.asked_for(&identities).map_err(shape)?;
    // One document has one certificate, so of all identities one can have signed it.
    let signers = keys.len() + usize::from(!identities.is_empty());
    if c.threshold == 0 || c.threshold as usize > signers {
        return Err(shape(format!(
            "threshold {} is not between 1 and the number of keys and identities that can sign the same statement, {signers}",
            c.threshold
        )));
    }
    let texts = |uris: &[api::Uri]| uris.iter().map(ToString::to_string).collect();
    Ok(Provenance {
        evidence: evidence(at, &c.evidence)?,
        keys,
        identities,
        authorities: roots.authorities,
        timestamp_authorities: roots.timestamp_authorities,
        logs: roots.logs,
        certificate_logs: roots.certificate_logs,
        threshold: c.threshold,
        about_model: c.about_model,
        subjects: c.subjects.iter().map(ToString::to_string).collect(),
        predicate_types: texts(&c.predicate_types),
        builders: texts(&c.builders),
        sources: texts(&c.sources),
        max_age_seconds: c.max_age.as_ref().map(|age| seconds(&format!("{at}, maxAge"), age)).transpose()?,
        lineage: c.lineage.as_ref().map(|l| lineage(at, l)).transpose()?,
    })
}

/// What certificates are held to.
struct Roots {
    authorities: Vec<Authority>,
    timestamp_authorities: Vec<Authority>,
    logs: Vec<Log>,
    /// Of a trusted root only.
    certificate_logs: Vec<Log>,
}

impl Roots {
    fn asked_for(&self, identities: &[Identity]) -> Result<(), String> {
        let others = self.timestamp_authorities.len().max(self.logs.len());
        match (identities.is_empty(), self.authorities.is_empty()) {
            (false, true) => {
                Err("identities need who issues their certificates: authorities or trustedRoot".to_owned())
            }
            (true, false) => Err("authorities need identities: name whom they may vouch for".to_owned()),
            (true, true) if others > 0 => Err("logs and timestampAuthorities are for identities".to_owned()),
            _ if self.authorities.len().max(others) > MAX_ROOTS => {
                Err(format!("more than {MAX_ROOTS} authorities or logs of a kind, with those of trustedRoot"))
            }
            _ => Ok(()),
        }
    }
}

fn keys(at: &str, specs: &[api::TrustedKeySpec]) -> Result<Vec<TrustedKey>, IntakeError> {
    let shape = |problem: String| IntakeError::Shape { at: at.to_owned(), problem };
    let mut keys = Vec::<TrustedKey>::new();
    for spec in specs {
        let key = public_key(&spec.pem).map_err(|error| shape(format!("key {} {error}", spec.name)))?;
        // One key under two names would count twice towards the threshold.
        if let Some(other) = keys.iter().find(|other| other.name == *spec.name || other.key == key) {
            return Err(shape(format!("keys {} and {} are the same", other.name, spec.name)));
        }
        let until = spec.until.as_ref().map(|until| time(&format!("{at}, key {}", spec.name), until)).transpose()?;
        keys.push(TrustedKey { name: spec.name.to_string(), key, until });
    }
    Ok(keys)
}

fn logs(at: &str, specs: &[api::TrustedKeySpec]) -> Result<Vec<Log>, IntakeError> {
    let log = |key: TrustedKey| Log { name: key.name, key: key.key, window: Window { from: None, until: key.until } };
    Ok(keys(&format!("{at}, logs"), specs)?.into_iter().map(log).collect())
}

fn identities(at: &str, specs: &[api::IdentitySpec]) -> Result<Vec<Identity>, IntakeError> {
    let shape = |problem: String| IntakeError::Shape { at: at.to_owned(), problem };
    let mut identities = Vec::<Identity>::new();
    for spec in specs {
        let subject = match (&spec.uri, &spec.email, &spec.dns_name) {
            (Some(uri), None, None) => SubjectName::Uri(uri.to_string()),
            (None, Some(email), None) => email_address(email).map_err(shape)?,
            (None, None, Some(name)) => SubjectName::DnsName(name.to_string()),
            _ => return Err(shape(format!("identity {} has not exactly one of uri, email and dnsName", spec.name))),
        };
        if identities.iter().any(|other| other.name == *spec.name) {
            return Err(shape(format!("two identities have the name {}", spec.name)));
        }
        let issuer = spec.issuer.as_ref().map(ToString::to_string);
        identities.push(Identity { name: spec.name.to_string(), subject, issuer });
    }
    Ok(identities)
}

/// A star stands for a person, not for a part of a name.
fn email_address(text: &str) -> Result<SubjectName, String> {
    let whole = text.split_once('@').filter(|(person, domain)| {
        (*person == "*" || !person.contains('*'))
            && !person.is_empty()
            && !domain.is_empty()
            && !domain.contains(['*', '@'])
    });
    whole
        .map(|_| SubjectName::Email(text.to_owned()))
        .ok_or_else(|| format!("{text} is neither an e-mail address nor *@ and a domain"))
}

fn authorities(at: &str, specs: &[api::AuthoritySpec], purpose: Purpose) -> Result<Vec<Authority>, IntakeError> {
    let mut authorities = Vec::<Authority>::new();
    for spec in specs {
        let shape = |problem: String| IntakeError::Shape { at: at.to_owned(), problem };
        let until = spec.until.as_ref();
        let until = until.map(|until| time(&format!("{at}, authority {}", spec.name), until)).transpose()?;
        let read = authority(&spec.name, &spec.pem, until, purpose);
        let read = read.map_err(|error| shape(format!("authority {} {error}", spec.name)))?;
        if authorities.iter().any(|other| other.name == read.name) {
            return Err(shape(format!("two authorities have the name {}", spec.name)));
        }
        authorities.push(read);
    }
    Ok(authorities)
}

fn lineage(at: &str, spec: &api::LineageSpec) -> Result<Lineage, IntakeError> {
    let declared = spec.declared.iter().map(|source| {
        let digest = source.digest.as_ref().map(|d| digest(&format!("{at}, lineage"), d)).transpose()?;
        Ok(DeclaredSource { uri: source.uri.to_string(), digest })
    });
    Ok(Lineage { declared: declared.collect::<Result<_, IntakeError>>()? })
}

#[cfg(test)]
mod cases {
    use super::*;
    use serde_json::{Value, json};

    fn fixture(name: &str) -> String {
        std::fs::read_to_string(format!("{}/tests/fixtures/provenance/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    fn compiled(change: impl Fn(&mut Value)) -> Result<Provenance, String> {
        let mut check = json!({
            "evidence": ["build"], "threshold": 2, "maxAge": "24h",
            "keys": [{"name": "builder", "pem": fixture("builder.pem")}, {"name": "data", "pem": fixture("data.pem")}],
        });
        change(&mut check);
        let check: api::ProvenanceCheck = serde_json::from_value(check).map_err(|error| error.to_string())?;
        compile("gate", &check).map_err(|error| error.to_string())
    }

    #[test]
    fn what_cannot_hold_is_refused() {
        let good = compiled(|_| ()).unwrap();
        assert_eq!((good.threshold, good.max_age_seconds, good.about_model), (2, Some(86400), true));
        let cases: [(fn(&mut Value), &str); 8] = [
            (|c| c["threshold"] = json!(3), "threshold 3"),
            (|c| c["threshold"] = json!(0), "threshold 0"),
            (|c| c["keys"] = json!([]), "name who may sign"),
            (|c| c["aboutModel"] = json!(false), "about the model"),
            (|c| c["keys"][1]["pem"] = c["keys"][0]["pem"].clone(), "builder and data are the same"),
            (|c| c["keys"][1]["name"] = json!("builder"), "builder and builder are the same"),
            (
                |c| c["keys"][0]["pem"] = json!("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"),
                "builder is",
            ),
            (|c| c["keys"][0]["until"] = json!("tomorrow"), "not a time"),
        ];
        for (change, said) in cases {
            let error = compiled(change).unwrap_err();
            assert!(error.contains(said), "{said}: {error}");
        }
    }

    fn other(name: &str) -> String {
        std::fs::read_to_string(format!("{}/tests/fixtures/sigstore/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    fn certified(change: impl Fn(&mut Value)) -> Result<Provenance, String> {
        let authority = json!({"name": "acme", "pem": other("company.pem"), "until": "2030-01-01T00:00:00Z"});
        compiled(|c| {
            c["threshold"] = json!(1);
            c["keys"] = json!([]);
            c["identities"] = json!([{"name": "release", "email": "*@acme.example"}]);
            c["authorities"] = json!([authority]);
            change(c);
        })
    }

    #[test]
    fn certificates_that_cannot_be_asked_for_are_refused() {
        let good = certified(|_| ()).unwrap();
        assert_eq!(good.authorities[0].window.until, Some("2030-01-01T00:00:00Z".parse().unwrap()));
        let rooted = certified(|c| {
            c["trustedRoot"] = json!(other("trusted_root.json"));
            c["logs"] = json!([{"name": "own", "pem": fixture("data.pem")}]);
            c["timestampAuthorities"] = json!([{"name": "own", "pem": other("stamps-root.pem")}]);
        });
        let rooted = rooted.unwrap();
        assert_eq!((rooted.authorities.len(), rooted.timestamp_authorities.len(), rooted.logs.len()), (2, 2, 3));
        let email = |email: &'static str| move |c: &mut Value| c["identities"][0]["email"] = json!(email);
        let cases: [(Box<dyn Fn(&mut Value)>, &str); 14] = [
            (Box::new(|c| c["identities"] = json!([])), "name who may sign"),
            (Box::new(|c| c["authorities"] = json!([])), "identities need who issues"),
            (Box::new(|c| c["threshold"] = json!(2)), "threshold 2"),
            (Box::new(|c| c["identities"][0]["uri"] = json!("https://x")), "not exactly one of"),
            (Box::new(|c| c["identities"][0] = json!({"name": "x"})), "not exactly one of"),
            (Box::new(|c| c["identities"] = json!([c["identities"][0], c["identities"][0]])), "two identities"),
            (Box::new(email("a*@acme.example")), "neither an e-mail address"),
            (Box::new(email("*@*")), "neither an e-mail address"),
            (Box::new(email("@acme.example")), "neither an e-mail address"),
            (Box::new(|c| c["authorities"] = json!([c["authorities"][0], c["authorities"][0]])), "two authorities"),
            (Box::new(|c| c["authorities"][0]["pem"] = json!("x")), "authority acme holds no certificate"),
            (Box::new(|c| c["authorities"][0]["pem"] = json!(other("loose-stamps.pem"))), "is not one of an authority"),
            (Box::new(|c| c["trustedRoot"] = json!("{}")), "trustedRoot cannot be read"),
            (Box::new(|c| c["logs"] = json!([{"name": "own", "pem": "x"}])), "key own is not"),
        ];
        for (change, said) in cases {
            let error = certified(change).unwrap_err();
            assert!(error.contains(said), "{said}: {error}");
        }
    }

    #[test]
    fn the_api_server_and_this_want_the_same_together() {
        let schema = serde_json::to_value(schemars::schema_for!(api::ProvenanceCheck)).unwrap();
        let rules = schema["x-kubernetes-validations"].as_array().unwrap().clone();
        let environment = std::sync::Arc::new(cel::Env::stdlib());
        let key = json!([{"name": "builder", "pem": fixture("builder.pem")}]);
        let identity = json!([{"name": "release", "email": "*@acme.example"}]);
        let authority = json!([{"name": "acme", "pem": other("company.pem")}]);
        let stamps = json!([{"name": "own", "pem": other("stamps-root.pem")}]);
        let parts = [
            ("keys", key.clone()),
            ("identities", identity),
            ("authorities", authority),
            ("trustedRoot", json!(other("trusted_root.json"))),
            ("logs", key),
            ("timestampAuthorities", stamps),
        ];
        for chosen in 0..(1u32 << parts.len()) {
            for threshold in 1..=3 {
                let mut check = json!({"evidence": ["build"], "aboutModel": true, "threshold": threshold});
                for (at, (name, value)) in parts.iter().enumerate() {
                    if chosen & (1 << at) != 0 {
                        check[*name] = value.clone();
                    }
                }
                let allowed = rules.iter().all(|rule| {
                    let program = environment.compile(rule["rule"].as_str().unwrap()).unwrap();
                    let mut context = cel::Context::with_env(std::sync::Arc::clone(&environment));
                    context.add_variable("self", check.clone()).unwrap();
                    program.execute(&context).unwrap() == cel::Value::Bool(true)
                });
                let spec: api::ProvenanceCheck = serde_json::from_value(check.clone()).unwrap();
                let here = compile("gate", &spec);
                assert_eq!(allowed, here.is_ok(), "{chosen:b} {threshold}: {here:?}");
            }
        }
    }
}
