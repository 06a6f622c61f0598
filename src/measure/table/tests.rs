use super::*;
use crate::measure::key::key;
use crate::measure::numbers::Numbers;
use std::io::Write;

pub fn try_table_of(bytes: &[u8]) -> Result<Table, MeasureError> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.seek(SeekFrom::Start(0)).unwrap();
    Table::open(file)
}

pub fn table_of(bytes: &[u8]) -> Table {
    try_table_of(bytes).unwrap()
}

#[test]
fn csv_with_a_byte_order_mark_and_quotes() {
    let table = table_of("\u{feff}\"a\",b c\r\n\"1\",\"x, \"\"y\"\"\"\r\n,\r\n-2.5e1,z\r\n".as_bytes());
    assert_eq!(table.columns(), ["a", "b c"]);
    assert_eq!((table.rows(), table.kind(0), table.kind(1)), (3, Kind::Numbers, Kind::Text));
    let columns = table.read(&[(1, Take::Texts), (0, Take::Numbers)], None, &mut vec![]).unwrap();
    let Column::Texts(texts) = &columns[0] else { panic!() };
    assert_eq!((texts.sorted(), texts.nulls), (vec![("x, \"y\"", 1), ("z", 1)], 1));
    let numbers = Numbers::Counted(vec![(key(-25.0), 1), (key(1.0), 1)]);
    assert_eq!(columns[1], Column::Numbers { numbers, nulls: 1 });
}

#[test]
fn a_quote_that_is_not_closed_swallows_no_rows() {
    for bytes in [&b"a,b\n1,x\n2,\"y\n-5,z\n-9,z\n"[..], b"a,b\n1,\"x", b"a,b\n\"1\",\"x\"\"\n"] {
        let error = try_table_of(bytes).map(drop).unwrap_err().to_string();
        assert!(error.contains("not closed"), "{error}");
    }
    assert_eq!(table_of(b"a,b\n1,\"x\"\"y\"").rows(), 1);
}

/// With room for the numbers or without, or when it does not reach: a table is the same.
#[test]
fn numbers_that_were_kept_aside() {
    // More rows than are kept at once, empty cells, and a column that turns out to be one of texts.
    let rows = 70_000;
    let line = |row: u32| {
        let number = if row.is_multiple_of(7) { String::new() } else { format!("{:?}", f64::from(row % 6000) / 8.0) };
        let word = if row == 65_000 { "x".to_owned() } else { row.to_string() };
        format!("{number},{word},-0.0\n")
    };
    let text = format!("a,b,c\n{}", (0..rows).map(line).collect::<String>());
    let open = |most: Option<u64>| {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let aside = most.map(|most| Aside { file: tempfile::tempfile().unwrap(), most });
        file.seek(SeekFrom::Start(0)).unwrap();
        Table::open_with(file, aside).unwrap()
    };
    let table = open(Some(1 << 30));
    assert_eq!([0, 1, 2].map(|at| table.stands_apart(at)), [true, false, true]);
    let odd = table.select(&[1], |row| Ok(row[0] != Cell::Text("8"))).unwrap();
    for most in [None, Some(0), Some(1 << 20)] {
        let other = open(most);
        assert_eq!([0, 1, 2].map(|at| other.stands_apart(at)), [false; 3], "{most:?}");
        for rows in [None, Some(&odd)] {
            let wanted = [(2, Take::Numbers), (1, Take::Texts), (0, Take::Numbers)];
            let read = |table: &Table| table.read(&wanted, rows, &mut vec![]).unwrap();
            assert!(read(&table) == read(&other), "{most:?}");
            let again = |table: &Table| {
                let mut keys = Vec::new();
                table.again((0, Take::Numbers), rows, &mut |some| keys.extend_from_slice(some)).unwrap();
                keys
            };
            assert!(again(&table) == again(&other), "{most:?}");
        }
    }
}

fn take(kind: &Kind) -> Take {
    match kind {
        Kind::Numbers => Take::Numbers,
        Kind::Instants { .. } => Take::Instants,
        Kind::Text | Kind::NotFinite(_) | Kind::Unsupported(_) => Take::Texts,
    }
}

