use super::super::{Envelope, Trust, TrustedRoot, authority, trusted_root};
use super::*;
use crate::evidence::EvidenceError;
use crate::policy::check::Window;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

const WORKFLOW: &str = "https://git.example/acme/trainer/.github/workflows/release.yml@refs/tags/*";
const ISSUER: &str = "https://token.git.example";
/// Later than every certificate of ten minutes among the fixtures.
const NOW: &str = "2027-01-01T00:00:00Z";

fn text(file: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");
    std::fs::read_to_string(format!("{folder}/{file}")).unwrap()
}

fn bundle(file: &str) -> Value {
    serde_json::from_str(&text(&format!("sigstore/{file}.json"))).unwrap()
}

fn root(file: &str) -> TrustedRoot {
    trusted_root(&text(file)).unwrap()
}

fn acme() -> TrustedRoot {
    root("sigstore/trusted_root.json")
}

fn identity(subject: SubjectName, issuer: Option<&str>) -> Identity {
    Identity { name: "release".into(), subject, issuer: issuer.map(str::to_owned) }
}

fn workflow() -> Identity {
    identity(SubjectName::Uri(WORKFLOW.into()), Some(ISSUER))
}

fn signed_at(
    bundle: &Value,
    root: &TrustedRoot,
    identities: &[Identity],
    at: Option<&str>,
) -> Result<String, SignerError> {
    let envelope = Envelope::parse_all(bundle.to_string().as_bytes()).unwrap().remove(0);
    let roots = Roots {
        identities,
        authorities: &root.authorities,
        timestamp_authorities: &root.timestamp_authorities,
        logs: &root.logs,
        certificate_logs: &root.certificate_logs,
        at: at.map(|at| at.parse().unwrap()),
    };
    let verified = envelope.verify(&Trust { keys: &[], roots: Some(roots), threshold: 1 });
    verified.map(|verified| verified.identity.unwrap().name.clone()).map_err(|few| few.certificate.unwrap())
}

fn signed(bundle: &Value, root: &TrustedRoot) -> Result<String, SignerError> {
    signed_at(bundle, root, &[workflow()], Some(NOW))
}

/// Sigstore's own services, against the roots that its client ships.
#[test]
fn real_bundles_of_public_services() {
    let github = "https://token.actions.githubusercontent.com";
    let action = "https://github.com/prefix-dev/sigstore-example/.github/workflows/action.yaml@refs/heads/main";
    let login = "https://github.com/login/oauth";
    let person = identity(SubjectName::Email("*@goto.fi".into()), Some(login));
    let (public, staging) =
        (root("sigstore-public/trusted_root.json"), root("sigstore-public/staging_trusted_root.json"));
    let read = |file: &str| serde_json::from_str::<Value>(&text(&format!("sigstore-public/{file}.json"))).unwrap();
    let (v1, v2) = (read("rekor-v1"), read("rekor-v2-staging"));
    let action = identity(SubjectName::Uri(action.into()), Some(github));
    let asked = |bundle, root, identity: &Identity| signed_at(bundle, root, std::slice::from_ref(identity), Some(NOW));
    assert_eq!(asked(&v1, &public, &action), Ok("release".into()));
    assert_eq!(asked(&v2, &staging, &person), Ok("release".into()));
    assert_eq!(asked(&v1, &staging, &action).unwrap_err().reason(), FindingReason::NotLogged);
    assert_eq!(asked(&v2, &public, &person).unwrap_err().reason(), FindingReason::NotLogged);
    let other = Identity { issuer: Some(login.into()), ..action };
    assert!(matches!(asked(&v1, &public, &other), Err(SignerError::Identity { .. })));
}

