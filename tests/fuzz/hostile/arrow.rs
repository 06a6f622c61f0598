//! Arrow IPC: little files that claim much, or unpack to much, and files that are not whole.

use super::columnar::{
    Columns, coded, looked_through, not_utf8, predictions, refused_as_too_much, twice, wide, yes_and_no,
};
use super::limited::Hostile;
use super::tables::{UNREADABLE, all, columns, drift, fairness, rows};
use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, DictionaryArray, Int32Array, NullArray, RecordBatch, StringArray, StringViewArray};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use modelgate::policy::Outcome;
use std::sync::Arc;

fn options(codec: Option<CompressionType>) -> IpcWriteOptions {
    IpcWriteOptions::default().try_with_compression(codec).unwrap()
}

fn write(columns: Columns, codec: Option<CompressionType>) -> Vec<u8> {
    write_batch(&RecordBatch::try_from_iter(columns).unwrap(), codec)
}

fn write_batch(batch: &RecordBatch, codec: Option<CompressionType>) -> Vec<u8> {
    let mut writer = FileWriter::try_new_with_options(Vec::new(), &batch.schema(), options(codec)).unwrap();
    writer.write(batch).unwrap();
    writer.into_inner().unwrap()
}

fn stream(columns: Columns) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer = StreamWriter::try_new_with_options(Vec::new(), &batch.schema(), options(None)).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

fn good() -> Vec<u8> {
    write(predictions(yes_and_no(60)), None)
}

#[test]
fn good_files_pass() {
    for bytes in [
        good(),
        stream(predictions(yes_and_no(60))),
        write(predictions(yes_and_no(60)), Some(CompressionType::ZSTD)),
        write(predictions(yes_and_no(60)), Some(CompressionType::LZ4_FRAME)),
    ] {
        let findings = all(&bytes).run();
        assert!(findings.iter().all(|finding| finding.outcome == Outcome::Pass), "{findings:?}");
    }
}

#[test]
fn broken() {
    let good = good();
    let streamed = stream(predictions(yes_and_no(60)));
    let replaced = |bytes: &[u8], at: usize, with: &[u8]| {
        let mut bytes = bytes.to_vec();
        bytes[at..at + with.len()].copy_from_slice(with);
        bytes
    };
    let end = good.len();
    // Where the last message before the footer begins.
    let begins = |at: &usize| good[*at..*at + 4] == [0xff; 4] && good[*at + 4..*at + 8] != [0; 4];
    let middle = (64..end - 64).step_by(8).rfind(begins).unwrap();
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("wrong magic at the end", replaced(&good, end - 6, b"ARROW2")),
        ("wrong magic at the start", replaced(&good, 0, b"ARROW2")),
        ("Parquet at the start", replaced(&good, 0, b"PAR1")),
        ("a wrong mark in the middle", replaced(&good, middle, b"\0\0\0\0")),
        ("cut", good[..end / 2].to_vec()),
        ("cut before its end", good[..end - 10].to_vec()),
        ("nothing between", [&good[..8], &good[end - 10..]].concat()),
        ("bodies of zeros", {
            let mut bytes = good.clone();
            bytes[16..end / 2].fill(0);
            bytes
        }),
        ("only the magic", b"ARROW1".to_vec()),
        ("magic twice", b"ARROW1\0\0ARROW1".to_vec()),
        ("a footer longer than the file", replaced(&good, end - 10, b"\xff\xff\xff\x7f")),
        ("a footer of negative length", replaced(&good, end - 10, b"\xff\xff\xff\xff")),
        ("a footer of nothing", replaced(&good, end - 10, b"\0\0\0\0")),
        ("two files", [&good[..], &good[..]].concat()),
        ("a stream cut", streamed[..streamed.len() / 2].to_vec()),
        ("a stream without its end", streamed[..streamed.len() - 8].to_vec()),
        ("two streams", [&streamed[..], &streamed[..]].concat()),
        ("a stream of nothing", b"\xff\xff\xff\xff\0\0\0\0".to_vec()),
        ("a message longer than the stream", replaced(&streamed, 4, b"\xff\xff\xff\x7f")),
        ("a message of four gigabytes", replaced(&streamed, 4, b"\xff\xff\xff\xff")),
        ("marks alone", vec![0xff; 1 << 20]),
        ("20,000 columns", write(wide(20_000), None)),
        ("20,000 columns in a stream", stream(wide(20_000))),
        ("a column twice", write_batch(&twice(), None)),
        ("no UTF-8", not_utf8(good.clone())),
        ("no UTF-8 in a stream", not_utf8(streamed.clone())),
    ];
    for (case, bytes) in cases {
        all(&bytes).refused(case, UNREADABLE);
    }
}

/// Every eight bytes in turn, as a count, an offset or a length, become very large or negative.
#[test]
fn numbers_that_claim_much() {
    let good = write(predictions(yes_and_no(12)), Some(CompressionType::ZSTD));
    for (step, with) in [(8, i64::MAX), (24, -1), (40, 1 << 40), (56, i64::from(i32::MAX))] {
        for at in (8..good.len() - 8).step_by(step * 4) {
            let mut bytes = good.clone();
            bytes[at..at + 8].copy_from_slice(&with.to_le_bytes());
            // What is overwritten may be padding, or a value: it only must end, and say something.
            let hostile = Hostile::new().table("input", &bytes, &columns());
            hostile.gate("g", fairness("DemographicParityDifference")).run();
        }
    }
}

fn long(count: usize, length: usize) -> Vec<String> {
    (0..count).map(|i| if i % 2 == 0 { "x" } else { "y" }.repeat(length)).collect()
}

#[test]
fn bombs() {
    let zstd = Some(CompressionType::ZSTD);
    let many = StringArray::from(long(2_000, 100 << 10));
    let views = StringViewArray::from(long(2_000, 100 << 10));
    let entries: StringArray = (0..2_000_000).map(|i| Some(format!("a text of some length, number {i:09}"))).collect();
    let entries = DictionaryArray::<Int32Type>::try_new(Int32Array::from(vec![0; 60]), Arc::new(entries)).unwrap();
    for (case, bytes) in [
        ("by code", write(predictions(coded(10_000, 64 << 10)), None)),
        ("by code, long", write(predictions(coded(10_000, 4 << 20)), zstd)),
        ("compressed texts", write(predictions(Arc::new(many)), zstd)),
        ("compressed views", write(predictions(Arc::new(views)), zstd)),
        ("a large dictionary", write(predictions(Arc::new(entries)), zstd)),
    ] {
        refused_as_too_much(case, &bytes);
    }
    looked_through("by code", &write(predictions(coded(500, 64 << 10)), None));
}

/// Rows that take no bytes: up to the limit of rows, and beyond it.
#[test]
fn many_rows_in_few_bytes() {
    for count in [2_000_000, 60_000_000] {
        let bytes = stream(vec![("score".to_owned(), Arc::new(NullArray::new(count)) as ArrayRef)]);
        assert!(bytes.len() < 2_000, "{}", bytes.len());
        let hostile = Hostile::new().evidence("input", &bytes).evidence("good", rows(1).as_bytes());
        hostile.gate("psi", drift("good", "input", "PSI")).refused("nulls", UNREADABLE);
    }
}
