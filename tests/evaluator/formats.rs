//! One table in every format: each check says the same of it, to the last digit.

use crate::job::Job;
use modelgate::policy::{FindingReason, Outcome};
use serde_json::{Value, json};
use std::process::Command;

const FORMATS: [&str; 17] = [
    "loans.csv",
    "loans.jsonl",
    "loans.parquet",
    "loans-gzip-pages-1.parquet",
    "loans-gzip-pages-2.parquet",
    "loans-lz4-pages-1.parquet",
    "loans-lz4-pages-2.parquet",
    "loans-none-pages-1.parquet",
    "loans-none-pages-2.parquet",
    "loans-snappy-pages-1.parquet",
    "loans-snappy-pages-2.parquet",
    "loans.arrow",
    "loans-lz4.arrow",
    "loans-zstd.arrow",
    "loans.arrows",
    "loans-polars.arrow",
    "loans-polars.arrows",
];

fn path(name: &str) -> String {
    format!("{}/tests/fixtures/tables/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> Vec<u8> {
    std::fs::read(path(name)).unwrap()
}

fn columns() -> Value {
    json!({
        "label": "deny", "prediction": "predicted", "score": "score", "favorable": "0",
        "protected": [{"attribute": "race", "column": "region"}, {"attribute": "status", "column": "married"}],
    })
}

const CONTRACT: &str = r#"
apiVersion: v3.1.0
kind: DataContract
id: loans
version: 1.0.0
status: active
schema:
- name: loans
  properties:
  - {name: id, logicalType: integer, physicalType: BIGINT, required: true, primaryKey: true, logicalTypeOptions: {minimum: 9007199254740993, maximum: 9007199254741231}}
  - {name: deny, logicalType: integer, enum: [0, 1]}
  - {name: score, logicalType: number, logicalTypeOptions: {minimum: 0, exclusiveMaximum: 1}}
  - {name: income, logicalType: number, required: true}
  - {name: region, logicalType: string, enum: [north]}
  - {name: married, logicalType: boolean}
  - {name: note, logicalType: string, unique: true, logicalTypeOptions: {maxLength: 26, pattern: "file [0-7] of the year 200[0-9], é"}}
  - {name: born, logicalType: date, logicalTypeOptions: {minimum: "2006-01-01"}}
  - {name: at, logicalType: timestamp, logicalTypeOptions: {maximum: "2026-01-01T15:58:00Z", timezone: true}}
  quality:
  - {metric: nullValues, arguments: {properties: [nothing]}, mustBe: 0}
"#;

fn job(name: &str) -> Job {
    let drift = |method: &str, threshold: &str| {
        json!({"drift": {
            "reference": "calm", "current": "loans", "method": method, "compare": "Statistic", "threshold": threshold,
            "maxDriftedShare": "1",
        }})
    };
    let fairness = |measure: &str, bound: &str, value: &str| {
        json!({"fairness": {
            "evidence": "loans", "attributes": ["race", "status"], "measure": measure, "minGroupSize": 1, bound: value,
        }})
    };
    let mut sliced = fairness("DemographicParityDifference", "max", "1");
    sliced["fairness"]["slice"] = json!("row.score < 0.5 && row.note != null");
    let mut job = Job::new()
        .table("loans", &read(name), columns())
        // Other rows of the same columns.
        .evidence(
            "calm",
            &read("loans.csv").split_inclusive(|byte| *byte == b'\n').take(160).collect::<Vec<_>>().concat(),
        )
        .evidence("contract", CONTRACT.as_bytes())
        .gate("contract", json!({"dataContract": {"contract": "contract", "data": "loans"}}))
        .gate("parity", fairness("DemographicParityRatio", "min", "0"))
        .gate("calibration", fairness("CalibrationGap", "max", "1"))
        .gate("sliced", sliced)
        .gate(
            "personal",
            json!({"privacy": {"evidence": "loans", "personalData": {
                "detectors": ["Email", "PaymentCard"], "columns": {"allBut": []}, "most": {"count": 0},
            }}}),
        )
        .gate(
            "anonymity",
            json!({"privacy": {"evidence": "loans", "anonymity": {
                "quasiIdentifiers": ["region", "married"], "k": 20, "sensitive": ["note"], "l": 2,
            }}}),
        );
    for method in
        ["PSI", "KolmogorovSmirnov", "Wasserstein", "JensenShannon", "MissingShare", "NewCategoryShare", "ChiSquare"]
    {
        job = job.gate(method, drift(method, "0.001"));
    }
    job
}

#[test]
fn every_check_says_the_same_of_it() {
    let told = |name: &str| -> Vec<(String, Outcome, FindingReason, Option<String>, String)> {
        let results = job(name).run().document().results;
        let one = |finding: &modelgate::policy::Finding| {
            let finding = finding.clone();
            (finding.gate.to_string(), finding.outcome, finding.reason, finding.value, finding.message)
        };
        results.iter().map(one).collect()
    };
    let csv = told(FORMATS[0]);
    // Both kinds of answers are compared, and none says only that it could not be read.
    assert!(
        csv.iter().any(|finding| finding.1 == Outcome::Pass) && csv.iter().any(|finding| finding.1 == Outcome::Fail)
    );
    assert!(csv.iter().all(|finding| matches!(finding.1, Outcome::Pass | Outcome::Fail)), "{csv:#?}");
    for name in &FORMATS[1..] {
        for (one, two) in csv.iter().zip(&told(name)) {
            assert_eq!(one, two, "{name}");
        }
    }
}

#[test]
fn its_profile_is_the_same_bytes() {
    let profile = |name: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_modelgate")).args(["profile", &path(name)]).output().unwrap();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let csv = profile(FORMATS[0]);
    for name in &FORMATS[1..] {
        assert_eq!(profile(name), csv, "{name}");
    }
    // Its dictionary of five texts is not one of categories.
    assert_eq!(profile("loans.feather"), csv);
}

/// Nobody knows before how far it unpacks.
#[test]
fn a_packing_that_is_not_read_is_named() {
    for version in [1, 2] {
        let bytes = read(&format!("loans-brotli-pages-{version}.parquet"));
        let check = json!({"fairness": {
            "evidence": "loans", "attributes": ["race"], "measure": "DemographicParityRatio", "min": "0", "minGroupSize": 1,
        }});
        let ended = Job::new().table("loans", &bytes, columns()).gate("parity", check).run();
        let finding = ended.expect(Outcome::Error, FindingReason::EvidenceUnreadable);
        assert!(finding.message.contains("packed with BROTLI, which is not read"), "{}", finding.message);
    }
}
