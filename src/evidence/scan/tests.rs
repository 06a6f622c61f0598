//! Reports that the real scanners wrote (`tests/fixtures/vulnerabilities`), and what is nearly one.

use super::*;
use Rating::{Critical, High, Low, Medium};

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/fixtures/vulnerabilities/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn scan(name: &str) -> Scan {
    Scan::parse(&fixture(name), None).unwrap()
}

/// Critical, high, medium, low, unrated.
fn told(weaknesses: &[Weakness]) -> [usize; 5] {
    let count = |rating| weaknesses.iter().filter(|weakness| weakness.rating == rating).count();
    [count(Some(Critical)), count(Some(High)), count(Some(Medium)), count(Some(Low)), count(None)]
}

#[test]
fn what_the_scanners_wrote() {
    let cases = [
        ("bandit.json", Format::Bandit, Scanned::Counted(7), 0, [0, 1, 1, 3, 0]),
        ("bandit-clean.json", Format::Bandit, Scanned::Counted(2), 0, [0; 5]),
        ("bandit-nothing.json", Format::Bandit, Scanned::Nothing, 0, [0; 5]),
        ("bandit.sarif", Format::Sarif, Scanned::Counted(7), 0, [0, 1, 1, 3, 0]),
        ("cargo-audit.json", Format::CargoAudit, Scanned::Counted(4), 0, [1, 0, 0, 1, 0]),
        ("cargo-audit-clean.json", Format::CargoAudit, Scanned::Counted(2), 0, [0; 5]),
        ("osv-scanner.json", Format::Osv, Scanned::Counted(2), 0, [0, 1, 0, 0, 1]),
        ("osv-scanner-clean.json", Format::Osv, Scanned::Nothing, 0, [0; 5]),
        ("osv-scanner-all-packages.json", Format::Osv, Scanned::Counted(1), 0, [0; 5]),
        ("pip-audit.json", Format::PipAudit, Scanned::Counted(2), 1, [0, 0, 0, 0, 2]),
        ("pip-audit-clean.json", Format::PipAudit, Scanned::Counted(1), 0, [0; 5]),
        ("trivy.json", Format::Trivy, Scanned::Counted(3), 0, [1, 2, 0, 2, 1]),
        ("trivy-clean.json", Format::Trivy, Scanned::Counted(1), 0, [0; 5]),
        // One of them is called ignored.
        ("trivy-suppressed.json", Format::Trivy, Scanned::Counted(1), 0, [0, 1, 0, 1, 1]),
        // Its distribution gets no advisories any more.
        ("trivy-image.json", Format::Trivy, Scanned::Counted(2), 1, [0, 1, 0, 1, 1]),
        ("trivy-registry.json", Format::Trivy, Scanned::Counted(4), 0, [1, 2, 0, 0, 1]),
        ("trivy.sarif", Format::Sarif, Scanned::Unsaid, 0, [1, 2, 0, 2, 1]),
        ("trivy-nothing.json", Format::Trivy, Scanned::Nothing, 0, [0; 5]),
        ("grype.json", Format::Grype, Scanned::Unsaid, 0, [0, 1, 1, 0, 0]),
        ("grype.sarif", Format::Sarif, Scanned::Unsaid, 0, [0, 1, 1, 0, 0]),
        // Grype's SARIF without findings names nothing that was looked at.
        ("grype-clean.sarif", Format::Sarif, Scanned::Nothing, 0, [0; 5]),
        ("grype-clean.json", Format::Grype, Scanned::Unsaid, 0, [0; 5]),
        ("cyclonedx.json", Format::CycloneDx, Scanned::Counted(1), 0, [1, 1, 0, 0, 1]),
        ("in-toto-vulns.json", Format::InTotoVulns, Scanned::Unsaid, 0, [1, 0, 0, 0, 1]),
    ];
    for (name, format, scanned, unscanned, ratings) in cases {
        for named in [None, Some(format)] {
            let scan = Scan::parse(&fixture(name), named).unwrap();
            let found = (scan.format, scan.scanned, scan.unscanned, told(scan.weaknesses()));
            assert_eq!(found, (format, scanned, unscanned, ratings), "{name}: {:#?}", scan.weaknesses());
        }
    }
}

