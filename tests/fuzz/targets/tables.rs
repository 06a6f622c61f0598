//! Tables in every format, on either side of a comparison; and profiles that stand for a reference.

use super::{gates, gates_beside};
use crate::bench::{Bench, gate};
use crate::corpus::{Seed, file, lines, regressions, text};
use crate::harness::fuzz;
use crate::properties::{fit, json, lines as json_lines, table};
use modelgate::measure::{Profile, Table};
use modelgate::policy::{Columns, Gate};
use serde_json::json;
use std::fs::File;

const EVIDENCE: &str = "examples/mortgage/evidence";

fn columns() -> Columns {
    let columns = json!({
        "label": "deny", "prediction": "predicted", "score": "score", "favorable": "0",
        "protected": [{"attribute": "race", "column": "afam"}, {"attribute": "status", "column": "single"}],
    });
    serde_json::from_value(columns).unwrap()
}

fn fairness_gates() -> Vec<Gate> {
    let measures = ["DemographicParityRatio", "EqualizedOddsDifference", "CalibrationGap"];
    let mut all: Vec<Gate> = measures
        .iter()
        .map(|measure| {
            let bound = if measure.ends_with("Ratio") { "min" } else { "max" };
            let value = if bound == "min" { "0" } else { "1" };
            let check = json!({"evidence": "input", "attributes": ["race"], "measure": measure, "minGroupSize": 1, bound: value});
            gate(measure, json!({ "fairness": check }))
        })
        .collect();
    let together = json!({"fairness": {
        "evidence": "input", "attributes": ["race", "status"], "measure": "DemographicParityDifference", "minGroupSize": 5,
        "smallGroups": "LeaveOut", "intersections": true, "confidence": "0.95", "max": "1",
    }});
    all.push(gate("together", together));
    all
}

fn drift_gates(reference: &str, current: &str) -> Vec<Gate> {
    let methods = [
        ("PSI", "Statistic"),
        ("KolmogorovSmirnov", "PValue"),
        ("JensenShannon", "Statistic"),
        ("NormalizedWasserstein", "Statistic"),
        ("ChiSquare", "PValue"),
        ("MissingShare", "Statistic"),
        ("NewCategoryShare", "Statistic"),
    ];
    let one = |(method, compare): (&str, &str)| {
        let threshold = if compare == "PValue" { "0" } else { "1000000" };
        let check = json!({"drift": {
            "reference": reference, "current": current, "method": method, "compare": compare, "threshold": threshold,
            "maxDriftedShare": "1",
        }});
        gate(method, check)
    };
    methods.into_iter().map(one).collect()
}

fn csv_seeds() -> Vec<Seed> {
    vec![
        lines(&format!("{EVIDENCE}/v1/predictions.csv"), 120),
        lines(&format!("{EVIDENCE}/v1/training.csv"), 120),
        lines(&format!("{EVIDENCE}/v2/recent.csv"), 120),
        file("tests/truth/data/drift/text-nulls.current.csv"),
        file("tests/truth/data/drift/forms-of-one.current.csv"),
    ]
}

fn parquet_seeds() -> Vec<Seed> {
    ["v1/predictions.parquet", "v1/recent.parquet", "v2/predictions.parquet"]
        .map(|name| file(&format!("{EVIDENCE}/{name}")))
        .into()
}

#[test]
fn fairness_csv() {
    gates("fairness_csv", csv_seeds(), &fairness_gates(), Some(&columns()), table);
}

#[test]
fn fairness_parquet() {
    gates("fairness_parquet", parquet_seeds(), &fairness_gates(), Some(&columns()), table);
}

/// Rows with numbers and texts: every method has columns for it.
fn training() -> Bench {
    Bench::new().with("training", &lines(&format!("{EVIDENCE}/v1/predictions.csv"), 200).bytes)
}

#[test]
fn drift_csv() {
    gates_beside("drift_csv", &mut csv_seeds(), training(), &drift_gates("training", "input"), None, table);
}

#[test]
fn drift_parquet() {
    gates_beside("drift_parquet", &mut parquet_seeds(), training(), &drift_gates("training", "input"), None, table);
}

/// One table as tools write it.
fn loans(names: &[&str]) -> Vec<Seed> {
    names.iter().map(|name| file(&format!("tests/fixtures/tables/{name}"))).collect()
}

