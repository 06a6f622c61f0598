use super::*;
use crate::measure::Table;
use crate::measure::table::tests::{table_of, try_table_of};
use arrow_array::types::Int8Type;
use arrow_array::{
    BinaryViewArray, BooleanArray, DictionaryArray, Float64Array, Int8Array, Int64Array, LargeStringArray, RecordBatch,
    StringArray, StringViewArray,
};
use arrow_ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use proptest::prelude::*;
use std::sync::Arc;

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/fixtures/tables/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter(columns).unwrap()
}

pub fn file_of(batches: &[RecordBatch]) -> Vec<u8> {
    let mut writer = FileWriter::try_new(Vec::new(), &batches[0].schema()).unwrap();
    batches.iter().for_each(|batch| writer.write(batch).unwrap());
    writer.into_inner().unwrap()
}

fn stream_of(batches: &[RecordBatch]) -> Vec<u8> {
    let options = IpcWriteOptions::default();
    let mut writer = StreamWriter::try_new_with_options(Vec::new(), &batches[0].schema(), options).unwrap();
    batches.iter().for_each(|batch| writer.write(batch).unwrap());
    writer.into_inner().unwrap()
}

/// Every value of a table, column by column.
fn values(table: &Table) -> Vec<Vec<String>> {
    let of = |position: usize| {
        let mut all = Vec::new();
        table
            .values(&[position], None, |_, value| {
                all.push(format!("{value:?}"));
                Ok(())
            })
            .unwrap();
        all
    };
    (0..table.columns().len()).map(of).collect()
}

#[test]
fn types_that_nothing_else_writes() {
    let table = table_of(&fixture("types.arrow"));
    assert_eq!((table.format(), table.rows()), ("Arrow IPC", 3));
    let all = values(&table);
    let of = |name: &str| -> Vec<&str> { all[table.position(name).unwrap()].iter().map(String::as_str).collect() };
    let long = "Text(\"a long text that stands in no view\")";
    assert_eq!(of("large"), ["Text(\"a\")", "Null", long]);
    assert_eq!(of("view"), ["Text(\"short\")", long, "Null"]);
    assert_eq!(of("bytes"), ["Bytes([0, 255])", "Null", "Bytes([])"]);
    assert_eq!(of("fixed")[1..], ["Bytes([101, 102, 103, 104])", "Null"]);
    assert_eq!(of("money"), ["Number(Real(10.5))", "Number(Real(-0.07))", "Null"]);
    assert_eq!(of("small_money"), of("money"));
    assert_eq!(of("day"), ["Date(1767225600000000000)", "Null", "Date(1767225600000000000)"]);
    assert_eq!(of("clock"), ["Time(30600000000000)", "Null", "Time(1000000000)"]);
    assert_eq!(of("at")[2], "Timestamp { nanoseconds: 1700000000123456789, zoned: false }");
    for (name, with_null) in [("list", true), ("pair", true), ("half", true), ("codes", true), ("runs", false)] {
        let second = if with_null { "Null" } else { "Other" };
        assert_eq!(of(name), ["Other", second, "Other"], "{name}");
        let kind = table.kind(table.position(name).unwrap());
        assert!(matches!(kind, Kind::Unsupported(_)), "{name} {kind:?}");
    }
    assert_eq!(of("last"), ["1", "2", "3"].map(|n| format!("Number(Whole({n}))")));
    let list = table.position("list").unwrap();
    let refused = table.visit(&[list], None, |_| Ok(())).unwrap_err().to_string();
    assert!(refused.contains("List") && refused.contains("\"list\""), "{refused}");
}

#[test]
fn a_file_that_is_cut_anywhere_is_an_error() {
    for name in ["loans-lz4.arrow", "loans-zstd.arrow", "loans.arrows", "loans-polars.arrow", "loans-polars.arrows"] {
        let whole = fixture(name);
        for cut in (6..whole.len()).step_by(61) {
            assert!(try_table_of(&whole[..cut]).is_err(), "{name} cut at {cut}");
        }
        let longer = [&whole[..], b"\0"].concat();
        assert!(try_table_of(&longer).is_err(), "{name}");
    }
}

#[test]
fn bits_that_are_turned_crash_nothing() {
    std::panic::set_hook(Box::new(|_| {}));
    for name in ["loans-lz4.arrow", "loans.arrows", "loans-polars.arrow", "types.arrow"] {
        let whole = fixture(name);
        let mut refused = 0;
        for at in (0..whole.len()).step_by(23) {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x55;
            let read = try_table_of(&damaged).and_then(|table| {
                (0..table.columns().len()).try_for_each(|position| table.values(&[position], None, |_, _| Ok(())))
            });
            refused += usize::from(read.is_err());
        }
        assert!(refused > 0, "{name}");
    }
    let _ = std::panic::take_hook();
}

