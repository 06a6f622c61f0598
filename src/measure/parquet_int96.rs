//! Instants as INT96: a Julian day and nanoseconds of that day, of which 64 bits of nanoseconds do not hold all. The
//! decoder would let them wrap, so what it may count them in is told before.

use super::MeasureError;
use super::parquet_file::ParquetFile;
use super::parquet_table::unreadable;
use arrow_schema::TimeUnit;
use parquet::basic::Type;
use parquet::column::reader::{ColumnReader, get_column_reader};
use parquet::data_type::Int96;
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::serialized_reader::SerializedPageReader;
use std::sync::Arc;

const JULIAN_DAY_OF_1970: i128 = 2_440_588;
const NANOSECONDS_OF_A_DAY: i128 = 86_400_000_000_000;
const BATCH: usize = 2048;

/// Since 1970.
fn nanoseconds(value: &Int96) -> i128 {
    let [low, high, day] = [0, 1, 2].map(|at| value.data().get(at).copied().unwrap_or_default());
    let of_day = i64::from_le_bytes((u64::from(high) << 32 | u64::from(low)).to_le_bytes());
    (i128::from(day as i32) - JULIAN_DAY_OF_1970) * NANOSECONDS_OF_A_DAY + i128::from(of_day)
}

/// Since 1970, the nearest double.
pub fn microseconds(value: &Int96) -> f64 {
    let instant = nanoseconds(value);
    instant.div_euclid(1000) as f64 + instant.rem_euclid(1000) as f64 / 1000.0
}

/// The unit in which 64 bits hold every instant of a column exactly: nanoseconds, or microseconds, which reach farther.
/// Of a column of another type, and of one that holds none, nanoseconds.
///
/// # Errors
/// An instant that neither holds, and those of the decoder.
pub fn unit(
    file: &Arc<ParquetFile>,
    groups: &[RowGroupMetaData],
    leaf: usize,
    name: &str,
) -> Result<TimeUnit, MeasureError> {
    let (mut far, mut fine) = (false, false);
    let mut values = Vec::with_capacity(BATCH);
    for group in groups {
        let column = group.column(leaf);
        if column.column_type() != Type::INT96 {
            break;
        }
        let rows = usize::try_from(group.num_rows()).map_err(unreadable)?;
        let pages = SerializedPageReader::new(Arc::clone(file), column, rows, None).map_err(unreadable)?;
        let ColumnReader::Int96ColumnReader(mut reader) = get_column_reader(column.column_descr_ptr(), Box::new(pages))
        else {
            break;
        };
        loop {
            values.clear();
            let mut levels = Vec::new();
            let (records, _, _) =
                reader.read_records(BATCH, Some(&mut levels), None, &mut values).map_err(unreadable)?;
            if records == 0 {
                break;
            }
            for instant in values.iter().map(nanoseconds) {
                far |= i64::try_from(instant).is_err();
                fine |= instant % 1000 != 0;
                if far && (fine || i64::try_from(instant / 1000).is_err()) {
                    let why = format!(
                        "column {name:?} holds an instant beyond 1677 to 2262 beside nanoseconds, or beyond what \
                         microseconds hold"
                    );
                    return Err(unreadable(why));
                }
            }
        }
    }
    Ok(if far { TimeUnit::Microsecond } else { TimeUnit::Nanosecond })
}
