//! The operator: caches, queue, workers, lease.

use super::pass::reconcile;
use super::queue::{Lane, Queue, Work};
use super::wake::{Topic, everywhere, topics};
use super::{enforcement, onboarding, policy_status};
use crate::cluster::enforcement::{Shipped, ShippedError, Weakness, shipped};
use crate::cluster::jobs::EvaluatorPod;
use crate::cluster::probes::Probes;
use crate::cluster::watch;
use crate::cluster::world::{Change, ReleaseKey, World};
use crate::cluster::writer::Writer;
use crate::release::facts::Waits;
use crate::runtime::lease::{Ended, Leadership, Lease};
use crate::runtime::metrics::Metrics;
use crate::runtime::options::Options;
use crate::runtime::{health, logs};
use jiff::Timestamp;
use kube::Client;
use kube::runtime::events::{Recorder, Reporter};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// A pass that takes longer has lost its connection.
const LONGEST_PASS: Duration = Duration::from_secs(60);

#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    #[error("cannot listen on {address}: {source}")]
    Listen { address: std::net::SocketAddr, source: std::io::Error },
    #[error("the lease was lost: another replica goes on")]
    LeaseLost,
    #[error(transparent)]
    Shipped(#[from] ShippedError),
}

/// What all passes share.
pub struct Shared {
    pub client: Client,
    pub world: Arc<World>,
    pub metrics: Arc<Metrics>,
    pub recorder: Recorder,
    pub probes: Probes,
    pub evaluator: EvaluatorPod,
    pub waits: Waits,
    /// The admission policies that must be in the API server.
    pub shipped: Vec<Shipped>,
    refusals: Mutex<HashMap<ReleaseKey, (String, String)>>,
    enforcement: Mutex<Result<(), Weakness>>,
}

impl Shared {
    pub fn writer(&self, key: &ReleaseKey) -> Writer {
        Writer {
            client: self.client.clone(),
            world: self.world.clone(),
            metrics: self.metrics.clone(),
            key: key.clone(),
            evaluator: self.evaluator.clone(),
        }
    }

