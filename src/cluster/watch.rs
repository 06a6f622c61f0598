//! One watch for each kind, for as long as the process lives.
//!
//! Own loop, not `kube::runtime::watcher`: that one begins from any cached state (`resourceVersion`
//! 0) where this one asks for a consistent read, keeps bookmarks to itself, from which the cache
//! learns how far it has come, and takes up to 295 s to notice a connection that went silent.

use super::store::key;
use super::world::{ForEachKind, Kept, Only, World};
use crate::runtime::metrics::Metrics;
use futures::StreamExt;
use kube::Client;
use kube::api::{WatchEvent, WatchParams};
use kube::core::Request;
use kube::core::response::Status;
use serde::de::DeserializeOwned;
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::marker::PhantomData;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

/// The API server ends a watch after this long, in seconds.
const WATCH_SECONDS: u32 = 290;
/// Bookmarks come every minute or so. A connection silent for longer is taken for dead.
const LONGEST_SILENCE: Duration = Duration::from_secs(150);
const LONGEST_START: Duration = Duration::from_secs(30);
/// A watch that lasted this long has worked.
const WORKED: Duration = Duration::from_secs(10);
const FIRST_DELAY: Duration = Duration::from_millis(250);
const LONGEST_DELAY: Duration = Duration::from_secs(30);
const LIST_IS_COMPLETE: &str = "k8s.io/initial-events-end";

#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    #[error("the watch did not start within {} s", LONGEST_START.as_secs())]
    NotStarted,
    #[error("no word for {} s", LONGEST_SILENCE.as_secs())]
    Silent,
    #[error("the watch fell too far behind and starts over")]
    Expired,
    #[error("{}", .0.message)]
    Refused(Box<Status>),
    #[error("an object that cannot be read: {0}")]
    Unreadable(serde_json::Error),
    #[error(transparent)]
    Kube(kube::Error),
}

/// Starts the watches of all kinds. They end when `stop` is cancelled or the set is dropped.
pub fn start(client: &Client, world: &Arc<World>, metrics: &Arc<Metrics>, stop: &CancellationToken) -> JoinSet<()> {
    struct Start<'a> {
        client: &'a Client,
        world: &'a Arc<World>,
        metrics: &'a Arc<Metrics>,
        stop: &'a CancellationToken,
        tasks: JoinSet<()>,
    }
    impl ForEachKind for Start<'_> {
        fn visit<K: Kept + DeserializeOwned>(&mut self) {
            let watch = follow::<K>(self.client.clone(), self.world.clone(), self.metrics.clone());
            let stop = self.stop.clone();
            self.tasks.spawn(async move {
                stop.run_until_cancelled_owned(watch).await;
            });
        }
    }
    let mut start = Start { client, world, metrics, stop, tasks: JoinSet::new() };
    World::each_kind(&mut start);
    start.tasks
}

/// Keeps one store up to date, without end.
async fn follow<K: Kept + DeserializeOwned>(client: Client, world: Arc<World>, metrics: Arc<Metrics>) {
    let kind = K::KIND.name();
    let mut watch = Watch::<K> { client, kind: PhantomData, world, metrics: metrics.clone(), from: None };
    let mut delay = FIRST_DELAY;
    loop {
        let began = Instant::now();
        let ended = watch.once().await;
        let worked = began.elapsed() >= WORKED;
        if worked {
            delay = FIRST_DELAY;
        }
        match ended {
            Ok(()) if worked => continue,
            Ok(()) => tracing::debug!(kind, "the watch ended at once"),
            Err(WatchError::Refused(status)) if K::OPTIONAL && status.code == 404 => {
                if !K::store(&watch.world).is_listed() || K::store(&watch.world).is_served() {
                    tracing::warn!(kind, "the API server does not serve this kind");
                }
                watch.world.unserved::<K>();
                watch.from = None;
            }
            Err(error) => {
                tracing::warn!(kind, %error, "watch");
                metrics.watch_error(kind);
                if matches!(error, WatchError::Expired | WatchError::Unreadable(_)) {
                    watch.from = None;
                }
            }
        }
        sleep(spread(delay)).await;
        delay = (delay * 2).min(LONGEST_DELAY);
    }
}

