//! The line of all numbers, cut into cells that each hold few of a column's numbers. A cell keeps its count and the sum
//! of the places in it, which is all that most cells are ever asked for; so most numbers need not be sorted.

use super::key::{BINADE, Run};

/// Equal parts of the extent, each cut again by how many numbers lie in it.
const PARTS: u32 = 12;

/// Where the cells are. All of a cell lies in one binade.
#[derive(Debug)]
pub struct Cells {
    /// Lowest key of the first part, shifted.
    first: u64,
    /// Logarithm of how many keys a part has.
    width: u32,
    parts: Vec<Part>,
    len: usize,
}

#[derive(Debug, Clone, Copy)]
struct Part {
    /// Number of its first cell.
    base: u32,
    /// Logarithm of how many keys each of its cells has.
    width: u32,
}

/// What one side has in a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cell {
    /// Of places in the cell, counted from its lowest key; see [`Bounds::sum_fits`].
    pub sum: u64,
    pub count: u32,
}

/// One cell: keys from `low` on, 2^`width` of them.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    pub low: u64,
    pub width: u32,
}

impl Bounds {
    pub fn high(self) -> u64 {
        self.low + (1 << self.width)
    }

    /// Whether the sum of so many places cannot have run over.
    pub fn sum_fits(self, count: u32) -> bool {
        self.width + (u32::BITS - count.leading_zeros()) <= u64::BITS
    }
}

impl Cells {
    /// Cells that a note can tell apart.
    pub const MOST_NOTED: usize = 1 << 16;

    /// About `wanted` cells, at most twice as many and one for each part, between two keys, more of them where the sample says that more numbers lie.
    pub fn new((low, high): (u64, u64), sample: &[u64], wanted: usize) -> Self {
        let width = (0..BINADE).find(|width| (high >> width) - (low >> width) < 1 << PARTS).unwrap_or(BINADE);
        let first = low >> width;
        let mut weights = vec![0usize; ((high >> width) - first + 1) as usize];
        for key in sample {
            weights[((key >> width) - first) as usize] += 1;
        }
        let mut len = 0;
        let parts = weights
            .into_iter()
            .map(|weight| {
                let cut = (weight * wanted / sample.len().max(1)).max(1).next_power_of_two().ilog2().min(width);
                let part = Part { base: len, width: width - cut };
                len += 1 << cut;
                part
            })
            .collect();
        Self { first, width, parts, len: len as usize }
    }

    /// How many for so many numbers of both sides. The more there are, the fewer numbers must be sorted; but what is kept of
    /// them should fit into the core's own cache, and of many millions be little beside the numbers.
    pub fn number_for(numbers: u64) -> usize {
        let most = (numbers / 128).clamp(1 << 14, 1 << 17);
        (numbers / 32).clamp(256, most) as usize
    }

    pub fn len(&self) -> usize {
        self.len
    }

    /// The cell of a key within the extent, and the key's place in it.
    #[inline]
    pub fn place(&self, key: u64) -> (usize, u64) {
        let part = self.parts[((key >> self.width) - self.first) as usize];
        let within = key & ((1 << self.width) - 1);
        (part.base as usize + (within >> part.width) as usize, within & ((1 << part.width) - 1))
    }

    pub fn bounds(&self) -> impl Iterator<Item = Bounds> {
        let of_part = self.width;
        self.parts.iter().zip(self.first..).flat_map(move |(part, at)| {
            let width = part.width;
            (0..1u64 << (of_part - width)).map(move |cell| Bounds { low: (at << of_part) + (cell << width), width })
        })
    }

    pub fn count_keys(&self, keys: &[u64], cells: &mut [Cell]) {
        keys.iter().for_each(|key| {
            self.count(*key, cells);
        });
    }

    /// The same, and notes the cell of each key, of [`Self::MOST_NOTED`] at most.
    pub fn count_and_note(&self, keys: &[u64], cells: &mut [Cell], notes: &mut Vec<u16>) {
        notes.clear();
        notes.extend(keys.iter().map(|key| self.count(*key, cells) as u16));
    }

    #[inline]
    fn count(&self, key: u64, cells: &mut [Cell]) -> usize {
        let (at, place) = self.place(key);
        let cell = &mut cells[at];
        cell.count += 1;
        cell.sum = cell.sum.wrapping_add(place);
        at
    }

    pub fn count_runs(&self, runs: &[Run], cells: &mut [Cell]) {
        for (key, count) in runs {
            let (cell, place) = self.place(*key);
            let cell = &mut cells[cell];
            cell.count += count;
            cell.sum = cell.sum.wrapping_add(place.wrapping_mul(u64::from(*count)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::key::key;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_key_lies_in_its_cell_and_cells_are_in_order(
            numbers in prop::collection::vec(prop_oneof![prop::num::f64::NORMAL, (-9i32..9).prop_map(f64::from)], 1..200),
            wanted in 1usize..3000,
        ) {
            let keys: Vec<u64> = numbers.iter().map(|v| key(v + 0.0)).collect();
            let (low, high) = (*keys.iter().min().unwrap(), *keys.iter().max().unwrap());
            let cells = Cells::new((low, high), &keys[..keys.len() / 2], wanted);
            let bounds: Vec<Bounds> = cells.bounds().collect();
            prop_assert_eq!(bounds.len(), cells.len());
            prop_assert!(bounds.windows(2).all(|pair| pair[0].high() == pair[1].low));
            prop_assert!(bounds.iter().all(|cell| cell.low >> BINADE == (cell.high() - 1) >> BINADE));
            for key in keys {
                let (cell, place) = cells.place(key);
                prop_assert_eq!(bounds[cell].low + place, key);
                prop_assert!(key < bounds[cell].high());
            }
        }
    }
}
