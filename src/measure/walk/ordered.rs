//! Numbers in ascending order, one by one or with counts.

use crate::measure::key::Run;

/// Numbers in order, handed out from the front.
#[derive(Default)]
pub struct Kept {
    keys: Vec<u64>,
    runs: Vec<Run>,
    at: usize,
}

impl Kept {
    pub fn keys(keys: Vec<u64>) -> Self {
        Self { keys, ..Self::default() }
    }

    pub fn runs(runs: Vec<Run>) -> Self {
        Self { runs, ..Self::default() }
    }

    /// The array that keys were kept in, to be used again.
    pub fn into_array(self) -> Option<Vec<u64>> {
        (self.keys.capacity() > 0).then_some(self.keys)
    }

    /// Those below `high` that have not been handed out.
    pub fn next(&mut self, high: u64) -> Ordered<'_> {
        let from = self.at;
        while self.keys.get(self.at).is_some_and(|key| *key < high)
            || self.runs.get(self.at).is_some_and(|run| run.0 < high)
        {
            self.at += 1;
        }
        Ordered {
            keys: self.keys.get(from..self.at).unwrap_or_default(),
            runs: self.runs.get(from..self.at).unwrap_or_default(),
        }
    }
}

/// Numbers in order, one by one or with counts.
#[derive(Clone, Copy)]
pub struct Ordered<'a> {
    keys: &'a [u64],
    runs: &'a [Run],
}

impl<'a> Ordered<'a> {
    pub fn runs(runs: &'a [Run]) -> Self {
        Self { keys: &[], runs }
    }

    pub fn peek(&self) -> Option<u64> {
        self.keys.first().copied().or(self.runs.first().map(|run| run.0))
    }

    /// Takes all that equal `key`.
    pub fn take(&mut self, key: u64) -> u32 {
        match self.runs.first() {
            Some(run) if run.0 == key => {
                self.runs = &self.runs[1..];
                run.1
            }
            Some(_) => 0,
            None => {
                let equal = self.keys.iter().take_while(|other| **other == key).count();
                self.keys = &self.keys[equal..];
                equal as u32
            }
        }
    }
}
