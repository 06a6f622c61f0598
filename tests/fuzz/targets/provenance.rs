//! Signed statements. What passes must hold payloads that somebody signed, byte for byte.

use super::{gates, gates_beside};
use crate::bench::Bench;
use crate::corpus::{Seed, file, folder};
use crate::properties::{document, json, text};
use modelgate::api::{EnforcementName, GateSpec, GovernancePolicy, GovernancePolicySpec, LabelSelector, PolicyMatch};
use modelgate::intake;
use modelgate::policy::Gate;
use modelgate::release::facts::Mode;
use serde_json::Value;
use std::sync::OnceLock;

const PAGE: &str = "docs/checks/provenance.md";

/// The example of the page, with its keys.
fn example() -> Gate {
    let page = String::from_utf8(file(PAGE).bytes).unwrap();
    let yaml = page.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let yaml = yaml.replace("evidence: [provenance]", "evidence: [input]");
    let spec = GovernancePolicySpec {
        match_: PolicyMatch { namespace_selector: LabelSelector::default() },
        enforcement: EnforcementName::Enforce,
        adopt_existing: Default::default(),
        gates: serde_saphyr::from_str::<Vec<GateSpec>>(&yaml).unwrap(),
        risk: None,
    };
    intake::compile("base", &spec, Mode::Enforce).unwrap().gates.remove(0)
}

fn seeds() -> Vec<Seed> {
    let mut seeds = folder("tests/fixtures/provenance");
    seeds.retain(|seed| !seed.name.ends_with(".pem"));
    seeds.extend(
        ["in-toto-passed.json", "in-toto-failed.json"].map(|name| file(&format!("tests/fixtures/tests/{name}"))),
    );
    seeds
}

/// Certificates: an authority of its own, and a trusted root with logs and time stamps.
fn certified() -> Vec<Gate> {
    let text = |path: &str| String::from_utf8(file(path).bytes).unwrap();
    let page = text(PAGE);
    let own = page.split("```yaml\n").nth(2).and_then(|rest| rest.split("```").next()).unwrap();
    let own: Vec<GateSpec> = serde_saphyr::from_str(&own.replace("[provenance]", "[input]")).unwrap();
    let policy = text("examples/policies/keyless.yaml").replace("[provenance]", "[input]");
    let policy: GovernancePolicy = serde_saphyr::from_str(&policy).unwrap();
    let spec = GovernancePolicySpec { gates: own.into_iter().chain(policy.spec.gates).collect(), ..policy.spec };
    intake::compile("base", &spec, Mode::Enforce).unwrap().gates
}

fn bundles() -> Vec<Seed> {
    let folders = ["tests/fixtures/sigstore", "tests/fixtures/sigstore-public"];
    let mut seeds: Vec<Seed> = folders.into_iter().flat_map(folder).collect();
    seeds.retain(|seed| !seed.name.ends_with(".pem"));
    seeds
}

fn payloads(bytes: &[u8]) -> Vec<String> {
    let Some(text) = text(bytes) else { return Vec::new() };
    let documents: Vec<Value> = match serde_json::from_str(text) {
        Ok(one) => vec![one],
        Err(_) => text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect(),
    };
    let one = |document: &Value| {
        let payload = document.pointer("/dsseEnvelope/payload").or(document.get("payload"));
        payload.and_then(Value::as_str).map(str::to_owned)
    };
    documents.iter().filter_map(one).collect()
}

fn signed(bytes: &[u8]) -> bool {
    static SIGNED: OnceLock<Vec<String>> = OnceLock::new();
    let known =
        SIGNED.get_or_init(|| seeds().iter().chain(&bundles()).flat_map(|seed| payloads(&seed.bytes)).collect());
    let found = payloads(bytes);
    document(bytes) && text(bytes).is_some_and(json) && !found.is_empty() && found.iter().all(|one| known.contains(one))
}

#[test]
fn provenance() {
    gates("provenance", seeds(), &[example()], None, signed);
}

#[test]
fn provenance_bundles() {
    // The fixtures' certificates are of a later day than the tables.
    let bench = Bench::new().at("2026-12-01T00:00:00Z");
    gates_beside("provenance_bundles", &mut bundles(), bench, &certified(), None, signed);
}
