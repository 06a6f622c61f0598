//! Replicas against an API server of one lease, each with a line of its own that can be cut.

use super::*;
use http::{Method, Request, Response};
use http_body_util::BodyExt;
use kube::client::Body;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::task::JoinHandle;

const TTL: Duration = Duration::from_secs(3);

#[derive(Clone, Copy, PartialEq)]
enum Line {
    Open,
    /// Answers 500.
    Broken,
    /// Never answers.
    Hangs,
    /// The write is done, but its answer is lost.
    LosesAnswers,
}

#[derive(Default)]
struct Server {
    stored: Mutex<Option<Value>>,
    version: AtomicUsize,
    writes: AtomicUsize,
}

impl Server {
    fn answer(&self, method: &Method, body: Value) -> (u16, Value) {
        let mut stored = self.stored.lock().unwrap();
        let version = |value: &Value| value["metadata"]["resourceVersion"].clone();
        match (method, stored.as_ref()) {
            (&Method::GET, Some(lease)) => (200, lease.clone()),
            (&Method::GET | &Method::PUT, None) => status(404, "NotFound"),
            (&Method::POST, Some(_)) => status(409, "AlreadyExists"),
            (&Method::PUT, Some(lease)) if version(lease) != version(&body) => status(409, "Conflict"),
            _ => {
                let mut lease = body;
                let next = self.version.fetch_add(1, Ordering::Relaxed) + 1;
                self.writes.fetch_add(1, Ordering::Relaxed);
                lease["metadata"]["resourceVersion"] = json!(next.to_string());
                *stored = Some(lease.clone());
                (200, lease)
            }
        }
    }

    fn holder(&self) -> Option<String> {
        self.stored.lock().unwrap().as_ref()?["spec"]["holderIdentity"].as_str().map(str::to_owned)
    }
}

fn status(code: u16, reason: &str) -> (u16, Value) {
    (
        code,
        json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason, "message": reason}),
    )
}

/// How many work at the same time, and the most that ever did.
#[derive(Default)]
struct Workers {
    now: AtomicUsize,
    most: AtomicUsize,
}

struct AtWork(Arc<Workers>);

impl AtWork {
    fn begin(workers: &Arc<Workers>) -> Self {
        let now = workers.now.fetch_add(1, Ordering::SeqCst) + 1;
        workers.most.fetch_max(now, Ordering::SeqCst);
        Self(workers.clone())
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::SeqCst);
    }
}

struct Replica {
    line: Arc<Mutex<Line>>,
    stop: CancellationToken,
    leadership: Arc<Mutex<Option<Leadership>>>,
    task: JoinHandle<Ended>,
}

impl Replica {
    /// `ends`: the work ends when it is asked to.
    fn start(server: &Arc<Server>, workers: &Arc<Workers>, name: &str, ends: bool) -> Self {
        let line = Arc::new(Mutex::new(Line::Open));
        let service = tower::service_fn({
            let (server, line) = (server.clone(), line.clone());
            move |request: Request<Body>| {
                let (server, line) = (server.clone(), *line.lock().unwrap());
                async move {
                    let method = request.method().clone();
                    let bytes = request.into_body().collect().await.unwrap().to_bytes();
                    let (code, answer) = match line {
                        Line::Hangs => std::future::pending().await,
                        Line::Broken => status(500, "InternalError"),
                        Line::Open => server.answer(&method, serde_json::from_slice(&bytes).unwrap_or_default()),
                        Line::LosesAnswers => {
                            server.answer(&method, serde_json::from_slice(&bytes).unwrap_or_default());
                            std::future::pending().await
                        }
                    };
                    let body = Body::from(serde_json::to_vec(&answer).unwrap());
                    Ok::<_, Infallible>(Response::builder().status(code).body(body).unwrap())
                }
            }
        });
        let lease = Lease::new(Client::new(service, "default"), "modelgate-system", "lease", name.to_owned(), TTL);
        let (stop, leadership) = (CancellationToken::new(), Arc::new(Mutex::new(None)));
        let task = tokio::spawn({
            let (stop, leadership, workers) = (stop.clone(), leadership.clone(), workers.clone());
            async move {
                let work = |leads: Leadership| {
                    *leadership.lock().unwrap() = Some(leads.clone());
                    let at_work = AtWork::begin(&workers);
                    async move {
                        let _at_work = at_work;
                        leads.ended().cancelled().await;
                        if !ends {
                            std::future::pending::<()>().await;
                        }
                    }
                };
                lease.lead(&stop, work).await
            }
        });
        Self { line, stop, leadership, task }
    }

    fn set(&self, line: Line) {
        *self.line.lock().unwrap() = line;
    }

    fn holds(&self) -> bool {
        self.leadership.lock().unwrap().as_ref().is_some_and(Leadership::holds)
    }

    /// Until this replica leads, or no longer does.
    async fn comes_to(&self, leads: bool) -> Duration {
        let began = Instant::now();
        while self.holds() != leads {
            sleep(Duration::from_millis(10)).await;
            assert!(began.elapsed() < Duration::from_secs(60), "never");
        }
        began.elapsed()
    }
}

async fn seconds(n: u64) {
    sleep(Duration::from_secs(n)).await;
}

fn set_up() -> (Arc<Server>, Arc<Workers>) {
    (Arc::default(), Arc::default())
}

