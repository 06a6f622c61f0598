//! The order of rows, the parts of a file, its form and the number of threads change no digit of any answer.

use super::drift::{Ask, Source, compare};
use super::fairness::calibration::calibrate;
use super::fairness::{Roles, count};
use super::table::Table;
use super::table::tests::table_of;
use crate::policy::check::DriftMethod;
use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use proptest::prelude::*;
use std::sync::Arc;

const METHODS: [DriftMethod; 10] = [
    DriftMethod::Psi,
    DriftMethod::KolmogorovSmirnov,
    DriftMethod::JensenShannon,
    DriftMethod::Wasserstein,
    DriftMethod::NormalizedWasserstein,
    DriftMethod::ChiSquare,
    DriftMethod::TotalVariation,
    DriftMethod::CramersV,
    DriftMethod::MissingShare,
    DriftMethod::NewCategoryShare,
];

/// A number, a word, label, prediction, score and group.
type Row = (Option<f64>, Option<u8>, bool, bool, f64, u8);

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let number = prop_oneof![
        3 => -1e3..1e3,
        2 => (-3i32..3).prop_map(f64::from),
        1 => prop::num::f64::SUBNORMAL,
        1 => Just(-0.0),
    ];
    let row = (prop::option::of(number), prop::option::of(0u8..6), any::<bool>(), any::<bool>(), 0.0..1.0, 0u8..3);
    // One row without a hole, so that each column is of a kind.
    prop::collection::vec(row, 12..120).prop_map(|rows| [vec![(Some(0.5), Some(0), true, true, 0.5, 0)], rows].concat())
}

fn shuffled() -> impl Strategy<Value = (Vec<Row>, Vec<Row>)> {
    rows().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle()))
}

fn csv(rows: &[Row]) -> Table {
    let line = |(number, word, label, prediction, score, group): &Row| {
        let number = number.map(|number| format!("{number:?}")).unwrap_or_default();
        let word = word.map(|word| format!("w{word}")).unwrap_or_default();
        format!("{number},{word},{},{},{score:?},g{group}\n", u8::from(*label), u8::from(*prediction))
    };
    table_of(format!("n,w,y,p,s,g\n{}", rows.iter().map(line).collect::<String>()).as_bytes())
}

/// In row groups of so many rows.
fn parquet(rows: &[Row], part: usize) -> Table {
    let bits = |of: fn(&Row) -> bool| Arc::new(rows.iter().map(|row| Some(i64::from(of(row)))).collect::<Int64Array>());
    let words = rows.iter().map(|row| row.1.map(|word| format!("w{word}")));
    let columns: [(&str, ArrayRef); 6] = [
        ("n", Arc::new(rows.iter().map(|row| row.0).collect::<Float64Array>())),
        ("w", Arc::new(words.collect::<StringArray>())),
        ("y", bits(|row| row.2)),
        ("p", bits(|row| row.3)),
        ("s", Arc::new(rows.iter().map(|row| Some(row.4)).collect::<Float64Array>())),
        ("g", Arc::new(rows.iter().map(|row| Some(format!("g{}", row.5))).collect::<StringArray>())),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(part)).build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    table_of(&bytes)
}

/// All digits of all answers.
fn drift(reference: &Table, current: &Table, threads: usize) -> String {
    let ask = |column: &str| Ask { column: column.to_owned(), lengths: false, methods: METHODS.into() };
    let asks = ["n", "w", "y", "s"].map(ask);
    format!("{:?}", compare(Source::Rows(reference, None), Source::Rows(current, None), &asks, threads))
}

fn fairness(table: &Table) -> String {
    let protected = [vec![("g", "g")], vec![("g", "g"), ("y", "y")]];
    let roles = Roles { label: Some("y"), prediction: "p", protected: &protected, favorable: "1" };
    let errors = calibrate(table, None, ("y", "s", "1"), &protected).unwrap();
    let errors: Vec<(&String, f64)> = errors.iter().flatten().map(|(group, one)| (group, one.error())).collect();
    format!("{:?} {errors:?}", count(table, None, roles).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn nothing_but_the_rows_counts((one, turned_one) in shuffled(), (two, turned_two) in shuffled(), part in 1usize..50) {
        let expected = drift(&csv(&one), &csv(&two), 1);
        prop_assert_eq!(&drift(&csv(&turned_one), &csv(&turned_two), 3), &expected);
        prop_assert_eq!(&drift(&parquet(&one, part), &parquet(&turned_two, part + 3), 2), &expected);
        let expected = fairness(&csv(&one));
        prop_assert_eq!(&fairness(&csv(&turned_one)), &expected);
        prop_assert_eq!(&fairness(&parquet(&turned_one, part)), &expected);
    }
}
