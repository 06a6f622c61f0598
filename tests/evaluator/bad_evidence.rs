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
    let finding = changed.expect(Outcome::Error, FindingReason::OtherConfigMap);
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

fn accuracy(bytes: &[u8]) -> crate::job::Ended {
    Job::new()
        .evidence("metrics", bytes)
        .gate("accuracy", json!({"metric": {"evidence": "metrics", "name": "accuracy", "min": "0.5"}}))
        .run()
}

#[test]
fn metrics_without_a_number() {
    let finding = accuracy(b"{\"accuracy\": 0.8}").expect(Outcome::Pass, FindingReason::WithinLimits);
    assert_eq!(finding.number(), Some(0.8));
    accuracy(b"{\"accuracy\": 0.4}").expect(Outcome::Fail, FindingReason::BelowMinimum);
    accuracy(b"{\"recall\": 0.8}").expect(Outcome::Missing, FindingReason::MetricMissing);
    accuracy(b"").expect(Outcome::Missing, FindingReason::EvidenceEmpty);
    for bytes in [
        &b"{\"accuracy\": NaN}"[..],
        b"{\"accuracy\": Infinity}",
        b"{\"accuracy\": -Infinity}",
        b"{\"accuracy\": \"NaN\"}",
        b"{\"accuracy\": \"inf\"}",
        b"name,value\naccuracy,nan\n",
        b"accuracy\ninf\n",
    ] {
        accuracy(bytes).expect(Outcome::Error, FindingReason::NotFinite);
    }
    for bytes in [
        &b"{\"accuracy\": 0.8"[..],
        b"{\"accuracy\": null}",
        b"{\"accuracy\": \"high\"}",
        b"{\"accuracy\": 0.8, \"accuracy\": 0.9}",
        b"{\"accuracy\": 0.8}\xff",
        b"[0.8]",
        b"{\"accuracy\": 1e999}",
    ] {
        accuracy(bytes).expect(Outcome::Error, FindingReason::EvidenceUnreadable);
    }
    let deep = b"[".repeat(1 << 20);
    accuracy(&deep).expect(Outcome::Error, FindingReason::EvidenceTooLarge);
}

#[test]
fn a_source_that_leads_elsewhere() {
    let good = br#"{"accuracy": 0.8}"#;
    let digest = Digest::of(good);
    let ask = |path: &str| {
        let job = Job::new();
        std::fs::create_dir_all(job.path("evidence/metrics/run")).unwrap();
        std::fs::create_dir_all(job.path("evidence/other")).unwrap();
        for place in ["evidence/other/m.json", "m.json", "evidence/metrics/run/m.json"] {
            std::fs::write(job.path(place), good).unwrap();
        }
        std::os::unix::fs::symlink(job.path("m.json"), job.path("evidence/metrics/link")).unwrap();
        let source = json!({"persistentVolumeClaim": {"name": "claim", "path": path}});
        job.source("metrics", source, &digest).expression("e", TRUE, &["metrics"]).run()
    };
    ask("run/m.json").expect(Outcome::Pass, FindingReason::ExpressionTrue);
    ask("run/none.json").expect(Outcome::Missing, FindingReason::EvidenceMissing);
    ask("run").expect(Outcome::Error, FindingReason::EvidenceUnreadable);
    for path in ["../other/m.json", "run/../../other/m.json", "link", "/etc/hostname"] {
        let finding = ask(path).expect(Outcome::Error, FindingReason::EvidenceUnreadable);
        assert!(finding.message.contains("leaves its own folder"), "{path} {}", finding.message);
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
