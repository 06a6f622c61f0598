//! Parquet: little files that claim much, or unpack to much, and files that are not whole.

use super::columnar::{
    Columns, coded, looked_through, not_utf8, predictions, refused_as_too_much, twice, wide, yes_and_no,
};
use super::limited::Hostile;
use super::tables::{UNREADABLE, all, drift, rows};
use arrow_array::{ArrayRef, RecordBatch, StringArray};
use modelgate::policy::{FindingReason as Reason, Outcome};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::metadata::{FileMetaData, ParquetMetaDataBuilder, ParquetMetaDataReader, ParquetMetaDataWriter};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use std::sync::Arc;

fn zstd() -> WriterPropertiesBuilder {
    WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::try_new(3).unwrap()))
}

/// Every value as it is, where it can be overwritten.
fn plain() -> WriterPropertiesBuilder {
    WriterProperties::builder().set_dictionary_enabled(false).set_statistics_enabled(EnabledStatistics::None)
}

fn write(columns: Columns, properties: WriterPropertiesBuilder) -> Vec<u8> {
    write_batch(&RecordBatch::try_from_iter(columns).unwrap(), properties)
}

fn write_batch(batch: &RecordBatch, properties: WriterPropertiesBuilder) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties.build())).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
    bytes
}

fn good() -> Vec<u8> {
    write(predictions(yes_and_no(60)), zstd())
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
        ("20,000 columns", write(wide(20_000), zstd())),
        ("a column twice", write_batch(&twice(), zstd())),
        ("no UTF-8", not_utf8(write(predictions(yes_and_no(60)), plain()))),
        ("no UTF-8, lengths apart", {
            let by_change = plain().set_column_encoding("afam".into(), Encoding::DELTA_LENGTH_BYTE_ARRAY);
            not_utf8(write(predictions(yes_and_no(60)), by_change))
        }),
    ];
    for (case, bytes) in cases {
        all(&bytes).refused(case, UNREADABLE);
    }
}

#[test]
fn bombs() {
    const ROWS: i32 = 10_000;
    let sixty_four = coded(ROWS, 64 << 10);
    let by_code = write(predictions(Arc::clone(&sixty_four)), zstd());
    let by_change = zstd().set_dictionary_enabled(false).set_encoding(Encoding::PLAIN);
    let by_change = by_change.set_column_encoding("afam".into(), Encoding::DELTA_BYTE_ARRAY);
    let by_change = write(predictions(sixty_four), by_change);
    let one_page = zstd().set_dictionary_enabled(false);
    let one_page = write(
        predictions(Arc::new(StringArray::from(vec!["x".repeat(2 << 20); 60]))),
        one_page.set_data_page_size_limit(1 << 30),
    );
    for (case, bytes) in [("by code", by_code), ("by what changes", by_change), ("one page", one_page)] {
        assert!(bytes.len() < 2 << 20, "{case} takes {} bytes", bytes.len());
        refused_as_too_much(case, &bytes);
    }
    looked_through("by code", &write(predictions(coded(500, 64 << 10)), zstd()));
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
