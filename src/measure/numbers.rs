//! The numbers of one column on one side, in no order: counted while few differ, held up to a bound, else known by
//! their extent and read again when needed.

use super::MeasureError;
use super::cells::{Cell, Cells};
use super::key::{Run, key, value};
use std::sync::Arc;

/// Slots that a count of few different numbers begins with.
const SLOTS: usize = 512;
/// Numbers of one column that are held; of a column with more, only parts are held at a time.
pub const HELD: usize = 1 << 20;
const SAMPLE: usize = 1 << 14;
/// Keys of the lowest and the highest number that there is.
const EVERY: (u64, u64) = (!f64::MIN.to_bits(), f64::MAX.to_bits() | 1 << 63);

/// Different numbers that are counted one by one, of a column of so many: a try that fails should cost little beside the rest.
fn few(numbers: usize) -> usize {
    (numbers / 16).clamp(1 << 12, 1 << 14)
}

/// All numbers of a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Numbers {
    /// Each with its count, ascending.
    Counted(Vec<Run>),
    /// In any order, with the lowest and the highest; none when there is no number.
    Held { keys: Vec<u64>, extent: Option<(u64, u64)> },
    /// Too many to hold.
    Extent { count: u64, low: u64, high: u64, sample: Vec<u64>, laid: InCells },
}

/// What a column has in each cell of the whole line of numbers.
#[derive(Debug, Clone)]
pub struct InCells {
    pub cells: Arc<Cells>,
    pub counts: Vec<Cell>,
}

/// Two are the same when they say the same of the same cells.
impl PartialEq for InCells {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.cells, &other.cells) && self.counts == other.counts
    }
}

/// Takes numbers in any order.
#[derive(Debug)]
pub struct Collector {
    tally: Option<Tally>,
    held: Vec<u64>,
    room: usize,
    ends: Ends,
    far: Option<Far>,
    count: u64,
    pub nulls: u64,
    rows: u64,
    /// Cells of the side that was read before.
    cells: Option<Arc<Cells>>,
}

