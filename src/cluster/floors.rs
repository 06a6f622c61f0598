//! Own writes that the cache does not show yet.
//!
//! A pass that reads a cache from before its own last write decides the same thing again. So each
//! write is remembered, for the release it was made for, until the cache has caught up with it.

use super::world::{Kind, ReleaseKey};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Floor {
    /// Seen once the watch of the kind has come to this version. Versions of one kind rise and are
    /// comparable across its objects, so this holds for an object that is gone again, too.
    Version { kind: Kind, version: u64 },
    /// Seen once the object is gone, is another one, or is terminating: finalizers may keep it.
    Gone { kind: Kind, namespace: String, name: String, uid: String },
}

impl Floor {
    pub fn kind(&self) -> Kind {
        match self {
            Self::Version { kind, .. } | Self::Gone { kind, .. } => *kind,
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Floors(Mutex<HashMap<ReleaseKey, Vec<Floor>>>);

impl Floors {
    /// Remembers a write unless the cache shows it already. `seen` is asked under the lock that
    /// [`Self::caught_up`] takes too, so no write is remembered after the event that shows it.
    pub fn add(&self, release: &ReleaseKey, floor: Floor, seen: impl FnOnce(&Floor) -> bool) {
        let mut floors = self.lock();
        if !seen(&floor) {
            let of_release = floors.entry(release.clone()).or_default();
            if !of_release.contains(&floor) {
                of_release.push(floor);
            }
        }
    }

    pub fn has(&self, release: &ReleaseKey) -> bool {
        self.lock().contains_key(release)
    }

    /// Forgets the writes of a kind that the cache now shows. Returns the releases with none left.
    pub fn caught_up(&self, kind: Kind, seen: impl Fn(&Floor) -> bool) -> Vec<ReleaseKey> {
        let mut done = Vec::new();
        self.lock().retain(|release, floors| {
            let before = floors.len();
            floors.retain(|floor| floor.kind() != kind || !seen(floor));
            if floors.is_empty() && before > 0 {
                done.push(release.clone());
            }
            !floors.is_empty()
        });
        done
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ReleaseKey, Vec<Floor>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