    /// Whether the API server holds what it should, as last found out.
    pub fn enforcement(&self) -> Result<(), Weakness> {
        self.enforcement.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn found_enforcement(&self, found: Result<(), Weakness>) {
        self.metrics.enforced(found.is_ok());
        *self.enforcement.lock().unwrap_or_else(PoisonError::into_inner) = found;
    }

    pub fn refused(&self, key: &ReleaseKey) -> Option<(String, String)> {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    pub fn remember_refusal(&self, key: &ReleaseKey, refused: Option<(String, String)>) {
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        match refused {
            Some(refused) => refusals.insert(key.clone(), refused),
            None => refusals.remove(key),
        };
    }

    pub fn forget(&self, key: &ReleaseKey) {
        self.remember_refusal(key, None);
        self.probes.forget(key);
    }

    /// Whether GateConfig exempts a Deployment.
    pub fn exempt(&self, namespace: &str, name: &str) -> bool {
        let config = self.world.gate_configs.named("modelgate");
        let config = config.as_ref().and_then(|c| c.read().ok());
        config.is_some_and(|config| {
            let mut exemptions = config.spec.exemptions.iter();
            exemptions.any(|e| e.kind == "Deployment" && *e.namespace == *namespace && *e.name == *name)
        })
    }
}

/// The operator's process.
pub struct Operator {
    options: Options,
    client: Client,
}

impl Operator {
    pub fn new(options: Options, client: Client) -> Self {
        Self { options, client }
    }

    /// Runs until asked to stop. Watches run always; passes only while the lease is held.
    pub async fn run(self, stop: CancellationToken) -> Result<(), OperatorError> {
        let options = &self.options;
        let shipped = shipped()?;
        let metrics = Arc::new(Metrics::new());
        let queue = Queue::<Topic>::new(options.concurrency.get(), metrics.clone());
        let woken = queue.clone();
        let world = Arc::new(World::new(move |world, change| {
            // A person who asks to freeze or take back does not wait behind thousands of ordinary passes.
            let lane = if matches!(change, Change::Action(_)) { Lane::Urgent } else { Lane::Normal };
            for topic in topics(world, &change) {
                woken.add(topic, lane);
            }
        }));
        let address = options.listen;
        let listener = tokio::net::TcpListener::bind(address).await;
        let listener = listener.map_err(|source| OperatorError::Listen { address, source })?;
        let serving = tokio::spawn(health::serve(listener, routes(&metrics, &world), stop.clone()));
        let watches = watch::start(&self.client, &world, &metrics, &stop);
        let shared = Arc::new(self.shared(&world, &metrics, shipped));
        let identity = format!("{}_{}_{}", options.replica, std::process::id(), Timestamp::now().as_nanosecond());
        let lease =
            Lease::new(self.client.clone(), &options.namespace, &options.lease_name, identity, options.lease_duration);
        let ended = lease.lead(&stop, |leadership| work(shared, queue, leadership)).await;
        drop(watches);
        let lost = ended == Ended::Lost;
        if lost {
            // A process that lost the lease must not linger: the next one starts clean.
            serving.abort();
            return Err(OperatorError::LeaseLost);
        }
        if let Ok(Err(error)) = serving.await {
            tracing::warn!(%error, "the metrics server ended badly");
        }
        Ok(())
    }

    pub(super) fn shared(&self, world: &Arc<World>, metrics: &Arc<Metrics>, shipped: Vec<Shipped>) -> Shared {
        let options = &self.options;
        let reporter = Reporter { controller: "modelgate".to_owned(), instance: Some(options.replica.clone()) };
        Shared {
            client: self.client.clone(),
            world: world.clone(),
            metrics: metrics.clone(),
            recorder: Recorder::new(self.client.clone(), reporter),
            probes: Probes::default(),
            evaluator: EvaluatorPod { image: options.image.clone(), service_account: None },
            waits: Waits {
                evidence_seconds: options.evidence_wait.as_secs(),
                pairing_seconds: options.pairing_wait.as_secs(),
                start_seconds: options.start_deadline.as_secs(),
                finish_seconds: options.finish_deadline.as_secs(),
            },
            refusals: Mutex::default(),
            shipped,
            enforcement: Mutex::new(Err(Weakness::NotChecked)),
        }
    }
}

fn routes(metrics: &Arc<Metrics>, world: &Arc<World>) -> axum::Router {
    let synced = world.clone();
    let ready: health::Probe = Arc::new(move || match synced.ready() {
        true => Ok(()),
        false => Err(format!("waiting for the first list of {:?}", synced.awaited())),
    });
    health::routes(metrics.clone(), Arc::new(|| Ok(())), ready)
}

/// Passes, while this replica leads.
async fn work(shared: Arc<Shared>, queue: Arc<Queue<Topic>>, leadership: Leadership) {
    let ended = leadership.ended().clone();
    shared.metrics.leader(true);
    if ended.run_until_cancelled(shared.world.until_ready()).await.is_some() {
        // Before the first pass, or each start would tell every release twice.
        enforcement::look(&shared).await;
        for topic in everywhere(&shared.world) {
            queue.add(topic, Lane::Normal);
        }
        let mut passes = tokio::task::JoinSet::new();
        while let Some(work) = ended.run_until_cancelled(queue.next()).await {
            while passes.try_join_next().is_some() {}
            passes.spawn(one(shared.clone(), queue.clone(), work));
        }
        // A pass that has begun is finished: what it wrote and what it reports belong together.
        while passes.join_next().await.is_some() {}
    }
    shared.metrics.leader(false);
}

async fn one(shared: Arc<Shared>, queue: Arc<Queue<Topic>>, work: Work<Topic>) {
    let began = Instant::now();
    let topic = work.key().clone();
    let result = tokio::time::timeout(LONGEST_PASS, pass(&shared, &queue, &topic)).await;
    let took = began.elapsed();
    match result {
        Ok(Ok(again)) => {
            shared.metrics.pass("ok", took);
            work.done(again.map(|at| (Lane::Normal, until(at))));
        }
        Ok(Err(problem)) => {
            shared.metrics.pass("error", took);
            tracing::warn!(?topic, problem, "pass failed, it is tried again");
            work.failed();
        }
        Err(_) => {
            shared.metrics.pass("timeout", took);
            tracing::warn!(?topic, "pass took too long, it is tried again");
            work.failed();
        }
    }
}

async fn pass(shared: &Shared, queue: &Queue<Topic>, topic: &Topic) -> Result<Option<Timestamp>, String> {
    use tracing::Instrument;
    match topic {
        Topic::Release(key) => {
            let name = format!("{}/{}", key.namespace, key.name);
            reconcile(shared, key).instrument(logs::pass(&name)).await.map_err(|e| e.to_string())
        }
        Topic::Onboarding(namespace) => {
            onboarding::onboard(shared, namespace).await.map(|()| None).map_err(|e| e.to_string())
        }
        Topic::Policy(name) => policy_status::tell(shared, name).await.map(|()| None).map_err(|e| e.to_string()),
        Topic::Enforcement => {
            if enforcement::look(shared).await {
                for topic in everywhere(&shared.world) {
                    queue.add(topic, Lane::Normal);
                }
            }
            enforcement::tell(shared).await.map_err(|e| e.to_string())
        }
    }
}

/// A wall-clock time as one of the clock that timers run on.
fn until(at: Timestamp) -> tokio::time::Instant {
    let wait = at.duration_since(Timestamp::now());
    tokio::time::Instant::now() + Duration::try_from(wait).unwrap_or_default()
}
