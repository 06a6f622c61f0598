//! Data contracts, and tables that are held to one.

use super::gates_beside;
use crate::bench::{Bench, gate};
use crate::corpus::{Seed, file, folder, lines};
use crate::properties::{lines as json_lines, table, text};
use modelgate::evidence::contract;
use modelgate::policy::Gate;
use serde_json::{Value, json};

const FIXTURES: &str = "tests/fixtures/contracts";
const EVIDENCE: &str = "examples/mortgage/evidence";

fn asked(contract: &str, data: &str, more: &Value) -> Value {
    let mut check = json!({"contract": contract, "data": data, "ignore": ["text", "sql", "sla"]});
    check.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "dataContract": check })
}

/// Only tables that keep it pass, and only contracts that can be read do.
#[test]
fn contracts() {
    let bench = Bench::new()
        .with("applications", &file(&format!("{FIXTURES}/applications.csv")).bytes)
        .with("training", &lines(&format!("{EVIDENCE}/v3/training.csv"), 600).bytes)
        .with("tested", &file(&format!("{FIXTURES}/mortgage.odcs.yaml")).bytes);
    let tested = json!({"testedWith": {"contract": "tested", "changes": "Compatible"}});
    let all: [Gate; 3] = [
        gate("applications", asked("input", "applications", &json!({"noExtraColumns": true}))),
        gate("training", asked("input", "training", &json!({"forbiddenClassifications": ["restricted"]}))),
        gate("moved", asked("input", "training", &tested)),
    ];
    let mut seeds: Vec<Seed> = folder(FIXTURES).into_iter().filter(|seed| seed.name.ends_with(".yaml")).collect();
    let readable = |bytes: &[u8]| text(bytes).is_some() && contract::read(bytes).is_ok();
    gates_beside("contracts", &mut seeds, bench, &all, None, readable);
}

fn held(contract: &str) -> Bench {
    Bench::new().with("contract", &file(&format!("{FIXTURES}/{contract}.odcs.yaml")).bytes)
}

#[test]
fn contract_csv() {
    let all = [gate("applications", asked("contract", "input", &json!({"noExtraColumns": true})))];
    let mut seeds = vec![file(&format!("{FIXTURES}/applications.csv"))];
    gates_beside("contract_csv", &mut seeds, held("applications"), &all, None, table);
}

#[test]
fn contract_parquet() {
    let all = [gate("training", asked("contract", "input", &json!({})))];
    let mut seeds = vec![file(&format!("{EVIDENCE}/v3/training.parquet"))];
    gates_beside("contract_parquet", &mut seeds, held("mortgage"), &all, None, table);
}

/// The table that all formats write, and its contract.
fn loans() -> Bench {
    let contract = json!({
        "apiVersion": "v3.1.0", "kind": "DataContract", "id": "loans", "version": "1.0.0", "status": "active",
        "schema": [{"name": "loans", "properties": [
            {"name": "id", "logicalType": "integer", "required": true, "primaryKey": true},
            {"name": "score", "logicalType": "number", "logicalTypeOptions": {"minimum": 0, "maximum": 1}},
            {"name": "married", "logicalType": "boolean"},
            {"name": "note", "logicalType": "string", "logicalTypeOptions": {"maxLength": 40}},
            {"name": "born", "logicalType": "date", "logicalTypeOptions": {"minimum": "1900-01-01"}},
        ]}],
    });
    Bench::new().with("contract", contract.to_string().as_bytes())
}

fn loans_as(names: &[&str]) -> Vec<Seed> {
    names.iter().map(|name| file(&format!("tests/fixtures/tables/{name}"))).collect()
}

#[test]
fn contract_json() {
    let all = [gate("loans", asked("contract", "input", &json!({})))];
    gates_beside("contract_json", &mut loans_as(&["loans.jsonl"]), loans(), &all, None, json_lines);
}

#[test]
fn contract_arrow() {
    let all = [gate("loans", asked("contract", "input", &json!({})))];
    let mut seeds =
        loans_as(&["loans.arrow", "loans.arrows", "loans-lz4.arrow", "loans-zstd.arrow", "loans-polars.arrow"]);
    gates_beside("contract_arrow", &mut seeds, loans(), &all, None, table);
}

/// What a contract declares about its data.
#[test]
fn declarations() {
    let all = [
        json!({"consent": {"property": "consentPurposes", "uses": ["triage"]}}),
        json!({"retention": {"property": "retentionUntil", "minDays": 1}}),
        json!({"storage": {"property": "encryption"}}),
    ];
    let all: Vec<Gate> = ["consent", "retention", "storage"]
        .into_iter()
        .zip(all)
        .map(|(name, mut declared)| {
            declared["evidence"] = json!("input");
            gate(name, json!({"privacy": {"declared": declared}}))
        })
        .collect();
    let mut seeds: Vec<Seed> = folder(FIXTURES).into_iter().filter(|seed| seed.name.contains("patients")).collect();
    // Its columns are another gate's matter.
    let readable = |bytes: &[u8]| {
        let document = text(bytes).and_then(|text| serde_saphyr::from_str::<Value>(text).ok());
        document.is_some_and(|document| document["kind"] == "DataContract")
    };
    gates_beside("declarations", &mut seeds, Bench::new(), &all, None, readable);
}
