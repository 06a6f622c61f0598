//! Where the walk stands between two columns of numbers.

use super::ordered::Ordered;
use super::{Walked, Wanted};
use crate::measure::cells::{Bounds, Cell};
use crate::measure::chi_square::Contingency;
use crate::measure::key::BINADE;

/// The counts around the number that holds a tenth of the first side.
#[derive(Debug, Clone, Copy)]
struct Pick {
    below: (u64, u64),
    at_most: (u64, u64),
    tenths: u32,
}

/// How far the walk has come, and what was found on the way.
pub struct Walker {
    pub wanted: Wanted,
    pub n: i64,
    pub m: i64,
    /// Ranks of the tenths of the first side, from 1.
    pub tenths: [u64; 9],
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
    pub fn new(n: u64, m: u64, wanted: Wanted) -> Self {
        let tenths = std::array::from_fn(|k| ((k as u64 + 1) * n).div_ceil(10));
        let values = Contingency::new(wanted.values.unwrap_or_default());
        let found = Walked { values, ..Walked::default() };
        let (n, m) = (n as i64, m as i64);
        Self { wanted, n, m, tenths, next_tenth: 0, i: 0, j: 0, d: 0, at: 0, binade: 0, area: 0, picks: vec![], found }
    }

    /// Passes a cell without a look inside: the distance keeps its sign there.
    pub fn cell(&mut self, bounds: Bounds, a: Cell, b: Cell) {
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

    pub fn numbers(&mut self, from: u64, mut one: Ordered<'_>, mut two: Ordered<'_>) {
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

    pub fn gap_to(&mut self, key: u64) {
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

    pub fn end(mut self) -> Walked {
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
