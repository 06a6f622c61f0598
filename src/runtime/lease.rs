//! Leadership: one replica works, the others stand by.
//!
//! A holder counts by its own monotonic clock from the moment it *sent* the last renewal that
//! succeeded, and stops well before the lease's end. A candidate counts by its own clock from the
//! moment it *saw* the record change, and waits for the whole of it. The second moment is never
//! before the first, so two never lead at once, whatever the clocks of their machines show.

use jiff::Timestamp;
use k8s_openapi::api::coordination::v1 as coordination;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use kube::api::{Api, ObjectMeta, PostParams};
use kube::{Client, ResourceExt};
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

/// A lease to be held by one of several replicas.
#[derive(Clone, Debug)]
pub struct Lease {
    api: Api<coordination::Lease>,
    name: String,
    identity: String,
    /// Whole seconds.
    ttl: Duration,
}

/// Tells the work whether this replica still leads.
#[derive(Clone, Debug)]
pub struct Leadership {
    until: Arc<Mutex<Instant>>,
    ended: CancellationToken,
}

/// Why the work ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It was asked to stop, or ended by itself. The lease is free again.
    Stopped,
    /// The lease could not be renewed or went to another. End the process: a fresh one starts clean.
    Lost,
}

#[derive(Debug, thiserror::Error)]
enum LeaseError {
    #[error("no answer in time")]
    NoAnswer,
    #[error("another replica has written it")]
    Conflict,
    #[error("it was deleted")]
    Deleted,
    #[error(transparent)]
    Kube(kube::Error),
}

impl Leadership {
    /// Cancelled when this replica must stop, because it lost the lease or was asked to.
    pub fn ended(&self) -> &CancellationToken {
        &self.ended
    }

    /// Whether this replica leads at this very moment. Ask right before a write. Being asked to
    /// stop does not change it: what was begun may be finished.
    pub fn holds(&self) -> bool {
        Instant::now() < self.until()
    }

    fn until(&self) -> Instant {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn extend(&self, until: Instant) {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) = until;
    }
}

impl Lease {
    /// `identity` must differ between processes, restarts of one pod included.
    pub fn new(client: Client, namespace: &str, name: &str, identity: String, ttl: Duration) -> Self {
        Self { api: Api::namespaced(client, namespace), name: name.to_owned(), identity, ttl }
    }

    /// Waits for the lease, does the work while it is held, and gives it back.
    ///
    /// When `stop` is cancelled the leadership ends, and the lease is kept until the work has ended.
    /// When the lease is lost the work has until the lease's true end, and no time at all when the
    /// lease went to another; then it is dropped.
    pub async fn lead<W: Future<Output = ()>>(
        &self,
        stop: &CancellationToken,
        work: impl FnOnce(Leadership) -> W,
    ) -> Ended {
        let Some((mut held, sent)) = stop.run_until_cancelled(self.acquire()).await else {
            return Ended::Stopped;
        };
        tracing::info!(lease = self.name, identity = self.identity, "leads");
        let leadership = Leadership { until: Arc::new(Mutex::new(sent + self.own_share())), ended: stop.child_token() };
        let mut work = std::pin::pin!(work(leadership.clone()));
        tokio::select! {
            () = &mut work => {
                leadership.ended.cancel();
                self.give_back(held, &leadership).await;
                Ended::Stopped
            }
            why = self.keep(&mut held, &leadership) => {
                tracing::error!(lease = self.name, %why, "no longer leads");
                let end = match why {
                    // Another may lead already.
                    LeaseError::Conflict | LeaseError::Deleted => Instant::now(),
                    LeaseError::NoAnswer | LeaseError::Kube(_) => {
                        leadership.until() + (self.ttl - self.own_share())
                    }
                };
                leadership.extend(Instant::now());
                leadership.ended.cancel();
                if timeout_at(end, work).await.is_err() {
                    tracing::warn!(lease = self.name, "the work was cut short");
                }
                Ended::Lost
            }
        }
    }

    /// The part of the lease in which the holder trusts it. The rest is for work to end in.
    fn own_share(&self) -> Duration {
        self.ttl * 2 / 3
    }

    fn pause(&self) -> Duration {
        self.ttl / 5
    }

    /// Waits until this replica holds the lease. Returns the record and when the write was sent.
    async fn acquire(&self) -> (coordination::Lease, Instant) {
        let mut seen = Seen::default();
        loop {
            match self.try_acquire(&mut seen).await {
                Ok(Some(held)) => return held,
                Ok(None) | Err(LeaseError::Conflict) => {}
                Err(error) => tracing::warn!(lease = self.name, %error, "lease"),
            }
            sleep(self.pause()).await;
        }
    }

    async fn try_acquire(&self, seen: &mut Seen) -> Result<Option<(coordination::Lease, Instant)>, LeaseError> {
        let current = self.in_time(self.api.get_opt(&self.name)).await?;
        if !seen.is_free(current.as_ref(), self.ttl) {
            return Ok(None);
        }
        let transitions = current
            .as_ref()
            .and_then(|lease| lease.spec.as_ref()?.lease_transitions)
            .map_or(0, |count| count.saturating_add(1));
        let mut taken = current.unwrap_or_else(|| coordination::Lease {
            metadata: ObjectMeta { name: Some(self.name.clone()), ..ObjectMeta::default() },
            ..coordination::Lease::default()
        });
        let now = MicroTime(Timestamp::now());
        taken.spec = Some(coordination::LeaseSpec {
            acquire_time: Some(now.clone()),
            holder_identity: Some(self.identity.clone()),
            lease_duration_seconds: Some(i32::try_from(self.ttl.as_secs()).unwrap_or(i32::MAX)),
            lease_transitions: Some(transitions),
            renew_time: Some(now),
            ..coordination::LeaseSpec::default()
        });
        let sent = Instant::now();
        let held = if taken.resource_version().is_some() {
            self.write(&taken).await?
        } else {
            self.in_time(self.api.create(&PostParams::default(), &taken)).await?
        };
        Ok(Some((held, sent)))
    }

