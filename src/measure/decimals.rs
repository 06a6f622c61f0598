//! Decimals of Parquet and Arrow as doubles.

use super::MeasureError;
use super::parquet_table::unreadable;
use arrow_array::{Array, Decimal128Array};

/// Ten to this power and all below are doubles.
const EXACT_TENS: u32 = 22;

/// The nearest double of a number without its point, of which so many digits stand behind that.
pub fn nearest(value: i128, scale: i8) -> f64 {
    match u32::try_from(scale) {
        // Both are doubles, so that one division is all the rounding.
        Ok(behind) if behind <= EXACT_TENS && value.unsigned_abs() <= 1 << 53 => {
            value as f64 / 10u128.pow(behind) as f64
        }
        Ok(_) | Err(_) => format!("{value}e{}", -i32::from(scale)).parse().unwrap_or(f64::NAN),
    }
}

/// The least number of more digits than a column says that it has. Its bytes may hold it.
pub fn too_many(digits: u8) -> u128 {
    10u128.saturating_pow(u32::from(digits))
}

/// Of every row; of a null anything.
///
/// # Errors
/// A number of more digits than the column says that it has.
pub fn doubles(values: &Decimal128Array, digits: u8, scale: i8) -> Result<Vec<f64>, MeasureError> {
    let number = |(row, value): (usize, &i128)| match value.unsigned_abs() < too_many(digits) {
        true => Ok(nearest(*value, scale)),
        false if values.is_null(row) => Ok(0.0),
        false => Err(unreadable(format!("a decimal has more than {digits} digits"))),
    };
    values.values().iter().enumerate().map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounded_once() {
        for (value, scale, text) in [
            (150, 2, "1.5"),
            (-7, 2, "-0.07"),
            (0, 5, "0"),
            (9_007_199_254_740_993, 1, "900719925474099.3"),
            (123_456_789_012_345_678_901_234_567, 9, "123456789012345678.901234567"),
            (3, 38, "3e-38"),
            (5, -3, "5000"),
        ] {
            assert_eq!(nearest(value, scale), text.parse::<f64>().unwrap(), "{text}");
        }
    }

    #[test]
    fn more_digits_than_said() {
        let values = Decimal128Array::from(vec![Some(99), None, Some(100)]);
        assert!(doubles(&values, 2, 0).is_err());
        assert_eq!(doubles(&values.slice(0, 2), 2, 1).unwrap()[0], 9.9);
    }
}
