use super::evidence;
use crate::api;
use crate::evidence::attestation::public_key;
use crate::intake::{IntakeError, digest, seconds, time};
use crate::policy::check::{DeclaredSource, Lineage, Provenance, TrustedKey};

pub(super) fn compile(at: &str, c: &api::ProvenanceCheck) -> Result<Provenance, IntakeError> {
    let shape = |problem: String| IntakeError::Shape { at: at.to_owned(), problem };
    if !c.about_model && c.subjects.is_empty() {
        return Err(shape("ask for statements about the model (aboutModel) or about evidence (subjects)".to_owned()));
    }
    let mut keys = Vec::<TrustedKey>::new();
    for spec in &c.keys {
        let key = public_key(&spec.pem).map_err(|error| shape(format!("key {} {error}", spec.name)))?;
        // One key under two names would count twice towards the threshold.
        if let Some(other) = keys.iter().find(|other| other.name == *spec.name || other.key == key) {
            return Err(shape(format!("keys {} and {} are the same", other.name, spec.name)));
        }
        let until = spec.until.as_ref().map(|until| time(&format!("{at}, key {}", spec.name), until)).transpose()?;
        keys.push(TrustedKey { name: spec.name.to_string(), key, until });
    }
    if c.threshold == 0 || c.threshold as usize > keys.len() {
        return Err(shape(format!("threshold {} is not between 1 and the number of keys", c.threshold)));
    }
    let texts = |uris: &[api::Uri]| uris.iter().map(ToString::to_string).collect();
    Ok(Provenance {
        evidence: evidence(at, &c.evidence)?,
        keys,
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
            (|c| c["keys"] = json!([]), "threshold 2"),
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
}
