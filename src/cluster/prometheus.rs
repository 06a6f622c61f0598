//! One number from a Prometheus server: an instant query, bounded in time and size.

mod answer;
mod finding;
mod substitute;
#[cfg(test)]
mod tests;

pub use answer::read;
pub use finding::finding;
pub use substitute::{QueryVariables, SubstituteError, substitute};

use crate::policy::finding::clean;
use http::{HeaderValue, Request, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Bytes;
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::fmt;
use std::time::Duration;

/// Longest for one query, connecting included.
pub const TIMEOUT: Duration = Duration::from_secs(10);
/// An answer with one number has about 200 bytes.
pub const MAX_ANSWER: usize = 64 << 10;

/// The answer to a query: one finite number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample(f64);

impl Sample {
    pub fn value(self) -> f64 {
        self.0
    }
}

/// Why there is no number. None of these is ever taken for a failure of what is watched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrometheusError {
    #[error("its address {0}")]
    BadProvider(&'static str),
    #[error("cannot be reached: {0}")]
    Unreachable(String),
    #[error("did not answer within {0} s")]
    TimedOut(u64),
    #[error("answers with status {0}")]
    Status(u16),
    #[error("refuses the query: {0}")]
    QueryRefused(String),
    #[error("answers with more than {MAX_ANSWER} bytes")]
    TooLarge,
    #[error("gives an answer that is not Prometheus's: {0}")]
    NotAnAnswer(String),
    #[error("warns that its answer is not whole: {0}")]
    Warned(String),
    #[error("gives {0} where a number should be: write an instant query")]
    NotANumber(&'static str),
    #[error("gives {0}, which is not a finite number")]
    NotFinite(String),
    #[error("has no series for the query")]
    NoData,
    #[error("gives {0} series where one is needed: aggregate the query, for example with sum()")]
    ManySeries(usize),
}

/// How to reach a server and prove who asks.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Provider {
    /// `https://prometheus.monitoring:9090`, with or without a path before `/api/v1`.
    pub url: String,
    pub bearer_token: Option<String>,
    /// Certificate authorities to trust instead of the platform's, PEM.
    pub ca: Option<Vec<u8>>,
}

/// Without the token, and without the address, which people put passwords into.
impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").field("has_token", &self.bearer_token.is_some()).finish_non_exhaustive()
    }
}

/// Asks one server. Connections are kept and used again.
#[derive(Clone)]
pub struct PrometheusClient {
    endpoint: Uri,
    authorization: Option<HeaderValue>,
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    timeout: Duration,
}

impl PrometheusClient {
    /// Prepares a client. Nothing is sent yet.
    ///
    /// # Errors
    /// `BadProvider` when the URL, the token or the authorities are of no use.
    pub fn new(provider: &Provider) -> Result<Self, PrometheusError> {
        let authorization = match &provider.bearer_token {
            None => None,
            Some(token) => {
                let value = HeaderValue::try_from(format!("Bearer {}", token.trim()));
                let mut value = value.map_err(|_| PrometheusError::BadProvider("comes with a token of no use"))?;
                value.set_sensitive(true);
                Some(value)
            }
        };
        let endpoint = endpoint(&provider.url)?;
        if authorization.is_some() && endpoint.scheme_str() != Some("https") {
            return Err(PrometheusError::BadProvider("is not https, and a token must not travel in the clear"));
        }
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        connector.set_connect_timeout(Some(TIMEOUT));
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(trust(provider.ca.as_deref())?)
            .https_or_http()
            .enable_http1()
            .wrap_connector(connector);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Ok(Self { endpoint, authorization, client, timeout: TIMEOUT })
    }

    /// Runs an instant query now.
    ///
    /// # Errors
    /// Whatever is not exactly one finite number.
    pub async fn query(&self, query: &str) -> Result<Sample, PrometheusError> {
        match tokio::time::timeout(self.timeout, self.ask(query)).await {
            Ok(answer) => answer,
            Err(_) => Err(PrometheusError::TimedOut(self.timeout.as_secs())),
        }
    }

    async fn ask(&self, query: &str) -> Result<Sample, PrometheusError> {
        let form = format!("query={}&timeout={}s", escape(query), self.timeout.as_secs());
        let mut request = Request::post(self.endpoint.clone())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT, "application/json")
            .header(header::USER_AGENT, concat!("modelgate/", env!("CARGO_PKG_VERSION")));
        if let Some(authorization) = &self.authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        let request =
            request.body(Full::new(Bytes::from(form))).map_err(|_| PrometheusError::BadProvider("cannot be asked"))?;
        let response = self.client.request(request).await.map_err(|error| unreachable(&error))?;
        let status = response.status();
        let body = match Limited::new(response.into_body(), MAX_ANSWER).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => return Err(PrometheusError::TooLarge),
            Err(error) => return Err(PrometheusError::Unreachable(clean(&error.to_string(), 120))),
        };
        match status {
            StatusCode::OK => answer::read(&body),
            StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => Err(answer::refusal(&body, status)),
            // Redirects too: a token must not follow them.
            other => Err(PrometheusError::Status(other.as_u16())),
        }
    }
}

fn endpoint(url: &str) -> Result<Uri, PrometheusError> {
    let whole = format!("{}/api/v1/query", url.trim_end_matches('/'));
    let uri: Uri = whole.parse().map_err(|_| PrometheusError::BadProvider("is not a URL"))?;
    let authority = uri.authority().ok_or(PrometheusError::BadProvider("names no host"))?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) || url.contains(['?', '#']) {
        return Err(PrometheusError::BadProvider("is not plain http:// or https://"));
    }
    if authority.host().is_empty() || authority.as_str().contains('@') {
        return Err(PrometheusError::BadProvider("names no host, or holds a password"));
    }
    Ok(uri)
}

fn trust(ca: Option<&[u8]>) -> Result<ClientConfig, PrometheusError> {
    let unusable = || PrometheusError::BadProvider("comes with certificate authorities of no use");
    let builder = ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .map_err(|_| unusable())?;
    let Some(pem) = ca else {
        return Ok(builder.try_with_platform_verifier().map_err(|_| unusable())?.with_no_client_auth());
    };
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        roots.add(certificate.map_err(|_| unusable())?).map_err(|_| unusable())?;
    }
    if roots.is_empty() { Err(unusable()) } else { Ok(builder.with_root_certificates(roots).with_no_client_auth()) }
}

fn unreachable(error: &hyper_util::client::legacy::Error) -> PrometheusError {
    let mut deepest: &dyn std::error::Error = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    PrometheusError::Unreachable(clean(&deepest.to_string(), 120))
}

/// Form encoding: everything but unreserved characters as `%XX`.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => escaped.push(char::from(byte)),
            other => escaped.push_str(&format!("%{other:02X}")),
        }
    }
    escaped
}