/// Too many numbers to hold: counted in cells, and some of them.
#[derive(Debug)]
struct Far {
    laid: InCells,
    sample: Sample,
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
        let (tally, ends) = (Some(Tally::new(few(room))), Ends::default());
        Self { tally, held: spare, room, ends, far: None, count: 0, nulls: 0, rows, cells: None }
    }

    /// The same for numbers that are compared with these: too many to hold are counted in the same cells, if these are.
    #[must_use]
    pub fn beside(self, other: &Numbers) -> Self {
        match other {
            Numbers::Extent { laid, .. } => Self { cells: Some(Arc::clone(&laid.cells)), ..self },
            Numbers::Counted(_) | Numbers::Held { .. } => self,
        }
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
            let runs: Vec<Run> = self.tally.take().into_iter().flat_map(Tally::into_counts).collect();
            let added = runs.iter().map(|run| u64::from(run.1)).sum::<u64>() - before;
            self.held.reserve_exact(self.room.max(before as usize + values.len()));
            for (key, count) in runs {
                self.held.extend(std::iter::repeat_n(key, count as usize));
            }
            self.held.extend(keys.skip(added as usize));
        } else {
            self.held.extend(keys);
        }
        if let Some(far) = &mut self.far {
            far.add(&self.held);
            self.held.clear();
        } else if self.held.len() > HELD {
            self.far = Some(Far::of(&self.held, self.rows, self.cells.take()));
            // As much room as a batch takes.
            self.held = Vec::with_capacity(values.len());
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

    /// The array to use again that it was given, as long as no number is held in it.
    pub fn unused(&mut self) -> Option<Vec<u64>> {
        let unused = self.tally.as_ref().map(|_| std::mem::take(&mut self.held));
        unused.filter(|array| array.capacity() > 0)
    }

    pub fn finish(self) -> (Numbers, u64) {
        let numbers = match (self.tally, self.far) {
            (Some(tally), _) => Numbers::Counted(tally.into_runs()),
            (None, Some(Far { laid, sample })) => {
                let (low, high) = self.ends.keys();
                Numbers::Extent { count: self.count, low, high, sample: sample.keys, laid }
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

impl Far {
    /// The first numbers of so many rows. They tell where cells are needed; what lies elsewhere has cells, too.
    fn of(keys: &[u64], rows: u64, cells: Option<Arc<Cells>>) -> Self {
        let mut sample = Sample { keys: Vec::with_capacity(SAMPLE), stride: 1, skip: 0 };
        sample.add(keys);
        let wanted = Cells::number_for(rows.saturating_mul(2));
        let cells = cells.unwrap_or_else(|| Arc::new(Cells::new(EVERY, &sample.keys, wanted)));
        let mut counts = vec![Cell::default(); cells.len()];
        cells.count_keys(keys, &mut counts);
        Self { laid: InCells { cells, counts }, sample }
    }

    fn add(&mut self, keys: &[u64]) {
        self.sample.add(keys);
        self.laid.cells.count_keys(keys, &mut self.laid.counts);
    }
}

impl Sample {
    fn add(&mut self, keys: &[u64]) {
        let mut at = self.skip;
        while let Some(key) = keys.get(at) {
            self.keys.push(*key);
            if self.keys.len() == SAMPLE {
                let mut nth = 0;
                self.keys.retain(|_| {
                    nth += 1;
                    nth % 2 == 1
                });
                self.stride *= 2;
            }
            at += self.stride;
        }
        self.skip = at - keys.len();
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

    /// All of them in order, where they are counted.
    pub fn runs(&self) -> Option<&[Run]> {
        match self {
            Numbers::Counted(runs) => Some(runs),
            Numbers::Held { .. } | Numbers::Extent { .. } => None,
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
    /// For so many different keys at most.
    fn new(most: usize) -> Self {
        Self { slots: vec![(0, 0); SLOTS], different: 0, most }
    }

    /// False when there is no room for one more different key; nothing is added then.
    #[inline]
    fn add(&mut self, key: u64, count: u32) -> bool {
        // The golden ratio's bits spread keys that differ in few places.
        let slots = self.slots.len();
        let mut slot = (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - slots.ilog2())) as usize;
        loop {
            let (known, times) = &mut self.slots[slot];
            if *times == 0 {
                if self.different == self.most {
                    return false;
                }
                if 2 * self.different == slots {
                    return self.grown().add(key, count);
                }
                self.different += 1;
                (*known, *times) = (key, count);
                return true;
            }
            if *known == key {
                *times += count;
                return true;
            }
            slot = (slot + 1) & (slots - 1);
        }
    }

    #[cold]
    fn grown(&mut self) -> &mut Self {
        let more = Self { slots: vec![(0, 0); 4 * self.slots.len()], different: 0, most: self.most };
        for (key, count) in std::mem::replace(self, more).into_counts() {
            self.add(key, count);
        }
        self
    }

    /// Each different key with its count, in no order.
    fn into_counts(self) -> impl Iterator<Item = Run> {
        self.slots.into_iter().filter(|(_, count)| *count > 0)
    }

    fn into_runs(self) -> Vec<Run> {
        let mut runs: Vec<Run> = self.into_counts().collect();
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
            let Numbers::Held { mut keys, .. } = collected((0..40_000).map(|i| f64::from(i % 20_000)), batch) else {
                panic!()
            };
            keys.sort_unstable();
            let expected: Vec<u64> = (0..40_000).map(|i| key(f64::from(i / 2))).collect();
            assert_eq!(keys, expected);
        }
        let many = collected((0..=HELD).map(|i| i as f64), 8192);
        let Numbers::Extent { count, low, high, mut sample, laid } = many else { panic!() };
        assert_eq!((count, value(low), value(high)), (HELD as u64 + 1, 0.0, HELD as f64));
        assert_eq!(laid.counts.iter().map(|cell| u64::from(cell.count)).sum::<u64>(), count);
        assert_eq!(EVERY, (key(f64::MIN), key(f64::MAX)));
        sample.sort_unstable();
        let middle = value(sample[sample.len() / 2]) / HELD as f64;
        assert!(sample.len() <= SAMPLE && sample.len() > SAMPLE / 4 && (0.4..0.6).contains(&middle), "{middle}");
    }

    #[test]
    fn what_is_not_finite_is_named() {
        let error = Collector::new(9, vec![]).extend(&[1.0, f64::NEG_INFINITY, f64::NAN], "x").unwrap_err();
        assert_eq!(error, MeasureError::NotFinite { column: "x".into(), text: "-inf".into() });
    }
}
