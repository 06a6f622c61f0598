use super::*;
use crate::measure::arrow_file_of;
use arrow_array::{ArrayRef, BinaryArray, Decimal128Array, Int64Array, RecordBatch};
use parquet::arrow::ArrowWriter;
use std::sync::Arc;

/// A column beside one of numbers that does not drift, as Parquet and as Arrow IPC.
fn arrays(column: impl Fn(&[usize]) -> ArrayRef, turned: bool) -> [Vec<u8>; 2] {
    let rows: Vec<usize> = if turned { (0..40).rev().collect() } else { (0..40).collect() };
    let numbers = Int64Array::from_iter_values(rows.iter().map(|row| *row as i64));
    let columns = [("x", column(&rows)), ("n", Arc::new(numbers) as ArrayRef)];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    [bytes, arrow_file_of(&[batch])]
}

#[test]
fn a_column_of_a_type_that_nothing_compares_is_no_pass() {
    let bytes = |rows: &[usize]| {
        let all: Vec<String> = rows.iter().map(usize::to_string).collect();
        let all = all.iter().map(String::as_bytes);
        Arc::new(BinaryArray::from_iter_values(all)) as ArrayRef
    };
    for (one, two) in arrays(bytes, false).into_iter().zip(arrays(bytes, true)) {
        for reference in [profile_of(&one), one] {
            let finding = answer(&reference, &two, &psi(&[]));
            assert_eq!((finding.outcome, finding.reason), (Outcome::Inconclusive, FindingReason::ConstantColumn));
            assert!(finding.message.contains("x (of type Binary)"), "{}", finding.message);
            assert!(finding.message.contains("name the columns to compare in the policy"), "{}", finding.message);
            assert_eq!(answer(&reference, &two, &psi(&["n"])).outcome, Outcome::Pass);
        }
    }
}

#[test]
fn decimals_are_numbers_in_every_format() {
    let decimals = |shift: i128| {
        move |rows: &[usize]| {
            let all = rows.iter().map(|row| *row as i128 * 125 + shift);
            let array = Decimal128Array::from_iter_values(all).with_precision_and_scale(10, 2).unwrap();
            Arc::new(array) as ArrayRef
        }
    };
    let csv =
        |shift: i32| table(&[("x", &|i| format!("{:.2}", (i as i32 * 125 + shift) as f64 / 100.0)), ("n", &same)]);
    for shift in [1, 3000] {
        for method in [DriftMethod::Psi, DriftMethod::KolmogorovSmirnov, DriftMethod::Wasserstein] {
            let check = check(method, DriftCompare::Statistic, "0.2", &["x"]);
            let told = answer(&csv(0), &csv(shift as i32), &check);
            let told = (told.outcome, told.number(), told.message);
            for (one, two) in arrays(decimals(0), false).into_iter().zip(arrays(decimals(shift), true)) {
                for reference in [profile_of(&one), one] {
                    let found = answer(&reference, &two, &check);
                    assert_eq!((found.outcome, found.number(), found.message), told);
                }
            }
        }
    }
}
