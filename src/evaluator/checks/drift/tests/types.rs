use super::*;
use crate::measure::arrow_file_of;
use arrow_array::{ArrayRef, BinaryArray, Decimal128Array, Int64Array, RecordBatch, StringArray};
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

/// So that the same rows tell the same in CSV.
#[test]
fn an_empty_text_is_missing_in_every_format() {
    let text = |count: usize| move |row: usize| if row < count { "" } else { ["a", "bc"][row % 2] };
    let array = |count: usize| {
        let of = move |rows: &[usize]| {
            Arc::new(StringArray::from_iter_values(rows.iter().map(|row| text(count)(*row)))) as ArrayRef
        };
        arrays(of, false)
    };
    let line = |count: usize| move |row: usize| format!("{{\"x\": {:?}, \"n\": {row}}}\n", text(count)(row));
    let json = |count: usize| (0..40).map(line(count)).collect::<String>().into_bytes();
    let csv = |count: usize| table(&[("x", &|row| text(count)(row).to_owned()), ("n", &same)]);
    let [some, all] =
        [4, 12].map(|count| [csv(count), json(count)].into_iter().chain(array(count)).collect::<Vec<_>>());
    let lengths = ColumnRule {
        columns: vec!["x".into()],
        lengths: true,
        rule: DriftRule { method: DriftMethod::Psi, compare: DriftCompare::Statistic, threshold: decimal("0.2") },
    };
    for check in [
        check(DriftMethod::MissingShare, DriftCompare::Statistic, "0.2", &["x"]),
        psi(&["x"]),
        Drift { by_column: vec![lengths], ..psi(&["n"]) },
    ] {
        let told = answer(&some[0], &all[0], &check).message;
        for (one, two) in some.iter().zip(&all) {
            for reference in [&profile_of(one), one] {
                assert_eq!(answer(reference, two, &check).message, told);
            }
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