fn weakness<'a>(scan: &'a Scan, id: &str) -> &'a Weakness {
    scan.weaknesses().iter().find(|weakness| weakness.ids.contains(id)).unwrap()
}

#[test]
fn fixes_and_what_is_exploited() {
    let cases = [
        ("cargo-audit.json", "RUSTSEC-2025-9001", Fix::Yes, None),
        ("cargo-audit.json", "RUSTSEC-2025-9002", Fix::No, None),
        ("osv-scanner.json", "GHSA-aaaa-bbbb-cccc", Fix::Yes, None),
        ("osv-scanner.json", "PYSEC-2025-9002", Fix::No, None),
        ("pip-audit.json", "PYSEC-2025-9001", Fix::Yes, None),
        ("pip-audit.json", "PYSEC-2025-9002", Fix::No, None),
        ("trivy.json", "CVE-2025-99001", Fix::Yes, None),
        ("trivy.json", "CVE-2025-99006", Fix::No, None),
        ("grype.json", "CVE-2025-99001", Fix::Yes, Some(true)),
        ("grype.json", "GHSA-dddd-eeee-ffff", Fix::No, Some(false)),
        ("in-toto-vulns.json", "CVE-2025-99001", Fix::Unsaid, None),
        ("trivy-image.json", "GHSA-aaaa-bbbb-cccc", Fix::Yes, None),
        ("grype.sarif", "GHSA-aaaa-bbbb-cccc", Fix::Unsaid, None),
    ];
    for (name, id, fix, exploited) in cases {
        let scan = scan(name);
        let found = weakness(&scan, id);
        assert_eq!((found.fix, found.known_exploited), (fix, exploited), "{name} {id}");
    }
}

#[test]
fn when_and_of_what() {
    let time = |time: Option<Timestamp>| time.map(|time| time.to_string());
    let digest = |letter: &str| Digest::parse(&format!("sha256:{}", letter.repeat(64))).unwrap();
    let trivy = scan("trivy-registry.json");
    assert_eq!(time(trivy.at).as_deref(), Some("2026-01-02T03:04:05.123456789Z"));
    assert_eq!(trivy.subjects, BTreeSet::from([digest("a"), digest("b")]));
    let image = Digest::parse("sha256:237ea53cd9afeb01f3d2a1503ba0b149ea6d3d5d3696ee2340d293a795f367f6").unwrap();
    assert_eq!(scan("trivy-image.json").subjects, BTreeSet::from([image]));
    assert!(weakness(&scan("trivy-suppressed.json"), "CVE-2025-99001").suppressed);
    let attested = scan("in-toto-vulns.json");
    assert_eq!(time(attested.at).as_deref(), Some("2026-01-02T03:05:05Z"));
    assert_eq!(time(attested.database_at).as_deref(), Some("2026-01-01T00:00:05Z"));
    assert_eq!(attested.subjects, BTreeSet::from([digest("a")]));
    let grype = scan("grype.json");
    assert!(grype.at.is_some() && grype.database_at.is_some());
    assert!(
        scan("bandit.json").at.is_some() && scan("bandit.sarif").at.is_some() && scan("cyclonedx.json").at.is_some()
    );
}

#[test]
fn several_scanners_found_the_same_thing_once() {
    let scans = ["pip-audit.json", "osv-scanner.json", "trivy.json", "grype.json"].map(scan);
    let all = joined(scans);
    let same: Vec<&Weakness> = all.iter().filter(|weakness| weakness.id == "CVE-2025-99001").collect();
    let [same] = same[..] else { panic!("{all:#?}") };
    // pip-audit rates nothing; the others call it high. Only Grype knows that it is exploited.
    assert_eq!((same.rating, same.fix, same.known_exploited), (Some(High), Fix::Yes, Some(true)));
    assert!(["PYSEC-2025-9001", "GHSA-aaaa-bbbb-cccc"].iter().all(|id| same.ids.contains(*id)), "{:?}", same.ids);
}