#[tokio::test(start_paused = true)]
async fn one_leads_and_keeps_leading() {
    let (server, workers) = set_up();
    let replicas = ["a", "b", "c"].map(|name| Replica::start(&server, &workers, name, true));
    seconds(60).await;
    assert_eq!(replicas.iter().filter(|replica| replica.holds()).count(), 1);
    assert_eq!(workers.most.load(Ordering::SeqCst), 1);
    let writes = server.writes.load(Ordering::Relaxed);
    assert!((90..110).contains(&writes), "{writes} writes in 60 s");
}

/// However the leader's line fails, and whether or not its work ends when asked.
#[tokio::test(start_paused = true)]
async fn a_leader_that_cannot_renew_is_down_before_another_is_up() {
    for line in [Line::Hangs, Line::Broken] {
        for ends in [true, false] {
            let (server, workers) = set_up();
            let a = Replica::start(&server, &workers, "a", ends);
            a.comes_to(true).await;
            let b = Replica::start(&server, &workers, "b", ends);
            seconds(10).await;
            assert!(a.holds() && !b.holds());
            a.set(line);
            let down = a.comes_to(false).await;
            assert!(down <= TTL * 2 / 3, "{down:?}");
            let up = down + b.comes_to(true).await;
            assert!(up >= TTL - TTL / 5 && up <= TTL * 2, "{up:?}");
            assert_eq!(workers.most.load(Ordering::SeqCst), 1, "two worked at once");
            assert_eq!(a.task.await.unwrap(), Ended::Lost);
            assert_eq!(server.holder().as_deref(), Some("b"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_short_outage_is_survived() {
    let (server, workers) = set_up();
    let a = Replica::start(&server, &workers, "a", true);
    a.comes_to(true).await;
    for line in [Line::Hangs, Line::Broken, Line::LosesAnswers] {
        seconds(5).await;
        a.set(line);
        sleep(TTL / 3).await;
        a.set(Line::Open);
    }
    seconds(5).await;
    assert!(a.holds() && !a.task.is_finished());
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_is_given_back_is_taken_at_once() {
    let (server, workers) = set_up();
    let a = Replica::start(&server, &workers, "a", true);
    a.comes_to(true).await;
    let b = Replica::start(&server, &workers, "b", true);
    seconds(2).await;
    a.stop.cancel();
    assert_eq!(a.task.await.unwrap(), Ended::Stopped);
    assert_eq!(server.holder().as_deref(), Some(""));
    let up = b.comes_to(true).await;
    assert!(up <= TTL / 5 + Duration::from_millis(10), "{up:?}");
}

#[tokio::test(start_paused = true)]
async fn the_lease_is_kept_until_work_that_was_asked_to_stop_has_ended() {
    let (server, workers) = set_up();
    let a = Replica::start(&server, &workers, "a", false);
    a.comes_to(true).await;
    let b = Replica::start(&server, &workers, "b", true);
    a.stop.cancel();
    seconds(20).await;
    assert!(a.holds(), "the work goes on");
    assert!(!b.holds());
    a.task.abort();
}

#[tokio::test(start_paused = true)]
async fn a_standby_stops_at_once() {
    let (server, workers) = set_up();
    let a = Replica::start(&server, &workers, "a", true);
    a.comes_to(true).await;
    let b = Replica::start(&server, &workers, "b", true);
    seconds(2).await;
    b.stop.cancel();
    assert_eq!(b.task.await.unwrap(), Ended::Stopped);
    assert!(a.holds());
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_went_to_another_is_lost_at_once() {
    let (server, workers) = set_up();
    let a = Replica::start(&server, &workers, "a", false);
    a.comes_to(true).await;
    {
        let mut stored = server.stored.lock().unwrap();
        let lease = stored.as_mut().unwrap();
        lease["spec"]["holderIdentity"] = json!("z");
        lease["metadata"]["resourceVersion"] = json!("999");
    }
    let down = a.comes_to(false).await;
    assert!(down <= TTL / 5 + Duration::from_millis(10), "{down:?}");
    assert_eq!(timeout(Duration::from_millis(10), a.task).await.unwrap().unwrap(), Ended::Lost);
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_somebody_labels_stays_ours() {
    let (server, workers) = set_up();
    let a = Replica::start(&server, &workers, "a", true);
    a.comes_to(true).await;
    server.stored.lock().unwrap().as_mut().unwrap()["metadata"]["resourceVersion"] = json!("999");
    seconds(10).await;
    assert!(a.holds() && !a.task.is_finished());
}

#[tokio::test(start_paused = true)]
async fn a_deleted_lease_is_not_taken_under_its_holder() {
    // Whoever of the two looks first.
    for moment in 0..8 {
        let (server, workers) = set_up();
        let a = Replica::start(&server, &workers, "a", true);
        a.comes_to(true).await;
        sleep(Duration::from_millis(300)).await;
        let b = Replica::start(&server, &workers, "b", true);
        sleep(Duration::from_millis(5000 + 75 * moment)).await;
        *server.stored.lock().unwrap() = None;
        b.comes_to(true).await;
        assert_eq!(workers.most.load(Ordering::SeqCst), 1);
        assert_eq!(a.task.await.unwrap(), Ended::Lost);
    }
}
