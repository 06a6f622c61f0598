use super::*;
use crate::evaluator::checks::testing::{Bench, gate};
use crate::evidence::attestation::public_key;
use crate::policy::Check;
use crate::policy::check::{DeclaredSource, KeyAlgorithm, PublicKey};
use base64::Engine as _;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/fixtures/provenance/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn key(name: &str) -> TrustedKey {
    let pem = String::from_utf8(fixture(&format!("{name}.pem"))).unwrap();
    TrustedKey { name: name.into(), key: public_key(&pem).unwrap(), until: None }
}

fn pair() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap()
}

fn own_key() -> TrustedKey {
    let bytes = hex::encode(pair().public_key().as_ref());
    TrustedKey { name: "own".into(), key: PublicKey { algorithm: KeyAlgorithm::Ed25519, bytes }, until: None }
}

/// Signed with `own_key`.
fn signed(statement: &Value) -> Vec<u8> {
    let (kind, body) = ("application/vnd.in-toto+json", statement.to_string());
    let message = format!("DSSEv1 {} {kind} {} {body}", kind.len(), body.len());
    let base64 = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
    let signatures = json!([{"sig": base64(pair().sign(message.as_bytes()).as_ref())}]);
    let envelope = json!({"payloadType": kind, "payload": base64(body.as_bytes()), "signatures": signatures});
    envelope.to_string().into_bytes()
}

fn statement(kind: &str, digest: Value, predicate: Value) -> Value {
    json!({
        "_type": "https://in-toto.io/Statement/v1", "subject": [{"name": "m", "digest": digest}],
        "predicateType": kind, "predicate": predicate,
    })
}

fn check() -> Provenance {
    Provenance {
        evidence: vec!["build".into()],
        keys: vec![key("builder"), key("data"), key("release"), own_key()],
        identities: vec![],
        authorities: vec![],
        timestamp_authorities: vec![],
        logs: vec![],
        certificate_logs: vec![],
        threshold: 1,
        about_model: true,
        subjects: vec![],
        predicate_types: vec![],
        builders: vec![],
        sources: vec![],
        max_age_seconds: None,
        lineage: None,
    }
}

fn answer(evidence: &[(&str, &[u8])], check: Provenance) -> Finding {
    let mut bench = Bench::new();
    for (name, bytes) in evidence {
        bench.put(name, bytes, None);
    }
    let facts = OrderFacts {
        at: Some("2026-01-02T04:04:05Z".parse().unwrap()),
        model_digest: Some(Digest::parse(&format!("sha256:{}", "a".repeat(64))).unwrap()),
        ..OrderFacts::default()
    };
    find(&gate(Check::Provenance(check.clone())), &check, &facts, &mut bench.sources())
}

fn table(cases: &[(&[u8], Provenance, Outcome, FindingReason)]) {
    for (bytes, check, outcome, reason) in cases {
        let finding = answer(&[("build", bytes)], check.clone());
        assert_eq!((finding.outcome, finding.reason), (*outcome, *reason), "{check:?}: {}", finding.message);
        assert_eq!(finding.value, None);
    }
}

#[test]
fn signatures() {
    use FindingReason::{Attested, EvidenceUnreadable, PredicateNotAllowed, SignatureInvalid, SignatureMissing};
    let (train, three) = (fixture("train.json"), fixture("five-keys.json"));
    let only =
        |names: &[&str], threshold| Provenance { keys: names.iter().map(|n| key(n)).collect(), threshold, ..check() };
    let until = |until: &str| {
        let key = TrustedKey { until: Some(until.parse().unwrap()), ..key("builder") };
        Provenance { keys: vec![key], ..check() }
    };
    let mut envelope: Value = serde_json::from_slice(&train).unwrap();
    let unsigned = base64::engine::general_purpose::STANDARD.decode(envelope["payload"].as_str().unwrap()).unwrap();
    let kinds = |kind: &str| Provenance { predicate_types: vec![kind.into()], ..check() };
    envelope["payload"] = json!(base64::engine::general_purpose::STANDARD.encode([unsigned.as_slice(), b" "].concat()));
    let altered = envelope.to_string().into_bytes();
    envelope["payloadType"] = json!("text/plain");
    let other_type = envelope.to_string().into_bytes();
    envelope["payloadType"] = json!("application/vnd.in-toto+json");
    envelope["signatures"] = json!([]);
    let stripped = envelope.to_string().into_bytes();
    envelope["signatures"] = json!(vec![json!({"sig": "AAAA"}); 10_000]);
    let crowded = envelope.to_string().into_bytes();
    table(&[
        (&train, check(), Outcome::Pass, Attested),
        (&train, only(&["builder"], 1), Outcome::Pass, Attested),
        (&train, only(&["data", "release"], 1), Outcome::Fail, SignatureInvalid),
        (&train, only(&["builder", "data"], 2), Outcome::Fail, SignatureInvalid),
        (&three, only(&["builder", "data", "release"], 3), Outcome::Pass, Attested),
        (&three, only(&["builder", "release"], 2), Outcome::Pass, Attested),
        (&train, until("2026-01-02T04:04:06Z"), Outcome::Pass, Attested),
        (&train, until("2026-01-02T04:04:05Z"), Outcome::Fail, SignatureInvalid),
        (&train, kinds("https://slsa.dev/provenance/v1"), Outcome::Pass, Attested),
        (&train, kinds("https://slsa.dev/provenance/v0.2"), Outcome::Fail, PredicateNotAllowed),
        (&altered, check(), Outcome::Fail, SignatureInvalid),
        (&other_type, check(), Outcome::Error, EvidenceUnreadable),
        (&stripped, check(), Outcome::Fail, SignatureMissing),
        (&unsigned, check(), Outcome::Fail, SignatureMissing),
        (&crowded, check(), Outcome::Error, FindingReason::EvidenceTooLarge),
    ]);
    let over = answer(&[("build", &train)], until("2026-01-02T04:04:05Z"));
    assert!(over.message.contains("signatures by builder count no more"), "{}", over.message);
    // Each envelope must hold, wherever it stands.
    let chain = fixture("chain.jsonl");
    let finding = answer(&[("build", &chain)], only(&["builder"], 1));
    assert_eq!((finding.outcome, finding.reason), (Outcome::Fail, SignatureInvalid));
}

