use super::*;
use crate::measure::Table;
use crate::measure::key::key;
use crate::measure::numbers::Numbers;
use crate::measure::table::Column;
use crate::measure::table::tests::table_of;
use crate::measure::value::Value;
use parquet::basic::Type as Physical;
use parquet::data_type::{Int96, Int96Type};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;

/// Of 1970-01-01.
const JULIAN_DAY: u32 = 2_440_588;
/// Days from then to 9999-12-31, by which many programs say that something has no end.
const LAST_DAY: u32 = 2_932_896;
/// 2026-01-01.
const DAY: u32 = 20_454;
const NANOSECONDS: i128 = 86_400_000_000_000;

/// One column of instants: days since 1970, and nanoseconds of the day.
fn int96(instants: &[(u32, u64)]) -> Table {
    let values: Vec<Int96> = instants
        .iter()
        .map(|(day, nanoseconds)| {
            let mut value = Int96::new();
            value.set_data(*nanoseconds as u32, (*nanoseconds >> 32) as u32, day.wrapping_add(JULIAN_DAY));
            value
        })
        .collect();
    let column = Arc::new(Type::primitive_type_builder("t", Physical::INT96).build().unwrap());
    let schema = Arc::new(Type::group_type_builder("rows").with_fields(vec![column]).build().unwrap());
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, Arc::default()).unwrap();
    // One instant in each row group.
    for value in &values {
        let mut group = writer.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let one = std::slice::from_ref(value);
        column.typed::<Int96Type>().write_batch(one, Some(&[1]), None).unwrap();
        column.close().unwrap();
        group.close().unwrap();
    }
    writer.close().unwrap();
    table_of(&bytes)
}

/// Nanoseconds since 1970, row by row, as contracts read them.
fn nanoseconds(table: &Table) -> Result<Vec<i128>, MeasureError> {
    let of = |value: Value<'_>| match value {
        Value::Timestamp { nanoseconds, zoned: false } => nanoseconds,
        other => panic!("{other:?}"),
    };
    let (mut by_array, mut by_row) = (Vec::new(), Vec::new());
    table.arrays(0, &mut |array| {
        let value = parquet_values::values(array);
        by_array.extend((0..array.len()).map(|row| of(value(row))));
    })?;
    table.values(&[0], None, |_, value| {
        by_row.push(of(value));
        Ok(())
    })?;
    assert_eq!(by_array, by_row);
    Ok(by_row)
}

#[test]
fn an_int96_instant_is_itself_or_refused() {
    let day = i128::from(DAY) * NANOSECONDS;
    let last = i128::from(LAST_DAY) * NANOSECONDS;
    assert_eq!(nanoseconds(&int96(&[(DAY, 1), (DAY, 86_399_999_999_999)])), Ok(vec![day + 1, day + NANOSECONDS - 1]));
    // Later than any count of nanoseconds in 64 bits.
    assert_eq!(nanoseconds(&int96(&[(DAY, 0), (LAST_DAY, 5000)])), Ok(vec![day, last + 5000]));
    // No whole microseconds there, more than they hold either, and a day of centuries.
    for instant in [(LAST_DAY, 1), (i32::MAX as u32 - JULIAN_DAY, 0), (DAY, u64::MAX >> 1)] {
        let error = nanoseconds(&int96(&[(DAY, 1), instant])).unwrap_err().to_string();
        assert!(error.contains("column \"t\" holds an instant"), "{instant:?}: {error}");
    }
    let table = int96(&[(DAY, 0), (LAST_DAY, 0)]);
    assert_eq!(table.kind(0), Kind::Instants { zoned: false });
    let read = table.read(&[(0, Take::Instants)], None, &mut vec![]).unwrap();
    let microseconds = |days: u32| f64::from(days) * 86_400e6;
    let numbers = Numbers::Counted(vec![(key(microseconds(DAY)), 1), (key(microseconds(LAST_DAY)), 1)]);
    assert_eq!(read, [Column::Numbers { numbers, nulls: 0 }]);
}
