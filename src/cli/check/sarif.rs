//! The verdict as SARIF 2.1.0 (OASIS, <https://docs.oasis-open.org/sarif/sarif/v2.1.0/>): a rule for each
//! gate, a result for each that is not passed.

use super::sentence;
use crate::cli::offline::Verdict;
use crate::policy::{Enforcement, Outcome};
use crate::release::decision::Row;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Code scanning shows the results beside the file that the release stands in.
pub(super) fn log(verdicts: &[Verdict]) -> Value {
    let mut rules = BTreeMap::new();
    let mut results = Vec::new();
    for verdict in verdicts {
        let release = format!("{}/{}", verdict.release.namespace, verdict.release.name);
        let file = &verdict.release.file;
        if verdict.document.is_none() {
            rules.insert("evaluation".to_owned(), rule("evaluation", "The release can be evaluated"));
            let text = format!("ModelRelease {release}: {}", sentence(verdict));
            results.push(result("evaluation", "error", &text, file, &release));
        }
        for row in &verdict.report.rows {
            let id = row.key.to_string();
            rules.insert(id.clone(), rule(&id, &format!("{} gate {id}", row.check)));
            if let Some(level) = level(row) {
                let text = format!("ModelRelease {release}: {}: {}", row.reason, row.message);
                results.push(result(&id, level, &text, file, &release));
            }
        }
    }
    let driver = json!({
        "name": "modelgate",
        "version": env!("CARGO_PKG_VERSION"),
        "rules": rules.into_values().collect::<Vec<_>>(),
    });
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    })
}

fn rule(id: &str, text: &str) -> Value {
    json!({"id": id, "shortDescription": {"text": text}})
}

fn result(rule: &str, level: &str, text: &str, file: &str, release: &str) -> Value {
    let mut location = json!({"logicalLocations": [{"fullyQualifiedName": release}]});
    // The standard input is no file that a result can be shown beside.
    if file != "-" {
        location["physicalLocation"] = json!({"artifactLocation": {"uri": uri(file)}, "region": {"startLine": 1}});
    }
    json!({
        "ruleId": rule,
        "level": level,
        "message": {"text": plain(text)},
        "locations": [location],
        "partialFingerprints": {"gate/v1": format!("{release} {rule}")},
    })
}

fn level(row: &Row) -> Option<&'static str> {
    match (row.outcome, row.enforcement) {
        (Outcome::Pass | Outcome::Skipped, _) => None,
        // People are not asked here.
        (_, _) if row.check == "approval" => None,
        (Outcome::Warn, _) | (_, Enforcement::Warn) => Some("warning"),
        (_, Enforcement::Audit) => Some("note"),
        (Outcome::Inconclusive | Outcome::Missing | Outcome::Error | Outcome::Fail, Enforcement::Enforce) => {
            Some("error")
        }
    }
}

/// A plain text message: brackets would make links (section 3.11.6).
fn plain(text: &str) -> String {
    text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
}

/// A relative reference to a file (RFC 3986, sections 2.1 and 4.2).
fn uri(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let part = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    path.bytes().map(part).collect()
}
