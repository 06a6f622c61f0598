//! One walk over two columns of numbers in ascending order, as far as the measures need the order. What it gives is
//! exact: whole numbers throughout, so neither the order of rows nor the cells change a bit of it.

mod ordered;

use super::MeasureError;
use super::cells::{Bounds, Cell, Cells};
use super::chi_square::Contingency;
use super::key::{BINADE, Run, merge, sort, step};
use super::numbers::Numbers;
use ordered::{Kept, Ordered};
use std::collections::BTreeMap;

/// Keys of one side that are in order at a time.
const SORTED: usize = 1 << 18;
/// The same when each look at the keys means reading the file again.
const SORTED_FAR: usize = 1 << 20;
/// Keys that are looked at in one go.
const CHUNK: usize = 4096;
/// Numbers of both sides for each cell, so that what is kept of the cells fits into the core's own cache while all numbers
/// are held; and cells at most.
const EACH: u64 = 128;
const MOST: u64 = 1 << 17;
/// Different numbers that are in order at a time and so close together that no cells part them.
const MAX_RUNS: usize = 1 << 22;

/// What to find out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wanted {
    pub distance: bool,
    pub area: bool,
    pub bins: bool,
    /// Rows of each side, when every different number is to be a category.
    pub values: Option<(u64, u64)>,
}

/// What was found. Only what was wanted means anything.
#[derive(Debug, Default)]
pub struct Walked {
    /// max |i·m − j·n| over all numbers v, where i of the n numbers of the first side and j of the m of the second
    /// are at or below v.
    pub farthest: u64,
    /// The integral of |i·m − j·n| over v, less a factor for each binade.
    area: BTreeMap<u64, i128>,
    /// Counts between tenths of the first side, see [`Pick`].
    pub bins: Vec<(u64, u64)>,
    pub values: Contingency,
}

impl Walked {
    /// ∫ |F − G| dv for sides of n and m numbers.
    pub fn area(&self, n: u64, m: u64) -> f64 {
        let pairs = n as f64 * m as f64;
        self.area.iter().map(|(binade, area)| *area as f64 / pairs * step(*binade)).sum()
    }
}

/// One side: its numbers, and how to look at them again when they are not held.
pub struct Side<'a> {
    pub numbers: &'a Numbers,
    pub again: &'a (dyn Fn(&mut dyn FnMut(&[u64])) -> Result<(), MeasureError> + 'a),
}

/// Arrays that are used again from column to column.
#[derive(Default)]
pub struct Scratch {
    cells: [Vec<Cell>; 2],
    /// The cell of each number that is held, where a note can tell it.
    notes: [Vec<u16>; 2],
    flags: Vec<bool>,
    other: Vec<u64>,
}

/// Both sides hold at least one number.
///
/// # Errors
/// Those of reading again; millions of different numbers that nearly coincide.
pub fn walk(one: &Side<'_>, two: &Side<'_>, wanted: Wanted, scratch: &mut Scratch) -> Result<Walked, MeasureError> {
    let (n, m) = (one.numbers.count(), two.numbers.count());
    let mut walker = Walker::new(n, m, wanted);
    let (Some(a), Some(b)) = (one.numbers.extent(), two.numbers.extent()) else { return Ok(walker.end()) };
    if let (Numbers::Counted(ones), Numbers::Counted(twos)) = (one.numbers, two.numbers) {
        walker.numbers(a.0.min(b.0), Ordered::runs(ones), Ordered::runs(twos));
        return Ok(walker.end());
    }
    let sample = [one.numbers.sample(), two.numbers.sample()].concat();
    let cells = Cells::new((a.0.min(b.0), a.1.max(b.1)), &sample, ((n + m) / EACH).clamp(256, MOST) as usize);
    for ((side, counts), notes) in [one, two].into_iter().zip(&mut scratch.cells).zip(&mut scratch.notes) {
        counts.clear();
        counts.resize(cells.len(), Cell::default());
        side.count(&cells, counts, notes)?;
    }
    let Scratch { cells: [ones, twos], notes: [of_ones, of_twos], flags, other } = scratch;
    let one = Laid { side: one, counts: ones, notes: of_ones };
    let two = Laid { side: two, counts: twos, notes: of_twos };
    flag(&cells, (one.counts, two.counts), &walker, flags);
    let far = [one, two].iter().any(|laid| matches!(laid.side.numbers, Numbers::Extent { .. }));
    let limit = if far { SORTED_FAR } else { SORTED } as u64;
    let mut group = Group::default();
    for (at, bounds) in cells.bounds().enumerate() {
        if !flags[at] {
            walker.cell(bounds, one.counts[at], two.counts[at]);
            continue;
        }
        if at >= group.end {
            group = Group::load(at, (one, two), &cells, flags, limit, other)?;
        }
        let (a, b) = (group.one.next(bounds.high()), group.two.next(bounds.high()));
        walker.numbers(bounds.low, a, b);
        walker.gap_to(bounds.high());
    }
    Ok(walker.end())
}

