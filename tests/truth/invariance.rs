//! Contracts, personal data and anonymity: neither the order of rows nor how a file groups them changes a count.
//! (Drift has properties of its own in `src/measure`.)

use super::people::{HEADER, broken, rows};
use super::table_of;
use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_ipc::writer::StreamWriter;
use modelgate::measure::Table;
use modelgate::measure::privacy::anonymity::{self, Groups};
use modelgate::measure::privacy::personal::{Found, find};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::io::{Seek, SeekFrom, Write};
use std::sync::Arc;

type Told = (BTreeMap<String, u64>, Vec<Found>, Groups);

fn told(table: &Table) -> Told {
    let all: Vec<usize> = (0..table.columns().len()).collect();
    let (quasi, sensitive) = (["zip".to_owned(), "age".to_owned()], ["ill".to_owned()]);
    let asked = anonymity::Asked { quasi_identifiers: &quasi, sensitive: &sensitive, k: 3, l: 2 };
    (broken(table), find(table, &all, 2).unwrap(), anonymity::count(table, asked).unwrap())
}

/// People, every third with something personal beside them.
fn people(seed: u64, count: u64) -> Vec<String> {
    let note = |i: usize| match i % 6 {
        0 => format!("write to p{i}@example.org"),
        3 => "card 4111 1111 1111 1111".to_owned(),
        _ => format!("file {i} of 2026"),
    };
    rows(seed, count).iter().enumerate().map(|(i, row)| format!("{},{}\n", row.trim_end(), note(i))).collect()
}

fn header() -> String {
    format!("{},note\n", HEADER.trim_end())
}

/// Numbers where the contract asks for them, texts elsewhere.
fn batch(rows: &[String]) -> RecordBatch {
    let header = header();
    let columns = header.trim_end().split(',').enumerate().map(|(at, name)| {
        let cell = |row: &String| Some(row.trim_end().split(',').nth(at)?.to_owned()).filter(|cell| !cell.is_empty());
        let array: ArrayRef = match name {
            "score" => Arc::new(rows.iter().map(|row| cell(row)?.parse().ok()).collect::<Float64Array>()),
            "age" | "id" => Arc::new(rows.iter().map(|row| cell(row)?.parse().ok()).collect::<Int64Array>()),
            _ => Arc::new(rows.iter().map(cell).collect::<StringArray>()),
        };
        (name.to_owned(), array, true)
    });
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

fn opened(bytes: &[u8]) -> Table {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.seek(SeekFrom::Start(0)).unwrap();
    Table::open(file).unwrap()
}

/// Parquet with so many rows a group, and as many a page.
fn parquet(rows: &[String], group: usize) -> Table {
    let batch = batch(rows);
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(group))
        .set_data_page_row_count_limit(group)
        .set_write_batch_size(group)
        .set_dictionary_enabled(group.is_multiple_of(2));
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties.build())).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    opened(&bytes)
}

/// Arrow IPC with so many rows a batch.
fn arrow(rows: &[String], size: usize) -> Table {
    let batch = batch(rows);
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    for start in (0..batch.num_rows()).step_by(size) {
        writer.write(&batch.slice(start, size.min(batch.num_rows() - start))).unwrap();
    }
    opened(&writer.into_inner().unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn order_and_groups_of_rows_change_nothing(
        seed in 0u64..1000, count in 1u64..120, group in 1usize..40, places in any::<u64>(),
    ) {
        let plain = people(seed, count);
        let once = told(&table_of(&(header() + &plain.concat())));
        let mut order = plain.clone();
        // Any order will do: by a digest that the case chooses.
        order.sort_by_key(|row| row.bytes().fold(places, |so_far, byte| {
            (so_far ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
        }));
        prop_assert_eq!(&told(&table_of(&(header() + &order.concat()))), &once);
        for rows in [&plain, &order] {
            prop_assert_eq!(&told(&parquet(rows, group)), &once, "row groups of {}", group);
            prop_assert_eq!(&told(&arrow(rows, group)), &once, "batches of {}", group);
        }
    }
}
