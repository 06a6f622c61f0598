//! How each field of a check asks, and what the API calls it.

use std::collections::BTreeMap;

/// How a field asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asks {
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
    /// The same, but none asks for any that is known.
    Ways,
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
pub(super) const FIELDS: &[(&str, &[(&str, Asks)])] = &[
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
            ("declared.storage.encryption", Ways),
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
pub type Settings = BTreeMap<String, String>;

/// Settings as they are compiled, by the API's names.
pub fn named(check: &str, settings: Vec<(String, String)>) -> Settings {
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

pub(super) fn asks(field: &str) -> Asks {
    let known = field.split_once('.').and_then(|(check, path)| {
        let (_, fields) = FIELDS.iter().find(|(name, _)| *name == check)?;
        fields.iter().find(|(name, _)| *name == path)
    });
    known.map_or(Unclear, |(_, asks)| *asks)
}
