use super::*;
use crate::policy::Digest;
use crate::policy::check::{KeyAlgorithm, PublicKey};
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/fixtures/provenance/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn trusted(name: &str) -> TrustedKey {
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

fn by_keys<'t, 'k>(keys: &'t [&'k TrustedKey], threshold: u32) -> Trust<'t, 'k> {
    Trust { keys, roots: None, threshold }
}

fn base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn signed(payload: &str) -> Value {
    let message = pre_authentication_encoding(PAYLOAD_TYPE, payload.as_bytes());
    json!({
        "payloadType": PAYLOAD_TYPE, "payload": base64(payload.as_bytes()),
        "signatures": [{"keyid": "", "sig": base64(pair().sign(&message).as_ref())}],
    })
}

fn parse(value: &Value) -> Result<Envelope, EvidenceError> {
    Envelope::parse_all(value.to_string().as_bytes()).map(|mut all| all.remove(0))
}

fn read(payload: &str) -> Result<Statement, EvidenceError> {
    parse(&signed(payload)).unwrap().verify(&by_keys(&[&own_key()], 1)).unwrap().statement()
}

#[test]
fn the_encoding_is_that_of_the_protocol() {
    let encoded = pre_authentication_encoding("http://example.com/HelloWorld", b"hello world");
    assert_eq!(encoded, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
}

/// Real tools, every kind of key that they and this reader share.
#[test]
fn real_signatures() {
    use KeyAlgorithm::{Ed25519, P256, P384, Rsa};
    const NAMES: [&str; 5] = ["builder", "data", "release", "audit", "legacy"];
    let keys = NAMES.map(trusted);
    assert_eq!(keys.each_ref().map(|key| key.key.algorithm), [Ed25519, P256, Rsa, P384, Rsa]);
    let all = keys.each_ref();
    let names = |file: &str| -> Vec<Vec<&str>> {
        let envelopes = Envelope::parse_all(&fixture(file)).unwrap();
        let by = envelopes
            .into_iter()
            .map(|envelope| envelope.verify(&by_keys(&all, 1)).map(|v| v.keys).unwrap_or_default());
        by.map(|keys| keys.iter().map(|key| key.name.as_str()).collect()).collect()
    };
    assert_eq!(names("train.json"), [["builder"]]);
    assert_eq!(names("prepare.json"), [["data"]]);
    assert_eq!(names("chain.jsonl"), [["builder"], ["data"]]);
    assert_eq!(names("five-keys.json"), [NAMES]);
    assert_eq!(names("model-signing.json"), [["data"]]);
}

#[test]
fn a_model_signature_covers_the_model_and_its_files() {
    let key = trusted("data");
    let envelope = Envelope::parse_all(&fixture("model-signing.json")).unwrap().remove(0);
    let statement = envelope.verify(&by_keys(&[&key], 1)).unwrap().statement().unwrap();
    assert_eq!(statement.about, About::Files);
    let bytes: Vec<u8> = (0..64).collect();
    assert!(statement.subjects.contains(&Digest::of(&bytes)));
    assert!(statement.subjects.contains(&Digest::of(b"{\"layers\": 2}\n")));
    assert_eq!(statement.subjects.len(), 3);
}

#[test]
fn what_was_changed_does_not_verify() {
    let key = own_key();
    let good = signed("{}");
    let holds = |value: &Value| parse(value).unwrap().verify(&by_keys(&[&key], 1)).is_ok();
    assert!(holds(&good));
    let change = |pointer: &str, value: Value| {
        let mut changed = good.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        changed
    };
    let signature = good["signatures"][0]["sig"].as_str().unwrap();
    let url_safe = signature.replace('+', "-").replace('/', "_").replace('=', "");
    assert!(holds(&change("/signatures/0/sig", json!(url_safe))));
    assert!(holds(&change("/signatures/0/keyid", json!("of somebody else"))));
    let forged = base64(pair().sign(b"{}").as_ref());
    for changed in [
        change("/payload", json!(base64(b"{ }"))),
        change("/payload", json!("")),
        change("/signatures/0/sig", json!("")),
        change("/signatures/0/sig", json!("AAAA")),
        change("/signatures/0/sig", json!(forged)),
    ] {
        assert!(!holds(&changed), "{changed}");
    }
    // One key that signs twice is one key; no threshold is less than one.
    let twice = change("/signatures", json!([good["signatures"][0], good["signatures"][0]]));
    assert!(holds(&twice));
    assert_eq!(parse(&twice).unwrap().verify(&by_keys(&[&key], 2)).unwrap_err().signers, 1);
    assert!(parse(&good).unwrap().verify(&by_keys(&[], 0)).is_err());
    assert!(parse(&good).unwrap().verify(&by_keys(&[&trusted("builder")], 1)).is_err());
    for bytes in ["", "zz", "00"] {
        let key = TrustedKey { key: PublicKey { bytes: bytes.into(), ..own_key().key }, ..own_key() };
        assert!(parse(&good).unwrap().verify(&by_keys(&[&key], 1)).is_err(), "{bytes}");
    }
}

#[test]
fn envelopes_that_are_none() {
    let good = signed("{}");
    let one = &good["signatures"][0];
    let with = |key: &str, value: Value| {
        let mut changed = good.clone();
        changed[key] = value;
        changed.to_string()
    };
    let bundle =
        |inner: Value| json!({"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json", "dsseEnvelope": inner});
    assert!(parse(&bundle(good.clone())).is_ok());
    let many = json!(vec![one.clone(); 10_000]);
    let crowd = format!("{good}\n").repeat(MAX_ENVELOPES + 1);
    let twice = good.to_string().replacen('{', "{\"payload\":\"e30=\",", 1);
    let cases = [
        (with("signatures", json!([])), "that nobody signed"),
        (with("signatures", Value::Null), "that nobody signed"),
        (json!({"_type": "https://in-toto.io/Statement/v1", "subject": []}).to_string(), "that nobody signed"),
        (with("signatures", many), "more than 16 signatures"),
        (with("signatures", json!({"sig": ""})), "/signatures is not a list"),
        (with("signatures", json!([{"keyid": "x"}])), "/signatures/0/sig is not base64"),
        (with("signatures", json!([{"sig": "!"}])), "/signatures/0/sig is not base64"),
        (with("payload", json!(3)), "/payload is not text"),
        (with("payload", json!("e3 0=")), "/payload is not base64"),
        (with("payloadType", json!("application/json")), "/payloadType is not application/vnd.in-toto+json"),
        (bundle(Value::Null).to_string(), "/dsseEnvelope is not a DSSE envelope"),
        (bundle(with("signatures", json!([])).parse().unwrap()).to_string(), "that nobody signed"),
        (twice, "key \"payload\" stands twice"),
        (crowd, "more than 64 envelopes"),
        (format!("{good}\n{{\"a\": 1}}\n"), "an envelope or a bundle on each line"),
        ("{\"accuracy\": 0.9}".to_owned(), "no known format that holds signed statement"),
        ("-----BEGIN".to_owned(), "no known format"),
    ];
    for (text, said) in cases {
        let error = Envelope::parse_all(text.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(said), "{said}: {error}");
    }
    assert_eq!(Envelope::parse_all(b""), Err(EvidenceError::Empty));
}

fn statement(predicate_type: &str, predicate: Value) -> Value {
    json!({
        "_type": "https://in-toto.io/Statement/v1", "subject": [{"name": "m", "digest": {"sha256": "a".repeat(64)}}],
        "predicateType": predicate_type, "predicate": predicate,
    })
}

fn older() -> Value {
    let git = json!({"uri": "git+https://git.example/a/b@main", "digest": {"sha1": "c".repeat(40)}});
    let weak = json!({"uri": "https://x.example/y", "digest": {"sha1": "c".repeat(40), "md5": "d"}});
    let mut value = statement(
        "https://slsa.dev/provenance/v0.2",
        json!({
            "builder": {"id": "https://b"}, "buildType": "t", "invocation": {"configSource": {"uri": "https://git.example/a/c"}},
            "metadata": {"buildFinishedOn": "2026-01-02T03:04:05Z"}, "materials": [git, weak],
        }),
    );
    value["_type"] = json!("https://in-toto.io/Statement/v0.1");
    value
}

#[test]
fn older_statements() {
    let read = read(&older().to_string()).unwrap();
    let About::Made(made) = read.about else { panic!("{read:?}") };
    assert_eq!(
        (made.builder.as_str(), made.finished.unwrap().to_string().as_str()),
        ("https://b", "2026-01-02T03:04:05Z")
    );
    assert_eq!(made.inputs.iter().map(|i| i.pinned).collect::<Vec<_>>(), [true, false]);
    let sources: Vec<&str> = made.sources.iter().map(String::as_str).collect();
    assert_eq!(sources, ["git+https://git.example/a/b@main", "https://git.example/a/c"]);
}

#[test]
fn statements_that_are_none() {
    let other = || statement("https://example.org/any/v1", json!({}));
    let change = |value: Value, pointer: &str, to: Value| {
        let mut changed = value;
        *changed.pointer_mut(pointer).unwrap() = to;
        changed.to_string()
    };
    let slsa = |predicate: Value| statement("https://slsa.dev/provenance/v1", predicate).to_string();
    let model = |resources: Value| {
        let serialization = json!({"method": "files"});
        statement(
            "https://model_signing/signature/v1.0",
            json!({"serialization": serialization, "resources": resources}),
        )
        .to_string()
    };
    let whole = json!({"name": "f", "algorithm": "sha256", "digest": "b".repeat(64)});
    let cases = [
        (change(other(), "/_type", json!("https://in-toto.io/Statement/v9")), "/_type is not"),
        (change(other(), "/subject", json!([])), "/subject is not a list of at least one subject"),
        (change(other(), "/subject", Value::Null), "/subject is not a list"),
        (change(other(), "/subject/0/digest", json!({})), "/subject/0/digest is not at least one digest"),
        (change(other(), "/subject/0/digest/sha256", json!("A".repeat(64))), "/subject/0/digest/sha256 is not"),
        (change(other(), "/subject/0/digest/sha256", json!("aa")), "/subject/0/digest/sha256 is not"),
        (change(other(), "/predicateType", json!(1)), "/predicateType is not text"),
        (slsa(json!({"runDetails": {"builder": {"id": "b"}}})), "/predicate/buildDefinition is not"),
        (
            slsa(json!({"buildDefinition": {}, "runDetails": {"builder": {"id": ""}}})),
            "builder/id is not the builder's URI",
        ),
        (
            slsa(json!({"buildDefinition": {"resolvedDependencies": [{"digest": {"sha256": "x"}}]},
            "runDetails": {"builder": {"id": "b"}}})),
            "resolvedDependencies/0/digest/sha256 is not",
        ),
        (model(json!([])), "/subject is not the digest of the files"),
        (model(json!([whole])), "/subject is not the digest of the files"),
        // Cut, these would look like others that are allowed.
        (change(other(), "/predicateType", json!("x".repeat(513))), "more than 512 bytes in a name"),
        (slsa(json!({"buildDefinition": {}, "runDetails": {"builder": {"id": "x".repeat(513)}}})), "bytes in a name"),
        (
            slsa(json!({"buildDefinition": {"resolvedDependencies": [{"uri": "x".repeat(513)}]},
            "runDetails": {"builder": {"id": "b"}}})),
            "bytes in a name",
        ),
        ("{\"_type\": 1, \"_type\": 2}".to_owned(), "stands twice"),
        ("not JSON".to_owned(), "cannot be read as JSON"),
    ];
    for (payload, said) in cases {
        let error = read(&payload).unwrap_err().to_string();
        assert!(error.contains(said), "{said}: {error}");
    }
    // A mark that shows nothing is part of the name.
    let marked = change(other(), "/predicateType", json!("https://example.org/\u{200b}any"));
    assert_eq!(read(&marked).unwrap().predicate_type, "https://example.org/\u{200b}any");
    // Weak and unknown algorithms tell nothing apart.
    let weak = change(other(), "/subject/0/digest", json!({"md5": "a", "sha1": "b", "best": "c"}));
    assert_eq!(read(&weak).unwrap().subjects, BTreeSet::new());
}

#[test]
fn keys_that_are_none() {
    let pem = String::from_utf8(fixture("data.pem")).unwrap();
    assert_eq!(public_key(&format!("\n  {pem}\n")).unwrap(), public_key(&pem).unwrap());
    let body: Vec<u8> = {
        let lines: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        base64::engine::general_purpose::STANDARD.decode(lines).unwrap()
    };
    let wrapped = |bytes: &[u8]| format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----", base64(bytes));
    let mut compressed = body.clone();
    compressed[26] = 2;
    let cases = [
        (String::new(), KeyError::NotPem),
        (pem.replace("PUBLIC", "PRIVATE"), KeyError::NotPem),
        (pem.repeat(2), KeyError::NotPem),
        (pem.replace('M', "!"), KeyError::NotPem),
        (" ".repeat(MAX), KeyError::TooLong),
        (wrapped(&body[..body.len() - 1]), KeyError::Unsupported),
        (wrapped(&[body.as_slice(), &[0]].concat()), KeyError::Unsupported),
        (wrapped(&compressed), KeyError::Unsupported),
        (wrapped(b""), KeyError::Unsupported),
        // 1024 bits: a length of one byte.
        (wrapped(&[&[0x30, 0x81, 0x9f][..], &[0; 159]].concat()), KeyError::Unsupported),
    ];
    const MAX: usize = key::MAX_PEM + 1;
    for (text, error) in cases {
        assert_eq!(public_key(&text), Err(error), "{text}");
    }
}

fn step(subject: char, inputs: &[Option<char>]) -> Statement {
    let digest = |c: char| Digest::parse(&format!("sha256:{}", c.to_string().repeat(64))).unwrap();
    let input = |c: &Option<char>| Input {
        name: c.map(|c| format!("x:{c}")).unwrap_or_default(),
        sha256: c.map(digest),
        pinned: c.is_some(),
    };
    let inputs = inputs.iter().map(input).collect();
    let made = Made { builder: "b".into(), finished: None, inputs, sources: BTreeSet::new() };
    Statement { subjects: [digest(subject)].into(), predicate_type: "t".into(), about: About::Made(made) }
}

#[test]
fn lineages() {
    let thing = |subject| Statement { about: About::Other, ..step(subject, &[]) };
    let declared = |input: &Input| input.name == "x:f";
    let ends = |statements: &[Statement]| match open_input(statements, 0, declared) {
        None => "closed".to_owned(),
        Some(Open::NoInputs { .. }) => "no inputs".to_owned(),
        Some(Open::Circle) => "circle".to_owned(),
        Some(Open::Unknown(input)) => format!("unknown {}", input.name),
    };
    let (a, b, c, f) = (Some('a'), Some('b'), Some('c'), Some('f'));
    let cases: [(&[Statement], &str); 14] = [
        (&[step('a', &[f])], "closed"),
        (&[step('a', &[f, b])], "unknown x:b"),
        (&[step('a', &[f, b]), thing('b')], "closed"),
        (&[step('a', &[b]), step('b', &[f])], "closed"),
        (&[step('a', &[b]), step('b', &[c])], "unknown x:c"),
        (&[step('a', &[b]), step('b', &[])], "no inputs"),
        (&[step('a', &[b]), step('b', &[]), thing('b')], "closed"),
        (&[step('a', &[])], "no inputs"),
        (&[step('a', &[None])], "unknown "),
        (&[step('a', &[a])], "unknown x:a"),
        (&[step('a', &[b]), step('b', &[a])], "circle"),
        (&[step('a', &[b]), step('b', &[c]), step('c', &[b])], "circle"),
        (&[step('a', &[b]), step('b', &[c]), step('c', &[b, f]), thing('c')], "closed"),
        (&[step('a', &[f]), step('b', &[c])], "closed"),
    ];
    for (statements, expected) in cases {
        assert_eq!(ends(statements), expected, "{statements:?}");
    }
    assert_eq!(open_input(&[thing('a')], 0, declared), None);
}
