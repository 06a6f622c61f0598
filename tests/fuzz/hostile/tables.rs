//! Tables in CSV, and profiles in place of a reference.

use super::limited::{Content, Hostile, modelgate};
use modelgate::policy::check::Detector;
use modelgate::policy::{FindingReason as Reason, Outcome};
use serde_json::{Value, json};
use std::io::Write;

pub fn columns() -> Value {
    json!({
        "label": "deny", "prediction": "predicted", "score": "score", "favorable": "0",
        "protected": [{"attribute": "race", "column": "afam"}],
    })
}

pub fn fairness(measure: &str) -> Value {
    json!({"fairness": {"evidence": "input", "attributes": ["race"], "measure": measure, "max": "1", "minGroupSize": 1}})
}

pub fn drift(reference: &str, current: &str, method: &str) -> Value {
    json!({"drift": {
        "reference": reference, "current": current, "method": method, "compare": "Statistic", "threshold": "1000",
        "maxDriftedShare": "1",
    }})
}

/// A good table, with other numbers from `from` on.
pub fn rows(from: u32) -> String {
    let line = |i: u32| {
        format!("{},{},0.{},{}\n", i % 2, i / 2 % 2, i % 9 + 1, if i.is_multiple_of(3) { "yes" } else { "no" })
    };
    format!("deny,predicted,score,afam\n{}", (from..from + 60).map(line).collect::<String>())
}

/// What the good table keeps.
pub fn contract() -> String {
    json!({
        "apiVersion": "v3.1.0", "kind": "DataContract", "id": "loans", "version": "1.0.0", "status": "active",
        "schema": [{"name": "loans", "properties": [
            {"name": "deny", "logicalType": "integer", "required": true, "enum": [0, 1]},
            {"name": "score", "logicalType": "number", "logicalTypeOptions": {"minimum": 0, "maximum": 1}},
            {"name": "afam", "logicalType": "string", "required": true, "logicalTypeOptions": {"pattern": "yes|no"}},
        ]}],
    })
    .to_string()
}

pub fn kept() -> Value {
    json!({"dataContract": {"contract": "contract", "data": "input"}})
}

pub fn private() -> Value {
    json!({"privacy": {
        "evidence": "input", "allowedColumns": ["deny", "predicted", "score", "afam"],
        "personalData": {"detectors": Detector::ALL, "columns": {"allBut": []}, "most": {"count": 0}},
        "anonymity": {"quasiIdentifiers": ["afam"], "k": 2, "l": 1},
    }})
}

/// The table as predictions, as the reference and as the current rows, as what a contract is about and what is private.
pub fn all(bytes: &[u8]) -> Hostile {
    Hostile::new()
        .table("input", bytes, &columns())
        .evidence("good", rows(1).as_bytes())
        .evidence("contract", contract().as_bytes())
        .gate("contract", kept())
        .gate("privacy", private())
        .gate("parity", fairness("DemographicParityDifference"))
        .gate("calibration", fairness("CalibrationGap"))
        .gate("current", drift("good", "input", "PSI"))
        .gate("reference", drift("input", "good", "JensenShannon"))
        .gate("texts", drift("good", "input", "NewCategoryShare"))
}

pub const UNREADABLE: &[Reason] = &[
    Reason::EvidenceUnreadable,
    Reason::EvidenceTooLarge,
    Reason::EvidenceEmpty,
    Reason::EvidenceMissing,
    Reason::ColumnMissing,
    Reason::NotFinite,
    Reason::NoComparableColumns,
    Reason::TooFewRows,
    Reason::TooFewGroups,
];

#[test]
fn good_rows_pass_with_marks_and_line_ends_of_other_systems() {
    for text in [rows(0), format!("\u{feff}{}", rows(0)), rows(0).replace('\n', "\r\n")] {
        let findings = all(text.as_bytes()).run();
        assert!(findings.iter().all(|finding| finding.outcome == Outcome::Pass), "{findings:?}");
    }
}

#[test]
fn csv() {
    let good = rows(0);
    let replaced = |from: &str, to: &str| good.replacen(from, to, 1).into_bytes();
    let wide = |count: usize| {
        let names: Vec<String> = (0..count).map(|i| format!("c{i}")).collect();
        let zeros = vec!["0"; count].join(",");
        format!("deny,predicted,score,afam,{}\n{}", names.join(","), format!("0,1,0.5,yes,{zeros}\n").repeat(12))
            .into_bytes()
    };
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("a column twice", replaced("score,afam", "score,score").to_vec()),
        ("20,000 columns", wide(20_000)),
        ("a million columns", vec![b','; 1 << 20]),
        ("a quote without end", [good.as_bytes(), b"\"", &vec![b'x'; 20 << 20]].concat()),
        ("20 MB in one line", vec![b'x'; 20 << 20]),
        ("20 MB in one header", [&vec![b'x'; 20 << 20], good.as_bytes()].concat()),
        ("a line too short", [good.as_bytes(), b"1,1\n"].concat()),
        ("a line too long", [good.as_bytes(), b"1,1,0.5,yes,yes\n"].concat()),
        ("Latin-1", [good.as_bytes(), b"1,1,0.5,caf\xe9\n"].concat()),
        ("UTF-16", good.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("zero bytes", vec![0; 10_000]),
        ("only a header", b"deny,predicted,score,afam\n".to_vec()),
        ("nothing", b"\n\n\n".to_vec()),
        ("JSON", b"{\n  \"a\": 1\n}\n".to_vec()),
        ("gzip", b"\x1f\x8b\x08\0\0\0\0\0\0\x03\n".to_vec()),
    ];
    for (case, bytes) in cases {
        all(&bytes).refused(case, UNREADABLE);
    }
    // On one line it is a row, of other columns.
    let other = [UNREADABLE, &[Reason::AboveMaximum, Reason::ColumnNotAllowed]].concat();
    all(b"{\"a\": 1}").refused("a row of JSON", &other);
}

