//! Keys that wait for a pass: when each is due, which go first, how many run at once.
//!
//! One key is never worked on twice at the same time; what arrives meanwhile waits for the end of
//! the pass. The earliest of several due times counts.

use crate::runtime::metrics::Metrics;
use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

const FIRST_DELAY: Duration = Duration::from_millis(500);
const LONGEST_DELAY: Duration = Duration::from_secs(60);
/// News about a key that just failed cuts its back-off short, but not shorter than this: a failing
/// pass that itself makes news would run hot.
const SHORTEST_REST: Duration = Duration::from_secs(1);

/// Which keys go first. `Urgent` is for breach and restore.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    Urgent,
    Normal,
}

/// Due times of keys. Share it in an `Arc`.
#[derive(Debug)]
pub struct Queue<K> {
    state: Mutex<State<K>>,
    changed: Notify,
    limit: usize,
    metrics: Arc<Metrics>,
}

#[derive(Debug)]
struct State<K> {
    keys: HashMap<K, Entry>,
    /// Keys that wait and are not worked on, by due time.
    urgent: BTreeSet<(Instant, K)>,
    normal: BTreeSet<(Instant, K)>,
    running: usize,
}

#[derive(Debug, Default)]
struct Entry {
    due: Option<(Lane, Instant)>,
    running: bool,
    failures: u32,
    rests_until: Option<Instant>,
}

/// A key to work on. Dropped without a word, as when the pass panics, it counts as failed.
#[derive(Debug)]
#[must_use = "say how the pass ended"]
pub struct Work<K: Ord + Hash + Clone> {
    key: K,
    queue: Arc<Queue<K>>,
    ended: bool,
}

impl<K: Ord + Hash + Clone> Queue<K> {
    /// At most `limit` keys are worked on at once; the last of several slots is kept for urgent ones.
    pub fn new(limit: usize, metrics: Arc<Metrics>) -> Arc<Self> {
        let state = State { keys: HashMap::new(), urgent: BTreeSet::new(), normal: BTreeSet::new(), running: 0 };
        Arc::new(Self { state: Mutex::new(state), changed: Notify::new(), limit: limit.max(1), metrics })
    }

    /// Due now.
    pub fn add(&self, key: K, lane: Lane) {
        self.add_at(key, Instant::now(), lane);
    }

    /// Due at a time. An earlier due time of the key stays; so does an urgent lane.
    pub fn add_at(&self, key: K, at: Instant, lane: Lane) {
        self.change(|state| {
            let entry = state.keys.entry(key.clone()).or_default();
            let rest = entry.rests_until.filter(|_| lane == Lane::Normal);
            state.plan(key, lane, rest.map_or(at, |rest| at.max(rest)));
        });
    }

