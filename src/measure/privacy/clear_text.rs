//! What tokens must not give away: values in clear, encoded, or hashed without salt. Only 64 bits of digests of the
//! values are held, and no value leaves this module.

use super::personal::written;
use crate::measure::MeasureError;
use crate::measure::Table;
use crate::measure::plain_cells::Plain;
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use std::collections::HashSet;

/// Different values of a sample; a column with more is refused.
pub const MAX_VALUES: usize = 500_000;

/// The first 64 bits of a digest. That one of millions of random tokens begins like one of millions of digests happens
/// once in some 100,000 tables, and then it is a false alarm, never a false pass.
type Key = u64;

/// Shortest and longest hash, in bytes: SHA-256 may be cut, but not below its key.
const HASHES: std::ops::RangeInclusive<usize> = size_of::<Key>()..=32;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The values of a column, each as it is, trimmed, and in lower case.
#[derive(Debug)]
pub struct ClearText {
    /// Of each form of each value: SHA-256, SHA-1, MD5.
    keys: HashSet<Key>,
    values: usize,
    most: usize,
}

/// How a token gives a value away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GivenAway {
    /// It is one, whatever its case and the blanks around it.
    InClear,
    /// It is one in hex or Base64.
    Encoded,
    /// It is the MD5, SHA-1 or SHA-256 of one, perhaps cut.
    Hashed,
}

impl ClearText {
    /// Reads every value of a column; empty cells and NaN are none.
    ///
    /// # Errors
    /// A column that is not there, a table without rows, more than [`MAX_VALUES`] different values, dates and times of
    /// Parquet and Arrow (which nobody tokenizes as the number that is stored), those of the reader.
    pub fn read(table: &Table, column: &str) -> Result<Self, MeasureError> {
        let position = table.position(column)?;
        if table.rows() == 0 {
            return Err(MeasureError::Empty);
        }
        let mut all = Self::holding(MAX_VALUES);
        table.plain_values(&[position], &mut |_, value, _| match value {
            Plain::Null => Ok(()),
            Plain::Text(text) => all.add(text),
            Plain::Whole(number) => all.add(number.to_string().as_bytes()),
            Plain::Decimal(unscaled, scale) => all.add(written(unscaled, scale).as_bytes()),
            Plain::Real(number) if number.is_nan() => Ok(()),
            Plain::Real(number) => {
                // Whole numbers are written with a point or without.
                all.add(format!("{number}").as_bytes())?;
                all.add(format!("{number:?}").as_bytes())
            }
            Plain::Scaled(_) => {
                let kind = "date or time, and not of texts".to_owned();
                Err(MeasureError::UnsupportedType { column: column.to_owned(), kind })
            }
        })?;
        Ok(all)
    }

    fn holding(most: usize) -> Self {
        Self { keys: HashSet::new(), values: 0, most }
    }

    fn add(&mut self, value: &[u8]) -> Result<(), MeasureError> {
        if value.trim_ascii().is_empty() || self.keys.contains(&key(&Sha256::digest(value))) {
            return Ok(());
        }
        if self.values == self.most {
            return Err(MeasureError::TooLarge { what: "different values of clear text", limit: self.most as u64 });
        }
        self.values += 1;
        self.hold(value);
        if let Ok(text) = std::str::from_utf8(value) {
            self.hold(text.trim().as_bytes());
            self.hold(text.trim().to_lowercase().as_bytes());
        }
        Ok(())
    }

    fn hold(&mut self, form: &[u8]) {
        if self.keys.insert(key(&Sha256::digest(form))) {
            self.keys.insert(key(&Sha1::digest(form)));
            self.keys.insert(key(&Md5::digest(form)));
        }
    }

    /// How many different values there are.
    pub fn values(&self) -> usize {
        self.values
    }

    /// Whether a token, without its prefix, is a value or easily gives one away.
    pub fn given_away(&self, token: &[u8]) -> Option<GivenAway> {
        if self.has(token) {
            return Some(GivenAway::InClear);
        }
        let decoded = [from_hex(token), from_base64(token)];
        let mut decoded = decoded.iter().flatten();
        decoded.find_map(|bytes| {
            if HASHES.contains(&bytes.len()) && self.keys.contains(&key(bytes)) {
                Some(GivenAway::Hashed)
            } else {
                self.has(bytes).then_some(GivenAway::Encoded)
            }
        })
    }

    fn has(&self, text: &[u8]) -> bool {
        let held = |form: &[u8]| self.keys.contains(&key(&Sha256::digest(form)));
        held(text) || std::str::from_utf8(text).is_ok_and(|text| held(text.trim().to_lowercase().as_bytes()))
    }
}

/// Of at least 64 bits their first.
fn key(digest: &[u8]) -> Key {
    digest.first_chunk().map_or(0, |start| Key::from_le_bytes(*start))
}

/// Also with the dashes of a UUID.
fn from_hex(token: &[u8]) -> Option<Vec<u8>> {
    let digits: Vec<u8> = token.iter().copied().filter(|byte| *byte != b'-').collect();
    hex::decode(digits).ok().filter(|bytes| !bytes.is_empty())
}