impl Side<'_> {
    fn count(&self, cells: &Cells, counts: &mut [Cell], notes: &mut Vec<u16>) -> Result<(), MeasureError> {
        notes.clear();
        match self.numbers {
            Numbers::Counted(runs) => cells.count_runs(runs, counts),
            Numbers::Held { keys, .. } if cells.len() <= Cells::MOST_NOTED => cells.count_and_note(keys, counts, notes),
            Numbers::Held { keys, .. } => cells.count_keys(keys, counts),
            Numbers::Extent { .. } => (self.again)(&mut |keys| cells.count_keys(keys, counts))?,
        }
        Ok(())
    }
}

/// One side, laid out over the cells.
#[derive(Clone, Copy)]
struct Laid<'a> {
    side: &'a Side<'a>,
    counts: &'a [Cell],
    /// The cell of each number that is held, or nothing.
    notes: &'a [u16],
}

impl Laid<'_> {
    /// How much room the numbers of a cell take to be put in order.
    fn weight(&self, cell: usize) -> u64 {
        match self.side.numbers {
            Numbers::Counted(_) => 0,
            Numbers::Held { .. } | Numbers::Extent { .. } => u64::from(self.counts[cell].count),
        }
    }

    /// The numbers that lie in flagged cells from `start` to before `end`, in order; at most `limit` are sorted at once.
    fn ordered(
        &self,
        cells: &Cells,
        flags: &[bool],
        (start, end): (usize, usize),
        limit: usize,
        other: &mut Vec<u64>,
    ) -> Result<Kept, MeasureError> {
        let flagged = |cell: usize| flags[cell] & (cell.wrapping_sub(start) < end - start);
        if let Numbers::Counted(runs) = self.side.numbers {
            return Ok(Kept::runs(runs.iter().filter(|run| flagged(cells.place(run.0).0)).copied().collect()));
        }
        let mut keys: Vec<u64> = vec![0; limit + CHUNK];
        let mut len = 0;
        let mut runs: Vec<Run> = Vec::new();
        // Every key is written and only some are kept, since a branch here would be a coin toss.
        let mut take = |some: &[u64], notes: &[u16]| {
            if len + some.len() > keys.len() {
                keys.truncate(len);
                sort(&mut keys, other);
                runs = merge(std::mem::take(&mut runs), &keys);
                keys.resize(limit + CHUNK, 0);
                len = 0;
            }
            let mut keep = |key: u64, cell: usize| {
                keys[len] = key;
                len += usize::from(flagged(cell));
            };
            match notes {
                [] => some.iter().for_each(|key| keep(*key, cells.place(*key).0)),
                _ => some.iter().zip(notes).for_each(|(key, cell)| keep(*key, usize::from(*cell))),
            }
        };
        match self.side.numbers {
            Numbers::Counted(_) => {}
            Numbers::Held { keys, .. } => {
                for (some, at) in keys.chunks(CHUNK).zip((0..).step_by(CHUNK)) {
                    take(some, self.notes.get(at..at + some.len()).unwrap_or_default());
                }
            }
            Numbers::Extent { .. } => {
                (self.side.again)(&mut |some| some.chunks(CHUNK).for_each(|some| take(some, &[])))?;
            }
        }
        keys.truncate(len);
        sort(&mut keys, other);
        if runs.is_empty() {
            return Ok(Kept::keys(keys));
        }
        let runs = merge(runs, &keys);
        if runs.len() > MAX_RUNS {
            return Err(MeasureError::TooLarge {
                what: "different numbers that nearly coincide",
                limit: MAX_RUNS as u64,
            });
        }
        Ok(Kept::runs(runs))
    }
}

