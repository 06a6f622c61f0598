//! Which way a changed field goes: whether more, less or other things are asked. What is not told apart here is
//! `Other`, never stricter.

use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;

/// What a change does to what is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Change {
    Stricter,
    /// Which way cannot be told by comparing.
    Other,
    Looser,
}

/// How a field asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asks {
    /// At least this number; left out, nothing.
    Least,
    /// At most this number; left out, nothing.
    Most,
    /// True asks more.
    On,
    /// True asks less.
    Off,
    /// These words, the strictest first.
    Words(&'static [&'static str]),
    /// Each entry asks something.
    Each,
    /// The same of entries that each have a least number.
    EachLeast(&'static str),
    /// One of these: a list asks more than none, and more the shorter it is.
    OneOf,
    /// These do not count: each entry asks less.
    Excused,
    /// The same of entries that end at a moment.
    ExcusedUntil(&'static str),
    /// Whom a gate trusts, by name: one more is looser.
    Trusted,
    /// The same, and none asks nothing.
    Logs,
    /// An object that asks more than none.
    Object,
    /// Each entry asks something; none asks something else.
    Chosen,
    /// Rules about tokens, each of which may ask for a comparison with clear text.
    Redacted,
    /// A least size of groups: what smaller ones come to says which way.
    GroupSize,
    /// A bound of a statistic, at most, or of a p-value, at least.
    Threshold,
    /// Words for people.
    Told,
    Unclear,
}

use Asks::*;

/// Fields of each check by the API's names.
const FIELDS: &[(&str, &[(&str, Asks)])] = &[
    (
        "documentation",
        &[
            ("evidence", Unclear),
            ("format", Unclear),
            ("frontMatter", Each),
            ("licenses", OneOf),
            ("sections", EachLeast("minWords")),
            ("topics", EachLeast("minWords")),
            ("linksResolve", On),
            ("bundle", Unclear),
        ],
    ),
    (
        "metric",
        &[
            ("evidence", Unclear),
            ("format", Unclear),
            ("name", Unclear),
            ("min", Least),
            ("max", Most),
            // Compared as min and max.
            ("equal", Unclear),
            ("againstAdmitted", Object),
            ("againstAdmitted.maxDecrease", Most),
            ("againstAdmitted.maxIncrease", Most),
            ("againstAdmitted.relative", Unclear),
            ("againstBaseline", Object),
            ("againstBaseline.evidence", Unclear),
            ("againstBaseline.name", Unclear),
            ("againstBaseline.maxDecrease", Most),
            ("againstBaseline.maxIncrease", Most),
            ("againstBaseline.relative", Unclear),
            ("againstHistory", Object),
            ("againstHistory.maxDeviations", Most),
            ("againstHistory.last", Unclear),
            ("againstHistory.fewest", Unclear),
            ("where", Unclear),
        ],
    ),
    (
        "dataContract",
        &[
            ("contract", Unclear),
            ("contractDigests", OneOf),
            ("version", Unclear),
            ("data", Unclear),
            ("object", Unclear),
            ("extraColumns", Words(&["Forbid", "Allow"])),
            ("forbiddenClassifications", Each),
            ("testedWith", Object),
            ("testedWith.contract", Unclear),
            ("testedWith.digests", OneOf),
            ("testedWith.changes", Words(&["None", "Compatible"])),
            ("ignore", Excused),
            ("where", Unclear),
        ],
    ),
    (
        "fairness",
        &[
            ("evidence", Unclear),
            ("attributes", Each),
            ("measure", Unclear),
            ("min", Least),
            ("max", Most),
            ("minGroupSize", GroupSize),
            ("smallGroups", Words(&["Inconclusive", "LeaveOut"])),
            ("intersections", On),
            ("confidence", Least),
            ("mitigation", Object),
            ("mitigation.unmitigated", Unclear),
            ("mitigation.evidence", Unclear),
            ("where", Unclear),
        ],
    ),
    (
        "drift",
        &[
            ("reference", Unclear),
            ("referenceDigests", OneOf),
            ("current", Unclear),
            ("method", Unclear),
            ("compare", Unclear),
            ("threshold", Threshold),
            // One more makes the share of those that drifted another one.
            ("columns", Unclear),
            ("byColumn", Unclear),
            ("correction", Words(&["None", "BenjaminiHochberg"])),
            ("maxDriftedShare", Most),
            ("where", Unclear),
        ],
    ),
    (
        "explainability",
        &[
            ("evidence", Unclear),
            ("format", Unclear),
            ("aboutModel", On),
            ("data", Unclear),
            ("features", Each),
            ("maxShare", Most),
            ("minFeatures", Least),
            ("stability", Object),
            ("stability.reference", Unclear),
            ("stability.referenceDigests", OneOf),
            // The first release is compared with nothing then.
            ("stability.againstAdmitted", Unclear),
            ("stability.minRankCorrelation", Least),
            ("stability.overlap", Object),
            ("stability.overlap.top", Unclear),
            ("stability.overlap.min", Least),
            ("minCases", Least),
            ("cases", Each),
        ],
    ),
    (
        "privacy",
        &[
            ("evidence", Unclear),
            ("personalData", Object),
            ("personalData.detectors", Each),
            ("personalData.columns", Chosen),
            ("personalData.except", Excused),
            ("personalData.maxShare", Most),
            ("personalData.maxCells", Most),
            ("redacted", Redacted),
            ("allowedColumns", OneOf),
            ("anonymity", Object),
            ("anonymity.quasiIdentifiers", Each),
            ("anonymity.k", Least),
            ("anonymity.sensitive", Each),
            ("anonymity.l", Least),
            ("declared", Object),
            ("declared.evidence", Unclear),
            ("declared.digests", OneOf),
            ("declared.consent", Object),
            ("declared.consent.property", Unclear),
            ("declared.consent.uses", Chosen),
            ("declared.retention", Object),
            ("declared.retention.property", Unclear),
            ("declared.retention.minDays", Least),
            ("declared.storage", Object),
            ("declared.storage.property", Unclear),
            ("declared.storage.encryption", OneOf),
        ],
    ),
    (
        "tests",
        &[
            ("evidence", Unclear),
            ("format", Unclear),
            ("suites", Each),
            ("maxFailed", Most),
            ("allowWarnings", Off),
            ("maxSkipped", Most),
            ("minTests", Least),
            ("aboutModel", On),
            ("againstAdmitted", Object),
            ("againstAdmitted.maxFewer", Most),
            ("againstAdmitted.maxMoreSkipped", Most),
        ],
    ),
    (
        "vulnerabilities",
        &[
            ("evidence", Unclear),
            ("format", Unclear),
            ("maxCritical", Most),
            ("maxHigh", Most),
            ("maxMedium", Most),
            ("maxLow", Most),
            ("maxKnownExploited", Most),
            // A severity that is not bounded may count for less than a lower one that is.
            ("unratedAs", Unclear),
            ("onlyFixable", Off),
            ("maxScanAge", Most),
            ("maxDatabaseAge", Most),
            ("aboutModel", On),
            ("allowUnscanned", Off),
            ("allowSuppressed", Off),
            ("statements", Excused),
            ("exceptions", ExcusedUntil("until")),
        ],
    ),
    (
        "provenance",
        &[
            ("evidence", Unclear),
            ("keys", Trusted),
            ("identities", Trusted),
            ("authorities", Trusted),
            // Compared as authorities and logs.
            ("trustedRoot", Unclear),
            ("logs", Logs),
            ("timestampAuthorities", Trusted),
            ("certificateLogs", Logs),
            ("threshold", Least),
            ("aboutModel", On),
            ("subjects", Each),
            ("predicateTypes", OneOf),
            ("builders", OneOf),
            ("sources", OneOf),
            ("maxAge", Most),
            ("lineage", Object),
            ("lineage.declared", Excused),
        ],
    ),
    ("expression", &[("expression", Unclear), ("message", Told), ("evidence", Unclear)]),
    (
        "job",
        &[
            ("image", Unclear),
            ("command", Unclear),
            ("args", Unclear),
            ("env", Unclear),
            ("evidence", Unclear),
            ("resources", Unclear),
            ("resources.requests", Unclear),
            ("resources.limits", Unclear),
            ("nodeSelector", Unclear),
            ("tolerations", Unclear),
            ("timeout", Unclear),
            ("imagePullSecrets", Unclear),
            ("min", Least),
            ("max", Most),
        ],
    ),
    ("approval", &[("groups", OneOf), ("required", Least), ("binds", Words(&["Revision", "Model"]))]),
    ("prometheus", &[("provider", Unclear), ("query", Unclear), ("min", Least), ("max", Most)]),
];

/// What compiled checks call otherwise than the API.
const RENAMED: &[(&str, &str)] = &[
    ("vulnerabilities.allowed.critical", "vulnerabilities.maxCritical"),
    ("vulnerabilities.allowed.high", "vulnerabilities.maxHigh"),
    ("vulnerabilities.allowed.medium", "vulnerabilities.maxMedium"),
    ("vulnerabilities.allowed.low", "vulnerabilities.maxLow"),
    ("vulnerabilities.allowed.knownExploited", "vulnerabilities.maxKnownExploited"),
    ("vulnerabilities.maxScanAgeSeconds", "vulnerabilities.maxScanAge"),
    ("vulnerabilities.maxDatabaseAgeSeconds", "vulnerabilities.maxDatabaseAge"),
    ("provenance.maxAgeSeconds", "provenance.maxAge"),
    ("job.timeoutSeconds", "job.timeout"),
    ("job.requests", "job.resources.requests"),
    ("job.limits", "job.resources.limits"),
    ("dataContract.noExtraColumns", "dataContract.extraColumns"),
    ("privacy.personalData.columns.only", "privacy.personalData.columns"),
    ("privacy.personalData.columns.allBut", "privacy.personalData.except"),
    ("privacy.personalData.most.share", "privacy.personalData.maxShare"),
    ("privacy.personalData.most.count", "privacy.personalData.maxCells"),
];

/// Values of a check by the API's names, `vulnerabilities.maxCritical`; times end in `s`.
pub(super) type Settings = BTreeMap<String, String>;

/// Settings as they are compiled, by the API's names.
pub(super) fn named(check: &str, settings: Vec<(String, String)>) -> Settings {
    let named = |(name, value): (String, String)| {
        let inside = format!("{check}.{name}");
        let renamed = RENAMED.iter().find_map(|(from, to)| {
            let rest = inside.strip_prefix(from)?;
            (rest.is_empty() || rest.starts_with('.')).then(|| format!("{to}{rest}"))
        });
        let value = match name.as_str() {
            "noExtraColumns" => if value == "true" { "Forbid" } else { "Allow" }.to_owned(),
            name if name.ends_with("Seconds") => format!("{value}s"),
            _ => value,
        };
        (renamed.unwrap_or(inside), value)
    };
    // Every column but none: as when nothing is said.
    settings.into_iter().filter(|(name, _)| name != "personalData.columns").map(named).collect()
}

fn asks(field: &str) -> Asks {
    let known = field.split_once('.').and_then(|(check, path)| {
        let (_, fields) = FIELDS.iter().find(|(name, _)| *name == check)?;
        fields.iter().find(|(name, _)| *name == path)
    });
    known.map_or(Unclear, |(_, asks)| *asks)
}

/// Every field that differs, with its values: an object that is new or gone is one.
pub(super) fn compared(old: &Settings, new: &Settings) -> Vec<(Change, String)> {
    let mut found = Vec::new();
    let mut told: Vec<String> = Vec::new();
    for name in old.keys().chain(new.keys().filter(|name| !old.contains_key(*name))) {
        if let Some((object, change)) = of_object(name, old, new) {
            if !told.contains(&object) {
                let words = if change == Change::Stricter { "nothing -> asked" } else { "asked -> nothing" };
                found.push((change, format!("{object} {words}")));
                told.push(object);
            }
            continue;
        }
        let (from, to) = (old.get(name), new.get(name));
        if let Some(change) = direction(name, from, to, (old, new)) {
            let shown =
                |value: Option<&String>| value.map_or("nothing".to_owned(), |value| super::explain::abridged(value));
            found.push((change, format!("{name} {} -> {}", shown(from), shown(to))));
        }
    }
    found
}

/// The outermost object with this field that only one side has.
fn of_object(name: &str, old: &Settings, new: &Settings) -> Option<(String, Change)> {
    let has = |all: &Settings, object: &str| {
        all.keys().any(|name| name == object || name.strip_prefix(object).is_some_and(|rest| rest.starts_with('.')))
    };
    let ends = name.match_indices('.').map(|(end, _)| end).chain([name.len()]);
    ends.map(|end| &name[..end]).filter(|object| asks(object) == Object).find_map(|object| {
        match (has(old, object), has(new, object)) {
            (false, true) => Some((object.to_owned(), Change::Stricter)),
            (true, false) => Some((object.to_owned(), Change::Looser)),
            (true, true) | (false, false) => None,
        }
    })
}

/// None when both say the same.
fn direction(
    name: &str,
    from: Option<&String>,
    to: Option<&String>,
    (old, new): (&Settings, &Settings),
) -> Option<Change> {
    if from == to {
        return None;
    }
    let beside = |all: &Settings, field: &str| {
        let (parent, _) = name.rsplit_once('.')?;
        all.get(&format!("{parent}.{field}")).cloned()
    };
    let both =
        |field: &str, value: &str| [old, new].into_iter().all(|all| beside(all, field).as_deref() == Some(value));
    match asks(name) {
        Least => bound(from, to, true),
        Most => bound(from, to, false),
        On => Some(word(&["true", "false"], from, to)),
        Off => Some(word(&["false", "true"], from, to)),
        Words(words) => Some(word(words, from, to)),
        EachLeast(number) => listed(from, to, |from, to| of_each(from, to, |one, other| at_least(number, one, other))),
        OneOf => listed(from, to, one_of),
        // The other way round: whatever is let off was let off before.
        Excused => listed(from, to, |from, to| of_each(to, from, |one, other| one == other)),
        ExcusedUntil(end) => listed(from, to, |from, to| of_each(to, from, |one, other| no_later(end, one, other))),
        Trusted => listed(from, to, trusted),
        Logs => listed(from, to, |from, to| match (from.is_empty(), to.is_empty()) {
            (true, false) => Change::Stricter,
            (false, true) => Change::Looser,
            (true, true) | (false, false) => trusted(from, to),
        }),
        Chosen if from.is_none() || to.is_none() => Some(Change::Other),
        Each | Chosen => listed(from, to, |from, to| of_each(from, to, |one, other| one == other)),
        Redacted => listed(from, to, redacted),
        GroupSize if both("smallGroups", "Inconclusive") => bound(from, to, true),
        // Groups that are left out are asked nothing; one that no longer is may be all that can be told.
        GroupSize => bound(from, to, true).map(|change| match change {
            Change::Stricter => Change::Looser,
            Change::Other | Change::Looser => Change::Other,
        }),
        Threshold if beside(old, "method") != beside(new, "method") => Some(Change::Other),
        Threshold if both("compare", "Statistic") => bound(from, to, false),
        Threshold if both("compare", "PValue") => bound(from, to, true),
        // Whether an object is there is told before; what is in it, by its fields.
        Told | Object => None,
        Threshold | Unclear => Some(Change::Other),
    }
}

/// A bound that appears is stricter, one that goes is looser; equal numbers are the same however they are written.
fn bound(from: Option<&String>, to: Option<&String>, rises: bool) -> Option<Change> {
    let number = |text: &String| text.strip_suffix('s').unwrap_or(text).parse::<f64>().ok().filter(|n| n.is_finite());
    match (from, to) {
        (None, None) => None,
        (None, Some(_)) => Some(Change::Stricter),
        (Some(_), None) => Some(Change::Looser),
        (Some(from), Some(to)) => match (number(from), number(to)) {
            (Some(from), Some(to)) if from == to => None,
            (Some(from), Some(to)) if (to > from) == rises => Some(Change::Stricter),
            (Some(_), Some(_)) => Some(Change::Looser),
            (_, _) => Some(Change::Other),
        },
    }
}

/// A word that is left out is what the API says it is then: a switch is off.
fn word(strictest_first: &[&str], from: Option<&String>, to: Option<&String>) -> Change {
    let place = |word: Option<&String>| {
        let word = word.map_or("false", String::as_str);
        strictest_first.iter().position(|known| *known == word)
    };
    match (place(from), place(to)) {
        (Some(from), Some(to)) if to < from => Change::Stricter,
        (Some(_), Some(_)) => Change::Looser,
        (_, _) => Change::Other,
    }
}

/// Lists, where none is an empty one. The same entries in another order are the same.
fn listed(from: Option<&String>, to: Option<&String>, change: impl Fn(&[Value], &[Value]) -> Change) -> Option<Change> {
    let list =
        |text: Option<&String>| text.map_or(Some(Vec::new()), |text| serde_json::from_str::<Vec<Value>>(text).ok());
    let (Some(from), Some(to)) = (list(from), list(to)) else { return Some(Change::Other) };
    let within = |some: &[Value], all: &[Value]| some.iter().all(|one| all.contains(one));
    if from.len() == to.len() && within(&from, &to) && within(&to, &from) { None } else { Some(change(&from, &to)) }
}

/// Stricter when everything that was asked still is; `holds` says whether the second entry asks all that the first did.
fn of_each(from: &[Value], to: &[Value], holds: impl Fn(&Value, &Value) -> bool) -> Change {
    let kept = from.iter().all(|one| to.iter().any(|other| holds(one, other)));
    if kept { Change::Stricter } else { Change::Looser }
}

fn one_of(from: &[Value], to: &[Value]) -> Change {
    let within = |some: &[Value], all: &[Value]| some.iter().all(|one| all.contains(one));
    // `*` at the end stands for any ending: one pattern may hold another.
    let pattern = |one: &Value| one.as_str().is_some_and(|text| text.ends_with('*'));
    match (from.is_empty(), to.is_empty()) {
        (true, _) => Change::Stricter,
        (_, true) => Change::Looser,
        (false, false) if within(to, from) => Change::Stricter,
        (false, false) if !within(from, to) && from.iter().any(pattern) => Change::Other,
        (false, false) => Change::Looser,
    }
}

fn without(value: &Value, field: &str) -> Value {
    let mut value = value.clone();
    if let Some(fields) = value.as_object_mut() {
        fields.remove(field);
    }
    value
}

/// The same, with a number that is at least as high.
fn at_least(number: &str, one: &Value, other: &Value) -> bool {
    let least = |value: &Value| value.get(number).and_then(Value::as_u64);
    without(one, number) == without(other, number)
        && least(other).zip(least(one)).is_some_and(|(other, one)| other >= one)
}

/// The same, that ends at the same moment or before.
fn no_later(end: &str, one: &Value, other: &Value) -> bool {
    let until = |value: &Value| value.get(end).and_then(Value::as_str)?.parse::<Timestamp>().ok();
    without(one, end) == without(other, end) && until(one).zip(until(other)).is_some_and(|(one, other)| one <= other)
}

fn trusted(from: &[Value], to: &[Value]) -> Change {
    let named = |all: &[Value], one: &Value| all.iter().any(|other| other["name"] == one["name"]);
    if to.iter().any(|one| !named(from, one)) {
        Change::Looser
    } else if to.iter().all(|one| from.contains(one)) {
        Change::Stricter
    } else {
        Change::Other
    }
}

fn redacted(from: &[Value], to: &[Value]) -> Change {
    let within = |some: &[Value], all: &[Value]| some.iter().all(|one| all.contains(one));
    let bare = |rules: &[Value]| rules.iter().map(|rule| without(rule, "clearText")).collect::<Vec<_>>();
    let moved = |one: &Value, other: &Value| one["clearText"].is_null() || one["clearText"] == other["clearText"];
    let pairs = || from.iter().zip(to);
    if within(from, to) {
        Change::Stricter
    } else if within(to, from) {
        Change::Looser
    } else if bare(from) != bare(to) {
        Change::Other
    } else if pairs().all(|(before, after)| moved(before, after)) {
        Change::Stricter
    } else if pairs().all(|(before, after)| moved(after, before)) {
        Change::Looser
    } else {
        Change::Other
    }
}

#[cfg(test)]
mod tests {
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
}
