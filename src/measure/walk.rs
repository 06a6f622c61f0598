//! One walk over two columns of numbers in ascending order, as far as the measures need the order. What it gives is
//! exact: whole numbers throughout, so neither the order of rows nor the cells change a bit of it.

mod ordered;
mod walker;

use super::MeasureError;
use super::cells::{Cell, Cells};
use super::chi_square::Contingency;
use super::key::{Run, merge, sort, step};
use super::numbers::{InCells, Numbers};
use ordered::{Kept, Ordered};
use std::collections::BTreeMap;
use std::sync::Arc;
use walker::Walker;

/// Keys of one side that are in order at a time.
const SORTED: usize = 1 << 18;
/// The same when each look at the keys means reading the file again.
const SORTED_FAR: usize = 1 << 20;
/// Numbers of one cell that are many, and so many of them in such cells that a reading for better cells is worth its time.
const CROWD: u32 = 1 << 15;
const CROWDED: u64 = 1 << 17;
/// Keys that are looked at in one go.
const CHUNK: usize = 4096;
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
    /// Counts between tenths of the first side.
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
    counts: Vec<Counts>,
    flags: Vec<bool>,
    other: Vec<u64>,
    spare: Vec<Vec<u64>>,
}

/// What one side has in each cell, and the cell of each number that is held, where a note can tell it.
#[derive(Default)]
struct Counts {
    cells: Vec<Cell>,
    notes: Vec<u16>,
}

/// Both sides hold at least one number.
///
/// # Errors
/// Those of reading again; millions of different numbers that nearly coincide.
pub fn walk(one: &Side<'_>, two: &Side<'_>, wanted: Wanted, scratch: &mut Scratch) -> Result<Walked, MeasureError> {
    walk_each(&[(one, wanted)], two, scratch).map(|mut walked| walked.pop().unwrap_or_default())
}

/// Walks over several first sides at once, so that the second side is laid out and put in order only once.
///
/// # Errors
/// As [`walk`].
pub fn walk_each(
    ones: &[(&Side<'_>, Wanted)],
    two: &Side<'_>,
    scratch: &mut Scratch,
) -> Result<Vec<Walked>, MeasureError> {
    let m = two.numbers.count();
    let walker = |(one, wanted): &(&Side<'_>, Wanted)| Walker::new(one.numbers.count(), m, *wanted);
    let mut walkers: Vec<Walker> = ones.iter().map(walker).collect();
    let walked = |walkers: Vec<Walker>| Ok(walkers.into_iter().map(Walker::end).collect());
    let sides: Vec<&Side<'_>> = ones.iter().map(|(one, _)| *one).chain([two]).collect();
    let extents: Option<Vec<(u64, u64)>> = sides.iter().map(|side| side.numbers.extent()).collect();
    let Some((low, high)) = extents.and_then(|all| all.into_iter().reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))) else {
        return walked(walkers);
    };
    if let Some(runs) = sides.iter().map(|side| side.numbers.runs()).collect::<Option<Vec<&[Run]>>>()
        && let Some((twos, ones)) = runs.split_last()
    {
        for (walker, ones) in walkers.iter_mut().zip(ones) {
            walker.numbers(low, Ordered::runs(ones), Ordered::runs(twos));
        }
        return walked(walkers);
    }
    let n = walkers.iter().map(|walker| walker.n as u64).max().unwrap_or(0);
    let cells = laid_out(&sides).unwrap_or_else(|| {
        let sample: Vec<u64> = sides.iter().flat_map(|side| side.numbers.sample()).collect();
        Arc::new(Cells::new((low, high), &sample, Cells::number_for(n + m)))
    });
    let Scratch { counts, flags, other, spare } = scratch;
    counts.resize_with(counts.len().max(sides.len()), Counts::default);
    for (side, counts) in sides.iter().zip(counts.iter_mut()) {
        side.count(&cells, counts)?;
    }
    let laid: Vec<Laid<'_>> = sides.iter().zip(counts.iter()).map(|(side, counts)| Laid { side, counts }).collect();
    let Some((two, ones)) = laid.split_last() else { return walked(walkers) };
    flags.clear();
    flags.resize(cells.len(), false);
    for (walker, one) in walkers.iter().zip(ones) {
        flag(&cells, (&one.counts.cells, &two.counts.cells), walker, flags);
    }
    let far = sides.iter().any(|side| matches!(side.numbers, Numbers::Extent { .. }));
    let limit = if far { SORTED_FAR } else { SORTED } as u64;
    let mut group = Group::default();
    for (at, bounds) in cells.bounds().enumerate() {
        if !flags[at] {
            for (walker, one) in walkers.iter_mut().zip(ones) {
                walker.cell(bounds, one.counts.cells[at], two.counts.cells[at]);
            }
            continue;
        }
        if at >= group.end {
            spare.extend(group.kept.drain(..).filter_map(Kept::into_array));
            group = Group::load(at, &laid, &cells, flags, limit, (&mut *spare, &mut *other))?;
        }
        let Some((two, ones)) = group.kept.split_last_mut() else { break };
        let twos = two.next(bounds.high());
        for (walker, one) in walkers.iter_mut().zip(ones) {
            walker.numbers(bounds.low, one.next(bounds.high()), twos);
            walker.gap_to(bounds.high());
        }
    }
    spare.extend(group.kept.into_iter().filter_map(Kept::into_array));
    if far {
        // Of many numbers there are others to hold next.
        spare.clear();
    }
    walked(walkers)
}

/// The cells in which all numbers that are not held were counted when they were read, if most are in cells of few.
fn laid_out(sides: &[&Side<'_>]) -> Option<Arc<Cells>> {
    let mut laid = sides.iter().filter_map(|side| match side.numbers {
        Numbers::Extent { laid, .. } => Some(laid),
        Numbers::Counted(_) | Numbers::Held { .. } => None,
    });
    let first = laid.next()?;
    let crowded = |laid: &InCells| {
        laid.counts.iter().map(|cell| cell.count).filter(|count| *count > CROWD).map(u64::from).sum::<u64>()
    };
    let fits = |laid: &InCells| Arc::ptr_eq(&laid.cells, &first.cells) && crowded(laid) <= CROWDED;
    (fits(first) && laid.all(fits)).then(|| Arc::clone(&first.cells))
}

impl Side<'_> {
    fn count(&self, cells: &Arc<Cells>, counts: &mut Counts) -> Result<(), MeasureError> {
        let Counts { cells: counts, notes } = counts;
        counts.clear();
        counts.resize(cells.len(), Cell::default());
        notes.clear();
        match self.numbers {
            Numbers::Counted(runs) => cells.count_runs(runs, counts),
            Numbers::Held { keys, .. } if cells.len() <= Cells::MOST_NOTED => cells.count_and_note(keys, counts, notes),
            Numbers::Held { keys, .. } => cells.count_keys(keys, counts),
            Numbers::Extent { laid, .. } if Arc::ptr_eq(&laid.cells, cells) => counts.copy_from_slice(&laid.counts),
            Numbers::Extent { .. } => (self.again)(&mut |keys| cells.count_keys(keys, counts))?,
        }
        Ok(())
    }
}

/// One side, laid out over the cells.
#[derive(Clone, Copy)]
struct Laid<'a> {
    side: &'a Side<'a>,
    counts: &'a Counts,
}

