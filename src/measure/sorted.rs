//! Numbers in order. Ranks are all that drift measures need, and a radix sort gives them in linear time.

/// The numbers of one column in ascending order, and how many cells were null.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sorted {
    values: Vec<f64>,
    nulls: u64,
}

/// Below this length the standard sort is as fast and needs no second array.
const SMALL: usize = 1024;

impl Sorted {
    /// `values` are finite and hold no minus zero.
    pub fn new(values: Vec<f64>, nulls: u64) -> Self {
        Self { values: sort(values), nulls }
    }

    pub fn values(&self) -> &[f64] {
        &self.values
    }

    pub fn nulls(&self) -> u64 {
        self.nulls
    }

    pub fn rows(&self) -> u64 {
        self.values.len() as u64 + self.nulls
    }

    /// The one value that all cells have, when there are no nulls and at least one row.
    pub fn only_value(&self) -> Option<f64> {
        match (self.values.first(), self.values.last()) {
            (Some(first), Some(last)) if first == last && self.nulls == 0 => Some(*first),
            (Some(_), Some(_)) | (None, _) | (_, None) => None,
        }
    }

    /// How many values are at or below `edge`.
    pub fn at_most(&self, edge: f64) -> u64 {
        self.values.partition_point(|value| *value <= edge) as u64
    }
}

fn sort(mut values: Vec<f64>) -> Vec<f64> {
    if values.len() < SMALL {
        values.sort_unstable_by(f64::total_cmp);
        return values;
    }
    // Both conversions reuse the array that they read.
    let keys = values.into_iter().map(key).collect();
    radix(keys).into_iter().map(value).collect()
}

/// Bits that order as the numbers do.
fn key(value: f64) -> u64 {
    let bits = value.to_bits();
    if bits >> 63 == 0 { bits ^ (1 << 63) } else { !bits }
}

fn value(key: u64) -> f64 {
    f64::from_bits(if key >> 63 == 1 { key ^ (1 << 63) } else { !key })
}

/// Bits that the radix passes look at, from the top: sign, exponent and 21 bits of the fraction. Different
/// measurements nearly always differ there; the few that do not are put in order by comparing.
const DIGIT: u32 = 11;
const SHIFTS: [u32; 3] = [64 - 3 * DIGIT, 64 - 2 * DIGIT, 64 - DIGIT];

fn digit(key: u64, shift: u32) -> usize {
    ((key >> shift) & ((1 << DIGIT) - 1)) as usize
}

/// Least significant digit first; a digit that is the same in all keys costs nothing but the counting.
fn radix(mut keys: Vec<u64>) -> Vec<u64> {
    let mut counts = [[0u32; 1 << DIGIT]; 3];
    for key in &keys {
        for (counts, shift) in counts.iter_mut().zip(SHIFTS) {
            counts[digit(*key, shift)] += 1;
        }
    }
    let mut other = vec![0u64; keys.len()];
    for (counts, shift) in counts.iter_mut().zip(SHIFTS) {
        if counts.iter().any(|count| *count as usize == keys.len()) {
            continue;
        }
        let mut next = 0;
        for count in counts.iter_mut() {
            (*count, next) = (next, next + *count);
        }
        for key in &keys {
            let slot = &mut counts[digit(*key, shift)];
            other[*slot as usize] = *key;
            *slot += 1;
        }
        std::mem::swap(&mut keys, &mut other);
    }
    for run in keys.chunk_by_mut(|a, b| a >> SHIFTS[0] == b >> SHIFTS[0]) {
        run.sort_unstable();
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_value() {
        assert_eq!(Sorted::new(vec![2.0, 2.0], 0).only_value(), Some(2.0));
        for other in [Sorted::default(), Sorted::new(vec![1.0, 2.0], 0), Sorted::new(vec![2.0], 1)] {
            assert_eq!(other.only_value(), None);
        }
    }

    proptest! {
        #[test]
        fn as_the_standard_sort(
            values in prop::collection::vec(
                prop_oneof![prop::num::f64::NORMAL, prop::num::f64::SUBNORMAL, Just(0.0), (-9i32..9).prop_map(f64::from),
                              (0u64..5000).prop_map(|step| f64::from_bits(1f64.to_bits() + step))],
                SMALL..SMALL + 300,
            )
        ) {
            let values: Vec<f64> = values.into_iter().map(|v| v + 0.0).collect();
            let mut expected = values.clone();
            expected.sort_by(f64::total_cmp);
            prop_assert_eq!(Sorted::new(values, 0).values, expected);
        }
    }
}