#[test]
fn what_holds_and_what_does_not() {
    use FindingReason::{CertificateInvalid, IdentityNotAllowed, NotLogged, SigningTimeUnproven};
    for file in
        ["keyless", "rekor-v2", "promise-and-stamp", "intoto", "through-intermediate", "stamp-without-certificate"]
    {
        assert_eq!(signed(&bundle(file), &acme()), Ok("release".to_owned()), "{file}");
    }
    for (file, reason, said) in [
        ("proof-without-time", SigningTimeUnproven, "no promise of a log, no time stamp"),
        ("stamp-of-another-signature", SigningTimeUnproven, "the time stamp is about something else"),
        ("logged-in-2098", SigningTimeUnproven, "still to come"),
        ("not-logged", NotLogged, "no entry"),
        ("strange-log", NotLogged, "no trusted log made"),
        ("entry-of-another", NotLogged, "about another signature"),
        ("entry-of-first-signature", NotLogged, "about another signature"),
        ("logged-late", CertificateInvalid, "was not in force at"),
        ("other-authority", CertificateInvalid, "chain"),
        ("not-for-code", CertificateInvalid, "may not be used for this"),
        ("not-for-signing", CertificateInvalid, "may not be used for this"),
        ("not-an-authority", CertificateInvalid, "EndEntityUsedAsCa"),
        ("not-for-certificates", CertificateInvalid, "EndEntityUsedAsCa"),
        ("path-too-long", CertificateInvalid, "PathLenConstraintViolated"),
        ("authority-over", CertificateInvalid, "CertExpired"),
        ("rsa-1024", CertificateInvalid, "InvalidSignature"),
        (
            "other-identity",
            IdentityNotAllowed,
            "https://git.example/evil/trainer, issued for https://token.git.example",
        ),
        ("other-issuer", IdentityNotAllowed, "issued for https://evil.example"),
    ] {
        let error = signed(&bundle(file), &acme()).unwrap_err();
        assert_eq!(error.reason(), reason, "{file}: {error}");
        assert!(error.to_string().contains(said), "{file}: {error}");
    }
}

/// Everything that a bundle says is changed once.
#[test]
fn what_was_altered_does_not_hold() {
    let entry = "/verificationMaterial/tlogEntries/0";
    let proof = format!("{entry}/inclusionProof");
    let flip = |value: &Value| {
        let mut bytes = STANDARD.decode(value.as_str().unwrap()).unwrap();
        let at = bytes.len() / 2;
        bytes[at] ^= 1;
        json!(STANDARD.encode(bytes))
    };
    let changed = |pointer: &str, change: &dyn Fn(&Value) -> Value| {
        let mut bundle = bundle("keyless");
        let value = bundle.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}"));
        *value = change(value);
        signed(&bundle, &acme()).map_err(|error| error.to_string())
    };
    let another_payload = |_: &Value| json!(STANDARD.encode("{}"));
    let cases: [(String, &dyn Fn(&Value) -> Value, &str); 13] = [
        ("/dsseEnvelope/payload".into(), &flip, "did not make the signature"),
        ("/dsseEnvelope/payload".into(), &another_payload, "did not make the signature"),
        ("/dsseEnvelope/signatures/0/sig".into(), &flip, "did not make the signature"),
        ("/verificationMaterial/certificate/rawBytes".into(), &|_| json!("AAAA"), "cannot be read"),
        (format!("{entry}/canonicalizedBody"), &flip, "is about another signature"),
        (format!("{entry}/integratedTime"), &|_| json!("1790000000"), "a promise that no trusted log made"),
        (format!("{entry}/logIndex"), &|_| json!("1"), "a promise that no trusted log made"),
        (format!("{entry}/logId/keyId"), &flip, "a promise that no trusted log made"),
        (format!("{entry}/inclusionPromise/signedEntryTimestamp"), &flip, "a promise that no trusted log made"),
        (format!("{proof}/logIndex"), &|_| json!("1"), "does not stand in the log"),
        (format!("{proof}/hashes/0"), &flip, "does not stand in the log"),
        (
            format!("{proof}/checkpoint/envelope"),
            &|note| json!(note.as_str().unwrap().replacen("\n3\n", "\n4\n", 1)),
            "a checkpoint that no trusted log signed",
        ),
        (format!("{proof}/checkpoint/envelope"), &|_| json!("no note"), "a checkpoint that no trusted log signed"),
    ];
    for (pointer, change, said) in cases {
        let error = changed(&pointer, change).unwrap_err();
        assert!(error.contains(said), "{pointer}: {error}");
    }
    // A promise and a proof must both hold where both are there; neither is not enough.
    let mut bare = bundle("keyless");
    let inner = bare.pointer_mut(entry).unwrap().as_object_mut().unwrap();
    inner.remove("inclusionPromise");
    inner.remove("inclusionProof");
    assert_eq!(signed(&bare, &acme()), Err(SignerError::Log(LogError::Unproven)));
    // An entry more that is not about the signature is not passed over.
    let mut more = bundle("keyless");
    let foreign = bundle("entry-of-another")["verificationMaterial"]["tlogEntries"][0].clone();
    more.pointer_mut("/verificationMaterial/tlogEntries").unwrap().as_array_mut().unwrap().push(foreign);
    assert_eq!(signed(&more, &acme()), Err(SignerError::Log(LogError::OtherSignature)));
}