/// Marks the cells whose numbers must be put in order.
fn flag(cells: &Cells, (ones, twos): (&[Cell], &[Cell]), walker: &Walker, flags: &mut Vec<bool>) {
    flags.clear();
    let (n, m) = (walker.n, walker.m);
    // The distance at the ends of cells is exact; cells that cannot exceed the largest of these need no look inside.
    let (mut d, mut farthest) = (0i64, 0);
    for (a, b) in ones.iter().zip(twos) {
        d += i64::from(a.count) * m - i64::from(b.count) * n;
        farthest = farthest.max(d.abs());
    }
    let (mut d, mut i) = (0i64, 0u64);
    flags.extend(ones.iter().zip(twos).zip(cells.bounds()).map(|((a, b), bounds)| {
        let (highest, lowest) = (d + i64::from(a.count) * m, d - i64::from(b.count) * n);
        let mut flagged = walker.wanted.values.is_some() && a.count + b.count > 0;
        if walker.wanted.distance {
            flagged |= a.count > 0 && b.count > 0 && highest.max(-lowest) > farthest;
        }
        if walker.wanted.area {
            let fits = bounds.sum_fits(a.count) && bounds.sum_fits(b.count);
            flagged |= (a.count + b.count > 0) && !(fits && (lowest >= 0 || highest <= 0));
        }
        if walker.wanted.bins {
            let before = walker.tenths.partition_point(|rank| *rank <= i);
            flagged |= walker.tenths.get(before).is_some_and(|rank| *rank <= i + u64::from(a.count));
        }
        d += i64::from(a.count) * m - i64::from(b.count) * n;
        i += u64::from(a.count);
        flagged
    }));
}

/// Numbers of neighbouring flagged cells, in order.
#[derive(Default)]
struct Group {
    end: usize,
    one: Kept,
    two: Kept,
}

impl Group {
    fn load(
        start: usize,
        (one, two): (Laid<'_>, Laid<'_>),
        cells: &Cells,
        flags: &[bool],
        limit: u64,
        other: &mut Vec<u64>,
    ) -> Result<Self, MeasureError> {
        let (mut a, mut b, mut end) = (0, 0, start);
        while end < flags.len() {
            if flags[end] {
                let (more_a, more_b) = (one.weight(end), two.weight(end));
                if end > start && (a + more_a).max(b + more_b) > limit {
                    break;
                }
                (a, b) = (a + more_a, b + more_b);
            }
            end += 1;
        }
        let one = one.ordered(cells, flags, (start, end), a.min(limit) as usize, other)?;
        let two = two.ordered(cells, flags, (start, end), b.min(limit) as usize, other)?;
        Ok(Self { end, one, two })
    }
}

/// The counts around the number that holds a tenth of the first side.
#[derive(Debug, Clone, Copy)]
struct Pick {
    below: (u64, u64),
    at_most: (u64, u64),
    tenths: u32,
}

struct Walker {
    wanted: Wanted,
    n: i64,
    m: i64,
    /// Ranks of the tenths of the first side, from 1.
    tenths: [u64; 9],
    next_tenth: usize,
    i: u64,
    j: u64,
    /// i·m − j·n
    d: i64,
    /// Key that the walk has come to.
    at: u64,
    /// The binade that the walk is in, and what of its area is not in `found` yet.
    binade: u64,
    area: i128,
    picks: Vec<Pick>,
    found: Walked,
}

