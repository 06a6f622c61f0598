//! Data contracts, and tables that are held to one.

use super::gates_beside;
use crate::bench::{Bench, gate};
use crate::corpus::{Seed, file, folder, lines};
use crate::properties::{table, text};
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
