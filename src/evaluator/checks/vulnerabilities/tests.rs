use super::*;
use crate::evaluator::checks::testing::{Bench, gate};
use crate::policy::{Check, Digest};

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/fixtures/vulnerabilities/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn check() -> Vulnerabilities {
    Vulnerabilities {
        evidence: vec!["scan".into()],
        format: None,
        allowed: Allowed { critical: Some(0), high: Some(0), ..Allowed::default() },
        unrated_as: RatedAs::High,
        only_fixable: false,
        max_scan_age_seconds: None,
        max_database_age_seconds: None,
        about_model: false,
        allow_unscanned: false,
        allow_suppressed: false,
        statements: vec![],
        exceptions: vec![],
    }
}

fn facts(at: &str) -> OrderFacts {
    let model = format!("sha256:{}", "a".repeat(64));
    OrderFacts {
        at: Some(at.parse().unwrap()),
        model_digest: Some(Digest::parse(&model).unwrap()),
        ..OrderFacts::default()
    }
}

const THEN: &str = "2026-01-02T04:04:05Z";

fn answer(evidence: &[(&str, &str)], check: Vulnerabilities, at: &str) -> Finding {
    let mut bench = Bench::new();
    for (name, file) in evidence {
        bench.put(name, &fixture(file), None);
    }
    find(&gate(Check::Vulnerabilities(check.clone())), &check, &facts(at), &mut bench.sources())
}

fn table(cases: &[(&str, Vulnerabilities, Outcome, FindingReason, Option<f64>)]) {
    for (file, check, outcome, reason, value) in cases {
        let finding = answer(&[("scan", file)], check.clone(), THEN);
        let found = (finding.outcome, finding.reason, finding.number());
        assert_eq!(found, (*outcome, *reason, *value), "{file} {check:?}: {}", finding.message);
    }
}

#[test]
fn counts_by_severity() {
    use FindingReason::{AboveMaximum, WithinLimits};
    let allow = |allowed| Vulnerabilities { allowed, ..check() };
    let none = Allowed::default;
    table(&[
        ("cargo-audit-clean.json", check(), Outcome::Pass, WithinLimits, Some(0.0)),
        // One critical, one low.
        ("cargo-audit.json", check(), Outcome::Fail, AboveMaximum, Some(1.0)),
        ("cargo-audit.json", allow(Allowed { critical: Some(1), ..none() }), Outcome::Pass, WithinLimits, Some(0.0)),
        ("cargo-audit.json", allow(Allowed { low: Some(0), ..none() }), Outcome::Fail, AboveMaximum, Some(1.0)),
        // One high, one unrated.
        ("osv-scanner.json", check(), Outcome::Fail, AboveMaximum, Some(2.0)),
        (
            "osv-scanner.json",
            Vulnerabilities { unrated_as: RatedAs::Low, ..check() },
            Outcome::Fail,
            AboveMaximum,
            Some(1.0),
        ),
        (
            "osv-scanner.json",
            Vulnerabilities { unrated_as: RatedAs::Critical, ..check() },
            Outcome::Fail,
            AboveMaximum,
            Some(2.0),
        ),
        ("osv-scanner.json", Vulnerabilities { only_fixable: true, ..check() }, Outcome::Fail, AboveMaximum, Some(1.0)),
        // A high one that is exploited, a medium one that nobody fixes.
        ("grype.json", check(), Outcome::Fail, AboveMaximum, Some(1.0)),
        ("grype.json", allow(Allowed { known_exploited: Some(0), ..none() }), Outcome::Fail, AboveMaximum, Some(1.0)),
        // Only Grype tells; what fails anyway fails.
        (
            "osv-scanner.json",
            allow(Allowed { known_exploited: Some(0), ..none() }),
            Outcome::Inconclusive,
            FindingReason::NothingScanned,
            None,
        ),
        (
            "osv-scanner.json",
            Vulnerabilities { allowed: Allowed { known_exploited: Some(0), ..check().allowed }, ..check() },
            Outcome::Fail,
            AboveMaximum,
            Some(2.0),
        ),
        ("grype.json", allow(Allowed { medium: Some(0), ..none() }), Outcome::Fail, AboveMaximum, Some(1.0)),
        (
            "grype.json",
            Vulnerabilities { only_fixable: true, ..allow(Allowed { medium: Some(0), ..none() }) },
            Outcome::Pass,
            WithinLimits,
            Some(0.0),
        ),
    ]);
}