#[test]
fn subjects() {
    use FindingReason::{Attested, EvidenceUnreadable, OtherSubject, SubjectUnknown};
    let any = |digest| signed(&statement("https://example.org/any", digest, json!({})));
    let (model, other) = (json!({"sha256": "a".repeat(64)}), json!({"sha256": "b".repeat(64)}));
    table(&[
        (&any(model), check(), Outcome::Pass, Attested),
        (&any(other), check(), Outcome::Error, OtherSubject),
        (&any(json!({"md5": "a".repeat(32)})), check(), Outcome::Inconclusive, SubjectUnknown),
        (&any(json!({"unknown": "a"})), check(), Outcome::Inconclusive, SubjectUnknown),
        (&any(json!({})), check(), Outcome::Error, EvidenceUnreadable),
        (&fixture("model-signing.json"), check(), Outcome::Error, OtherSubject),
    ]);
    // A file that is signed as part of a model, as the subject that the policy names.
    let bytes: Vec<u8> = (0..64).collect();
    let named = |about_model| Provenance { subjects: vec!["weights".into()], about_model, ..check() };
    let ask = |weights: &[u8], check| {
        let finding = answer(&[("build", &fixture("model-signing.json")), ("weights", weights)], check);
        (finding.outcome, finding.reason)
    };
    assert_eq!(ask(&bytes, named(false)), (Outcome::Pass, Attested));
    assert_eq!(ask(&bytes, named(true)), (Outcome::Error, OtherSubject));
    assert_eq!(ask(b"other", named(false)), (Outcome::Error, OtherSubject));
    let nameless = OrderFacts::default();
    let mut bench = Bench::new();
    bench.put("build", &fixture("train.json"), None);
    let finding = find(&gate(Check::Provenance(check())), &check(), &nameless, &mut bench.sources());
    assert_eq!((finding.outcome, finding.reason), (Outcome::Inconclusive, SubjectUnknown));
}

#[test]
fn how_it_was_made() {
    use FindingReason::{Attested, BuilderNotAllowed, EvidenceStale, ProvenanceMissing, SourceNotAllowed};
    let train = fixture("train.json");
    let builders = |one: &str| Provenance { builders: vec![one.into()], ..check() };
    let sources = |one: &str| Provenance { sources: vec![one.into()], ..check() };
    let age = |seconds| Provenance { max_age_seconds: Some(seconds), ..check() };
    let run = json!({"builder": {"id": "https://b"}});
    let bare = |definition: Value| {
        let predicate = json!({"buildDefinition": definition, "runDetails": run});
        signed(&statement("https://slsa.dev/provenance/v1", json!({"sha256": "a".repeat(64)}), predicate))
    };
    let workflow = json!({"externalParameters": {"workflow": {"repository": "https://evil.example/x"}}});
    let other = signed(&statement("https://example.org/any", json!({"sha256": "a".repeat(64)}), json!({})));
    table(&[
        (&train, builders("https://builder.example/gpu@v1"), Outcome::Pass, Attested),
        (&train, builders("https://builder.example/*"), Outcome::Pass, Attested),
        (&train, builders("https://builder.example/"), Outcome::Fail, BuilderNotAllowed),
        (&train, sources("git+https://git.example/acme/trainer"), Outcome::Pass, Attested),
        (&train, sources("https://git.example/acme/*"), Outcome::Pass, Attested),
        (&train, sources("https://git.example/acme/train"), Outcome::Fail, SourceNotAllowed),
        (&bare(workflow), sources("https://git.example/*"), Outcome::Fail, SourceNotAllowed),
        (&bare(json!({})), sources("https://git.example/*"), Outcome::Missing, ProvenanceMissing),
        (&train, age(3600), Outcome::Pass, Attested),
        (&train, age(3599), Outcome::Inconclusive, EvidenceStale),
        (&bare(json!({})), age(3600), Outcome::Inconclusive, EvidenceStale),
        (&other, builders("*"), Outcome::Missing, ProvenanceMissing),
        (&other, sources("*"), Outcome::Missing, ProvenanceMissing),
        (&other, age(3600), Outcome::Missing, ProvenanceMissing),
        (
            &other,
            Provenance { lineage: Some(Lineage { declared: vec![] }), ..check() },
            Outcome::Missing,
            ProvenanceMissing,
        ),
    ]);
}

