//! Tables that are searched for personal data, in every format, and any bytes as one cell.

use super::gates;
use crate::bench::gate;
use crate::corpus::{Seed, file, lines, regressions, text};
use crate::harness::fuzz;
use crate::properties::{lines as json_lines, table};
use modelgate::measure::privacy::scan;
use modelgate::policy::Gate;
use modelgate::policy::check::Detector;
use serde_json::json;

fn all_gates(column: &str) -> Vec<Gate> {
    let found = json!({"evidence": "input", "personalData": {
        "detectors": Detector::ALL, "columns": {"allBut": []}, "most": {"count": 1_000_000},
    }});
    let hidden = json!({"evidence": "input", "anonymity": {
        "quasiIdentifiers": [column], "k": 1, "sensitive": [column], "l": 1,
    }});
    let columns = json!({"evidence": "input", "allowedColumns": ["*"]});
    [("found", found), ("hidden", hidden), ("columns", columns)]
        .map(|(name, check)| gate(name, json!({ "privacy": check })))
        .into()
}

#[test]
fn privacy_csv() {
    let tokens = json!({"privacy": {"evidence": "input", "redacted": [{
        "columns": ["patient"], "form": "Hex", "prefix": "pat_", "minEntropy": "3",
    }]}});
    let mut all = all_gates("zip");
    all.push(gate("tokens", tokens));
    let folder = "tests/fixtures/privacy";
    let seeds = ["patients", "patients-leaky", "patients-lone", "patients-named"];
    gates("privacy_csv", seeds.map(|name| file(&format!("{folder}/{name}.csv"))).into(), &all, None, table);
}

#[test]
fn privacy_parquet() {
    let seeds = ["v1/predictions.parquet", "v1/recent.parquet"]
        .map(|name| file(&format!("examples/mortgage/evidence/{name}")))
        .into();
    gates("privacy_parquet", seeds, &all_gates("single"), None, table);
}

fn loans(names: &[&str]) -> Vec<Seed> {
    names.iter().map(|name| file(&format!("tests/fixtures/tables/{name}"))).collect()
}

#[test]
fn privacy_json() {
    gates("privacy_json", loans(&["loans.jsonl"]), &all_gates("region"), None, json_lines);
}

#[test]
fn privacy_arrow() {
    let seeds = loans(&["loans.arrow", "loans.arrows", "loans-lz4.arrow", "loans-zstd.arrow", "loans-polars.arrows"]);
    gates("privacy_arrow", seeds, &all_gates("region"), None, table);
}

/// A cell costs time in proportion to its length, whatever it holds, and what ends it is no panic.
#[test]
fn privacy_scan() {
    let many = "a@b.io +49 151 12345678 DE89 3704 0044 0532 0130 00 4111-1111-1111-1111 fe80::1 52.520008, 13.404954 PESEL 44051401359 ";
    let mut seeds: Vec<Seed> = vec![
        text("items", many),
        text("many items", &many.repeat(20)),
        text("digits and spaces", &"1 ".repeat(10_000)),
        text("hex and colons", &"a1:".repeat(5_000)),
        text("at signs", &"a@".repeat(10_000)),
        text("tokens", &"eyJ.".repeat(5_000)),
        text("groups", &"00-".repeat(5_000)),
        text("international", &"+49 (0) ".repeat(2_500)),
        text("brackets", &"(0)".repeat(5_000)),
        text("keys", &"-----BEGIN ".repeat(2_500)),
        lines("tests/fixtures/privacy/patients-leaky.csv", 20),
    ];
    seeds.extend(regressions("privacy_scan"));
    fuzz("privacy_scan", &seeds, |bytes| {
        scan(bytes);
        Ok(())
    });
}