/// A cell that is of no use for one gate may be no matter for another: none of these passes who reads it.
#[test]
fn cells() {
    let cases = [
        ("not a number", "1,1,NaN,yes\n", "CalibrationGap"),
        ("infinite", "1,1,inf,yes\n", "CalibrationGap"),
        ("no score", "1,1,17,yes\n", "CalibrationGap"),
        ("no group", "1,1,0.5,\n", "DemographicParityDifference"),
    ];
    for (case, line, measure) in cases {
        let text = format!("{}{line}", rows(0));
        let hostile = Hostile::new().table("input", text.as_bytes(), &columns()).gate("g", fairness(measure));
        hostile.refused(case, UNREADABLE);
    }
    let long = format!("{}1,1,0.5,{}\n", rows(0), "g".repeat(1 << 20));
    let groups: String = (0..70_000).map(|i| format!("1,1,0.5,g{i}\n")).collect();
    for (case, text) in [("a long group", long), ("70,000 groups", rows(0) + &groups)] {
        let hostile = Hostile::new().table("input", text.as_bytes(), &columns());
        hostile.gate("g", fairness("DemographicParityDifference")).refused(case, UNREADABLE);
    }
}

/// A billion bytes without an end of line: no reader goes on to the end, or holds more than one line may have.
#[test]
fn a_gigabyte_of_one_line() {
    const SIZE: u64 = 1_000_000_000;
    let csv = b"deny,predicted,score,afam\n0,1,0.5,\"";
    for start in [&b""[..], csv, b"{\"deny\":\"", b"{\"deny\":1}\n{\"deny\":"] {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(start).unwrap();
        file.as_file().set_len(SIZE).unwrap();
        let output = modelgate(&["profile", file.path().to_str().unwrap()]);
        assert!(!output.status.success() && output.stdout.is_empty(), "{}", start.escape_ascii());
    }
    // The program copies and hashes it before that.
    let hostile = Hostile::new()
        .content("input", &Content::Line(csv.to_vec(), SIZE), Some(&columns()))
        .evidence("contract", contract().as_bytes())
        .gate("parity", fairness("DemographicParityDifference"))
        .gate("contract", kept())
        .gate("privacy", private())
        .gate("metric", json!({"metric": {"evidence": "input", "name": "accuracy", "min": "0"}}));
    hostile.refused("a gigabyte of one line", UNREADABLE);
}

#[test]
fn a_gigabyte_of_table() {
    let hostile = Hostile::new().content("input", &Content::Hole((1 << 30) + 1), Some(&columns()));
    let hostile = hostile.gate("g", fairness("DemographicParityDifference"));
    hostile.refused("1 GiB", &[Reason::EvidenceTooLarge]);
}

#[test]
fn profiles() {
    let profile = |rows: &str, columns: &str| {
        format!("{{\"schema\": \"modelgate.dev/profile/v1\", \"rows\": {rows}, \"columns\": [{columns}]}}")
    };
    let texts = |texts: &str| format!("{{\"name\": \"afam\", \"nulls\": 0, \"values\": {{\"texts\": [{texts}]}}}}");
    let numbers = |points: &str| {
        format!(
            "{{\"name\": \"score\", \"nulls\": 0, \"values\": {{\"numbers\": {{\"everyValue\": true, \"points\": [{points}]}}}}}}"
        )
    };
    let most = u64::MAX.to_string();
    let points: String = (0..2_000_000).map(|i| format!("[{i},0,1],")).collect();
    let columns: Vec<String> =
        (0..60_000).map(|i| format!("{{\"name\":\"c{i}\",\"nulls\":20,\"values\":{{\"texts\":[]}}}}")).collect();
    let cases = [
        (
            "counts that wrap around",
            profile(&most, &texts(&format!("[\"yes\",{most}],[\"no\",{most}],[\"yes\",{most}]"))),
        ),
        ("more rows than there can be", profile("99999999999", &texts("[\"yes\",99999999999]"))),
        ("counts that do not add up", profile("20", &texts("[\"yes\",5]"))),
        ("out of order", profile("20", &numbers("[2,0,10],[1,0,10]"))),
        ("not finite", profile("20", &numbers("[1e999,0,20]"))),
        ("millions of points", profile("2000001", &numbers(&format!("{points}[2000000,0,1]")))),
        ("60,000 columns", profile("20", &columns.join(","))),
        ("a column twice", profile("20", &format!("{},{}", texts("[\"a\",20]"), texts("[\"a\",20]")))),
        ("depth", "{\"schema\":".repeat(10_000)),
        ("another schema", profile("20", &texts("[\"a\",20]")).replace("v1", "v2")),
        ("cut", profile("20", &texts("[\"a\",20]"))[..60].to_owned()),
    ];
    for (case, text) in cases {
        let hostile = Hostile::new().evidence("input", text.as_bytes()).evidence("good", rows(1).as_bytes());
        let hostile =
            hostile.gate("psi", drift("input", "good", "PSI")).gate("new", drift("input", "good", "NewCategoryShare"));
        hostile.refused(case, UNREADABLE);
    }
}
