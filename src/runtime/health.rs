//! `/metrics`, `/healthz` and `/readyz`.

use super::metrics::Metrics;
use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Asks whether all is well; the error says what is not, for people.
pub type Probe = Arc<dyn Fn() -> Result<(), String> + Send + Sync>;

/// Routes for a kubelet and for Prometheus. `alive` fails when only a restart helps, `ready` until
/// this replica leads or could.
pub fn routes(metrics: Arc<Metrics>, alive: Probe, ready: Probe) -> Router {
    Router::new()
        .route("/metrics", get(async move || text(&metrics)))
        .route("/healthz", get(async move || answer(&alive)))
        .route("/readyz", get(async move || answer(&ready)))
}

/// Serves until asked to stop.
pub async fn serve(listener: TcpListener, routes: Router, stop: CancellationToken) -> std::io::Result<()> {
    axum::serve(listener, routes).with_graceful_shutdown(stop.cancelled_owned()).await
}

fn answer(probe: &Probe) -> (StatusCode, String) {
    match probe() {
        Ok(()) => (StatusCode::OK, "ok\n".to_owned()),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")),
    }
}

fn text(metrics: &Metrics) -> axum::response::Response {
    const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    match metrics.text() {
        Ok(text) => ([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use http_body_util::BodyExt;
    use std::sync::atomic::{AtomicBool, Ordering};
    use tower::ServiceExt;

    async fn ask(routes: &Router, path: &str) -> (u16, String) {
        let request = http::Request::get(path).body(Body::empty()).unwrap();
        let answer = routes.clone().oneshot(request).await.unwrap();
        let status = answer.status().as_u16();
        (status, String::from_utf8(answer.into_body().collect().await.unwrap().to_bytes().into()).unwrap())
    }

    #[tokio::test]
    async fn answers_what_the_probes_say() {
        let ready = Arc::new(AtomicBool::new(false));
        let probe: Probe = {
            let ready = ready.clone();
            Arc::new(move || ready.load(Ordering::Relaxed).then_some(()).ok_or("waits for pods".to_owned()))
        };
        let metrics = Arc::new(Metrics::new());
        metrics.leader(true);
        let routes = routes(metrics, Arc::new(|| Ok(())), probe);
        assert_eq!(ask(&routes, "/healthz").await, (200, "ok\n".to_owned()));
        assert_eq!(ask(&routes, "/readyz").await, (503, "waits for pods\n".to_owned()));
        ready.store(true, Ordering::Relaxed);
        assert_eq!(ask(&routes, "/readyz").await.0, 200);
        assert!(ask(&routes, "/metrics").await.1.contains("modelgate_leader 1"));
        assert_eq!(ask(&routes, "/other").await.0, 404);
    }
}
