//! What cases in Arrow and in Parquet share: the columns that gates ask for, columns that nobody should write, and texts
//! that unpack to much.

use super::limited::Hostile;
use super::tables::{UNREADABLE, columns, contract, drift, fairness, kept, private, rows};
use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, DictionaryArray, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use modelgate::policy::FindingReason as Reason;
use std::sync::Arc;

pub type Columns = Vec<(String, ArrayRef)>;

/// Columns as the gates ask for them; `afam` as given.
pub fn predictions(afam: ArrayRef) -> Columns {
    let count = afam.len() as i64;
    let bits = |shift: i64| Arc::new((0..count).map(|i| Some(i >> shift & 1)).collect::<Int64Array>()) as ArrayRef;
    let scores = Arc::new((0..count).map(|i| Some((i % 9) as f64 / 10.0)).collect::<Float64Array>());
    vec![("deny".into(), bits(0)), ("predicted".into(), bits(1)), ("score".into(), scores), ("afam".into(), afam)]
}

pub fn yes_and_no(count: i64) -> ArrayRef {
    Arc::new((0..count).map(|i| Some(if i % 3 == 0 { "yes" } else { "no" })).collect::<StringArray>())
}

/// Two long texts, each in every second row.
pub fn coded(count: i32, length: usize) -> ArrayRef {
    let texts = StringArray::from(vec!["x".repeat(length), "y".repeat(length)]);
    let codes = Int32Array::from_iter_values((0..count).map(|i| i % 2));
    Arc::new(DictionaryArray::<Int32Type>::try_new(codes, Arc::new(texts)).unwrap())
}

/// So many columns beside those that are asked for.
pub fn wide(count: usize) -> Columns {
    let one = || Arc::new(Int64Array::from(vec![1; 60])) as ArrayRef;
    predictions(yes_and_no(60)).into_iter().chain((0..count).map(|i| (format!("c{i}"), one()))).collect()
}

/// Two columns called `afam`.
pub fn twice() -> RecordBatch {
    let mut columns = predictions(yes_and_no(60));
    columns.push(("afam".into(), yes_and_no(60)));
    let field = |(name, array): &(String, ArrayRef)| Field::new(name, array.data_type().clone(), true);
    let schema = Schema::new(columns.iter().map(field).collect::<Vec<_>>());
    assert_eq!(schema.field(4).data_type(), &DataType::Utf8);
    RecordBatch::try_new(Arc::new(schema), columns.into_iter().map(|(_, array)| array).collect()).unwrap()
}

/// The same file with texts that are no UTF-8. What is written plain may be overwritten.
pub fn not_utf8(mut bytes: Vec<u8>) -> Vec<u8> {
    let places: Vec<usize> =
        bytes.windows(3).enumerate().filter(|(_, three)| *three == b"yes").map(|(at, _)| at).collect();
    assert!(places.len() >= 20, "{} texts", places.len());
    places.into_iter().for_each(|at| bytes[at..at + 3].copy_from_slice(b"\xff\xfe\xfd"));
    bytes
}

/// No gate passes that looks at the texts.
pub fn refused_as_too_much(case: &str, bytes: &[u8]) {
    let hostile = Hostile::new()
        .table("input", bytes, &columns())
        .evidence("good", rows(1).as_bytes())
        .gate("parity", fairness("DemographicParityDifference"))
        .gate("calibration", fairness("CalibrationGap"));
    hostile.refused(case, UNREADABLE);
    // Other columns may be compared: what must not happen is that the process ends.
    let hostile = Hostile::new().evidence("input", bytes).evidence("good", rows(1).as_bytes());
    let text = |method: &str| {
        let mut check = drift("good", "input", method);
        check["drift"]["columns"] = serde_json::json!(["afam"]);
        check
    };
    hostile.gate("texts", text("NewCategoryShare")).gate("shares", text("PSI")).refused(case, UNREADABLE);
}

/// Rules and detectors look at every character; they come to an end, and within what they may hold.
pub fn looked_through(case: &str, bytes: &[u8]) {
    let hostile = Hostile::new().evidence("input", bytes).evidence("contract", contract().as_bytes());
    for finding in hostile.gate("contract", kept()).gate("privacy", private()).run() {
        assert!(!matches!(finding.reason, Reason::JobFailed | Reason::JobTimedOut), "{case}: {finding:?}");
    }
}