/// Of either alphabet, padded or not.
fn from_base64(token: &[u8]) -> Option<Vec<u8>> {
    let standard = |byte: &u8| match byte {
        b'-' => b'+',
        b'_' => b'/',
        other => *other,
    };
    let token: Vec<u8> = token.iter().map(standard).collect();
    BASE64.decode(token).ok().filter(|bytes| !bytes.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::table::tests::table_of;

    fn of(column: &str) -> ClearText {
        ClearText::read(&table_of(column.as_bytes()), "c").unwrap()
    }

    #[test]
    fn tokens_that_give_a_value_away() {
        use GivenAway::{Encoded, Hashed, InClear};
        let clear = of("c\n Anna Kowalska \n078-05-1120\nÉva\n");
        assert_eq!(clear.values(), 3);
        // By md5sum, sha1sum, sha256sum, xxd -p and base64.
        let cases = [
            ("anna kowalska", Some(InClear)),
            ("ANNA KOWALSKA", Some(InClear)),
            (" Anna Kowalska ", Some(InClear)),
            ("éva", Some(InClear)),
            ("416e6e61204b6f77616c736b61", Some(Encoded)),
            ("416E6E61204B6F77616C736B61", Some(Encoded)),
            ("QW5uYSBLb3dhbHNrYQ==", Some(Encoded)),
            ("QW5uYSBLb3dhbHNrYQ", Some(Encoded)),
            ("MDc4LTA1LTExMjA=", Some(Encoded)),
            (MD5, Some(Hashed)),
            (UUID, Some(Hashed)),
            (SHA1, Some(Hashed)),
            (SHA256, Some(Hashed)),
            (&SHA256[..32], Some(Hashed)),
            (&SHA256[..16], Some(Hashed)),
            (&SHA256[..14], None),
            (SHA256_BASE64, Some(Hashed)),
            (LOWER, Some(Hashed)),
            ("9f86d081884c7d659a2feaa0c55ad015", None),
            ("cb8297a3a73579be54b061d9c6cf4336", None),
            ("", None),
            ("=", None),
        ];
        for (token, expected) in cases {
            assert_eq!(clear.given_away(token.as_bytes()), expected, "{token}");
        }
    }

    // Of 078-05-1120.
    const MD5: &str = "4c7ba0f145c56490fba2ff4ee72985eb";
    const UUID: &str = "4c7ba0f1-45c5-6490-fba2-ff4ee72985eb";
    const SHA1: &str = "b397e856ee347f34a35cf7c5c0e7b2c89abedf39";
    const SHA256: &str = "ef6385e04468128770c86bf7e098c70fa7bbc1a50d81a071087f925283a4e7af";
    const SHA256_BASE64: &str = "72OF4ERoEodwyGv34JjHD6e7waUNgaBxCH-SUoOk568=";
    // Of "anna kowalska".
    const LOWER: &str = "AC21A3C5B1BA1B20EE07FB7AECE9742C546F5F50EF11056F7480A4BB4D3EC4F1";

    #[test]
    fn numbers_are_written_as_people_write_them() {
        use arrow_array::{ArrayRef, Decimal128Array, Float64Array, Int64Array, RecordBatch};
        use std::sync::Arc;
        let columns: [ArrayRef; 3] = [
            Arc::new(Int64Array::from(vec![Some(78_051_120), None])),
            Arc::new(Float64Array::from(vec![Some(78_051_120.0), Some(f64::NAN)])),
            Arc::new(Decimal128Array::from(vec![Some(7_805_112_000), None]).with_precision_and_scale(38, 2).unwrap()),
        ];
        for column in columns {
            let batch = RecordBatch::try_from_iter([("c", column)]).unwrap();
            let mut bytes = Vec::new();
            let mut writer = parquet::arrow::ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
            writer.write(&batch).unwrap();
            writer.close().unwrap();
            let clear = ClearText::read(&table_of(&bytes), "c").unwrap();
            assert_eq!(clear.given_away(b"78051120"), Some(GivenAway::InClear));
            assert_eq!(clear.given_away(b"NaN"), None);
        }
    }

    #[test]
    fn more_values_than_are_held() {
        let mut clear = ClearText::holding(2);
        let mut add = |value: &str| clear.add(value.as_bytes());
        assert_eq!((add("a"), add("A"), add("a"), add(" ")), (Ok(()), Ok(()), Ok(()), Ok(())));
        assert!(matches!(add("b"), Err(MeasureError::TooLarge { limit: 2, .. })));
    }

    #[test]
    fn what_cannot_be_read() {
        let read = |bytes: &str, column: &str| ClearText::read(&table_of(bytes.as_bytes()), column).map(|c| c.values());
        assert!(matches!(read("c\n1\n", "d"), Err(MeasureError::ColumnMissing { .. })));
        assert!(matches!(read("c\n", "c"), Err(MeasureError::Empty)));
        assert_eq!(read("c,d\n,1\n \t,2\n", "c"), Ok(0));
    }
}
