//! Columns of very many different values: what can be told of them is right, and beyond the bound nothing is.

use super::{VALUE, agree, table_of};
use modelgate::evidence::contract;
use modelgate::measure::contract::{Asked, Measured, measure};
use modelgate::measure::drift::{Answer, Ask, NotComparable, Source, compare};
use modelgate::measure::{MeasureError, Table};
use modelgate::policy::check::DriftMethod as Method;
use std::collections::BTreeMap;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::ops::Range;

/// Different texts that a column is counted by, as `docs/checks/drift.md` says.
const MOST: u64 = 100_000;
const MANY: u64 = 10_000_000;

/// One text for each number, none twice.
fn texts(numbers: Range<u64>) -> Table {
    let mut file = BufWriter::new(tempfile::tempfile().unwrap());
    file.write_all(b"x\n").unwrap();
    numbers.for_each(|i| writeln!(file, "t{i}").unwrap());
    let mut file = file.into_inner().unwrap();
    file.seek(SeekFrom::Start(0)).unwrap();
    Table::open(file).unwrap()
}

type Answers = BTreeMap<Method, Result<Answer, NotComparable>>;

fn drift(reference: &Table, current: &Table) -> Result<Answers, MeasureError> {
    let methods = [Method::ChiSquare, Method::TotalVariation, Method::CramersV, Method::NewCategoryShare, Method::Psi];
    let ask = Ask { column: "x".into(), lengths: false, methods: methods.into() };
    let answers = compare(Source::Rows(reference, None), Source::Rows(current, None), &[ask], 2).remove(0);
    answers.map_err(|wrong| wrong.error)
}

/// Half of the categories are the same, each occurs once: every measure has a closed form.
#[test]
fn as_many_categories_as_there_may_be() {
    let answers = drift(&texts(0..MOST), &texts(MOST / 2..MOST / 2 * 3)).unwrap();
    let told = |method: Method| answers[&method].as_ref().unwrap();
    let n = MOST as f64;
    // Of two equal sides a category of both adds nothing, one of a single side (1 - ½)² / ½ twice.
    agree("chi-square", told(Method::ChiSquare).statistic, &n.into(), VALUE);
    agree("Cramér's V", told(Method::CramersV).statistic, &0.5f64.sqrt().into(), VALUE);
    agree("total variation", told(Method::TotalVariation).statistic, &0.5.into(), VALUE);
    agree("new", told(Method::NewCategoryShare).statistic, &0.5.into(), VALUE);
    // Shares of 1e-5 are all below the floor of 1e-4, which makes both sides alike.
    assert_eq!(told(Method::Psi).statistic, 0.0);
}

fn beyond(count: u64) {
    let (many, few) = (texts(0..count), table_of("x\na\nb\n"));
    for (reference, current) in [(&many, &few), (&few, &many)] {
        let error = drift(reference, current).unwrap_err();
        assert!(matches!(error, MeasureError::TooLarge { limit: MOST, .. }), "{error:?}");
    }
}

#[test]
fn more_categories_than_there_may_be() {
    beyond(MOST + 1);
}

fn unique(table: &Table) -> Result<Measured, MeasureError> {
    let contract = "apiVersion: v3.1.0\nkind: DataContract\nid: i\nversion: '1'\nstatus: active\nschema:\n- name: t\n  properties: [{name: x, unique: true}]\n";
    let object = &contract::read(contract.as_bytes()).unwrap().objects[0];
    measure(
        table,
        object,
        Asked { rows: None, no_extra_columns: false, forbidden_classifications: &[], now: None, threads: 2 },
    )
}

fn told_apart(count: u64) {
    assert_eq!(unique(&texts(0..count)).unwrap().broken, []);
    let mut file = BufWriter::new(tempfile::tempfile().unwrap());
    // The last repeats the first.
    file.write_all(b"x\n").unwrap();
    (0..count).for_each(|i| writeln!(file, "t{}", i % (count - 1)).unwrap());
    let mut file = file.into_inner().unwrap();
    file.seek(SeekFrom::Start(0)).unwrap();
    let broken = unique(&Table::open(file).unwrap()).unwrap().broken;
    assert_eq!(broken.iter().map(|one| one.count).collect::<Vec<_>>(), [Some(1)]);
}

#[test]
fn unique_values_are_told_apart() {
    told_apart(2 * MOST);
}

#[test]
#[ignore = "two tables of 10 million rows: make truth"]
fn ten_million_different_values() {
    beyond(MANY);
    told_apart(MANY);
    let error = unique(&texts(0..MANY + 1)).unwrap_err();
    assert!(matches!(error, MeasureError::TooLarge { limit: MANY, .. }), "{error:?}");
}
