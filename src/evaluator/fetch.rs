//! Gets evidence over https: bounded, with checked certificates, and never from the machine itself.

use crate::policy::finding::clean;
use http::{Request, Response, StatusCode, Uri, header};
use http_body_util::{BodyExt, Empty};
use hyper::body::{Bytes, Incoming};
use hyper_rustls::{ConfigBuilderExt, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::client::legacy::{Client, Error as ClientError};
use hyper_util::rt::TokioExecutor;
use rustls::ClientConfig;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

/// Longest for one file, connecting and redirects included.
const TIMEOUT: Duration = Duration::from_secs(60);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const MAX_REDIRECTS: usize = 3;

/// Why a URL gave no bytes. No variant holds a query: it may carry a signature that is as good as a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    #[error("its URL {0}")]
    BadUrl(&'static str),
    #[error("{0} is this machine or its link; evidence is not read from there")]
    Refused(String),
    #[error("{0} redirects more than {MAX_REDIRECTS} times, or to something that is not https")]
    Redirected(String),
    #[error("{0} answers {1}")]
    NotFound(String, u16),
    #[error("{0} answers {1}")]
    Status(String, u16),
    #[error("{0} cannot be reached: {1}")]
    Unreachable(String, String),
    #[error("it took longer than {0} s")]
    TimedOut(u64),
    #[error("has more than {0} bytes")]
    TooLarge(u64),
    #[error("the transfer broke off: {0}")]
    Broken(String),
}

/// Fetches files. The default trusts the platform's certificate authorities (`SSL_CERT_FILE` names others).
#[derive(Debug, Clone)]
pub struct Fetcher {
    may_reach: fn(IpAddr) -> bool,
    timeout: Duration,
    /// Instead of the platform's authorities.
    trust: Option<ClientConfig>,
}

impl Default for Fetcher {
    fn default() -> Self {
        Self { may_reach: is_elsewhere, timeout: TIMEOUT, trust: None }
    }
}

impl Fetcher {
    /// Hands the body of `url` to `sink` piece by piece; at most `room` bytes.
    pub fn fetch(&self, url: &str, room: u64, sink: impl FnMut(&[u8]) -> io::Result<()>) -> Result<(), FetchError> {
        let broken = |error: io::Error| FetchError::Broken(error.to_string());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(broken)?;
        let transfer =
            runtime.block_on(async { tokio::time::timeout(self.timeout, self.transfer(url, room, sink)).await });
        // A name that is still being looked up must not hold up the rest.
        runtime.shutdown_background();
        transfer.unwrap_or(Err(FetchError::TimedOut(self.timeout.as_secs())))
    }

    async fn transfer(
        &self,
        url: &str,
        room: u64,
        mut sink: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> Result<(), FetchError> {
        let broken = |why: String| FetchError::Broken(clean(&why, 120));
        let response = self.follow(parse(url)?).await?;
        let declared =
            response.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
        if declared.is_some_and(|length: u64| length > room) {
            return Err(FetchError::TooLarge(room));
        }
        let (mut body, mut size) = (response.into_body(), 0u64);
        while let Some(frame) = body.frame().await {
            let Ok(bytes) = frame.map_err(|error| broken(error.to_string()))?.into_data() else { continue };
            size += bytes.len() as u64;
            if size > room {
                return Err(FetchError::TooLarge(room));
            }
            sink(&bytes).map_err(|error| broken(error.to_string()))?;
        }
        Ok(())
    }

    /// The first answer that is no redirect.
    async fn follow(&self, start: Uri) -> Result<Response<Incoming>, FetchError> {
        let client = self.client()?;
        let mut at = start;
        for _ in 0..=MAX_REDIRECTS {
            let place = shown(&at);
            let host = at.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
            if host.parse().is_ok_and(|address| !(self.may_reach)(address)) {
                return Err(FetchError::Refused(place));
            }
            let request = Request::get(at.clone())
                .header(header::USER_AGENT, concat!("modelgate/", env!("CARGO_PKG_VERSION")))
                .header(header::ACCEPT, "*/*")
                .body(Empty::new())
                .map_err(|_| FetchError::BadUrl("cannot be asked for"))?;
            let response = client.request(request).await.map_err(|error| unreachable(&place, &error))?;
            match response.status() {
                StatusCode::OK => return Ok(response),
                StatusCode::NOT_FOUND | StatusCode::GONE => {
                    return Err(FetchError::NotFound(place, response.status().as_u16()));
                }
                status if status.is_redirection() => {
                    let to = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
                    at = to.and_then(|to| redirected(&at, to)).ok_or(FetchError::Redirected(place))?;
                }
                status => return Err(FetchError::Status(place, status.as_u16())),
            }
        }
        Err(FetchError::Redirected(shown(&at)))
    }

    fn client(&self) -> Result<HttpsClient, FetchError> {
        let trust = match &self.trust {
            Some(trust) => trust.clone(),
            None => ClientConfig::builder()
                .try_with_platform_verifier()
                .map_err(|error| FetchError::Broken(format!("no certificate authorities: {error}")))?
                .with_no_client_auth(),
        };
        let may_reach = self.may_reach;
        let resolver: Resolver =
            tower::util::BoxCloneSyncService::new(tower::service_fn(move |name: Name| async move {
                // Port 0: the connector puts in the one of the URL.
                let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
                let allowed: Vec<SocketAddr> =
                    found.iter().copied().filter(|address| may_reach(address.ip())).collect();
                if allowed.is_empty() && !found.is_empty() {
                    return Err(io::Error::other(LocalAddress(name.to_string())));
                }
                Ok(allowed.into_iter())
            }));
        let mut connector = HttpConnector::new_with_resolver(resolver);
        connector.enforce_http(false);
        connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let connector =
            HttpsConnectorBuilder::new().with_tls_config(trust).https_only().enable_http1().wrap_connector(connector);
        Ok(Client::builder(TokioExecutor::new()).build(connector))
    }
}

type Resolver = tower::util::BoxCloneSyncService<Name, std::vec::IntoIter<SocketAddr>, io::Error>;
type HttpsClient = Client<hyper_rustls::HttpsConnector<HttpConnector<Resolver>>, Empty<Bytes>>;

/// All addresses of a name are this machine's own.
#[derive(Debug, thiserror::Error)]
#[error("{0} has only addresses of this machine or its link")]
struct LocalAddress(String);

fn unreachable(place: &str, error: &ClientError) -> FetchError {
    let mut deepest: &dyn std::error::Error = error;
    let mut is_local = false;
    while let Some(source) = deepest.source() {
        deepest = source;
        let inner = deepest.downcast_ref::<io::Error>().and_then(|error| error.get_ref());
        is_local |= inner.is_some_and(|inner| inner.is::<LocalAddress>());
    }
    if is_local {
        FetchError::Refused(place.to_owned())
    } else {
        FetchError::Unreachable(place.to_owned(), clean(&deepest.to_string(), 100))
    }
}

fn parse(url: &str) -> Result<Uri, FetchError> {
    let uri: Uri = url.parse().map_err(|_| FetchError::BadUrl("is not one"))?;
    if uri.scheme_str() != Some("https") {
        return Err(FetchError::BadUrl("does not begin with https://"));
    }
    let authority = uri.authority().ok_or(FetchError::BadUrl("names no host"))?;
    if authority.as_str().contains('@') {
        return Err(FetchError::BadUrl("holds a user name or password"));
    }
    if authority.host().is_empty() { Err(FetchError::BadUrl("names no host")) } else { Ok(uri) }
}

/// Where `to` leads: a whole https URL, or a path on the same host.
fn redirected(from: &Uri, to: &str) -> Option<Uri> {
    if to.starts_with('/') && !to.starts_with("//") {
        let mut parts = from.clone().into_parts();
        parts.path_and_query = Some(to.parse().ok()?);
        return Uri::from_parts(parts).ok();
    }
    parse(to).ok()
}

fn shown(uri: &Uri) -> String {
    clean(&format!("https://{}{}", uri.host().unwrap_or_default(), uri.path()), 100)
}

/// Whether an address lies outside this machine, its link and its cloud's metadata service.
/// Private networks are allowed: artifact stores live there.
pub fn is_elsewhere(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [first, ..] = v4.octets();
            !(first == 0
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_broadcast()
                || v4.is_multicast()
                || v4 == Ipv4Addr::new(100, 100, 100, 200))
        }
        IpAddr::V6(v6) => match embedded(v6) {
            Some(v4) => is_elsewhere(IpAddr::V4(v4)),
            None => {
                !(v6.is_loopback()
                    || v6.is_unspecified()
                    || v6.is_multicast()
                    || v6.is_unicast_link_local()
                    // AWS's metadata service.
                    || v6 == Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254))
            }
        },
    }
}

/// The IPv4 address that an IPv6 address stands for: mapped, compatible, NAT64, 6to4.
fn embedded(v6: Ipv6Addr) -> Option<Ipv4Addr> {
    let halves = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match v6.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(halves(high, low)),
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 || low > 1 => Some(halves(high, low)),
        [0x2002, high, low, ..] => Some(halves(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
