//! The numbers of one column on one side, in no order: counted while few differ, held up to a bound, else known by
//! their extent and read again when needed.

use super::MeasureError;
use super::key::{Run, key, value};

/// Different numbers that are counted one by one.
pub const FEW: usize = 4096;
/// Numbers of one column that are held; of a column with more, only parts are held at a time.
pub const HELD: usize = 1 << 20;
const SAMPLE: usize = 1 << 14;

/// All numbers of a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Numbers {
    /// Each with its count, ascending.
    Counted(Vec<Run>),
    /// In any order, with the lowest and the highest; none when there is no number.
    Held { keys: Vec<u64>, extent: Option<(u64, u64)> },
    /// Too many to hold.
    Extent { count: u64, low: u64, high: u64, sample: Vec<u64> },
}

/// Takes numbers in any order.
#[derive(Debug)]
pub struct Collector {
    tally: Option<Tally>,
    held: Vec<u64>,
    room: usize,
    ends: Ends,
    sample: Option<Sample>,
    count: u64,
    pub nulls: u64,
}

/// Some of many keys.
#[derive(Debug)]
struct Sample {
    keys: Vec<u64>,
    /// Every how manieth number is in the sample.
    stride: usize,
    skip: usize,
}

impl Collector {
    /// `rows` is a claim of the file; no more room is made than is held. `spare` is an array to use again.
    pub fn new(rows: u64, mut spare: Vec<u64>) -> Self {
        spare.clear();
        let room = usize::try_from(rows).unwrap_or(HELD).min(HELD);
        let (tally, ends) = (Some(Tally::new(room)), Ends::default());
        Self { tally, held: spare, room, ends, sample: None, count: 0, nulls: 0 }
    }

    /// Adds numbers; `name` is for the error.
    ///
    /// # Errors
    /// One of them is not finite.
    pub fn extend(&mut self, values: &[f64], name: &str) -> Result<(), MeasureError> {
        // Nothing stops this loop early, so that it runs on whole registers.
        if !values.iter().fold(true, |all, value| all & value.is_finite()) {
            let text = values.iter().find(|value| !value.is_finite()).map(f64::to_string).unwrap_or_default();
            return Err(MeasureError::NotFinite { column: name.to_owned(), text });
        }
        self.count += values.len() as u64;
        self.ends.widen(values);
        // Adding zero makes minus zero zero, so that equal numbers have equal keys.
        let keys = values.iter().map(|value| key(value + 0.0));
        if let Some(tally) = &mut self.tally {
            if keys.clone().all(|key| tally.add(key, 1)) {
                return Ok(());
            }
            // A number was one too many; the tally stopped at it, and how far it came is not known here.
            let before = self.count - values.len() as u64;
            let runs = self.tally.take().map(Tally::into_runs).unwrap_or_default();
            let added = runs.iter().map(|run| u64::from(run.1)).sum::<u64>() - before;
            self.held.reserve_exact(self.room.max(before as usize + values.len()));
            for (key, count) in runs {
                self.held.extend(std::iter::repeat_n(key, count as usize));
            }
            self.held.extend(keys.skip(added as usize));
        } else if let Some(sample) = &mut self.sample {
            sample.add(keys);
        } else {
            self.held.extend(keys);
        }
        if self.held.len() > HELD {
            self.sample = Some(Sample::of(std::mem::take(&mut self.held)));
        }
        Ok(())
    }

    /// Adds one number many times.
    ///
    /// # Errors
    /// It is not finite.
    pub fn add(&mut self, value: f64, mut count: u64, name: &str) -> Result<(), MeasureError> {
        let some = [value; 256];
        while count > 0 {
            let now = count.min(some.len() as u64);
            self.extend(&some[..now as usize], name)?;
            count -= now;
        }
        Ok(())
    }

    pub fn finish(self) -> (Numbers, u64) {
        let numbers = match (self.tally, self.sample) {
            (Some(tally), _) => Numbers::Counted(tally.into_runs()),
            (None, Some(sample)) => {
                let (low, high) = self.ends.keys();
                Numbers::Extent { count: self.count, low, high, sample: sample.keys }
            }
            (None, None) => Numbers::held(self.held, self.ends),
        };
        (numbers, self.nulls)
    }
}

/// The lowest and the highest number.
#[derive(Debug, Clone, Copy)]
struct Ends {
    low: f64,
    high: f64,
}

impl Default for Ends {
    fn default() -> Self {
        Self { low: f64::INFINITY, high: f64::NEG_INFINITY }
    }
}

impl Ends {
    /// Takes finite numbers in. Four at a time do not wait for each other.
    fn widen(&mut self, values: &[f64]) {
        let (mut low, mut high) = ([self.low; 4], [self.high; 4]);
        let (fours, rest) = values.as_chunks::<4>();
        for four in fours {
            for at in 0..4 {
                low[at] = if four[at] < low[at] { four[at] } else { low[at] };
                high[at] = if four[at] > high[at] { four[at] } else { high[at] };
            }
        }
        self.low = low.iter().chain(rest).copied().fold(self.low, f64::min);
        self.high = high.iter().chain(rest).copied().fold(self.high, f64::max);
    }

    fn keys(self) -> (u64, u64) {
        (key(self.low + 0.0), key(self.high + 0.0))
    }
}