impl Walker {
    fn new(n: u64, m: u64, wanted: Wanted) -> Self {
        let tenths = std::array::from_fn(|k| ((k as u64 + 1) * n).div_ceil(10));
        let values = Contingency::new(wanted.values.unwrap_or_default());
        let found = Walked { values, ..Walked::default() };
        let (n, m) = (n as i64, m as i64);
        Self { wanted, n, m, tenths, next_tenth: 0, i: 0, j: 0, d: 0, at: 0, binade: 0, area: 0, picks: vec![], found }
    }

    /// Passes a cell without a look inside: the distance keeps its sign there.
    fn cell(&mut self, bounds: Bounds, a: Cell, b: Cell) {
        let end = self.d + i64::from(a.count) * self.m - i64::from(b.count) * self.n;
        if self.wanted.area {
            // ∫ d = d(end)·width − m·Σ places of a + n·Σ places of b
            let sums = i128::from(b.sum) * i128::from(self.n) - i128::from(a.sum) * i128::from(self.m);
            let area = (i128::from(end) << bounds.width) + sums;
            self.add(bounds.low >> BINADE, area.abs());
        }
        self.i += u64::from(a.count);
        self.j += u64::from(b.count);
        self.d = end;
        self.at = bounds.high();
        self.found.farthest = self.found.farthest.max(end.unsigned_abs());
    }

    fn numbers(&mut self, from: u64, mut one: Ordered<'_>, mut two: Ordered<'_>) {
        self.at = from;
        while let Some(key) = [one.peek(), two.peek()].into_iter().flatten().min() {
            self.gap_to(key);
            let (a, b) = (one.take(key), two.take(key));
            let below = (self.i, self.j);
            self.i += u64::from(a);
            self.j += u64::from(b);
            self.d += i64::from(a) * self.m - i64::from(b) * self.n;
            self.found.farthest = self.found.farthest.max(self.d.unsigned_abs());
            if self.wanted.values.is_some() {
                self.found.values.add(u64::from(a), u64::from(b));
            }
            let passed = self.tenths[self.next_tenth..].iter().take_while(|rank| **rank <= self.i).count();
            if passed > 0 {
                self.next_tenth += passed;
                let at_most = (self.i, self.j);
                self.picks.push(Pick { below, at_most, tenths: passed as u32 });
            }
        }
    }

    fn gap_to(&mut self, key: u64) {
        if self.wanted.area && self.d != 0 {
            while self.at < key {
                let end = key.min(((self.at >> BINADE) + 1) << BINADE);
                self.add(self.at >> BINADE, i128::from(self.d.unsigned_abs()) * i128::from(end - self.at));
                self.at = end;
            }
        }
        self.at = key;
    }

    /// Adds to the area of a binade. The walk stays in one for long, so its sum is at hand.
    fn add(&mut self, binade: u64, area: i128) {
        if binade != self.binade {
            self.close();
            self.binade = binade;
        }
        self.area += area;
    }

    fn close(&mut self) {
        if self.area != 0 {
            *self.found.area.entry(self.binade).or_default() += std::mem::take(&mut self.area);
        }
    }

    fn end(mut self) -> Walked {
        self.close();
        // Upper ends of all bins but the last. A number that is several tenths at once gets a bin of its own.
        let mut ends: Vec<(u64, u64)> = Vec::with_capacity(19);
        for pick in &self.picks {
            if pick.tenths > 1 {
                ends.push(pick.below);
            }
            ends.push(pick.at_most);
        }
        ends.push((self.n as u64, self.m as u64));
        let mut before = (0, 0);
        self.found.bins = ends
            .into_iter()
            .map(|end| {
                let bin = (end.0 - before.0, end.1 - before.1);
                before = end;
                bin
            })
            .collect();
        self.found
    }
}

#[cfg(test)]
mod tests;