struct Watch<K> {
    client: Client,
    kind: PhantomData<K>,
    world: Arc<World>,
    metrics: Arc<Metrics>,
    /// The version to go on from. None: list first.
    from: Option<String>,
}

impl<K: Kept + DeserializeOwned> Watch<K> {
    /// One request. Ends well when the API server ends it.
    async fn once(&mut self) -> Result<(), WatchError> {
        let mut seen = self.from.is_none().then(HashSet::new);
        let params = params(K::ONLY, seen.is_some());
        // No version asks for a read that is consistent, not for one from the server's cache.
        let from = self.from.clone().unwrap_or_default();
        let request = Request::new(K::path())
            .watch(&params, &from)
            .map_err(kube::Error::BuildRequest)
            .map_err(WatchError::Kube)?;
        let stream = timeout(LONGEST_START, self.client.request_events::<K>(request))
            .await
            .map_err(|_| WatchError::NotStarted)?
            .map_err(classify)?;
        let mut stream = pin!(stream);
        while let Some(event) = timeout(LONGEST_SILENCE, stream.next()).await.map_err(|_| WatchError::Silent)? {
            let event = event.map_err(classify)?;
            self.metrics.watch_heard(K::KIND.name());
            match event {
                WatchEvent::Added(object) | WatchEvent::Modified(object) => self.put(object, &mut seen),
                WatchEvent::Deleted(object) => self.remove(&object, &mut seen),
                WatchEvent::Bookmark(bookmark) => {
                    let meta = bookmark.metadata;
                    if let Some(all) = &seen {
                        if !meta.annotations.contains_key(LIST_IS_COMPLETE) {
                            continue;
                        }
                        self.world.listed::<K>(all);
                        seen = None;
                    }
                    self.know(meta.resource_version);
                }
                WatchEvent::Error(status) => return Err(refused(status)),
            }
        }
        Ok(())
    }

    fn put(&mut self, object: K, seen: &mut Option<HashSet<(String, String)>>) {
        let version = object.resource_version().to_owned();
        match seen {
            Some(seen) => {
                seen.insert(key(&object));
                self.world.put(object);
            }
            None => {
                self.world.put(object);
                self.know(version);
            }
        }
        self.metrics.watch_objects(K::KIND.name(), K::store(&self.world).len());
    }

    fn remove(&mut self, object: &K, seen: &mut Option<HashSet<(String, String)>>) {
        match seen {
            Some(seen) => {
                seen.remove(&key(object));
                self.world.remove(object);
            }
            None => {
                self.world.remove(object);
                self.know(object.resource_version().to_owned());
            }
        }
        self.metrics.watch_objects(K::KIND.name(), K::store(&self.world).len());
    }

    fn know(&mut self, version: String) {
        self.world.know::<K>(&version);
        self.from = (!version.is_empty()).then_some(version);
    }
}

fn params(only: Only, list: bool) -> WatchParams {
    let params = WatchParams {
        timeout: Some(WATCH_SECONDS),
        bookmarks: true,
        send_initial_events: list,
        ..WatchParams::default()
    };
    match only {
        Only::All => params,
        Only::Labelled(label) => params.labels(label),
        Only::Fields(fields) => params.fields(fields),
    }
}

fn classify(error: kube::Error) -> WatchError {
    match error {
        kube::Error::Api(status) => refused(status),
        kube::Error::SerdeError(error) => WatchError::Unreadable(error),
        other => WatchError::Kube(other),
    }
}

fn refused(status: Box<Status>) -> WatchError {
    // The second is a server that was put back to an older state: it will never come to our version.
    let ahead = status.details.iter().flat_map(|details| &details.causes);
    if status.code == 410 || ahead.into_iter().any(|cause| cause.reason == "ResourceVersionTooLarge") {
        WatchError::Expired
    } else {
        WatchError::Refused(status)
    }
}

/// Between half of the delay and the whole, so that watches do not come back all at once.
fn spread(delay: Duration) -> Duration {
    let chance = (RandomState::new().hash_one(0) % 1000) as u32;
    delay / 2 + delay / 2 * chance / 1000
}

#[cfg(test)]
mod tests;