    /// Waits until a key is due and may be worked on. Dropping the future loses nothing.
    pub async fn next(self: &Arc<Self>) -> Work<K> {
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            changed.as_mut().enable();
            let wait = match self.take() {
                Ok(key) => {
                    return Work { key, queue: self.clone(), ended: false };
                }
                Err(wait) => wait,
            };
            match wait {
                Some(due) => tokio::select! { () = changed => (), () = sleep_until(due) => () },
                None => changed.await,
            }
        }
    }

    /// Number of keys that wait, whether due or not.
    pub fn depth(&self) -> usize {
        let state = self.lock();
        state.urgent.len() + state.normal.len()
    }

    /// The next key that is due, or when to look again.
    fn take(&self) -> Result<K, Option<Instant>> {
        let mut state = self.lock();
        let lane = state.ready_lane(self.limit, Instant::now())?;
        let Some((_, key)) = state.lane(lane).pop_first() else {
            return Err(None);
        };
        state.running += 1;
        let entry = state.keys.entry(key.clone()).or_default();
        entry.due = None;
        entry.running = true;
        self.measure(&state);
        Ok(key)
    }

    fn end(&self, key: &K, failed: bool, again: Option<(Lane, Instant)>) {
        self.change(|state| {
            let now = Instant::now();
            state.running = state.running.saturating_sub(1);
            let entry = state.keys.entry(key.clone()).or_default();
            entry.running = false;
            let arrived = entry.due.take();
            if failed {
                let delay = FIRST_DELAY * 2_u32.saturating_pow(entry.failures.min(16));
                entry.failures = entry.failures.saturating_add(1);
                entry.rests_until = Some(now + SHORTEST_REST);
                state.plan(key.clone(), Lane::Normal, now + delay.min(LONGEST_DELAY));
            } else {
                entry.failures = 0;
                entry.rests_until = None;
            }
            let rest = now + SHORTEST_REST;
            for (lane, at) in arrived.into_iter().chain(again) {
                let rested = if failed && lane == Lane::Normal { at.max(rest) } else { at };
                state.plan(key.clone(), lane, rested);
            }
            let idle = |entry: &Entry| entry.due.is_none() && !entry.running;
            if state.keys.get(key).is_some_and(idle) {
                state.keys.remove(key);
            }
        });
    }

    fn change(&self, change: impl FnOnce(&mut State<K>)) {
        let mut state = self.lock();
        change(&mut state);
        self.measure(&state);
        drop(state);
        self.changed.notify_waiters();
    }

    fn measure(&self, state: &State<K>) {
        self.metrics.queue_depth("urgent", state.urgent.len());
        self.metrics.queue_depth("normal", state.normal.len());
    }

    fn lock(&self) -> MutexGuard<'_, State<K>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Ord + Hash + Clone> State<K> {
    fn lane(&mut self, lane: Lane) -> &mut BTreeSet<(Instant, K)> {
        match lane {
            Lane::Urgent => &mut self.urgent,
            Lane::Normal => &mut self.normal,
        }
    }

    fn plan(&mut self, key: K, lane: Lane, at: Instant) {
        let entry = self.keys.entry(key.clone()).or_default();
        let before = entry.due;
        let after = before.map_or((lane, at), |(l, t)| (l.min(lane), t.min(at)));
        entry.due = Some(after);
        if entry.running {
            return;
        }
        if let Some((lane, at)) = before {
            self.lane(lane).remove(&(at, key.clone()));
        }
        self.lane(after.0).insert((after.1, key));
    }

    /// The lane to take from. The error is when something will be due, if only time is missing.
    fn ready_lane(&self, limit: usize, now: Instant) -> Result<Lane, Option<Instant>> {
        let due = |keys: &BTreeSet<(Instant, K)>| keys.first().map(|(at, _)| *at);
        let for_normal = if limit > 1 { limit - 1 } else { 1 };
        let urgent = due(&self.urgent).filter(|_| self.running < limit);
        let normal = due(&self.normal).filter(|_| self.running < for_normal);
        if urgent.is_some_and(|at| at <= now) {
            Ok(Lane::Urgent)
        } else if normal.is_some_and(|at| at <= now) {
            Ok(Lane::Normal)
        } else {
            Err([urgent, normal].into_iter().flatten().min())
        }
    }
}

impl<K: Ord + Hash + Clone> Work<K> {
    pub fn key(&self) -> &K {
        &self.key
    }

    /// The pass ended well. `again` is when to look again even if there is no news.
    pub fn done(mut self, again: Option<(Lane, Instant)>) {
        self.ended = true;
        self.queue.end(&self.key, false, again);
    }

    /// The pass failed: the key comes back after a delay that doubles from 0.5 s to 60 s, earlier
    /// when there is news.
    pub fn failed(self) {}
}

impl<K: Ord + Hash + Clone> Drop for Work<K> {
    fn drop(&mut self) {
        if !self.ended {
            self.queue.end(&self.key, true, None);
        }
    }
}

#[cfg(test)]
mod tests;
