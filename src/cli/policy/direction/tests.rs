use super::fields::FIELDS;
use super::*;
use crate::api;

/// What `check` says of a field that has this value, or none, beside the others.
fn told(field: &str, from: Option<&str>, to: Option<&str>, beside: &[(&str, &str)]) -> Option<Change> {
    let (check, _) = field.split_once('.').unwrap();
    let all = |value: Option<&str>| -> Settings {
        let others = beside.iter().map(|(name, value)| (format!("{check}.{name}"), (*value).to_owned()));
        others.chain(value.map(|value| (field.to_owned(), value.to_owned()))).collect()
    };
    let found = compared(&all(from), &all(to));
    assert!(found.len() < 2, "{found:?}");
    found.first().map(|(change, _)| *change)
}

#[test]
fn every_field_of_the_api_has_a_direction() {
    fn fields(at: &str, schema: &serde_json::Value, found: &mut Vec<String>) {
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            let at = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
            found.push(at.clone());
            fields(&at, field, found);
        }
    }
    let crds = api::crds();
    let crd = crds.iter().find(|crd| crd.spec.names.kind == "GovernancePolicy").unwrap();
    let schema = serde_json::to_value(crd.spec.versions[0].schema.as_ref().unwrap()).unwrap();
    let gate = &schema["openAPIV3Schema"]["properties"]["spec"]["properties"]["gates"]["items"];
    let mut found = Vec::new();
    for (check, known) in FIELDS {
        let schema = &gate["properties"][check];
        let mut api = Vec::new();
        fields("", schema, &mut api);
        assert!(!api.is_empty(), "{check}");
        let missing: Vec<_> = api.iter().filter(|field| !known.iter().any(|(name, _)| name == field)).collect();
        assert!(missing.is_empty(), "{check}: no direction for {missing:?}");
        // Of a trusted root; the API has no field for them.
        let of_api = |name: &str| name == "certificateLogs" || api.iter().any(|field| field == name);
        let gone: Vec<&str> = known.iter().map(|(name, _)| *name).filter(|name| !of_api(name)).collect();
        assert!(gone.is_empty(), "{check}: there is no field {gone:?}");
        found.push(*check);
    }
    let own = ["name", "enforcement", "severity", "minTier", "remediation", "watch"];
    let checks = gate["properties"].as_object().unwrap().keys().filter(|name| !own.contains(&name.as_str()));
    let unknown: Vec<_> = checks.filter(|name| !found.contains(&name.as_str())).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn bounds_say_which_way() {
    use Change::{Looser, Other, Stricter};
    let cases = [
        ("metric.min", Some("0.8"), Some("0.9"), Some(Stricter)),
        ("metric.min", Some("0.8"), Some("0.7"), Some(Looser)),
        ("metric.min", Some("0.80"), Some("0.8"), None),
        ("metric.min", Some("0.8"), None, Some(Looser)),
        ("metric.min", Some("0.8"), Some("[]"), Some(Other)),
        ("metric.max", Some("0.8"), Some("0.9"), Some(Looser)),
        ("metric.max", None, Some("1"), Some(Stricter)),
        ("drift.maxDriftedShare", Some("0.3"), Some("0"), Some(Stricter)),
        ("approval.required", Some("2"), Some("1"), Some(Looser)),
        ("tests.againstAdmitted.maxFewer", Some("0"), Some("2"), Some(Looser)),
        ("tests.againstAdmitted.maxFewer", None, Some("0"), Some(Stricter)),
        ("tests.againstAdmitted.maxFewer", Some("0"), None, Some(Looser)),
        ("vulnerabilities.maxCritical", Some("0"), Some("5"), Some(Looser)),
        ("vulnerabilities.maxCritical", Some("5"), Some("0"), Some(Stricter)),
        ("vulnerabilities.maxHigh", Some("5"), None, Some(Looser)),
        ("vulnerabilities.maxScanAge", Some("60s"), Some("120s"), Some(Looser)),
        ("vulnerabilities.onlyFixable", Some("false"), Some("true"), Some(Looser)),
        ("vulnerabilities.allowUnscanned", Some("true"), Some("false"), Some(Stricter)),
        ("tests.aboutModel", Some("true"), None, Some(Looser)),
        ("fairness.confidence", Some("0.95"), None, Some(Looser)),
        ("drift.method", Some("PSI"), Some("KolmogorovSmirnov"), Some(Other)),
        ("approval.binds", Some("Revision"), Some("Model"), Some(Looser)),
        ("dataContract.extraColumns", Some("Allow"), Some("Forbid"), Some(Stricter)),
        ("expression.message", Some("a"), Some("b"), None),
        ("unknown.field", Some("1"), Some("2"), Some(Other)),
    ];
    for (field, from, to, expected) in cases {
        assert_eq!(told(field, from, to, &[]), expected, "{field} {from:?} {to:?}");
    }
    let anonymity = [("anonymity.l", "1")];
    assert_eq!(told("privacy.anonymity.k", Some("10"), Some("2"), &anonymity), Some(Looser));
    let data = [("personalData.detectors", "[]")];
    assert_eq!(told("privacy.personalData.maxShare", Some("0"), Some("0.05"), &data), Some(Looser));
    // The first release is compared with nothing then.
    let stability = [("stability.reference", "r")];
    assert_eq!(told("explainability.stability.againstAdmitted", None, Some("true"), &stability), Some(Other));
}