#[test]
fn statements_take_back_what_they_name() {
    let statements = Statements::parse(&fixture("cyclonedx-vex.json")).unwrap();
    let found = |id: &str, place: &str| Weakness::new([id], place);
    assert!(statements.take_back(&found("CVE-2025-99001", "leaky 1.2.3")));
    assert!(!statements.take_back(&found("CVE-2025-99001", "leaky 1.2.2")));
    assert!(!statements.take_back(&found("CVE-2025-99004", "leaky 1.2.3")), "in triage");
    assert!(Statements::parse(b"{}").is_err());
}

#[test]
fn what_is_nearly_a_report_says_where() {
    let cases = [
        (
            r#"{"SchemaVersion": 2, "Results": [{"Vulnerabilities": [{}]}]}"#,
            "/Results/0/Vulnerabilities/0/VulnerabilityID",
        ),
        (r#"{"SchemaVersion": 2, "Results": {}}"#, "/Results is not a list"),
        (r#"{"SchemaVersion": 2, "Results": [], "CreatedAt": "soon"}"#, "/CreatedAt is not a time"),
        (r#"{"matches": [], "descriptor": {"timestamp": 3}}"#, "/descriptor/timestamp is not text"),
        (r#"{"matches": [{}], "descriptor": {}}"#, "/matches/0/vulnerability is not a vulnerability"),
        (
            r#"{"results": [{"source": {}, "packages": [{"package": {"name": "a"}, "vulnerabilities": [{"id": "x"}]}]}]}"#,
            "/results/0/packages/0 is not a package with groups",
        ),
        (
            r#"{"database": {}, "lockfile": {"dependency-count": 1}, "vulnerabilities": {"count": 2, "list": []}}"#,
            "/vulnerabilities/count is not the number",
        ),
        (r#"{"dependencies": [{"name": "a"}]}"#, "/dependencies/0/vulns is not a list"),
        (r#"{"results": [], "metrics": {"_totals": {}}}"#, "/metrics/_totals/loc is not a count"),
        (r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}}]}"#, "/runs/0/results is not a list"),
        (
            r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}, "results": null}]}"#,
            "/runs/0/results is not a list",
        ),
        (
            r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {}}, "results": [], "invocations": [{"executionSuccessful": false}]}]}"#,
            "/runs/0/invocations/0/executionSuccessful is not true",
        ),
        (
            r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {}}, "results": [{"ruleIndex": 3}]}]}"#,
            "/runs/0/results/0/ruleIndex is not the place of a rule",
        ),
        (
            r#"{"bomFormat": "CycloneDX", "vulnerabilities": [{"id": "a", "analysis": {"state": "fine"}}]}"#,
            "/vulnerabilities/0/analysis/state is not a state",
        ),
        (r#"{"evalId": "x", "results": {}}"#, "is promptfoo results, which holds no vulnerability scan"),
        (r#"{"findings": []}"#, "is JSON of no known format"),
        ("[]", "is JSON of no known format"),
        ("no findings", "is text of no known format"),
    ];
    for (text, said) in cases {
        let error = Scan::parse(text.as_bytes(), None).unwrap_err().to_string();
        assert!(error.contains(said), "{text}: {error}");
    }
}