    /// Renews until it cannot. Returns why.
    async fn keep(&self, held: &mut coordination::Lease, leadership: &Leadership) -> LeaseError {
        let mut last = LeaseError::NoAnswer;
        loop {
            let until = leadership.until();
            tokio::select! {
                () = sleep_until(until) => return last,
                () = sleep(self.pause()) => {}
            }
            let sent = Instant::now();
            let renewed = tokio::select! {
                () = sleep_until(until) => return last,
                renewed = self.renew(held) => renewed,
            };
            match renewed {
                Ok(()) => leadership.extend(sent + self.own_share()),
                Err(why @ (LeaseError::Conflict | LeaseError::Deleted)) => return why,
                Err(error) => {
                    tracing::warn!(lease = self.name, %error, "not renewed");
                    last = error;
                }
            }
        }
    }

    async fn renew(&self, held: &mut coordination::Lease) -> Result<(), LeaseError> {
        if let Some(spec) = &mut held.spec {
            spec.renew_time = Some(MicroTime(Timestamp::now()));
        }
        match self.write(held).await {
            Ok(renewed) => *held = renewed,
            // A renewal whose answer was lost, or somebody who labelled it: still ours, or not?
            Err(LeaseError::Conflict) => {
                let current = self.in_time(self.api.get_opt(&self.name)).await?.ok_or(LeaseError::Deleted)?;
                if holder(&current) != Some(&self.identity) {
                    return Err(LeaseError::Conflict);
                }
                *held = current;
                *held = self.write(held).await?;
            }
            Err(other) => return Err(other),
        }
        Ok(())
    }

    async fn give_back(&self, mut held: coordination::Lease, leadership: &Leadership) {
        let gone = async {
            // A renewal may have been under way when the work ended.
            if let Ok(Some(current)) = self.in_time(self.api.get_opt(&self.name)).await {
                held = current;
            }
            if holder(&held) != Some(&self.identity) {
                return Err(LeaseError::Conflict);
            }
            if let Some(spec) = &mut held.spec {
                spec.holder_identity = Some(String::new());
            }
            self.write(&held).await
        };
        match timeout_at(leadership.until().max(Instant::now() + self.pause()), gone).await {
            Ok(Ok(_)) => tracing::info!(lease = self.name, "gave the lease back"),
            Ok(Err(error)) => tracing::warn!(lease = self.name, %error, "lease not given back"),
            Err(_) => tracing::warn!(lease = self.name, "lease not given back in time"),
        }
    }

    /// Writes if nobody else has written since this record was read.
    async fn write(&self, lease: &coordination::Lease) -> Result<coordination::Lease, LeaseError> {
        self.in_time(self.api.replace(&self.name, &PostParams::default(), lease)).await
    }

    async fn in_time<T>(&self, request: impl Future<Output = kube::Result<T>>) -> Result<T, LeaseError> {
        match timeout(self.pause(), request).await {
            Err(_) => Err(LeaseError::NoAnswer),
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(kube::Error::Api(status))) if status.is_conflict() || status.is_already_exists() => {
                Err(LeaseError::Conflict)
            }
            Ok(Err(kube::Error::Api(status))) if status.is_not_found() => Err(LeaseError::Deleted),
            Ok(Err(error)) => Err(LeaseError::Kube(error)),
        }
    }
}

fn holder(lease: &coordination::Lease) -> Option<&String> {
    lease.spec.as_ref()?.holder_identity.as_ref().filter(|holder| !holder.is_empty())
}

/// The record as a candidate saw it change last.
#[derive(Debug, Default)]
struct Seen(Option<Record>);

#[derive(Debug)]
struct Record {
    version: Option<String>,
    since: Instant,
    lasts: Duration,
}

impl Seen {
    /// Whether the lease may be taken: it was given back, or has stood still for its whole length.
    fn is_free(&mut self, current: Option<&coordination::Lease>, ttl: Duration) -> bool {
        let now = Instant::now();
        let Some(current) = current else {
            // Deleted under its holder, who may not know yet.
            return self.0.as_mut().is_none_or(|record| {
                if record.version.take().is_some() {
                    record.since = now;
                }
                now >= record.since + record.lasts
            });
        };
        if holder(current).is_none() {
            self.0 = None;
            return true;
        }
        let version = current.resource_version();
        match &self.0 {
            Some(record) if record.version == version => now >= record.since + record.lasts,
            _ => {
                let seconds = current.spec.as_ref().and_then(|spec| spec.lease_duration_seconds);
                let lasts = seconds.and_then(|s| u64::try_from(s).ok()).filter(|s| *s > 0);
                let lasts = lasts.map_or(ttl, Duration::from_secs);
                self.0 = Some(Record { version, since: now, lasts });
                false
            }
        }
    }
}

#[cfg(test)]
mod tests;
