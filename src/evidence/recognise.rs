//! `format: auto`: which of the known formats a document is, told from its bytes alone.

use super::{EvidenceError, json};
use crate::policy::{Format, Subject};
use serde_json::Value;
use std::borrow::Cow;

/// A document and the format it is taken for.
#[derive(Debug)]
pub struct Recognised<'a> {
    pub format: Format,
    pub body: Body<'a>,
}

/// What the syntax gave.
#[derive(Debug)]
pub enum Body<'a> {
    Json(Value),
    /// One JSON document a line.
    Lines(Vec<Value>),
    Xml(&'a str),
    Text(&'a str),
}

/// The format of a document that is asked for one subject. `named` is what the policy calls it, if it does;
/// the document's own look is then not consulted.
///
/// # Errors
/// Those of [`super::text`] and [`json::parse`]; `OtherFormat` for what cannot answer the subject;
/// `Unrecognised` for what looks like nothing known.
pub fn recognise<'a>(
    bytes: &'a [u8],
    named: Option<Format>,
    subject: Subject,
) -> Result<Recognised<'a>, EvidenceError> {
    let body = body(bytes, subject)?;
    let format = match named {
        Some(format) => format,
        None => look(&body, subject)?,
    };
    if format.holds(subject) {
        Ok(Recognised { format, body })
    } else {
        Err(EvidenceError::OtherFormat { format, subject })
    }
}

fn body(bytes: &[u8], subject: Subject) -> Result<Body<'_>, EvidenceError> {
    let text = super::text(bytes)?;
    let start = text.trim_start();
    if start.starts_with('<') && subject == Subject::Tests {
        return Ok(Body::Xml(text));
    }
    if !start.starts_with(['{', '[']) {
        return Ok(Body::Text(text));
    }
    // Lines are told by two whole objects on the first two lines that hold anything.
    let mut filled = start.lines().map(str::trim).filter(|line| !line.is_empty());
    let whole = filled.next().is_some_and(|line| line.starts_with('{') && line.ends_with('}'));
    let lines = whole && filled.next().is_some_and(|line| line.starts_with('{'));
    // Reports of tests carry what was measured along, NaN and all; what decides in them are words and counts.
    let text = if subject == Subject::Tests { json::without_nan(text) } else { Cow::Borrowed(text) };
    if lines {
        json::parse_lines(text.as_bytes()).map(Body::Lines)
    } else {
        json::parse(text.as_bytes()).map(Body::Json)
    }
}

fn look(body: &Body<'_>, subject: Subject) -> Result<Format, EvidenceError> {
    let unrecognised = |syntax| Err(EvidenceError::Unrecognised { syntax, subject });
    match body {
        Body::Json(value) => match json_format(value).or_else(|| line_format(value)) {
            Some(format) => Ok(format),
            None => match subject {
                Subject::Metrics => Ok(Format::Json),
                Subject::Explanation if listed_importances(value) => Ok(Format::Json),
                Subject::Explanation
                | Subject::Tests
                | Subject::Vulnerabilities
                | Subject::Documentation
                | Subject::Provenance
                | Subject::Contract => unrecognised("JSON"),
            },
        },
        Body::Lines(lines) => match lines.iter().find_map(line_format) {
            Some(format) => Ok(format),
            None => unrecognised("JSON lines"),
        },
        Body::Xml(_) => Ok(Format::JUnit),
        Body::Text(text) => match subject {
            Subject::Documentation if text.starts_with("---") => Ok(Format::HuggingFace),
            Subject::Documentation => Ok(Format::Markdown),
            Subject::Metrics if text.starts_with("---") => Ok(Format::HuggingFace),
            Subject::Metrics | Subject::Explanation => Ok(Format::Csv),
            Subject::Tests | Subject::Vulnerabilities | Subject::Provenance | Subject::Contract => unrecognised("text"),
        },
    }
}

fn has(value: &Value, keys: &[&str]) -> bool {
    keys.iter().all(|key| value.get(key).is_some())
}

fn says(value: &Value, key: &str, start: &str) -> bool {
    value.get(key).and_then(Value::as_str).is_some_and(|text| text.starts_with(start))
}

fn first<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    value.get(key)?.as_array()?.first()
}

