//! Numbers as whole numbers of the same order. Ranks, sums and areas over them are exact, so no result depends on the
//! order in which rows were read.

/// A number and how often it occurs.
pub type Run = (u64, u32);

/// Bits that order as the numbers do. Not for NaN; minus zero is told from zero, so readers make it zero.
#[inline]
pub fn key(value: f64) -> u64 {
    let bits = value.to_bits();
    bits ^ ((((bits as i64) >> 63) as u64) | 1 << 63)
}

#[inline]
pub fn value(key: u64) -> f64 {
    f64::from_bits(key ^ ((((!key as i64) >> 63) as u64) | 1 << 63))
}

/// Numbers of one sign and exponent: their keys lie evenly, [`step`] apart.
pub const BINADE: u32 = 52;

/// What two neighbouring keys of a binade are apart.
pub fn step(binade: u64) -> f64 {
    value((binade << BINADE) + 1) - value(binade << BINADE)
}

/// Below this length the standard sort is as fast and needs no second array.
const SMALL: usize = 1024;
/// Bits that the radix passes look at, from the highest that differ between the keys. The few keys that are equal
/// there are put in order by comparing.
const DIGIT: u32 = 11;
const PASSES: usize = 3;

/// Ascending. `other` is room for a second array, kept between calls.
pub fn sort(keys: &mut Vec<u64>, other: &mut Vec<u64>) {
    let differing = keys.iter().fold(0, |bits, key| bits | (key ^ keys[0]));
    let bits = u64::BITS - differing.leading_zeros();
    if keys.len() < SMALL || bits == 0 {
        keys.sort_unstable();
        return;
    }
    let passes = PASSES.min(bits.div_ceil(DIGIT) as usize);
    let lowest = bits.saturating_sub(passes as u32 * DIGIT);
    let digit = |key: u64, pass: usize| ((key >> (lowest + pass as u32 * DIGIT)) & ((1 << DIGIT) - 1)) as usize;
    let mut counts = [[0u32; 1 << DIGIT]; PASSES];
    for key in keys.iter() {
        for (pass, counts) in counts.iter_mut().enumerate().take(passes) {
            counts[digit(*key, pass)] += 1;
        }
    }
    other.clear();
    other.resize(keys.len(), 0);
    for (pass, counts) in counts.iter_mut().enumerate().take(passes) {
        let mut next = 0;
        for count in counts.iter_mut() {
            (*count, next) = (next, next + *count);
        }
        for key in keys.iter() {
            let slot = &mut counts[digit(*key, pass)];
            other[*slot as usize] = *key;
            *slot += 1;
        }
        std::mem::swap(keys, other);
    }
    if lowest > 0 {
        keys.chunk_by_mut(|a, b| a >> lowest == b >> lowest).for_each(<[u64]>::sort_unstable);
    }
}

/// Adds ascending keys to ascending runs.
pub fn merge(runs: Vec<Run>, sorted: &[u64]) -> Vec<Run> {
    let mut merged: Vec<Run> = Vec::with_capacity(runs.len());
    let mut old = runs.into_iter().peekable();
    for equal in sorted.chunk_by(|a, b| a == b) {
        while let Some(run) = old.next_if(|run| run.0 < equal[0]) {
            merged.push(run);
        }
        let known = old.next_if(|run| run.0 == equal[0]).map_or(0, |run| run.1);
        merged.push((equal[0], known + equal.len() as u32));
    }
    merged.extend(old);
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn numbers() -> impl Strategy<Value = f64> {
        prop_oneof![
            prop::num::f64::NORMAL,
            prop::num::f64::SUBNORMAL,
            Just(0.0),
            (-9i32..9).prop_map(f64::from),
            (0u64..5000).prop_map(|step| f64::from_bits(1f64.to_bits() + step))
        ]
    }

    proptest! {
        #[test]
        fn as_the_standard_sort(values in prop::collection::vec(numbers(), 1..SMALL + 300)) {
            let mut keys: Vec<u64> = values.iter().map(|v| key(v + 0.0)).collect();
            sort(&mut keys, &mut Vec::new());
            let mut expected: Vec<f64> = values.iter().map(|v| v + 0.0).collect();
            expected.sort_by(f64::total_cmp);
            prop_assert_eq!(keys.iter().map(|k| value(*k)).collect::<Vec<_>>(), expected);
        }

        #[test]
        fn runs_are_what_was_added(one in prop::collection::vec(0u64..20, 0..50), two in prop::collection::vec(0u64..20, 0..50)) {
            let sorted = |keys: &[u64]| { let mut keys = keys.to_vec(); keys.sort_unstable(); keys };
            let parts = merge(merge(vec![], &sorted(&one)), &sorted(&two));
            prop_assert_eq!(parts, merge(vec![], &sorted(&[one, two].concat())));
        }
    }

    #[test]
    fn keys_of_a_binade_lie_evenly() {
        for number in [1.5, -1.5, 3e-310, -0.75e300] {
            let binade = key(number) >> BINADE;
            let from = value(binade << BINADE);
            assert_eq!(from + (key(number) - (binade << BINADE)) as f64 * step(binade), number);
        }
        assert_eq!((value(key(-0.5)), key(0.0)), (-0.5, 1 << 63));
    }
}