/// What only a scan found that does not tell may be exploited; what Grype found, too, is not.
#[test]
fn of_what_another_scan_found_nobody_says_that_it_is_not_exploited() {
    let both = |other: &str, most: u32| {
        let evidence = vec!["scan".into(), "other".into()];
        let check = Vulnerabilities {
            evidence,
            allowed: Allowed { known_exploited: Some(most), ..Allowed::default() },
            ..check()
        };
        answer(&[("scan", "grype-clean.json"), ("other", other)], check, THEN)
    };
    let beside = both("cargo-audit.json", 0);
    assert_eq!((beside.outcome, beside.reason), (Outcome::Inconclusive, FindingReason::NothingScanned));
    assert!(beside.message.starts_with("no scan says of 2 findings whether"), "{}", beside.message);
    // Even if both were.
    assert_eq!(
        (both("cargo-audit.json", 1).outcome, both("cargo-audit.json", 2).outcome),
        (Outcome::Inconclusive, Outcome::Pass)
    );
    assert_eq!(both("pip-audit-clean.json", 0).outcome, Outcome::Pass);
}

#[test]
fn a_scan_that_says_nothing_about_the_release() {
    use FindingReason::{EvidenceStale, NothingScanned, OtherSubject, SubjectUnknown, WithinLimits};
    let inconclusive = Outcome::Inconclusive;
    let about =
        Vulnerabilities { about_model: true, allowed: Allowed { low: Some(9), ..Allowed::default() }, ..check() };
    let young = |scan, database| Vulnerabilities {
        max_scan_age_seconds: scan,
        max_database_age_seconds: database,
        allowed: Allowed { low: Some(9), ..Allowed::default() },
        ..check()
    };
    let pass = (Outcome::Pass, WithinLimits, Some(0.0));
    table(&[
        ("bandit-nothing.json", check(), inconclusive, NothingScanned, None),
        ("osv-scanner-clean.json", check(), inconclusive, NothingScanned, None),
        ("osv-scanner-all-packages.json", check(), pass.0, pass.1, pass.2),
        ("trivy-nothing.json", check(), inconclusive, NothingScanned, None),
        ("pip-audit.json", check(), inconclusive, NothingScanned, None),
        (
            "pip-audit.json",
            Vulnerabilities { allow_unscanned: true, unrated_as: RatedAs::Low, ..check() },
            pass.0,
            pass.1,
            pass.2,
        ),
        ("trivy-registry.json", about.clone(), pass.0, pass.1, pass.2),
        ("grype.json", about.clone(), inconclusive, SubjectUnknown, None),
        // An hour old.
        ("trivy-registry.json", young(Some(3600), None), pass.0, pass.1, pass.2),
        ("trivy-registry.json", young(Some(3598), None), inconclusive, EvidenceStale, None),
        ("osv-scanner.json", young(Some(3600), None), inconclusive, EvidenceStale, None),
        ("in-toto-vulns.json", young(None, Some(101_040)), pass.0, pass.1, pass.2),
        ("in-toto-vulns.json", young(None, Some(101_039)), inconclusive, EvidenceStale, None),
        ("cargo-audit.json", young(None, Some(1)), inconclusive, EvidenceStale, None),
        // Made years after the clock of this test.
        ("bandit.json", young(Some(u64::MAX), None), inconclusive, EvidenceStale, None),
    ]);
    let mut bench = Bench::new();
    let other = String::from_utf8(fixture("trivy-registry.json")).unwrap().replace("aaaaaaaa", "cccccccc");
    bench.put("scan", other.as_bytes(), None);
    let finding = find(&gate(Check::Vulnerabilities(about.clone())), &about, &facts(THEN), &mut bench.sources());
    assert_eq!((finding.outcome, finding.reason), (Outcome::Error, OtherSubject));
}

#[test]
fn exceptions_end() {
    let until = |place: Option<&str>| Vulnerabilities {
        allowed: Allowed { high: Some(0), ..Allowed::default() },
        exceptions: vec![Exception {
            id: "GHSA-aaaa-bbbb-cccc".into(),
            place: place.map(str::to_owned),
            until: "2026-02-01T00:00:00Z".parse().unwrap(),
        }],
        ..check()
    };
    let grype = [("scan", "grype.json")];
    assert_eq!(answer(&grype, until(None), THEN).outcome, Outcome::Pass);
    assert_eq!(answer(&grype, until(Some("leaky 1.2.3")), THEN).outcome, Outcome::Pass);
    assert_eq!(answer(&grype, until(Some("leaky 1.2.2")), THEN).outcome, Outcome::Fail);
    let after = answer(&grype, until(None), "2026-02-01T00:00:00Z");
    assert_eq!(after.outcome, Outcome::Fail);
    assert!(after.message.contains("the exception for CVE-2025-99001 is over"), "{}", after.message);
}

