//! The operator's line to the API server, which counts its writes for a namespace and can go dead right
//! before or right after one of them. Dead is dead: nothing that the operator asks about that namespace
//! is answered any more, as if its process had been killed, and other namespaces go on.

use futures::FutureExt;
use http::{Method, Request, Response};
use http_body_util::BodyExt;
use kube::client::{Body, DynBody};
use serde_json::Value;
use std::collections::HashMap;
use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use tower::{BoxError, Layer, Service};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The write is never sent.
    Before,
    /// The write is done and its answer never heard.
    After,
}

#[derive(Default)]
struct Counted {
    writes: Vec<String>,
    cut: Option<(usize, Moment)>,
    /// Right after it has made an object of this kind.
    cut_after_making: Option<&'static str>,
    dead: bool,
}

#[derive(Clone, Default)]
pub struct Line(Arc<Mutex<HashMap<String, Counted>>>);

impl Line {
    /// Counts from here on, and goes dead at the write of this number, the first being 1.
    pub fn count(&self, namespace: &str, cut: Option<(usize, Moment)>) {
        self.0.lock().unwrap().insert(namespace.to_owned(), Counted { cut, ..Counted::default() });
    }

    /// Goes dead right after it has made an object of this kind, such as `gateruns`.
    pub fn cut_after_making(&self, namespace: &str, kind: &'static str) {
        let counted = Counted { cut_after_making: Some(kind), ..Counted::default() };
        self.0.lock().unwrap().insert(namespace.to_owned(), counted);
    }

    pub fn writes(&self, namespace: &str) -> Vec<String> {
        self.0.lock().unwrap().get(namespace).map(|c| c.writes.clone()).unwrap_or_default()
    }

    pub fn is_dead(&self, namespace: &str) -> bool {
        self.0.lock().unwrap().get(namespace).is_some_and(|c| c.dead)
    }

    /// Whether the request is let through, and whether its answer is.
    fn passes(&self, namespace: &str, method: &Method, what: String) -> (bool, bool) {
        let mut all = self.0.lock().unwrap();
        let Some(counted) = all.get_mut(namespace) else {
            return (true, true);
        };
        if counted.dead {
            return (false, false);
        }
        if method == Method::GET {
            return (true, true);
        }
        let makes = |kind: &str| method == Method::POST && what.ends_with(&format!("/{kind}"));
        let last = counted.cut_after_making.is_some_and(makes);
        counted.writes.push(what);
        if last {
            counted.dead = true;
            return (true, false);
        }
        match counted.cut {
            Some((number, moment)) if number == counted.writes.len() => {
                counted.dead = true;
                (moment == Moment::After, false)
            }
            Some(_) | None => (true, true),
        }
    }
}

pub struct OnLine<S>(S, Line);

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
        let (namespace, request) = about(request);
        let what = format!("{} {}", request.method(), request.uri().path());
        let (asks, hears) = self.1.passes(&namespace, request.method(), what);
        if !asks {
            return Box::pin(pending());
        }
        let answer = self.0.call(request);
        Box::pin(async move {
            let answer = answer.await;
            if hears { answer } else { pending().await }
        })
    }
}

/// The namespace a request is about. A write of the guard list, which all namespaces share, is about
/// the namespace of the newest entry.
fn about(request: Request<Body>) -> (String, Request<Body>) {
    let path = request.uri().path();
    if let Some((_, rest)) = path.split_once("/namespaces/") {
        return (rest.split('/').next().unwrap_or_default().to_owned(), request);
    }
    if request.method() == Method::GET || !path.ends_with("/gateconfigs/modelgate/status") {
        return (String::new(), request);
    }
    let (parts, body) = request.into_parts();
    let bytes = body.collect().now_or_never().expect("a body in memory").unwrap().to_bytes();
    let patch: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let newest = patch["status"]["guarded"].as_array().and_then(|all| all.last());
    let namespace = newest.and_then(|g| g["namespace"].as_str()).unwrap_or_default().to_owned();
    (namespace, Request::from_parts(parts, Body::from(bytes)))
}