impl Sample {
    fn of(held: Vec<u64>) -> Self {
        let mut sample = Self { keys: Vec::with_capacity(SAMPLE), stride: 1, skip: 0 };
        sample.add(held.into_iter());
        sample
    }

    fn add(&mut self, keys: impl Iterator<Item = u64>) {
        for key in keys {
            if self.skip > 0 {
                self.skip -= 1;
                continue;
            }
            self.skip = self.stride - 1;
            self.keys.push(key);
            if self.keys.len() == SAMPLE {
                let mut at = 0;
                self.keys.retain(|_| {
                    at += 1;
                    at % 2 == 1
                });
                self.stride *= 2;
                self.skip = self.stride - 1;
            }
        }
    }
}

impl Numbers {
    fn held(keys: Vec<u64>, ends: Ends) -> Self {
        let extent = (!keys.is_empty()).then(|| ends.keys());
        Self::Held { keys, extent }
    }

    pub fn count(&self) -> u64 {
        match self {
            Numbers::Counted(runs) => runs.iter().map(|run| u64::from(run.1)).sum(),
            Numbers::Held { keys, .. } => keys.len() as u64,
            Numbers::Extent { count, .. } => *count,
        }
    }

    /// Lowest and highest key. `None` when there is no number.
    pub fn extent(&self) -> Option<(u64, u64)> {
        match self {
            Numbers::Counted(runs) => Some((runs.first()?.0, runs.last()?.0)),
            Numbers::Held { extent, .. } => *extent,
            Numbers::Extent { low, high, .. } => Some((*low, *high)),
        }
    }

    /// Some of the keys, to guess by where the others lie. No result depends on which.
    pub fn sample(&self) -> Vec<u64> {
        match self {
            Numbers::Counted(runs) => runs.iter().map(|run| run.0).collect(),
            Numbers::Held { keys, .. } => keys.iter().copied().step_by((keys.len() / SAMPLE).max(1)).collect(),
            Numbers::Extent { sample, .. } => sample.clone(),
        }
    }

    /// The one number that there is, when all are equal.
    pub fn only_value(&self) -> Option<f64> {
        match self.extent() {
            Some((low, high)) if low == high => Some(value(low)),
            Some(_) | None => None,
        }
    }
}

/// Counts by key, as long as few keys differ: open addressing, a power of two of slots, at most half of them used.
#[derive(Debug)]
struct Tally {
    slots: Vec<(u64, u32)>,
    different: usize,
    most: usize,
}

impl Tally {
    /// For a column of so many numbers, or more; no more room is made than [`FEW`] need.
    fn new(numbers: usize) -> Self {
        let most = numbers.clamp(16, FEW).next_power_of_two();
        Self { slots: vec![(0, 0); 2 * most], different: 0, most }
    }

    /// False when there is no room for one more different key; nothing is added then.
    #[inline]
    fn add(&mut self, key: u64, count: u32) -> bool {
        // The golden ratio's bits spread keys that differ in few places.
        let mut slot = (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - self.slots.len().ilog2())) as usize;
        loop {
            let (known, times) = &mut self.slots[slot];
            if *times == 0 {
                if self.different == self.most {
                    return false;
                }
                self.different += 1;
                (*known, *times) = (key, count);
                return true;
            }
            if *known == key {
                *times += count;
                return true;
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
    }

    fn into_runs(self) -> Vec<Run> {
        let mut runs: Vec<Run> = self.slots.into_iter().filter(|(_, count)| *count > 0).collect();
        runs.sort_unstable();
        runs.shrink_to_fit();
        runs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collected(values: impl Iterator<Item = f64>, batch: usize) -> Numbers {
        let values: Vec<f64> = values.collect();
        let mut collector = Collector::new(values.len() as u64, Vec::new());
        values.chunks(batch).for_each(|batch| collector.extend(batch, "x").unwrap());
        collector.finish().0
    }

    #[test]
    fn few_are_counted_more_are_held_and_many_are_not() {
        let runs = vec![(key(0.0), 3), (key(1.0), 2)];
        assert_eq!(collected([0.0, 1.0, -0.0, 1.0, 0.0].into_iter(), 2), Numbers::Counted(runs));
        for batch in [1, 7, 5000] {
            let Numbers::Held { mut keys, .. } = collected((0..10_000).map(|i| f64::from(i % 5000)), batch) else {
                panic!()
            };
            keys.sort_unstable();
            let expected: Vec<u64> = (0..10_000).map(|i| key(f64::from(i / 2))).collect();
            assert_eq!(keys, expected);
        }
        let many = collected((0..=HELD).map(|i| i as f64), 8192);
        let Numbers::Extent { count, low, high, sample } = many else { panic!() };
        assert_eq!((count, value(low), value(high)), (HELD as u64 + 1, 0.0, HELD as f64));
        assert!(sample.len() <= SAMPLE && sample.len() > SAMPLE / 4 && sample.is_sorted(), "{}", sample.len());
    }

    #[test]
    fn what_is_not_finite_is_named() {
        let error = Collector::new(9, vec![]).extend(&[1.0, f64::NEG_INFINITY, f64::NAN], "x").unwrap_err();
        assert_eq!(error, MeasureError::NotFinite { column: "x".into(), text: "-inf".into() });
    }
}