#[test]
fn what_a_batch_claims_and_does_not_hold() {
    let good = || batch(vec![("a", Arc::new(Int64Array::from(vec![Some(1), None, Some(3)])) as ArrayRef)]);
    let whole = stream_of(&[good()]);
    assert_eq!(table_of(&whole).rows(), 3);
    // The end mark alone is missing: nobody knows whether more was written.
    let error = try_table_of(&whole[..whole.len() - 8]).map(drop).unwrap_err().to_string();
    assert!(error.contains("may be cut"), "{error}");
    let nothing = stream_of(&[good().slice(0, 0)]);
    assert_eq!(table_of(&nothing).rows(), 0);
    let no_columns = try_table_of(&file_of(&[RecordBatch::new_empty(Arc::new(arrow_schema::Schema::empty()))]));
    assert_eq!(no_columns.map(drop), Err(MeasureError::Empty));
    let twice = batch(vec![("a", Arc::new(Int64Array::from(vec![1])) as ArrayRef)]);
    let renamed = RecordBatch::try_new(
        Arc::new(arrow_schema::Schema::new(vec![twice.schema().field(0).clone(), twice.schema().field(0).clone()])),
        vec![Arc::clone(twice.column(0)), Arc::clone(twice.column(0))],
    );
    assert!(try_table_of(&file_of(&[renamed.unwrap()])).map(drop).unwrap_err().to_string().contains("stands twice"));
    // Files with parts after each other that a stream would have: the magic in the middle.
    let joined = [file_of(&[good()]), file_of(&[good()])].concat();
    assert!(try_table_of(&joined).is_err());
    assert!(try_table_of(&[&whole[..], &whole[..]].concat()).is_err());
}

#[test]
fn dictionaries_are_replaced_and_go_on_in_streams() {
    let words = |words: Vec<Option<&str>>| {
        let coded: DictionaryArray<Int8Type> = words.into_iter().collect();
        batch(vec![("word", Arc::new(coded) as ArrayRef)])
    };
    let bytes = stream_of(&[words(vec![Some("a"), Some("b"), None]), words(vec![Some("c"), Some("a")])]);
    let table = table_of(&bytes);
    assert_eq!(values(&table)[0], ["Text(\"a\")", "Text(\"b\")", "Null", "Text(\"c\")", "Text(\"a\")"]);
    // A value of the dictionary may be none as well.
    let texts = Arc::new(StringArray::from(vec![Some("x"), None]));
    let keys = Int8Array::from(vec![Some(0), Some(1), None]);
    let coded = DictionaryArray::<Int8Type>::try_new(keys, texts).unwrap();
    let table = table_of(&file_of(&[batch(vec![("word", Arc::new(coded) as ArrayRef)])]));
    assert_eq!(values(&table)[0], ["Text(\"x\")", "Null", "Null"]);
}

#[test]
fn one_column_that_is_asked_for_twice() {
    let table = table_of(&fixture("loans.arrow"));
    let (region, score) = (table.position("region").unwrap(), table.position("score").unwrap());
    let mut rows = 0;
    table
        .visit(&[region, score, region], None, |row| {
            rows += 1;
            assert_eq!(row[0], row[2]);
            Ok(())
        })
        .unwrap();
    assert_eq!(rows, 240);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Batches of any size, as a file and as a stream, give the values that were written.
    #[test]
    fn tables_read_back(
        rows in prop::collection::vec(
            (any::<Option<i64>>(), prop::option::of("[a-zé]{0,20}"), any::<Option<bool>>(), any::<Option<u8>>()), 1..200),
        cut in any::<prop::sample::Index>(),
        code in 0usize..3,
    ) {
        let texts: Vec<Option<&str>> = rows.iter().map(|row| row.1.as_deref()).collect();
        let coded: DictionaryArray<Int8Type> = rows.iter().map(|row| row.3.map(|n| ["x", "yy", ""][usize::from(n) % 3])).collect();
        let whole = batch(vec![
            ("n", Arc::new(rows.iter().map(|row| row.0).collect::<Int64Array>()) as ArrayRef),
            ("r", Arc::new(rows.iter().map(|row| row.0.map(|n| n as f64 / 7.0)).collect::<Float64Array>())),
            ("t", Arc::new(StringArray::from(texts.clone()))),
            ("l", Arc::new(LargeStringArray::from(texts.clone()))),
            ("v", Arc::new(StringViewArray::from(texts.clone()))),
            ("y", Arc::new(texts.iter().map(|t| t.map(str::as_bytes)).collect::<BinaryViewArray>())),
            ("b", Arc::new(rows.iter().map(|row| row.2).collect::<BooleanArray>())),
            ("d", Arc::new(coded)),
        ]);
        let cut = cut.index(rows.len());
        let parts = [whole.slice(0, cut), whole.slice(cut, rows.len() - cut)];
        let bytes = match code {
            0 => file_of(&parts),
            1 => stream_of(&parts),
            _ => file_of(std::slice::from_ref(&whole)),
        };
        let table = table_of(&bytes);
        prop_assert_eq!(table.rows(), rows.len() as u64);
        let read = values(&table);
        let null = || "Null".to_owned();
        for (at, row) in rows.iter().enumerate() {
            let text = |text: &Option<String>| text.as_ref().map_or(null(), |text| format!("Text({text:?})"));
            prop_assert_eq!(&read[0][at], &row.0.map_or(null(), |n| format!("Number(Whole({n}))")));
            let word = text(&row.1);
            prop_assert_eq!([&read[2][at], &read[3][at], &read[4][at]], [&word; 3]);
            prop_assert_eq!(&read[5][at], &row.1.as_ref().map_or(null(), |t| format!("Bytes({:?})", t.as_bytes())));
            prop_assert_eq!(&read[6][at], &row.2.map_or(null(), |b| format!("Boolean({b})")));
            prop_assert_eq!(&read[7][at], &row.3.map_or(null(), |n| format!("Text({:?})", ["x", "yy", ""][usize::from(n) % 3])));
        }
    }
}
