//! How many rows there are, where little or nothing else tells.

use super::*;
use parquet::file::metadata::{FileMetaData, ParquetMetaDataBuilder, ParquetMetaDataReader, ParquetMetaDataWriter};

/// The same Parquet file with another number of rows in its footer.
fn claiming(bytes: &[u8], rows: i64) -> Vec<u8> {
    let metadata = ParquetMetaDataReader::new().parse_and_finish(&bytes::Bytes::copy_from_slice(bytes)).unwrap();
    let file = metadata.file_metadata();
    let file = FileMetaData::new(file.version(), rows, None, None, file.schema_descr_ptr(), None);
    let groups = metadata.row_groups().iter().map(|group| group.clone().into_builder().set_num_rows(rows).build());
    let claims = ParquetMetaDataBuilder::new(file).set_row_groups(groups.collect::<Result<_, _>>().unwrap()).build();
    let end = bytes.len() - 8;
    let length = u32::from_le_bytes(bytes[end..end + 4].try_into().unwrap()) as usize;
    let mut written = bytes[..end - length].to_vec();
    let mut footer = Vec::new();
    ParquetMetaDataWriter::new(&mut footer, &claims).finish().unwrap();
    written.extend(footer);
    written
}

#[test]
fn they_are_counted_where_no_column_is_asked_about() {
    let rule = Rule { counted: Counted::Rows, bound: Bound::new(vec![Test::AtLeast(3.0)]), percent: false };
    let object = Object { rules: vec![rule], ..Object::default() };
    assert!(found(b"a,b\n1,x\n2,y\n3,z\n", &object).is_empty());
    assert_eq!(found(b"a,b\n1,x\n", &object), ["- 1 rowCount not >= 3"]);
    let two = parquet(vec![("a", Arc::new(Int64Array::from(vec![1, 2])) as ArrayRef)]);
    assert_eq!(found(&two, &object), ["- 2 rowCount not >= 3"]);
    // A footer proves nothing.
    let error = measure(&table_of(&claiming(&two, 1000)), &object, asked(&[])).unwrap_err().to_string();
    assert!(error.contains("Parquet"), "{error}");
}

#[test]
fn a_blank_line_of_one_column_is_one_without_a_value() {
    let required = of(Column { required: true, ..column(Logical::Integer) });
    for text in ["a\n1\n\n2\n", "a\n1\n2\n\n", "a\r\n\r\n1\r\n2", "\u{feff}a\n1\n\"\"\n2\n"] {
        let measured = measure(&table_of(text.as_bytes()), &required, asked(&[])).unwrap();
        assert_eq!((measured.rows, told(&measured.broken[0])), (3, "a 1 missing".into()), "{text:?}");
    }
    for text in ["a\n1\n2\n", "\n\na\n1\n2", "a\r\n1\r\n2\r\n"] {
        let measured = measure(&table_of(text.as_bytes()), &required, asked(&[])).unwrap();
        assert_eq!((measured.rows, measured.broken), (2, vec![]), "{text:?}");
    }
}
