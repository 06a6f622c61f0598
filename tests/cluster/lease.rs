//! Two replicas and one real lease.

use crate::cluster::{cluster, until};
use http::{Request, Response};
use k8s_openapi::api::coordination::v1::Lease as Stored;
use kube::client::{Body, DynBody};
use kube::{Api, Client};
use modelgate::runtime::client::client_with;
use modelgate::runtime::lease::{Ended, Leadership, Lease};
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tower::{BoxError, Layer, Service};

const TTL: Duration = Duration::from_secs(3);

/// A line to the API server that hangs from the moment it is cut.
#[derive(Clone, Default)]
struct Line {
    cut: Arc<AtomicBool>,
}

struct OnLine<S>(S, Line);

impl<S> Layer<S> for Line {
    type Service = OnLine<S>;
    fn layer(&self, inner: S) -> OnLine<S> {
        OnLine(inner, self.clone())
    }
}

impl<S> Service<Request<Body>> for OnLine<S>
where
    S: Service<Request<Body>, Response = Response<Box<DynBody>>, Error = BoxError>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(cx)
    }
    fn call(&mut self, request: Request<Body>) -> Self::Future {
        if self.1.cut.load(Ordering::SeqCst) {
            return Box::pin(std::future::pending());
        }
        Box::pin(self.0.call(request))
    }
}

/// When work began and ended, by replica.
type Diary = Arc<Mutex<Vec<(&'static str, Instant, Option<Instant>)>>>;

struct Replica {
    line: Line,
    stop: CancellationToken,
    task: JoinHandle<Ended>,
}

async fn replica(name: &'static str, namespace: &str, diary: &Diary) -> Replica {
    let line = Line::default();
    let client = client_with(cluster().config().await, &line).unwrap();
    let lease = Lease::new(client, namespace, "operator", name.to_owned(), TTL);
    let (stop, diary) = (CancellationToken::new(), diary.clone());
    let asked = stop.clone();
    let task = tokio::spawn(async move {
        let work = |leads: Leadership| async move {
            let entry = {
                let mut diary = diary.lock().unwrap();
                diary.push((name, Instant::now(), None));
                diary.len() - 1
            };
            leads.ended().cancelled().await;
            diary.lock().unwrap()[entry].2 = Some(Instant::now());
        };
        lease.lead(&asked, work).await
    });
    Replica { line, stop, task }
}

async fn begun(diary: &Diary, name: &str) -> Instant {
    until("the lease", async || diary.lock().unwrap().iter().find(|entry| entry.0 == name).map(|entry| entry.1)).await
}

#[tokio::test]
async fn two_replicas_never_work_at_once_when_the_leader_loses_the_api_server() {
    let namespace = cluster().namespace(&[]).await;
    let diary = Diary::default();
    let a = replica("a", &namespace, &diary).await;
    begun(&diary, "a").await;
    let b = replica("b", &namespace, &diary).await;
    tokio::time::sleep(TTL * 2).await;
    assert_eq!(diary.lock().unwrap().len(), 1, "b stands by while a renews");

    a.line.cut.store(true, Ordering::SeqCst);
    let cut = Instant::now();
    let up = begun(&diary, "b").await;
    assert_eq!(a.task.await.unwrap(), Ended::Lost);
    let down = diary.lock().unwrap()[0].2.unwrap();
    assert!(down < up, "a ended {:?} after b began", down - up);
    println!("old down after {:?}, new up after {:?}", down - cut, up - cut);

    b.stop.cancel();
    assert_eq!(b.task.await.unwrap(), Ended::Stopped);
    let api: Api<Stored> = Api::namespaced(client().await, &namespace);
    let spec = api.get("operator").await.unwrap().spec.unwrap();
    assert_eq!(spec.holder_identity.as_deref(), Some(""), "given back");
    assert_eq!(spec.lease_transitions, Some(1));
}

#[tokio::test]
async fn a_lease_given_back_is_taken_at_once() {
    let namespace = cluster().namespace(&[]).await;
    let diary = Diary::default();
    let a = replica("a", &namespace, &diary).await;
    begun(&diary, "a").await;
    let b = replica("b", &namespace, &diary).await;
    tokio::time::sleep(TTL / 3).await;
    a.stop.cancel();
    assert_eq!(a.task.await.unwrap(), Ended::Stopped);
    let stopped = Instant::now();
    let up = begun(&diary, "b").await;
    assert!(up.saturating_duration_since(stopped) < TTL, "b waited for the whole lease");
    b.stop.cancel();
    b.task.await.unwrap();
}

async fn client() -> Client {
    cluster().client().await
}