#[test]
fn what_stands_beside_says_which_way() {
    use Change::{Looser, Other, Stricter};
    let size = |small, from, to| told("fairness.minGroupSize", Some(from), Some(to), &[("smallGroups", small)]);
    assert_eq!(size("Inconclusive", "30", "300"), Some(Stricter));
    assert_eq!(size("Inconclusive", "300", "30"), Some(Looser));
    assert_eq!(size("LeaveOut", "30", "300"), Some(Looser));
    assert_eq!(size("LeaveOut", "300", "30"), Some(Other));
    let threshold = |compare, from, to| {
        told("drift.threshold", Some(from), Some(to), &[("compare", compare), ("method", "ChiSquare")])
    };
    assert_eq!(threshold("Statistic", "0.1", "0.2"), Some(Looser));
    assert_eq!(threshold("PValue", "0.05", "0.01"), Some(Looser));
    assert_eq!(threshold("PValue", "0.01", "0.05"), Some(Stricter));
    let gone: Settings = [("metric.againstBaseline.evidence".to_owned(), "b".to_owned())].into();
    let [(change, words)] = &compared(&gone, &Settings::new())[..] else { panic!() };
    assert_eq!((*change, words.as_str()), (Looser, "metric.againstBaseline asked -> nothing"));
    let lineage = Some(r#"{"declared":[]}"#);
    assert_eq!(told("provenance.lineage", lineage, None, &[]), Some(Looser));
    assert_eq!(told("provenance.lineage", None, lineage, &[]), Some(Stricter));
}

#[test]
fn lists_say_which_way() {
    // None asks for one that is known, which a list need not be.
    let beside = [("declared.storage.property", "encryption")];
    let ways = |from, to| told("privacy.declared.storage.encryption", from, to, &beside);
    assert_eq!((ways(None, Some(r#"["n/a"]"#)), ways(Some(r#"["aes"]"#), None)), (Some(Other), Some(Other)));
    use Change::{Looser, Other, Stricter};
    let (a, b) = (r#"[{"name":"a"}]"#, r#"[{"name":"b"}]"#);
    let (both, other) = (r#"[{"name":"a"},{"name":"b"}]"#, r#"[{"name":"a","x":2}]"#);
    let (bare, clear) = (r#"[{"a":1}]"#, r#"[{"a":1,"clearText":{"b":2}}]"#);
    let sections = |words: u32| format!(r#"[{{"heading":"A","minWords":{words}}}]"#);
    let excused = |day: u32| format!(r#"[{{"id":"CVE-1","until":"2027-01-{day:02}T00:00:00Z"}}]"#);
    let (few, many, soon, late) = (sections(5), sections(50), excused(1), excused(20));
    let cases = [
        ("tests.suites", Some(r#"["a","b"]"#), Some(r#"["a"]"#), Some(Looser)),
        ("tests.suites", Some(r#"["a"]"#), Some(r#"["b","a"]"#), Some(Stricter)),
        ("tests.suites", Some(r#"["a","b"]"#), Some(r#"["b","a"]"#), None),
        ("documentation.sections", Some(&*many), Some(&*few), Some(Looser)),
        ("documentation.sections", Some(&*few), Some(&*many), Some(Stricter)),
        ("vulnerabilities.exceptions", None, Some(&*soon), Some(Looser)),
        ("vulnerabilities.exceptions", Some(&*soon), Some(&*late), Some(Looser)),
        ("vulnerabilities.exceptions", Some(&*late), Some(&*soon), Some(Stricter)),
        ("approval.groups", Some(r#"["a"]"#), Some(r#"["a","b"]"#), Some(Looser)),
        ("approval.groups", Some(r#"["a","b"]"#), Some(r#"["b"]"#), Some(Stricter)),
        ("dataContract.ignore", Some(r#"["a"]"#), None, Some(Stricter)),
        ("provenance.builders", Some(r#"["a*"]"#), Some(r#"["ab"]"#), Some(Other)),
        ("documentation.licenses", None, Some(r#"["MIT"]"#), Some(Stricter)),
        ("privacy.declared.storage.encryption", Some(r#"["aes","n/a"]"#), Some(r#"["aes"]"#), Some(Stricter)),
        ("documentation.licenses", Some(r#"["MIT"]"#), None, Some(Looser)),
        ("documentation.licenses", Some(r#"["MIT"]"#), Some(r#"["MIT","0BSD"]"#), Some(Looser)),
        ("documentation.licenses", Some(r#"["MIT","0BSD"]"#), Some(r#"["0BSD"]"#), Some(Stricter)),
        ("provenance.identities", Some(a), Some(both), Some(Looser)),
        ("provenance.identities", Some(both), Some(b), Some(Stricter)),
        ("provenance.identities", Some(a), Some(other), Some(Other)),
        ("provenance.identities", Some(a), Some(b), Some(Looser)),
        ("provenance.authorities", None, Some(a), Some(Looser)),
        ("provenance.keys", Some(a), None, Some(Stricter)),
        ("provenance.logs", None, Some(a), Some(Stricter)),
        ("provenance.logs", Some(a), None, Some(Looser)),
        ("provenance.logs", Some(a), Some(both), Some(Looser)),
        ("privacy.redacted", Some(bare), Some(clear), Some(Stricter)),
        ("privacy.redacted", Some(clear), Some(bare), Some(Looser)),
        ("privacy.redacted", Some(bare), Some(r#"[{"a":1},{"a":2}]"#), Some(Stricter)),
        ("privacy.redacted", Some(bare), Some(r#"[{"a":2}]"#), Some(Other)),
        ("privacy.redacted", Some(clear), Some(r#"[{"a":1,"clearText":{"b":3}}]"#), Some(Other)),
    ];
    for (field, from, to, expected) in cases {
        assert_eq!(told(field, from, to, &[]), expected, "{field} {from:?} {to:?}");
    }
    let detectors = [("personalData.maxShare", "0")];
    let field = "privacy.personalData.detectors";
    assert_eq!(told(field, Some(r#"["Email","Iban"]"#), Some(r#"["Email"]"#), &detectors), Some(Looser));
}