fn of_loans() -> Columns {
    let columns = json!({
        "label": "deny", "prediction": "predicted", "score": "score", "favorable": "0",
        "protected": [{"attribute": "race", "column": "region"}, {"attribute": "status", "column": "married"}],
    });
    serde_json::from_value(columns).unwrap()
}

/// Beside the same rows in CSV, so that every method has columns for it.
fn beside_loans() -> Bench {
    Bench::new().with("training", &file("tests/fixtures/tables/loans.csv").bytes)
}

const ARROW: [&str; 6] =
    ["loans.arrow", "loans.arrows", "loans-lz4.arrow", "loans-zstd.arrow", "loans-polars.arrow", "loans-polars.arrows"];

#[test]
fn fairness_arrow() {
    gates("fairness_arrow", loans(&ARROW), &fairness_gates(), Some(&of_loans()), table);
}

#[test]
fn drift_arrow() {
    let mut seeds = loans(&ARROW);
    seeds.extend(loans(&["types.arrow"]));
    gates_beside("drift_arrow", &mut seeds, beside_loans(), &drift_gates("training", "input"), None, table);
}

#[test]
fn fairness_json() {
    gates("fairness_json", loans(&["loans.jsonl"]), &fairness_gates(), Some(&of_loans()), json_lines);
}

#[test]
fn drift_json() {
    let mut seeds = loans(&["loans.jsonl"]);
    gates_beside("drift_json", &mut seeds, beside_loans(), &drift_gates("training", "input"), None, json_lines);
}

/// Metrics that a table holds row by row.
#[test]
fn metric_rows() {
    let asked = |(name, slice): (&str, &str)| {
        let check = json!({"metric": {
            "evidence": "input", "name": "accuracy", "min": "0.8", "max": "1", "where": slice,
        }});
        gate(name, check)
    };
    let slices = [("large", "row.rows >= 100"), ("north", "row.region == 'north'")];
    let mut seeds: Vec<Seed> =
        ["segments.csv", "segments.jsonl"].map(|name| file(&format!("tests/fixtures/metrics/{name}"))).into();
    seeds.extend(loans(&["loans-lz4.arrow", "loans.arrows"]));
    gates("metric_rows", seeds, &slices.map(asked), None, json_lines);
}

/// A profile as `modelgate profile` would write it of a table.
fn profile(seed: &Seed) -> Seed {
    let temp = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(temp.path(), &seed.bytes).unwrap();
    let table = Table::open(File::open(temp.path()).unwrap()).unwrap();
    Seed { name: format!("profile of {}", seed.name), bytes: Profile::of(&table).unwrap().write().unwrap() }
}

/// Reference rows, or a profile of them.
#[test]
fn reference() {
    let mut seeds: Vec<Seed> = csv_seeds().iter().map(profile).collect();
    seeds.extend(csv_seeds());
    seeds.push(text(
        "small profile",
        r#"{"schema":"modelgate.dev/profile/v1","rows":12,"columns":[{"name":"unemp","nulls":2,"values":{"numbers":{"everyValue":false,"points":[[-1.5,0,4],[2.0,1,5]]}}},{"name":"x","nulls":0,"values":{"texts":[["a",11],["b",1]]}},{"name":"t","nulls":0,"values":{"instants":{"zoned":true,"everyValue":false,"points":[[0.0,0,6],[1e15,3,3]]}}},{"name":"u","nulls":0,"values":{"unsupported":"list"}}]}"#,
    ));
    seeds.extend(regressions("reference"));
    let gates = drift_gates("input", "recent");
    let mut bench = Bench::new().with("recent", &lines(&format!("{EVIDENCE}/v1/recent.csv"), 200).bytes);
    fuzz("reference", &seeds, |bytes| {
        // One that gives rows never gives more than a table may have.
        if let Ok(profile) = Profile::parse(bytes)
            && profile.rows() > modelgate::measure::table::MAX_ROWS
        {
            return Err(format!("a profile of {} rows", profile.rows()));
        }
        let text = crate::properties::text(bytes);
        let readable = match bytes.trim_ascii_start().starts_with(b"{") {
            true => text.is_some_and(json),
            false => table(bytes),
        };
        bench.answers(&gates, bytes, None).iter().try_for_each(|finding| fit(finding, readable))
    });
}