#[test]
fn trust_comes_from_the_policy() {
    let keyless = bundle("keyless");
    let before = Window { from: None, until: Some("2026-06-01T00:00:00Z".parse().unwrap()) };
    let roots: [(TrustedRoot, &str); 5] = [
        (TrustedRoot { authorities: vec![], ..acme() }, "by none of the trusted authorities"),
        (root("sigstore-public/trusted_root.json"), "a promise that no trusted log made"),
        (TrustedRoot { logs: vec![], ..acme() }, "nothing trusted proves that it signed before"),
        (
            TrustedRoot {
                authorities: acme().authorities.into_iter().map(|one| Authority { window: before, ..one }).collect(),
                ..acme()
            },
            "by none of the trusted authorities",
        ),
        (
            TrustedRoot { logs: acme().logs.into_iter().map(|one| Log { window: before, ..one }).collect(), ..acme() },
            "a promise that no trusted log made",
        ),
    ];
    for (root, said) in roots {
        let error = signed(&keyless, &root).unwrap_err().to_string();
        assert!(error.contains(said), "{said}: {error}");
    }
    assert_eq!(signed_at(&keyless, &acme(), &[workflow()], None), Err(SignerError::NoTime));
    assert!(matches!(signed_at(&keyless, &acme(), &[], Some(NOW)), Err(SignerError::Identity { .. })));
    // Who may make time stamps is the policy's to say as well.
    let stamp = bundle("rekor-v2");
    let stamps = |pem: &str, until| {
        let one = authority("stamps", &text(&format!("sigstore/{pem}.pem")), until, Purpose::TimeStamping).unwrap();
        TrustedRoot { timestamp_authorities: vec![one], ..acme() }
    };
    assert!(signed(&stamp, &stamps("stamps-root", None)).is_ok());
    let none = TrustedRoot { timestamp_authorities: vec![], ..acme() };
    for (bundle, root, said) in [
        (&stamp, none, "signed by no trusted authority"),
        (&stamp, stamps("stamps-root", before.until), "by none of the trusted authorities"),
        (&stamp, stamps("loose-stamps", None), "may not be used for this"),
        (&bundle("stamp-without-certificate"), stamps("stamps-root", None), "signed by no trusted authority"),
    ] {
        let error = signed(bundle, &root).unwrap_err();
        assert_eq!(error.reason(), FindingReason::SigningTimeUnproven, "{error}");
        assert!(error.to_string().contains(said), "{said}: {error}");
    }
    // A certificate that no log of certificates shows was issued in secret.
    let secret = |certificate_logs| signed(&keyless, &TrustedRoot { certificate_logs, ..acme() });
    assert_eq!(secret(root("sigstore-public/trusted_root.json").certificate_logs), Err(SignerError::Secret));
    let over = acme().certificate_logs.into_iter().map(|one| Log { window: before, ..one }).collect();
    assert_eq!(secret(over), Err(SignerError::Secret));
    assert!(secret(vec![]).is_ok());
    assert_eq!(signed(&bundle("shown-to-no-log"), &acme()), Err(SignerError::Secret));
    // A log that only holds it must have been trusted when it was signed.
    let logs = acme().logs.into_iter().map(|one| Log { window: before, ..one }).collect();
    let error = signed(&stamp, &TrustedRoot { logs, ..acme() }).unwrap_err();
    assert!(matches!(error, SignerError::LogNotInForce { .. }), "{error}");
}

fn only(file: &str) -> TrustedRoot {
    let authority = authority("own", &text(&format!("sigstore/{file}.pem")), None, Purpose::CodeSigning).unwrap();
    TrustedRoot { authorities: vec![authority], timestamp_authorities: vec![], logs: vec![], certificate_logs: vec![] }
}

/// Without a log and a time stamp, for as long as the certificate is in force.
#[test]
fn an_authority_of_your_own() {
    let email = |email: &str| identity(SubjectName::Email(email.into()), None);
    let asked = |identity: Identity, at| signed_at(&bundle("company"), &only("company"), &[identity], Some(at));
    for good in [
        email("release@acme.example"),
        email("*@acme.example"),
        identity(SubjectName::DnsName("Release.acme.example".into()), None),
    ] {
        assert_eq!(asked(good.clone(), NOW), Ok("release".into()), "{good:?}");
    }
    for bad in [
        email("other@acme.example"),
        email("*@example"),
        email("*@cme.example"),
        identity(SubjectName::DnsName("acme.example".into()), None),
        identity(SubjectName::Uri("*".into()), None),
        identity(SubjectName::Email("*@acme.example".into()), Some(ISSUER)),
    ] {
        assert!(matches!(asked(bad.clone(), NOW), Err(SignerError::Identity { .. })), "{bad:?}");
    }
    assert!(matches!(asked(email("*@acme.example"), "2099-02-01T00:00:00Z"), Err(SignerError::TimeUnproven { .. })));
    let early = asked(email("*@acme.example"), "2025-12-31T00:00:00Z").unwrap_err();
    assert!(early.to_string().contains("not in force"), "{early}");
    // OpenSSF's tool, with a certificate.
    let model = bundle("model-signing");
    assert_eq!(signed_at(&model, &only("company"), &[email("*@acme.example")], Some(NOW)), Ok("release".into()));
    // A certificate that names an issuer is nobody whom an identity without one means.
    let nobody = identity(SubjectName::Uri(WORKFLOW.into()), None);
    let error = signed_at(&bundle("keyless"), &acme(), &[nobody], Some(NOW)).unwrap_err();
    assert!(matches!(error, SignerError::Identity { .. }), "{error}");
}

