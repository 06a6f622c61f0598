//! Evidence that is absent, changed or of no use is never a pass.

use crate::job::Job;
use modelgate::policy::{Digest, FindingReason, Outcome};
use serde_json::json;

const TRUE: &str = "evidence.metrics.accuracy > 0.5";

fn expression(bytes: &[u8]) -> crate::job::Ended {
    Job::new().evidence("metrics", bytes).expression("e", TRUE, &["metrics"]).run()
}

#[test]
fn absent_or_changed() {
    let good = br#"{"accuracy": 0.8}"#;
    expression(good).expect(Outcome::Pass, FindingReason::ExpressionTrue);
    let digest = Digest::of(good);
    let ask = |job: Job| job.expression("e", TRUE, &["metrics"]).run();
    let missing = ask(Job::new().pinned("metrics", None, Some(&digest), None));
    missing.expect(Outcome::Missing, FindingReason::EvidenceMissing);
    ask(Job::new()).expect(Outcome::Missing, FindingReason::EvidenceMissing);
    let changed = ask(Job::new().pinned("metrics", Some(br#"{"accuracy": 0.9}"#), Some(&digest), None));
    let finding = changed.expect(Outcome::Error, FindingReason::DigestMismatch);
    assert!(finding.message.contains(digest.as_str()), "{}", finding.message);
    ask(Job::new().pinned("metrics", Some(good), None, None)).expect(Outcome::Error, FindingReason::NotPinned);
}

#[test]
fn of_no_use() {
    expression(b"").expect(Outcome::Missing, FindingReason::EvidenceEmpty);
    expression(b" \n").expect(Outcome::Missing, FindingReason::EvidenceEmpty);
    for bytes in
        [&b"{\"accuracy\": 0.8"[..], b"{\"accuracy\": \"\xff\"}", b"accuracy", b"{\"accuracy\": 0.8}}", b"\x00\x00"]
    {
        expression(bytes).expect(Outcome::Error, FindingReason::EvidenceUnreadable);
    }
    for bytes in [&b"{\"accuracy\": NaN}"[..], b"{\"accuracy\": Infinity}", b"[-Infinity]"] {
        expression(bytes).expect(Outcome::Error, FindingReason::NotFinite);
    }
    let deep = |open: &str, close: &str| {
        let text = open.repeat(10_000) + &" ".repeat(1 << 20) + "0" + &close.repeat(10_000);
        expression(text.as_bytes()).expect(Outcome::Error, FindingReason::EvidenceTooLarge);
    };
    deep("[", "]");
    deep("{\"accuracy\":", "}");
}

#[test]
fn a_source_that_leads_elsewhere() {
    let digest = Digest::of(b"x");
    for path in ["../other/file", "/etc/hostname", "a/../../b", "link"] {
        let job = Job::new();
        std::fs::create_dir_all(job.path("evidence/metrics")).unwrap();
        std::os::unix::fs::symlink("/etc/hostname", job.path("evidence/metrics/link")).unwrap();
        let source = json!({"persistentVolumeClaim": {"name": "claim", "path": path}});
        let ended = job.source("metrics", source, &digest).expression("e", TRUE, &["metrics"]).run();
        ended.expect(Outcome::Error, FindingReason::EvidenceUnreadable);
    }
    for url in [
        "https://127.0.0.1/x",
        "https://localhost/x",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/x",
        "http://example.com/x",
    ] {
        let source = json!({"https": {"url": url}});
        let ended = Job::new().source("metrics", source, &digest).expression("e", TRUE, &["metrics"]).run();
        ended.expect(Outcome::Error, FindingReason::EvidenceUnreadable);
    }
}
