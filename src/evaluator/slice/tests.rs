use super::*;
use crate::measure::table::tests::table_of;

const ROWS: &str = "id,region,age,income,a b,when\n\
    1,EU,25,1000.5,x,2026-01-01\n\
    2,US,31,,y,2026-02-01\n\
    3,EU,25,900,,2026-03-01\n\
    4,,18,0,x,2026-04-01\n";

fn ids(text: &str) -> Result<Vec<u64>, SliceError> {
    let table = table_of(ROWS.as_bytes());
    let rows = select(&table, Some(text))?.expect("a slice");
    Ok((0..4).filter(|row| rows.contains(*row)).map(|row| row + 1).collect())
}

#[test]
fn rows_for_which_it_holds() {
    for (text, wanted) in [
        ("row.region == 'EU'", vec![1, 3]),
        ("row.region == 'EU' && row.income > 950", vec![1]),
        ("row.age == 25", vec![1, 3]),
        ("row.age in [18, 31]", vec![2, 4]),
        ("row.age >= 20.5 || row.region == null", vec![1, 2, 3, 4]),
        ("row.region == null", vec![4]),
        ("row.income != null && row.income < 1000.0", vec![3, 4]),
        ("row['a b'] == 'x'", vec![1, 4]),
        ("['EU', 'UK'].exists(r, r == row.region)", vec![1, 3]),
        ("row.when >= '2026-02-15'", vec![3, 4]),
        ("row.region != null && row.region.startsWith('U')", vec![2]),
        ("true || row.age > 1", vec![1, 2, 3, 4]),
    ] {
        assert_eq!(ids(text), Ok(wanted), "{text}");
    }
}

#[test]
fn what_cannot_be_told_is_an_error_and_leaves_out_no_row() {
    use FindingReason::{ColumnMissing, ExpressionInvalid, ExpressionTooCostly, NothingAsked, TooFewRows};
    let long = format!("row.age in [{}]", vec!["1"; 600].join(","));
    for (text, outcome, reason, words) in [
        // One empty cell, in the second row.
        ("row.income > 5.0", Outcome::Error, ExpressionInvalid, "cannot be told"),
        ("row.region > 5", Outcome::Error, ExpressionInvalid, "cannot be told"),
        ("row.age + 1.0", Outcome::Error, ExpressionInvalid, "gives a number"),
        ("row.age / 0.0 > 1.0", Outcome::Error, ExpressionInvalid, "not a finite number"),
        ("row.height > 5.0", Outcome::Missing, ColumnMissing, "has no column \"height\""),
        ("row == row", Outcome::Error, ExpressionInvalid, "row.NAME"),
        ("row[row.region] == 1", Outcome::Error, ExpressionInvalid, "in quotes"),
        ("size(row) > 1", Outcome::Error, ExpressionInvalid, "row.NAME"),
        ("true", Outcome::Error, ExpressionInvalid, "names no column"),
        ("row.age >", Outcome::Error, ExpressionInvalid, "cannot be told"),
        ("row.age > other", Outcome::Error, ExpressionInvalid, "other"),
        ("", Outcome::Error, ExpressionInvalid, "empty"),
        (long.as_str(), Outcome::Error, ExpressionTooCostly, "split"),
        ("row.age > 99", Outcome::Inconclusive, TooFewRows, "no such row"),
        // Of another type nothing can be told: `!=` would hold for every row.
        ("row.age == '25'", Outcome::Error, ExpressionInvalid, "a number is not compared with a string"),
        ("row.age != '25'", Outcome::Error, ExpressionInvalid, "a number is not compared with a string"),
    ] {
        let error = ids(text).unwrap_err();
        assert_eq!(error.verdict(), (outcome, reason), "{text}: {error}");
        assert!(error.to_string().contains(words), "{text}: {error}");
    }
    assert_eq!(SliceError::NoRowsKept.verdict(), (Outcome::Error, NothingAsked));
}

#[test]
fn numbers_that_are_none_are_an_error() {
    for bytes in ["x\n1\nNaN\n", "x\n1\ninf\n"] {
        let found = select(&table_of(bytes.as_bytes()), Some("row.x > 0.0"));
        assert_eq!(found.unwrap_err().verdict(), (Outcome::Error, FindingReason::NotFinite), "{bytes}");
    }
}

/// Cells that stand in other columns, or are cut elsewhere, are other rows.
#[test]
fn rows_that_were_asked_before_are_the_same_rows() {
    let table = table_of(b"a,b\nx,\n,x\nxy,z\nx,yz\nx,\n");
    let rows = select(&table, Some("row.a == 'x'")).unwrap().unwrap();
    let kept: Vec<u64> = (0..5).filter(|row| rows.contains(*row)).collect();
    assert_eq!(kept, [0, 3, 4]);
    let rows = select(&table, Some("row.b == 'x' || row.b == 'yz' && row.a != null")).unwrap().unwrap();
    assert_eq!((0..5).filter(|row| rows.contains(*row)).collect::<Vec<u64>>(), [1, 3]);
}

#[test]
fn no_slice_is_every_row() {
    assert_eq!(select(&table_of(ROWS.as_bytes()), None), Ok(None));
}