#[test]
fn statements_and_several_scans() {
    let both = Vulnerabilities { evidence: vec!["a".into(), "b".into()], ..check() };
    let evidence = [("a", "grype.json"), ("b", "osv-scanner.json"), ("vex", "cyclonedx-vex.json")];
    // The same high one, and an unrated one.
    assert_eq!(answer(&evidence, both.clone(), THEN).number(), Some(2.0));
    let finding = answer(&evidence, Vulnerabilities { statements: vec!["vex".into()], ..both }, THEN);
    assert_eq!((finding.number(), finding.evidence.len()), (Some(1.0), 3));
    assert_eq!(
        finding.message,
        "0 critical (at most 0), 1 high (at most 0), 1 medium, 1 excused: PYSEC-2025-9002, GHSA-dddd-eeee-ffff; \
         update what is affected, then scan again"
    );
}

fn said(text: &str, check: Vulnerabilities) -> Finding {
    let mut bench = Bench::new();
    bench.put("scan", text.as_bytes(), None);
    find(&gate(Check::Vulnerabilities(check.clone())), &check, &facts(THEN), &mut bench.sources())
}

#[test]
fn only_the_policy_excuses() {
    let ignored = r#"{"matches": [], "source": {"target": "x"}, "descriptor": {}, "ignoredMatches": [{"vulnerability":
        {"id": "CVE-1", "severity": "Critical"}, "artifact": {"name": "leaky", "version": "1"}}]}"#;
    let finding = said(ignored, check());
    assert_eq!((finding.outcome, finding.number()), (Outcome::Fail, Some(1.0)));
    assert!(finding.message.contains("1 suppressed by the scan, which counts all the same"), "{}", finding.message);
    let allowing = Vulnerabilities { allow_suppressed: true, ..check() };
    let finding = said(ignored, allowing.clone());
    assert_eq!((finding.outcome, finding.number()), (Outcome::Pass, Some(0.0)));
    assert_eq!(finding.message, "0 critical (at most 0), 0 high (at most 0), 1 suppressed by the scan");
    let exception = Exception { id: "CVE-1".into(), place: None, until: "2026-02-01T00:00:00Z".parse().unwrap() };
    let excepting = Vulnerabilities { exceptions: vec![exception], ..check() };
    assert_eq!(said(ignored, excepting).outcome, Outcome::Pass);
    // Bandit only counts what its marks hide.
    let marked = String::from_utf8(fixture("bandit-clean.json")).unwrap().replace(r#""nosec": 0"#, r#""nosec": 3"#);
    let finding = said(&marked, check());
    assert_eq!((finding.outcome, finding.reason), (Outcome::Inconclusive, FindingReason::NothingScanned));
    assert!(said(&marked, allowing).message.ends_with("3 suppressed by the scan"));
}

#[test]
fn a_bill_of_materials_is_no_clean_scan() {
    for text in [
        r#"{"bomFormat": "CycloneDX", "components": [{"name": "leaky"}]}"#,
        r#"{"bomFormat": "CycloneDX", "components": [{"name": "leaky"}], "vulnerabilities": []}"#,
    ] {
        let finding = said(text, check());
        assert_eq!((finding.outcome, finding.reason), (Outcome::Inconclusive, FindingReason::NothingScanned));
        assert!(finding.message.contains("scan it and release with what that finds"), "{}", finding.message);
    }
}