#[test]
fn weak_algorithms_do_not_hold() {
    let asked = |file| {
        let whoever = identity(SubjectName::Uri(WORKFLOW.into()), None);
        signed_at(&bundle(file), &only("weak"), &[whoever], Some(NOW))
    };
    assert_eq!(asked("signed-with-sha256"), Ok("release".into()));
    let error = asked("signed-with-sha1").unwrap_err();
    assert!(error.to_string().contains("UnsupportedSignatureAlgorithm"), "{error}");
}

#[test]
fn bundles_that_are_none() {
    let read = |bundle: &Value| Envelope::parse_all(bundle.to_string().as_bytes()).map(|_| ());
    let changed = |pointer: &str, value: Value| {
        let mut bundle = bundle("promise-and-stamp");
        *bundle.pointer_mut(pointer).unwrap() = value;
        bundle
    };
    let entry = bundle("keyless")["verificationMaterial"]["tlogEntries"][0].clone();
    let raw = bundle("keyless")["verificationMaterial"]["certificate"].clone();
    let chain = |count| json!({"x509CertificateChain": {"certificates": vec![raw.clone(); count]}, "tlogEntries": []});
    let stamp = json!({"signedTimestamp": "AAAA"});
    let material = "/verificationMaterial";
    let proof = "/verificationMaterial/tlogEntries/0/inclusionProof";
    for (bundle, said) in [
        (changed("/mediaType", json!("application/vnd.dev.sigstore.bundle.v9+json")), "version 0.1 to 0.3"),
        (changed(material, chain(0)), "at least one certificate"),
        (changed(material, chain(9)), "more than 8 certificates"),
        (changed(material, chain(1_000)), "more than 8 certificates"),
        (changed(material, json!({"certificate": raw, "x509CertificateChain": {}})), "one certificate or one chain"),
        (changed("/verificationMaterial/certificate", json!({})), "rawBytes is not a certificate in base64"),
        (changed("/verificationMaterial/certificate/rawBytes", json!("A".repeat(12_000))), "bytes in a certificate"),
        (changed("/verificationMaterial/tlogEntries", json!(vec![entry.clone(); 9])), "more than 8 log entries"),
        (changed("/verificationMaterial/tlogEntries", json!([{}])), "canonicalizedBody is not the entry in base64"),
        (changed("/verificationMaterial/tlogEntries/0/logIndex", json!("-1")), "logIndex is not a whole number"),
        (
            changed("/verificationMaterial/timestampVerificationData", json!({"rfc3161Timestamps": vec![stamp; 9]})),
            "more than 8 time stamps",
        ),
        (changed(&format!("{proof}/hashes"), json!(vec!["AAAA"; 65])), "more than 64 hashes"),
        (changed(&format!("{proof}/hashes/0"), json!("AAAA")), "is not a SHA-256 hash"),
        (changed(&format!("{proof}/checkpoint"), json!({})), "envelope is not a signed note"),
        (changed(&format!("{proof}/checkpoint/envelope"), json!("x".repeat(9000))), "bytes in a checkpoint"),
    ] {
        let error = read(&bundle).unwrap_err().to_string();
        assert!(error.contains(said), "{said}: {error}");
    }
    let whole = bundle("keyless").to_string();
    for at in (1..whole.len()).step_by(61) {
        assert!(Envelope::parse_all(&whole.as_bytes()[..at]).is_err(), "{at}");
    }
    let twice = whole.replacen("\"tlogEntries\":", "\"tlogEntries\":[],\"tlogEntries\":", 1);
    let error = Envelope::parse_all(twice.as_bytes()).unwrap_err();
    assert!(matches!(&error, EvidenceError::Unreadable { why, .. } if why.contains("stands twice")), "{error}");
}
