//! Parquet: little files that claim much, or unpack to much, and files that are not whole.

use super::limited::Hostile;
use super::tables::{UNREADABLE, all, columns, drift, fairness, rows};
use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, DictionaryArray, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray};
use modelgate::policy::{FindingReason as Reason, Outcome};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::metadata::{FileMetaData, ParquetMetaDataBuilder, ParquetMetaDataReader, ParquetMetaDataWriter};
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder};
use std::sync::Arc;

fn zstd() -> WriterPropertiesBuilder {
    WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::try_new(3).unwrap()))
}

fn write(columns: Vec<(String, ArrayRef)>, properties: WriterPropertiesBuilder) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties.build())).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

/// Columns as the gates ask for them; `afam` as given.
fn predictions(count: i64, afam: ArrayRef) -> Vec<(String, ArrayRef)> {
    let bits = |shift: i64| Arc::new((0..count).map(|i| Some(i >> shift & 1)).collect::<Int64Array>()) as ArrayRef;
    let scores = Arc::new((0..count).map(|i| Some((i % 9) as f64 / 10.0)).collect::<Float64Array>());
    vec![("deny".into(), bits(0)), ("predicted".into(), bits(1)), ("score".into(), scores), ("afam".into(), afam)]
}

fn yes_and_no(count: i64) -> ArrayRef {
    Arc::new((0..count).map(|i| Some(if i % 3 == 0 { "yes" } else { "no" })).collect::<StringArray>())
}

fn good() -> Vec<u8> {
    write(predictions(60, yes_and_no(60)), zstd())
}

/// One text, long, in every row.
fn same_text(count: i32, length: usize) -> ArrayRef {
    let texts = StringArray::from(vec!["x".repeat(length), "y".repeat(length)]);
    let codes = Int32Array::from_iter_values((0..count).map(|i| i % 2));
    Arc::new(DictionaryArray::<Int32Type>::try_new(codes, Arc::new(texts)).unwrap())
}

fn footer_of(bytes: &[u8]) -> usize {
    let end = bytes.len() - 8;
    end - u32::from_le_bytes(bytes[end..end + 4].try_into().unwrap()) as usize
}

/// The same file with a footer that claims other numbers of rows and bytes.
fn claiming(rows: i64, size: i64) -> Vec<u8> {
    let bytes = good();
    let metadata = ParquetMetaDataReader::new().parse_and_finish(&bytes::Bytes::from(bytes.clone())).unwrap();
    let file = metadata.file_metadata();
    let file = FileMetaData::new(file.version(), rows, None, None, file.schema_descr_ptr(), None);
    let groups = metadata
        .row_groups()
        .iter()
        .map(|group| group.clone().into_builder().set_num_rows(rows).set_total_byte_size(size).build().unwrap());
    let claims = ParquetMetaDataBuilder::new(file).set_row_groups(groups.collect()).build();
    let mut written = bytes[..footer_of(&bytes)].to_vec();
    let mut footer = Vec::new();
    ParquetMetaDataWriter::new(&mut footer, &claims).finish().unwrap();
    written.extend(footer);
    written
}

fn varint(mut value: u64, to: &mut Vec<u8>) {
    while value > 0x7f {
        to.push(value as u8 | 0x80);
        value >>= 7;
    }
    to.push(value as u8);
}

/// Nothing but a footer with a schema of groups that have so many children.
fn schema(children: impl Iterator<Item = u32>) -> Vec<u8> {
    let children: Vec<u32> = children.collect();
    let mut footer = vec![0x15, 2, 0x19, 0xfc];
    varint(children.len() as u64, &mut footer);
    for count in children {
        // Repetition, name, children.
        footer.extend([0x35, 0, 0x18, 1, b'a', 0x15]);
        varint(u64::from(count) << 1, &mut footer);
        footer.push(0);
    }
    footer.extend([0x16, 0, 0x19, 0x0c, 0]);
    let length = (footer.len() as u32).to_le_bytes();
    [b"PAR1", &footer[..], &length, b"PAR1"].concat()
}

#[test]
fn a_good_file_passes() {
    let findings = all(&good()).run();
    assert!(findings.iter().all(|finding| finding.outcome == Outcome::Pass), "{findings:?}");
}