#[test]
fn some_rows() {
    let table = table_of(b"a,b\n1,x\n2,y\n3,x\n,x\n");
    let rows = table.select(&[1], |row| Ok(row[0] == Cell::Text("x"))).unwrap();
    let columns = table.read(&[(0, Take::Numbers)], Some(&rows), &mut vec![]).unwrap();
    let numbers = Numbers::Counted(vec![(key(1.0), 1), (key(3.0), 1)]);
    assert_eq!(columns, [Column::Numbers { numbers, nulls: 1 }]);
}

#[test]
fn what_is_not_a_table() {
    let wide = (0..=MAX_COLUMNS).map(|i| i.to_string()).collect::<Vec<_>>().join(",");
    let open_quote = format!("a,b\n1,\"{}", "x\n".repeat(5 << 20));
    let cases: [(&[u8], &str); 8] = [
        (b"", "has no rows"),
        (b"\n\n", "has no rows"),
        (b"a,a\n1,2\n", "column \"a\" stands twice"),
        (b"a,b\n1,2\n1,2,3\n", "line: 3"),
        (wide.as_bytes(), "more than 4096 columns"),
        (open_quote.as_bytes(), "a quote may not be closed"),
        (b"PAR1", "Parquet"),
        (b"PAR1xxxxxxxxxxxxPAR1", "Parquet"),
    ];
    for (bytes, said) in cases {
        let error = try_table_of(bytes).err().map(|e| e.to_string()).unwrap_or_default();
        assert!(error.contains(said), "{said}: {error}");
    }
}

#[test]
fn a_blank_line_among_rows_of_several_columns_is_told() {
    for (text, line) in [
        ("a,b\n1,2\n\n3,4\n", 3),
        ("a,b\n1,2\n\n", 3),
        ("a,b\n\n1,2\n\n\n3,4", 2),
        ("a,b\r\n1,2\r\n\r\n3,4\r\n", 3),
        ("a,b\r\n1,2\r\n\r\n", 3),
        ("a,b\r1,2\r\r3,4\r", 3),
        ("\n\na,b\n1,\"x\n\ny\"\n\n3,4", 7),
    ] {
        let error = try_table_of(text.as_bytes()).map(drop).unwrap_err().to_string();
        assert!(error.contains(&format!("line {line} is blank")), "{text:?}: {error}");
    }
    for text in [
        "a,b\n1,2\n3,4\n",
        "a,b\n1,2\n3,4",
        "a,b\r\n1,2\r\n3,4\r\n",
        "a,b\r\n1,2\r\n3,4",
        "\u{feff}\n\r\na,b\n1,\"x\n\ny\"\n\"\r\n\",4\n",
        "a,\"b\n\n\"\n1,2\n3,4\n",
        "a,b\r1,2\r3,4\r",
        // Rows of empty cells.
        "a,b\n,\n\"\",\n",
    ] {
        assert_eq!(table_of(text.as_bytes()).rows(), 2, "{text:?}");
    }
}

#[test]
fn nan_is_not_a_number_and_not_a_word() {
    let table = table_of(b"a,b\n1,x\nNaN,inf\n-inf,y\n");
    assert_eq!(table.kind(0), Kind::NotFinite("-inf".to_owned()));
    assert_eq!(table.kind(1), Kind::Text);
}

#[test]
fn both_forms_of_the_mortgage_data_are_the_same_table() {
    let open = |name: &str| {
        let path = format!("{}/examples/mortgage/evidence/v2/{name}", env!("CARGO_MANIFEST_DIR"));
        Table::open(File::open(path).unwrap()).unwrap()
    };
    for name in ["training", "recent", "predictions"] {
        let (csv, parquet) = (open(&format!("{name}.csv")), open(&format!("{name}.parquet")));
        assert_eq!((csv.columns(), csv.rows()), (parquet.columns(), parquet.rows()));
        for position in 0..csv.columns().len() {
            let wanted = [(position, take(&csv.kind(position)))];
            assert_eq!(csv.kind(position), parquet.kind(position));
            let read = |table: &Table| table.read(&wanted, None, &mut vec![]).unwrap();
            assert_eq!(read(&csv), read(&parquet), "{name} {position}");
        }
    }
}