/// What was once a clean scan and is none.
#[test]
fn a_scan_that_tells_of_less_than_it_saw() {
    let sarif = |tool: &str, rest: &str| {
        format!(
            r#"{{"version": "2.1.0", "runs": [{{"tool": {tool}, "results": [{{"ruleId": "r", "level": "note"{rest}}}]}}]}}"#
        )
    };
    let fixed = |name: &str, from: &str, to: &str| {
        let text = String::from_utf8(fixture(name)).unwrap();
        assert!(text.contains(from), "{name}");
        text.replace(from, to)
    };
    let extension =
        r#"{"driver": {}, "extensions": [{"rules": [{"id": "r", "properties": {"security-severity": "9.8"}}]}]}"#;
    let unparsed = r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"rules": [{"id": "r"}]}}, "results": [],
        "invocations": [{"executionSuccessful": true, "toolConfigurationNotifications": [{"level": "error"}]}]}]}"#;
    let end_of_life = r#"{"SchemaVersion": 2, "Metadata": {"OS": {"EOSL": true}}, "Results": [{"Target": "x"}]}"#;
    let alert = r#"{"matches": [], "source": {"target": "x"}, "descriptor": {},
        "alertsByPackage": [{"alerts": [{"type": "distro-eol"}]}]}"#;
    let (fail, inconclusive) =
        ((Outcome::Fail, FindingReason::AboveMaximum), (Outcome::Inconclusive, FindingReason::NothingScanned));
    let cases = [
        (sarif(extension, ""), fail),
        (sarif(r#"{"driver": {}}"#, r#", "properties": {"security-severity": "0.0"}"#), fail),
        (unparsed.to_owned(), inconclusive),
        (end_of_life.to_owned(), inconclusive),
        (alert.to_owned(), inconclusive),
        (fixed("bandit-clean.json", r#""SEVERITY.HIGH": 0"#, r#""SEVERITY.HIGH": 1"#), inconclusive),
        (fixed("cargo-audit-clean.json", r#""ignore": []"#, r#""ignore": ["RUSTSEC-2025-9001"]"#), inconclusive),
        (fixed("cargo-audit-clean.json", r#""severity": null"#, r#""severity": "critical""#), inconclusive),
    ];
    for (text, verdict) in cases {
        let finding = said(&text, check());
        assert_eq!((finding.outcome, finding.reason), verdict, "{text}: {}", finding.message);
        let passed_over = Vulnerabilities { allow_unscanned: true, allow_suppressed: true, ..check() };
        let expected = if verdict == inconclusive { Outcome::Pass } else { Outcome::Fail };
        assert_eq!(said(&text, passed_over).outcome, expected, "{text}");
    }
}

#[test]
fn an_exception_for_one_excuses_no_other_of_its_advisory() {
    let advisory = r#"{"matches": [{"vulnerability": {"id": "ELSA-2021-2569", "severity": "High"},
        "relatedVulnerabilities": [{"id": "CVE-2021-3516"}, {"id": "CVE-2021-3517"}],
        "artifact": {"name": "libxml2", "version": "2.9.7"}}], "source": {"target": "x"}, "descriptor": {}}"#;
    let except = |ids: &[&str]| {
        let exception =
            |id: &&str| Exception { id: (*id).into(), place: None, until: "2026-02-01T00:00:00Z".parse().unwrap() };
        said(advisory, Vulnerabilities { exceptions: ids.iter().map(exception).collect(), ..check() })
    };
    assert_eq!(except(&[]).number(), Some(2.0));
    assert_eq!(except(&["CVE-2021-3516"]).number(), Some(1.0));
    assert_eq!(except(&["CVE-2021-3516"]).outcome, Outcome::Fail);
    assert_eq!(except(&["CVE-2021-3516", "CVE-2021-3517"]).outcome, Outcome::Pass);
    assert_eq!(except(&["ELSA-2021-2569"]).outcome, Outcome::Pass);
}

#[test]
fn a_gate_that_asks_nothing() {
    for check in
        [Vulnerabilities { evidence: vec![], ..check() }, Vulnerabilities { allowed: Allowed::default(), ..check() }]
    {
        let finding = answer(&[("scan", "cargo-audit-clean.json")], check, THEN);
        assert_eq!((finding.outcome, finding.reason), (Outcome::Error, FindingReason::NothingAsked));
    }
}

#[test]
fn bad_evidence() {
    use FindingReason::{EvidenceEmpty, EvidenceMissing, EvidenceUnreadable};
    let cases: [(&[u8], Outcome, FindingReason); 4] = [
        (b"", Outcome::Missing, EvidenceEmpty),
        (b"{}", Outcome::Error, EvidenceUnreadable),
        (b"{\"SchemaVersion\": 2, \"Results\": 3}", Outcome::Error, EvidenceUnreadable),
        (b"no vulnerabilities found", Outcome::Error, EvidenceUnreadable),
    ];
    for (bytes, outcome, reason) in cases {
        let mut bench = Bench::new();
        bench.put("scan", bytes, None);
        let finding = find(&gate(Check::Vulnerabilities(check())), &check(), &facts(THEN), &mut bench.sources());
        assert_eq!((finding.outcome, finding.reason), (outcome, reason), "{}", finding.message);
    }
    let absent = answer(&[], check(), THEN);
    assert_eq!((absent.outcome, absent.reason), (Outcome::Missing, EvidenceMissing));
    let without = Vulnerabilities { statements: vec!["vex".into()], ..check() };
    let absent = answer(&[("scan", "cargo-audit-clean.json")], without, THEN);
    assert_eq!((absent.outcome, absent.reason), (Outcome::Missing, EvidenceMissing));
}