#[test]
fn broken() {
    let good = good();
    let footer = footer_of(&good);
    let replaced = |at: usize, with: &[u8]| {
        let mut bytes = good.clone();
        bytes[at..at + with.len()].copy_from_slice(with);
        bytes
    };
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("wrong magic at the end", replaced(good.len() - 4, b"PARX")),
        ("encrypted footer", replaced(good.len() - 4, b"PARE")),
        ("wrong magic at the start", replaced(0, b"PARX")),
        ("Arrow IPC", replaced(0, b"ARROW1\0\0")),
        ("cut", good[..good.len() / 2].to_vec()),
        ("cut before the footer's length", good[..good.len() - 8].to_vec()),
        ("a row group cut", [&good[..footer / 2], &good[footer..]].concat()),
        ("a row group of zeros", [b"PAR1", &vec![0; footer - 4][..], &good[footer..]].concat()),
        ("no row group at all", [b"PAR1", &good[footer..]].concat()),
        ("only the magic", b"PAR1".to_vec()),
        ("magic twice", b"PAR1PAR1".to_vec()),
        ("a footer longer than the file", replaced(good.len() - 8, b"\xff\xff\xff\x7f")),
        ("a footer of nothing", replaced(good.len() - 8, b"\0\0\0\0")),
    ];
    for (case, bytes) in cases {
        all(&bytes).refused(case, UNREADABLE);
    }
}

#[test]
fn claims() {
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("four billion rows", claiming(4_000_000_000, 1000)),
        ("most rows there can be", claiming(i64::MAX, 1000)),
        ("fewer rows than there are", claiming(20, 1000)),
        ("negative rows", claiming(-1, 1000)),
        ("an exabyte", claiming(60, 1 << 60)),
        ("two billion columns", schema([0x7fff_ffff, 0].into_iter())),
        ("a million groups within each other", schema(std::iter::repeat_n(1, 1_000_000).chain([0]))),
        ("5,000 columns", {
            let one = || Arc::new(Int64Array::from(vec![1; 12])) as ArrayRef;
            write((0..5000).map(|i| (format!("c{i}"), one())).collect(), zstd())
        }),
    ];
    for (case, bytes) in cases {
        all(&bytes).refused(case, UNREADABLE);
    }
}

#[test]
fn bombs() {
    const ROWS: i32 = 10_000;
    let sixty_four = same_text(ROWS, 64 << 10);
    let by_code = write(predictions(ROWS.into(), Arc::clone(&sixty_four)), zstd());
    let by_change = zstd().set_dictionary_enabled(false).set_encoding(Encoding::PLAIN);
    let by_change = by_change.set_column_encoding("afam".into(), Encoding::DELTA_BYTE_ARRAY);
    let by_change = write(predictions(ROWS.into(), sixty_four), by_change);
    let one_page = zstd().set_dictionary_enabled(false);
    let one_page = write(
        predictions(60, Arc::new(StringArray::from(vec!["x".repeat(2 << 20); 60]))),
        one_page.set_data_page_size_limit(1 << 30),
    );
    for (case, bytes) in [("by code", by_code), ("by what changes", by_change), ("one page", one_page)] {
        assert!(bytes.len() < 2 << 20, "{case} takes {} bytes", bytes.len());
        let hostile = Hostile::new()
            .table("input", &bytes, &columns())
            .evidence("good", rows(1).as_bytes())
            .gate("parity", fairness("DemographicParityDifference"))
            .gate("calibration", fairness("CalibrationGap"));
        hostile.refused(case, UNREADABLE);
        // Other columns may be compared: what must not happen is that the process ends.
        let hostile = Hostile::new().evidence("input", &bytes).evidence("good", rows(1).as_bytes());
        let text = |method: &str| {
            let mut check = drift("good", "input", method);
            check["drift"]["columns"] = serde_json::json!(["afam"]);
            check
        };
        hostile.gate("texts", text("NewCategoryShare")).gate("shares", text("PSI")).refused(case, UNREADABLE);
    }
}

/// Rows that take no bytes, up to the limit of rows: long, but with an end.
#[test]
fn many_rows_in_few_bytes() {
    let nulls =
        |count: usize| Arc::new(arrow_array::new_null_array(&arrow_schema::DataType::Float64, count)) as ArrayRef;
    let columns = vec![("score".to_owned(), nulls(2_000_000))];
    let bytes = write(columns, zstd());
    assert!(bytes.len() < 20_000, "{}", bytes.len());
    let hostile = Hostile::new().evidence("input", &bytes).evidence("good", rows(1).as_bytes());
    hostile.gate("psi", drift("good", "input", "PSI")).refused("nulls", &[Reason::NoComparableColumns]);
}
