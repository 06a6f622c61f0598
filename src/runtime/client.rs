//! The client of the API server.

use http::{HeaderName, HeaderValue, Request};
use kube::client::{Body, ClientBuilder};
use kube::{Client, Config};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tower::{BoxError, Layer, Service};

const CONNECT: Duration = Duration::from_secs(5);
/// Until the head of an answer. A watch answers for as long as it lasts and sees to itself.
const ANSWER: Duration = Duration::from_secs(15);
const USER_AGENT: &str = concat!("modelgate/", env!("CARGO_PKG_VERSION"));

#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("no way to the API server: {0}")]
    Config(#[from] kube::config::InferConfigError),
    #[error("the client cannot be made: {0}")]
    Build(#[from] kube::Error),
}

/// How to reach the API server: from the kubeconfig, or from inside a pod. Nothing is retried by
/// itself, creates included: the next pass sees what is still to do. The audit log tells the
/// operator's requests by their User-Agent, `modelgate/VERSION`.
pub async fn config() -> Result<Config, ClientError> {
    Ok(prepared(Config::infer().await?))
}

/// The same settings for a configuration from elsewhere.
pub fn prepared(mut config: Config) -> Config {
    config.connect_timeout = Some(CONNECT);
    config.default_retry = false;
    config.headers.retain(|(name, _)| name != http::header::USER_AGENT);
    config.headers.push((HeaderName::from_static("user-agent"), HeaderValue::from_static(USER_AGENT)));
    config
}

pub fn client(config: Config) -> Result<Client, ClientError> {
    Ok(ClientBuilder::try_from(config)?.with_layer(&AnswerInTime).build())
}

/// A client with a layer around everything else, the time limit included. `layer` sees each request
/// before it leaves and each answer before the operator does.
pub fn client_with<L>(config: Config, layer: &L) -> Result<Client, ClientError>
where
    L: Layer<InTime<Transport>>,
    L::Service: Service<Request<Body>, Response = http::Response<Box<kube::client::DynBody>>, Error = BoxError>
        + Send
        + 'static,
    <L::Service as Service<Request<Body>>>::Future: Send + 'static,
{
    Ok(ClientBuilder::try_from(config)?.with_layer(&AnswerInTime).with_layer(layer).build())
}

/// What kube builds from a configuration.
type Transport = tower::util::BoxService<Request<Body>, http::Response<Box<kube::client::DynBody>>, BoxError>;

/// Gives every request but a watch a time limit: without one, a lost connection hangs its caller.
#[derive(Clone, Copy, Debug)]
pub struct AnswerInTime;

#[derive(Clone, Debug)]
pub struct InTime<S>(S);

impl<S> Layer<S> for AnswerInTime {
    type Service = InTime<S>;
    fn layer(&self, inner: S) -> InTime<S> {
        InTime(inner)
    }
}

impl<S, B> Service<Request<B>> for InTime<S>
where
    S: Service<Request<B>, Error = BoxError>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let lasts = lasts(&request);
        let answer = self.0.call(request);
        Box::pin(async move {
            if lasts {
                return answer.await;
            }
            match tokio::time::timeout(ANSWER, answer).await {
                Ok(answer) => answer,
                Err(_) => Err(format!("no answer within {} s", ANSWER.as_secs()).into()),
            }
        })
    }
}

/// A watch, or a log that is followed.
fn lasts<B>(request: &Request<B>) -> bool {
    let query = request.uri().query().unwrap_or_default();
    query.split('&').any(|pair| pair == "watch=true" || pair == "follow=true")
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::Instant;
    use tower::ServiceExt;

    async fn ask(uri: &str) -> Result<(), BoxError> {
        let hangs = tower::service_fn(|_: Request<()>| std::future::pending::<Result<(), BoxError>>());
        AnswerInTime.layer(hangs).oneshot(Request::get(uri).body(()).unwrap()).await
    }

    #[tokio::test(start_paused = true)]
    async fn only_a_watch_may_take_its_time() {
        let began = Instant::now();
        let error = ask("/api/v1/pods?limit=5").await.unwrap_err();
        assert_eq!(began.elapsed(), ANSWER);
        assert!(error.to_string().contains("15 s"));
        let hour = Duration::from_secs(3600);
        assert!(tokio::time::timeout(hour, ask("/api/v1/pods?watch=true&x=1")).await.is_err());
        assert!(tokio::time::timeout(hour, ask("/api/v1/pods?name=watch=truex")).await.is_ok());
    }

    #[tokio::test]
    async fn the_writer_is_told_by_its_user_agent() {
        let config = prepared(Config::new("https://localhost".parse().unwrap()));
        assert!(!config.default_retry);
        assert_eq!(config.headers, [(http::header::USER_AGENT, HeaderValue::from_static(USER_AGENT))]);
    }
}