#[test]
fn lineage() {
    use FindingReason::{Attested, LineageOpen};
    let (train, chain) = (fixture("train.json"), fixture("chain.jsonl"));
    let ask = |declared: &[(&str, Option<char>)]| {
        let digest = |c: char| Digest::parse(&format!("sha256:{}", c.to_string().repeat(64))).unwrap();
        let source = |(uri, c): &(&str, Option<char>)| DeclaredSource { uri: (*uri).into(), digest: c.map(digest) };
        Provenance { lineage: Some(Lineage { declared: declared.iter().map(source).collect() }), ..check() }
    };
    let git = ("https://git.example/acme/trainer", None);
    let raw = "https://registry.example/raw/*";
    let input = |digest: Value| {
        let inputs = json!([{"uri": "https://registry.example/raw/1", "digest": digest}]);
        let run = json!({"builder": {"id": "https://b"}});
        let predicate = json!({"buildDefinition": {"resolvedDependencies": inputs}, "runDetails": run});
        signed(&statement("https://slsa.dev/provenance/v1", json!({"sha256": "a".repeat(64)}), predicate))
    };
    table(&[
        (&chain, ask(&[git, (raw, None)]), Outcome::Pass, Attested),
        (&chain, ask(&[git, (raw, Some('e'))]), Outcome::Pass, Attested),
        (&chain, ask(&[git, (raw, Some('f'))]), Outcome::Fail, LineageOpen),
        (&chain, ask(&[git]), Outcome::Fail, LineageOpen),
        (&chain, ask(&[(raw, None)]), Outcome::Fail, LineageOpen),
        (&train, ask(&[git, (raw, None)]), Outcome::Fail, LineageOpen),
        (&train, ask(&[git, ("https://data.example/loans.parquet", Some('d'))]), Outcome::Pass, Attested),
        (&input(json!({"sha512": "a".repeat(128)})), ask(&[(raw, None)]), Outcome::Pass, Attested),
        (&input(json!({"sha1": "a".repeat(40)})), ask(&[(raw, None)]), Outcome::Fail, LineageOpen),
        (&input(json!({"gitCommit": "a".repeat(40), "x": "y"})), ask(&[(raw, None)]), Outcome::Pass, Attested),
        (&input(json!({"sha256": "a".repeat(64)})), ask(&[]), Outcome::Fail, LineageOpen),
        (&input(Value::Null), ask(&[(raw, None)]), Outcome::Fail, LineageOpen),
    ]);
}

#[test]
fn bad_evidence() {
    use FindingReason::{EvidenceEmpty, EvidenceMissing, EvidenceUnreadable};
    let twice = br#"{"payloadType": "a", "payloadType": "b", "payload": "", "signatures": []}"#;
    let nothing = signed(&json!({}));
    // It tells of inputs and outputs, and nobody signed it.
    let open_lineage = include_bytes!("../../../../tests/fixtures/tests/open-lineage.json");
    let as_lines = include_bytes!("../../../../tests/fixtures/tests/open-lineage.jsonl");
    table(&[
        (open_lineage, check(), Outcome::Error, EvidenceUnreadable),
        (as_lines, check(), Outcome::Error, EvidenceUnreadable),
        (b"", check(), Outcome::Missing, EvidenceEmpty),
        (b"{}", check(), Outcome::Error, EvidenceUnreadable),
        (b"\xff", check(), Outcome::Error, EvidenceUnreadable),
        (twice, check(), Outcome::Error, EvidenceUnreadable),
        (&nothing, check(), Outcome::Error, EvidenceUnreadable),
    ]);
    assert_eq!(answer(&[], check()).reason, EvidenceMissing);
    let named = Provenance { subjects: vec!["data".into()], ..check() };
    assert_eq!(answer(&[("build", &fixture("train.json"))], named).reason, EvidenceMissing);
    // More envelopes than one gate reads, over several documents.
    let lines = String::from_utf8(fixture("chain.jsonl")).unwrap().repeat(20);
    let both = Provenance { evidence: vec!["build".into(), "more".into()], ..check() };
    let finding = answer(&[("build", lines.as_bytes()), ("more", lines.as_bytes())], both);
    assert_eq!((finding.outcome, finding.reason), (Outcome::Error, FindingReason::EvidenceTooLarge));
}