#[test]
fn sarif_rates_by_the_best_it_has() {
    let rule = r#"{"id": "r", "defaultConfiguration": {"level": "error"}, "properties": {"tags": ["x", "CRITICAL"]}}"#;
    let cases = [
        (r#"{"ruleId": "r", "properties": {"security-severity": "9.8"}}"#, "{}", Some(Critical)),
        (r#"{"ruleId": "r", "level": "note"}"#, rule, Some(Critical)),
        (r#"{"ruleIndex": 0}"#, r#"{"id": "r", "properties": {"security-severity": "5.5"}}"#, Some(Medium)),
        (r#"{"ruleId": "r"}"#, r#"{"id": "r", "defaultConfiguration": {"level": "error"}}"#, Some(High)),
        (r#"{"ruleId": "r"}"#, r#"{"id": "r"}"#, Some(Medium)),
        (r#"{"ruleId": "r", "level": "note"}"#, r#"{"id": "r"}"#, Some(Low)),
    ];
    for (result, rule, rating) in cases {
        let text = format!(
            r#"{{"version": "2.1.0", "runs": [{{"tool": {{"driver": {{"rules": [{rule}]}}}}, "results": [{result}]}}]}}"#
        );
        let scan = Scan::parse(text.as_bytes(), None).unwrap();
        assert_eq!(scan.weaknesses()[0].rating, rating, "{result}");
    }
    let quiet = r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {}}, "results": [
        {"ruleId": "a", "suppressions": [{"kind": "inSource"}]}, {"ruleId": "b", "kind": "pass"}, {"kind": "pass"},
        {"ruleId": "c", "suppressions": [{"kind": "external", "status": "rejected"}]}]}]}"#;
    assert_eq!(suppressed(quiet), [("a".to_owned(), true), ("c".to_owned(), false)]);
}

fn read(text: &str) -> Scan {
    Scan::parse(text.as_bytes(), None).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Identifiers, and whether the report calls them suppressed.
fn suppressed(text: &str) -> Vec<(String, bool)> {
    read(text).weaknesses().iter().map(|weakness| (weakness.id.clone(), weakness.suppressed)).collect()
}

#[test]
fn a_bill_of_materials_alone_is_no_scan() {
    let listed = r#""bomFormat": "CycloneDX", "components": [{"name": "leaky", "version": "1.2.3"}]"#;
    let with = |vulnerabilities: &str| format!("{{{listed}, \"vulnerabilities\": {vulnerabilities}}}");
    // Trivy writes an empty list when it was not asked to scan, as it is not for this format.
    for text in [format!("{{{listed}}}"), with("null"), with("[]")] {
        let error = Scan::parse(text.as_bytes(), None).unwrap_err();
        assert_eq!(error, EvidenceError::NotScanned { format: Format::CycloneDx });
        assert_eq!(
            error.verdict(),
            (crate::policy::Outcome::Inconclusive, crate::policy::FindingReason::NothingScanned)
        );
    }
    assert_eq!(read(&with(r#"[{"id": "CVE-1"}]"#)).scanned, Scanned::Counted(1));
    assert_eq!(read(r#"{"bomFormat": "CycloneDX", "vulnerabilities": [{"id": "CVE-1"}]}"#).scanned, Scanned::Nothing);
}

#[test]
fn how_much_was_looked_at() {
    use Scanned::{Counted, Nothing, Unsaid};
    let trivy = |results: &str| format!(r#"{{"SchemaVersion": 2, "Results": {results}}}"#);
    let sarif = |runs: &str| format!(r#"{{"version": "2.1.0", "runs": [{runs}]}}"#);
    let run = |rest: &str| format!(r#"{{"tool": {{"driver": {{"name": "x"}}}}, "results": []{rest}}}"#);
    let ruled = r#"{"tool": {"driver": {"rules": [{"id": "r"}]}}, "results": []}"#;
    let extended = r#"{"tool": {"driver": {}, "extensions": [{"rules": [{"id": "r"}]}]}, "results": []}"#;
    let passed = r#"{"tool": {"driver": {}}, "results": [{"ruleId": "r", "kind": "pass"}]}"#;
    let cases = [
        (trivy("[]"), Nothing),
        (trivy("[{}]"), Nothing),
        (trivy(r#"[{"Target": "", "Class": "os-pkgs"}]"#), Nothing),
        (trivy(r#"[{"Target": "OS Packages", "Class": "license"}]"#), Nothing),
        (trivy(r#"[{"Target": "x", "Class": "os-pkgs"}]"#), Counted(1)),
        (sarif(""), Nothing),
        (sarif(&run("")), Nothing),
        (sarif(&run(r#", "artifacts": []"#)), Nothing),
        (sarif(&run(r#", "invocations": [{"executionSuccessful": true}]"#)), Nothing),
        (sarif(&run(r#", "artifacts": [{}, {}]"#)), Counted(2)),
        (sarif(&run(r#", "properties": {"imageName": "x"}"#)), Unsaid),
        (sarif(ruled), Unsaid),
        (sarif(extended), Unsaid),
        (sarif(passed), Unsaid),
        (sarif(&[ruled, &run("")].join(",")), Nothing),
        (sarif(&[ruled, passed].join(",")), Unsaid),
    ];
    for (text, scanned) in cases {
        assert_eq!(read(&text).scanned, scanned, "{text}");
    }
}

#[test]
fn several_runs_are_as_old_as_the_oldest() {
    let run =
        |invocations: &str| format!(r#"{{"tool": {{"driver": {{}}}}, "results": [], "invocations": [{invocations}]}}"#);
    let (old, new) = (r#"{"endTimeUtc": "2026-01-01T00:00:00Z"}"#, r#"{"endTimeUtc": "2026-06-01T00:00:00Z"}"#);
    let started = r#"{"startTimeUtc": "2025-12-01T00:00:00Z"}"#;
    let cases = [
        (vec![run(new), run(old)], Some("2026-01-01T00:00:00Z")),
        (vec![run(&[new, old].join(","))], Some("2026-01-01T00:00:00Z")),
        (vec![run(started), run(new)], Some("2025-12-01T00:00:00Z")),
        (vec![run(new), run("")], None),
        (vec![run(&[new, "{}"].join(","))], None),
        (vec![], None),
    ];
    for (runs, at) in cases {
        let text = format!(r#"{{"version": "2.1.0", "runs": [{}]}}"#, runs.join(","));
        assert_eq!(read(&text).at.map(|at| at.to_string()).as_deref(), at, "{text}");
    }
}

#[test]
fn what_a_report_suppresses_is_still_found() {
    let told = |id: &str, quiet| vec![(id.to_owned(), quiet)];
    let vulnerability = r#"{"VulnerabilityID": "CVE-1", "PkgName": "leaky", "Severity": "HIGH"}"#;
    let modified = format!(
        r#"{{"SchemaVersion": 2, "Results": [{{"Target": "x", "Class": "os-pkgs", "ExperimentalModifiedFindings": [
            {{"Type": "vulnerability", "Status": "ignored", "Finding": {vulnerability}}}, {{"Type": "license", "Finding": {{}}}}]}}]}}"#
    );
    assert_eq!(suppressed(&modified), told("CVE-1", true));
    let excepted = r#"{"SchemaVersion": 2, "Results": [{"Target": "x", "Misconfigurations": [{"ID": "DS1", "Status": "EXCEPTION"}]}]}"#;
    assert_eq!(suppressed(excepted), told("DS1", true));
    let ignored = r#"{"matches": [], "source": {"target": "x"}, "descriptor": {}, "ignoredMatches": [
        {"vulnerability": {"id": "CVE-1", "severity": "Critical"}, "artifact": {"name": "leaky"}, "appliedIgnoreRules": []}]}"#;
    assert_eq!(suppressed(ignored), told("CVE-1", true));
    let excused =
        r#"{"bomFormat": "CycloneDX", "vulnerabilities": [{"id": "CVE-1", "analysis": {"state": "not_affected"}}]}"#;
    assert_eq!(suppressed(excused), told("CVE-1", true));
    let marked = String::from_utf8(fixture("bandit-clean.json")).unwrap().replace(r#""nosec": 0"#, r#""nosec": 3"#);
    assert_eq!(read(&marked).unlisted, 3);
}

#[test]
fn two_places_of_one_scan_are_two_findings() {
    let count = |scans: Vec<Scan>| joined(scans).len();
    let sarif = |results: &str| {
        read(&format!(r#"{{"version": "2.1.0", "runs": [{{"tool": {{"driver": {{}}}}, "results": [{results}]}}]}}"#))
    };
    // As scanners of images write it: all findings lie in line 1 of the image.
    let of = |package: &str| {
        format!(
            r#"{{"ruleId": "CVE-1", "message": {{"text": "Package: {package}"}}, "locations": [{{"physicalLocation":
                {{"artifactLocation": {{"uri": "image"}}, "region": {{"startLine": 1}}}}}}]}}"#
        )
    };
    assert_eq!(count(vec![sarif(&[of("a"), of("b")].join(","))]), 2);
    assert_eq!(
        count(vec![sarif(r#"{"ruleId": "r", "message": {"text": "a"}}, {"ruleId": "r", "message": {"text": "b"}}"#)]),
        2
    );
    assert_eq!(count(vec![sarif(&[of("a"), of("a")].join(","))]), 1);
    let found = r#"[{"VulnerabilityID": "CVE-1", "PkgName": "leaky", "InstalledVersion": "1"}]"#;
    let target = |name: &str| format!(r#"{{"Target": "{name}", "Vulnerabilities": {found}}}"#);
    let trivy = || read(&format!(r#"{{"SchemaVersion": 2, "Results": [{}, {}]}}"#, target("a.lock"), target("b.lock")));
    assert_eq!(count(vec![trivy()]), 2);
    // Another scan that knows of one of them knows of the same.
    let pip = || read(r#"{"dependencies": [{"name": "leaky", "version": "1", "vulns": [{"id": "CVE-1"}]}]}"#);
    assert_eq!((count(vec![trivy(), pip()]), count(vec![pip(), trivy()]), count(vec![pip(), pip()])), (2, 2, 1));
    // Names that differ only far behind.
    let long =
        |end: &str| format!(r#"{{"name": "{}{end}", "version": "1", "vulns": [{{"id": "CVE-1"}}]}}"#, "x".repeat(200));
    assert_eq!(count(vec![read(&format!(r#"{{"dependencies": [{}, {}]}}"#, long("a"), long("b")))]), 2);
}

#[test]
fn one_text_for_many_findings_is_bounded() {
    let ids: Vec<String> = (0..99).map(|n| format!(r#"{{"id": "{n}{}"}}"#, "y".repeat(100))).collect();
    let affects = vec![r#"{"ref": "a"}"#; 20_000].join(",");
    let text = format!(
        r#"{{"bomFormat": "CycloneDX", "vulnerabilities": [{{"id": "x", "references": [{}], "affects": [{affects}]}}]}}"#,
        ids.join(",")
    );
    let crowded = EvidenceError::TooLarge { what: "bytes of findings", limit: MAX_TEXT };
    assert_eq!(Scan::parse(text.as_bytes(), None).unwrap_err(), crowded);
}

#[test]
fn only_a_database_that_knows_it_tells_what_is_exploited() {
    let report = String::from_utf8(
        std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/vulnerabilities/grype-clean.json")).unwrap(),
    )
    .unwrap();
    assert!(read(&report).tells_exploited);
    for other in ["v5.0.0", "5", "", "newest"] {
        assert!(!read(&report.replace("v6.1.10", other)).tells_exploited, "{other}");
    }
    assert!(!scan("trivy.json").tells_exploited);
}

#[test]
fn a_tag_of_nobody_who_rated_does_not_outweigh_a_score() {
    let rated = |score: &str| {
        let report = format!(
            r#"{{"version": "2.1.0", "runs": [{{"tool": {{"driver": {{"name": "x", "rules": [{{"id": "r"}}]}}}}, "results": [
                {{"ruleId": "r", "message": {{"text": "m"}}, "properties": {{"tags": ["UNKNOWN"], "security-severity": "{score}"}}}}]}}]}}"#
        );
        read(&report).weaknesses()[0].rating
    };
    assert_eq!(rated("9.8"), crate::evidence::scan::Rating::of_score(9.8));
    assert_eq!(rated("0.0"), None);
}

#[test]
fn what_a_scanner_could_not_cover() {
    let sarif = |key: &str, notification: &str| {
        read(&format!(
            r#"{{"version": "2.1.0", "runs": [{{"tool": {{"driver": {{"rules": [{{"id": "r"}}]}}}}, "results": [],
                "invocations": [{{"executionSuccessful": true, "{key}": [{notification}]}}]}}]}}"#
        ))
    };
    let (configuration, execution) = ("toolConfigurationNotifications", "toolExecutionNotifications");
    let cases = [
        // A file that Bandit could not parse.
        (configuration, r#"{"level": "error", "message": {"text": "syntax error"}}"#, 1),
        (configuration, r#"{"level": "error"}, {"level": "error"}"#, 2),
        (configuration, r#"{"level": "warning"}, {}, {"level": "note"}"#, 0),
        (execution, r#"{"level": "error"}, {"level": "warning"}, {}"#, 3),
        (execution, r#"{"level": "note"}, {"level": "none"}"#, 0),
    ];
    for (key, notification, unscanned) in cases {
        assert_eq!(sarif(key, notification).unscanned, unscanned, "{key} {notification}");
    }
    let image = |supported: bool| {
        let os = format!(r#"{{"Family": "alpine", "Name": "3.20.1", "EOSL": {supported}}}"#);
        read(&format!(r#"{{"SchemaVersion": 2, "Metadata": {{"OS": {os}}}, "Results": []}}"#)).unscanned
    };
    assert_eq!((image(true), image(false)), (1, 0));
    let grype = |alerts: &str| {
        let package = format!(r#"{{"package": {{"name": "leaky"}}, "alerts": [{alerts}]}}"#);
        read(&format!(
            r#"{{"matches": [], "source": {{"target": "x"}}, "descriptor": {{}}, "alertsByPackage": [{package}]}}"#
        ))
        .unscanned
    };
    for kind in ["distro-eol", "distro-unknown", "distro-disabled"] {
        assert_eq!(grype(&format!(r#"{{"type": "{kind}", "message": "m"}}"#)), 1, "{kind}");
    }
    assert_eq!(grype(""), 0);
}

#[test]
fn what_bandit_counts_and_does_not_list() {
    for name in ["bandit.json", "bandit.sarif"] {
        let text = String::from_utf8(fixture(name)).unwrap();
        assert_eq!(read(&text).unlisted, 0, "{name}");
        let totals = |from: &str, to: &str| {
            let at = text.find("_totals").unwrap();
            let (before, after) = text.split_at(at);
            Scan::parse(format!("{before}{}", after.replacen(from, to, 1)).as_bytes(), None)
        };
        let cases = [
            (r#""nosec": 0"#, r#""nosec": 3"#, 3),
            (r#""skipped_tests": 0"#, r#""skipped_tests": 2"#, 2),
            // `-ll`, `-ii` and a baseline leave out of the results what is counted.
            (r#""SEVERITY.HIGH": 1"#, r#""SEVERITY.HIGH": 3"#, 2),
            (r#""SEVERITY.UNDEFINED": 0"#, r#""SEVERITY.UNDEFINED": 1"#, 1),
        ];
        for (from, to, unlisted) in cases {
            assert_eq!(totals(from, to).unwrap().unlisted, unlisted, "{name} {to}");
        }
        let error = totals(r#""SEVERITY.LOW": 3"#, r#""SEVERITY.LOW": 2"#).unwrap_err().to_string();
        assert!(error.contains("_totals/SEVERITY.LOW is not at least as many as are listed"), "{name}: {error}");
    }
}

#[test]
fn what_cargo_audit_was_told_to_pass_over() {
    let settings = |key: &str, value: &str| {
        let mut report: serde_json::Value = serde_json::from_slice(&fixture("cargo-audit-clean.json")).unwrap();
        report["settings"][key] = serde_json::from_str(value).unwrap();
        let scan = read(&report.to_string());
        (scan.unscanned, scan.unlisted)
    };
    let cases = [
        ("ignore", "[]", (0, 0)),
        ("ignore", r#"["RUSTSEC-2025-9001", "RUSTSEC-2025-9002"]"#, (0, 2)),
        ("severity", r#""high""#, (1, 0)),
        ("target_os", r#"["linux"]"#, (1, 0)),
        ("target_os", "null", (0, 0)),
        ("target_arch", r#""x86_64""#, (1, 0)),
    ];
    for (key, value, found) in cases {
        assert_eq!(settings(key, value), found, "{key} {value}");
    }
}

#[test]
fn an_advisory_about_several_is_each_of_them() {
    let grype = |id: &str, related: &[&str]| {
        let related: Vec<String> = related.iter().map(|id| format!(r#"{{"id": "{id}"}}"#)).collect();
        format!(
            r#"{{"vulnerability": {{"id": "{id}", "severity": "High"}}, "relatedVulnerabilities": [{}],
                "artifact": {{"name": "libxml2", "version": "2.9.7", "id": "p"}}}}"#,
            related.join(",")
        )
    };
    let report = |matches: &[String]| {
        read(&format!(r#"{{"matches": [{}], "source": {{"target": "x"}}, "descriptor": {{}}}}"#, matches.join(",")))
    };
    let told = |scan: &Scan| {
        let ids = |weakness: &Weakness| weakness.ids.iter().cloned().collect::<Vec<_>>().join(" ");
        scan.weaknesses().iter().map(|weakness| (weakness.id.clone(), ids(weakness))).collect::<Vec<_>>()
    };
    let pair = |id: &str, ids: &str| (id.to_owned(), ids.to_owned());
    let two = report(&[grype("ELSA-2021-2569", &["CVE-2021-3516", "CVE-2021-3517"])]);
    let each =
        [pair("CVE-2021-3516", "CVE-2021-3516 ELSA-2021-2569"), pair("CVE-2021-3517", "CVE-2021-3517 ELSA-2021-2569")];
    assert_eq!(told(&two), each);
    assert!(two.weaknesses().iter().all(|weakness| weakness.rating == Some(High)));
    // One CVE under several names is one thing.
    let one = report(&[grype("GHSA-a", &["CVE-2021-3516", "CVE-2021-3516-x"])]);
    assert_eq!(told(&one), [pair("CVE-2021-3516", "CVE-2021-3516 CVE-2021-3516-x GHSA-a")]);
    // Two advisories that share one CVE stay apart in the others.
    let shared = report(&[
        grype("ELSA-1", &["CVE-2021-3516", "CVE-2021-3517"]),
        grype("ELSA-2", &["CVE-2021-3516", "CVE-2021-3518"]),
    ]);
    assert_eq!(joined([shared]).len(), 3);
    let osv = read(
        r#"{"results": [{"source": {}, "packages": [{"package": {"name": "a", "version": "1"}, "vulnerabilities": [{"id": "GHSA-a"}],
            "groups": [{"ids": ["GHSA-a"], "aliases": ["GHSA-a", "CVE-2021-3516", "CVE-2021-3517"]}]}]}]}"#,
    );
    assert_eq!(told(&osv).len(), 2);
    let audit = String::from_utf8(fixture("cargo-audit.json")).unwrap();
    let aliases = audit.replacen(r#""CVE-2025-99001""#, r#""CVE-2025-99001", "CVE-2025-99011""#, 1);
    assert_eq!(read(&aliases).weaknesses().len(), read(&audit).weaknesses().len() + 1);
}

#[test]
fn a_statement_about_one_takes_no_other_of_its_advisory_back() {
    let statement = |id: &str, references: &[&str]| {
        let references: Vec<String> = references.iter().map(|id| format!(r#"{{"id": "{id}"}}"#)).collect();
        let text = format!(
            r#"{{"bomFormat": "CycloneDX", "vulnerabilities": [{{"id": "{id}", "references": [{}],
                "analysis": {{"state": "not_affected"}}}}]}}"#,
            references.join(",")
        );
        Statements::parse(text.as_bytes()).unwrap()
    };
    let weakness = Weakness::new(["ELSA-1", "CVE-2021-3517"], "libxml2 2.9.7");
    assert!(!statement("CVE-2021-3516", &["ELSA-1"]).take_back(&weakness));
    assert!(!statement("ELSA-1", &["CVE-2021-3516"]).take_back(&weakness));
    assert!(statement("ELSA-1", &["CVE-2021-3516", "CVE-2021-3517"]).take_back(&weakness));
    assert!(statement("ELSA-1", &[]).take_back(&weakness));
    assert!(statement("CVE-2021-3517", &[]).take_back(&weakness));
}