#[test]
fn a_damaged_parquet_file_is_an_error_or_the_same_size() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/mortgage/evidence/v2/recent.parquet");
    let whole = std::fs::read(path).unwrap();
    let read_all = |bytes: &[u8]| {
        let table = try_table_of(bytes)?;
        let wanted: Vec<_> = (0..table.columns().len()).map(|at| (at, take(&table.kind(at)))).collect();
        table.read(&wanted, None, &mut vec![]).map(|columns| columns.len())
    };
    assert_eq!(read_all(&whole), Ok(12));
    for cut in (4..whole.len()).step_by(97) {
        assert!(read_all(&whole[..cut]).is_err(), "cut at {cut}");
    }
    // Bits turned one at a time: whatever comes out, nothing crashes.
    std::panic::set_hook(Box::new(|_| {}));
    let mut refused = 0;
    for at in (0..whole.len()).step_by(11) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x55;
        refused += usize::from(read_all(&damaged).is_err());
    }
    let _ = std::panic::take_hook();
    assert!(refused > 0);
}

/// Texts that stand in pages as they are, and texts that stand as codes.
#[test]
fn texts_are_the_same_however_a_file_stores_them() {
    use arrow_array::{ArrayRef, RecordBatch, StringArray};
    use parquet::arrow::ArrowWriter;
    use parquet::file::properties::WriterProperties;

    let text = |row: usize| (row % 5 != 1).then(|| "ä".repeat(row % 7 * (row % 11) * 4) + &(row % 40).to_string());
    let array: ArrayRef = std::sync::Arc::new(StringArray::from_iter((0..20_000).map(text)));
    let batch = RecordBatch::try_from_iter([("a", array)]).unwrap();
    let written = |dictionary: bool, room: usize| {
        let properties = WriterProperties::builder()
            .set_dictionary_enabled(dictionary)
            .set_dictionary_page_size_limit(room)
            .set_data_page_row_count_limit(3000);
        let mut bytes = Vec::new();
        let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties.build())).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        table_of(&bytes)
    };
    let tables = [written(true, 1 << 20), written(false, 1 << 20), written(true, 1 << 8)];
    let every_third = || {
        let mut rows = Selected::default();
        (0..20_000).for_each(|row| rows.push(row % 3 == 0));
        rows
    };
    let read = |table: &Table, take: Take, rows: Option<&Selected>| {
        let read = table.read(&[(0, take)], rows, &mut vec![]).unwrap();
        match &read[0] {
            Column::Texts(texts) => format!("{:?} {}", texts.sorted(), texts.nulls),
            other => format!("{other:?}"),
        }
    };
    for (take, rows) in
        [Take::Texts, Take::Lengths].into_iter().flat_map(|take| [(take, None), (take, Some(every_third()))])
    {
        let [coded, plain, mixed] = tables.each_ref().map(|table| read(table, take, rows.as_ref()));
        assert!(coded == plain && coded == mixed, "{take:?}: {coded}\n{plain}\n{mixed}");
    }
    let values = tables.each_ref().map(|table| {
        let mut all = Vec::new();
        let seen = table.arrays(0, &mut |array| {
            let value = crate::measure::parquet_values::values(array);
            all.extend((0..array.len()).map(|row| value(row).text().map(std::borrow::Cow::into_owned)));
        });
        seen.map(|_| all).unwrap()
    });
    assert!(values[0].iter().cloned().eq((0..20_000).map(text)) && values[1] == values[0] && values[2] == values[0]);
}

/// The decoder would unpack all of it before it compares.
#[test]
fn a_gzip_page_that_says_less_than_it_unpacks_to_is_not_decoded() {
    for version in [1, 2] {
        let path = format!("{}/tests/fixtures/tables/loans-gzip-pages-{version}.parquet", env!("CARGO_MANIFEST_DIR"));
        let mut bytes = std::fs::read(path).unwrap();
        // The first page's header: kind, then twice the unpacked size, whose last seven bits stand first: 1,920, and 1,919 now.
        assert_eq!(bytes[4..9], [0x15, 4, 0x15, 0x80, 0x1e]);
        bytes[7..9].copy_from_slice(&[0xfe, 0x1d]);
        let table = table_of(&bytes);
        let read = table.visit(&[0], None, |_| Ok(())).unwrap_err().to_string();
        assert!(read.contains("unpacks to more bytes than it says"), "{version}: {read}");
        let read = table.read(&[(0, Take::Numbers)], None, &mut Vec::new()).unwrap_err().to_string();
        assert!(read.contains("unpacks to more bytes than it says"), "{version}: {read}");
    }
}