impl Laid<'_> {
    /// How much room the numbers of a cell take to be put in order.
    fn weight(&self, cell: usize) -> u64 {
        match self.side.numbers {
            Numbers::Counted(_) => 0,
            Numbers::Held { .. } | Numbers::Extent { .. } => u64::from(self.counts.cells[cell].count),
        }
    }

    /// The numbers that lie in flagged cells from `start` to before `end`, in order; at most `limit` are sorted at once.
    fn ordered(
        &self,
        cells: &Cells,
        flags: &[bool],
        (start, end): (usize, usize),
        limit: usize,
        (spare, other): (&mut Vec<Vec<u64>>, &mut Vec<u64>),
    ) -> Result<Kept, MeasureError> {
        let flagged = |cell: usize| flags[cell] & (cell.wrapping_sub(start) < end - start);
        if let Numbers::Counted(runs) = self.side.numbers {
            return Ok(Kept::runs(runs.iter().filter(|run| flagged(cells.place(run.0).0)).copied().collect()));
        }
        let mut keys = spare.pop().unwrap_or_default();
        keys.resize(limit + CHUNK, 0);
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
                    take(some, self.counts.notes.get(at..at + some.len()).unwrap_or_default());
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
fn flag(cells: &Cells, (ones, twos): (&[Cell], &[Cell]), walker: &Walker, flags: &mut [bool]) {
    let (n, m) = (walker.n, walker.m);
    // The distance at the ends of cells is exact; cells that cannot exceed the largest of these need no look inside.
    let (mut d, mut farthest) = (0i64, 0);
    for (a, b) in ones.iter().zip(twos) {
        d += i64::from(a.count) * m - i64::from(b.count) * n;
        farthest = farthest.max(d.abs());
    }
    let (mut d, mut i) = (0i64, 0u64);
    for (((a, b), bounds), flag) in ones.iter().zip(twos).zip(cells.bounds()).zip(flags) {
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
        *flag |= flagged;
    }
}

/// Numbers of neighbouring flagged cells in order, side by side.
#[derive(Default)]
struct Group {
    end: usize,
    kept: Vec<Kept>,
}

impl Group {
    fn load(
        start: usize,
        sides: &[Laid<'_>],
        cells: &Cells,
        flags: &[bool],
        limit: u64,
        (spare, other): (&mut Vec<Vec<u64>>, &mut Vec<u64>),
    ) -> Result<Self, MeasureError> {
        let mut weights = vec![0; sides.len()];
        let mut end = start;
        while end < flags.len() {
            if flags[end] {
                let with_more = |(side, weight): (&Laid<'_>, &u64)| weight + side.weight(end);
                let more: Vec<u64> = sides.iter().zip(&weights).map(with_more).collect();
                if end > start && more.iter().any(|weight| *weight > limit) {
                    break;
                }
                weights = more;
            }
            end += 1;
        }
        let ordered = sides.iter().zip(weights);
        let kept = ordered
            .map(|(side, weight)| {
                side.ordered(cells, flags, (start, end), weight.min(limit) as usize, (&mut *spare, &mut *other))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { end, kept })
    }
}

#[cfg(test)]
mod tests;