/// Most telling marks first. A mark is a key that the format always writes and others do not.
fn json_format(value: &Value) -> Option<Format> {
    let first_has = |key: &str, inner: &str| first(value, key).is_some_and(|item| item.get(inner).is_some());
    let marks: [(Format, bool); 32] = [
        (Format::Explanation, says(value, "schema", "modelgate.dev/explanation/")),
        (Format::Sarif, says(value, "$schema", "http") && has(value, &["runs"]) || has(value, &["version", "runs"])),
        (Format::CycloneDx, says(value, "bomFormat", "CycloneDX")),
        (Format::Spdx, has(value, &["@graph"]) && spdx_context(value)),
        (Format::Croissant, croissant(value)),
        (Format::InTotoTestResult, says(value, "predicateType", "https://in-toto.io/attestation/test-result/")),
        (Format::InTotoVulns, says(value, "predicateType", "https://in-toto.io/attestation/vulns/")),
        (Format::Trivy, has(value, &["SchemaVersion"]) && (has(value, &["Results"]) || has(value, &["ArtifactName"]))),
        (Format::Grype, has(value, &["matches", "descriptor"])),
        (Format::CargoAudit, has(value, &["database", "lockfile", "vulnerabilities"])),
        (Format::PipAudit, first_has("dependencies", "name") && !has(value, &["results"])),
        (Format::Bandit, has(value, &["results", "metrics"]) && value["metrics"].get("_totals").is_some()),
        (Format::Osv, has(value, &["results", "experimental_config"]) || osv_results(value)),
        (Format::GreatExpectations, has(value, &["success", "results", "statistics"])),
        (Format::GreatExpectations, has(value, &["success", "run_results"])),
        (Format::Deepchecks, first_has("results", "check") && has(value, &["name"])),
        (Format::Inspect, has(value, &["version", "status", "eval"])),
        (Format::Promptfoo, has(value, &["evalId", "results"])),
        (Format::LmEval, has(value, &["results"]) && (has(value, &["n-shot"]) || has(value, &["higher_is_better"]))),
        (Format::Evidently, first_has("metrics", "metric_name")),
        (Format::Evidently, first_has("tests", "metric_config")),
        (Format::EvidentlyLegacy, first(value, "metrics").is_some_and(|item| has(item, &["metric", "result"]))),
        (Format::EvidentlyLegacy, has(value, &["tests"]) && value["summary"].get("all_passed").is_some()),
        (Format::MlFlow, has(value.get("run").unwrap_or(value), &["info", "data"])),
        (Format::ModelCardToolkit, has(value, &["model_details"])),
        (Format::ModelPack, has(value, &["descriptor", "modelfs"])),
        (Format::Presidio, presidio(value)),
        (Format::Kubeflow, first_has("metrics", "numberValue") || kubeflow_artefacts(value)),
        (Format::Aif360, has(value, &["metric", "message", "ideal"])),
        (Format::Alibi, value.get("meta").is_some_and(|meta| has(meta, &["name"])) && has(value, &["data"])),
        (Format::PermutationImportance, has(value, &["importances_mean"])),
        (Format::InterpretMl, has(value, &["names", "scores", "type"])),
    ];
    let shap = has(value, &["values", "feature_names"]).then_some(Format::Shap);
    marks.into_iter().find_map(|(format, marked)| marked.then_some(format)).or(shap)
}

/// An object of names and numbers may be anything; as importances it is read only where the policy says so.
fn listed_importances(value: &Value) -> bool {
    value.get(0).is_some_and(|item| has(item, &["feature", "importance"]))
}

/// Formats whose documents are lines; one line alone may look like a whole document.
fn line_format(value: &Value) -> Option<Format> {
    if has(value, &["entry_type"]) {
        Some(Format::Garak)
    } else if has(value, &["eventTime", "run", "job"]) {
        Some(Format::OpenLineage)
    } else if says(value, "predicateType", "https://in-toto.io/attestation/test-result/") {
        Some(Format::InTotoTestResult)
    } else {
        attestation(value)
    }
}

/// What may hold a statement about where something comes from.
pub(super) fn attestation(value: &Value) -> Option<Format> {
    if says(value, "mediaType", "application/vnd.dev.sigstore.bundle") {
        Some(Format::SigstoreBundle)
    } else if has(value, &["payloadType", "payload"]) {
        Some(Format::Dsse)
    } else if says(value, "_type", "https://in-toto.io/Statement/") {
        Some(Format::InTotoStatement)
    } else {
        None
    }
}

fn spdx_context(value: &Value) -> bool {
    let spdx = |text: &Value| text.as_str().is_some_and(|text| text.contains("spdx.org"));
    value.get("@context").is_some_and(|context| spdx(context) || context.as_array().is_some_and(|c| c.iter().any(spdx)))
}

fn croissant(value: &Value) -> bool {
    let conforms = |text: &Value| text.as_str().is_some_and(|text| text.contains("mlcommons.org/croissant"));
    let declared = value.get("conformsTo").or_else(|| value.get("dct:conformsTo"));
    declared.is_some_and(|to| conforms(to) || to.as_array().is_some_and(|to| to.iter().any(conforms)))
}

/// Findings in one text, or in several. An empty list may be anything.
fn presidio(value: &Value) -> bool {
    let found = |item: &Value| has(item, &["entity_type", "start", "end", "score"]);
    let mut texts = value.as_array().into_iter().flatten();
    texts.any(|item| found(item) || item.get(0).is_some_and(found))
}

/// What a component of Kubeflow Pipelines 2 hands on: artefacts by name, each a list.
fn kubeflow_artefacts(value: &Value) -> bool {
    let artefacts = value.get("artifacts").and_then(Value::as_object);
    artefacts.is_some_and(|all| all.values().any(|one| first(one, "artifacts").is_some_and(|a| has(a, &["metadata"]))))
}

/// An OSV-Scanner report of nothing is `{"results": []}` with nothing else that tells it.
fn osv_results(value: &Value) -> bool {
    match value.get("results").and_then(Value::as_array) {
        Some(results) => match results.first() {
            Some(result) => has(result, &["source", "packages"]) || has(result, &["packageSource", "packages"]),
            None => value.as_object().is_some_and(|object| object.len() == 1),
        },
        None => false,
    }
}
