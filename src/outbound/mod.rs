//! The one HTTP client for requests to the outside: bounded in time, size and redirects, and kept
//! out of private networks.

mod guard;
mod route;
mod stream;
mod wait;

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
pub use reqwest::StatusCode;
pub use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Certificate, Response};
use url::Url;

use guard::{Hosts, Private};
use route::Routes;
pub use wait::retry_after;

/// A host that does not take a connection within this time is down.
const CONNECT: Duration = Duration::from_secs(5);
/// What Fastly allows itself for one look-up; registries answer sooner.
const WHOLE: Duration = Duration::from_secs(30);
/// Far more than any record, and enough for the list of all registries.
const BODY: usize = 1 << 20;
/// Registries point to each other once or twice.
const REDIRECTS: usize = 5;

/// How far a request may go.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How long connecting may take.
    pub connect: Duration,
    /// How long everything may take, redirects and the body included.
    pub whole: Duration,
    /// The longest body, in bytes, after decompression.
    pub body: usize,
    /// How many redirects are followed.
    pub redirects: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: CONNECT, whole: WHOLE, body: BODY, redirects: REDIRECTS }
    }
}

/// Why there is no answer. Nothing of the URL but its host is told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutboundError {
    /// The client could not be made.
    #[error("the HTTP client cannot be set up: {0}")]
    Setup(String),
    /// A certificate of an authority cannot be read.
    #[error("the certificates of {0} cannot be used: {1}")]
    Certificates(String, String),
    /// Neither http nor https, or encryption would end at a redirect.
    #[error("{0} leads to a URL that is not taken: {1}")]
    BadUrl(String, &'static str),
    /// A host that nobody configured has no public address.
    #[error("{0} is in a private network, and is not a configured host")]
    Private(String),
    /// Redirects went on and on.
    #[error("{0} redirects too often")]
    Redirects(String),
    /// The body is longer than it may be.
    #[error("{0} answers more than {1} bytes")]
    TooLarge(String, usize),
    /// It took too long.
    #[error("{0} did not answer within {1} seconds")]
    Slow(String, u64),
    /// No connection, or it broke.
    #[error("{0} could not be asked: {1}")]
    Broken(String, String),
}

/// The beginning of an answer; its body is still to come.
#[derive(Debug)]
pub struct Answer {
    /// Its status; redirects have been followed.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Where it comes from in the end.
    pub url: Url,
    response: Response,
}

impl Answer {
    /// How many bytes are announced, where they are not compressed on their way.
    pub fn length(&self) -> Option<u64> {
        self.response.content_length()
    }

    /// The next bytes, however long they take; none at the end. An answer that ends before what
    /// was announced is broken.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, OutboundError> {
        self.response.chunk().await.map_err(|error| broken(&self.url, error))
    }
}

/// A whole answer.
#[derive(Debug)]
pub struct Received {
    /// Its status; redirects have been followed.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, decompressed.
    pub body: Bytes,
    /// Where it came from in the end.
    pub url: Url,
}

/// The client. Cloning is cheap and shares connections.
#[derive(Clone)]
pub struct Outbound {
    routes: Arc<Routes>,
    limits: Limits,
}

impl Outbound {
    /// A client for which the hosts of these URLs, which the operator configured, may be in
    /// private networks; all others may not. Proxies are those of the environment
    /// (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`).
    pub fn new<'a>(
        limits: Limits,
        configured: impl IntoIterator<Item = &'a Url>,
    ) -> Result<Self, OutboundError> {
        Self::trusting(limits, configured, None)
    }

    /// The same, which trusts the authorities of a PEM file beside those of the system.
    pub fn trusting<'a>(
        limits: Limits,
        configured: impl IntoIterator<Item = &'a Url>,
        authorities: Option<&Path>,
    ) -> Result<Self, OutboundError> {
        Self::build(limits, configured, authorities, true)
    }

    /// The same, which gives bodies as they are sent, compressed or not.
    pub fn verbatim<'a>(
        limits: Limits,
        configured: impl IntoIterator<Item = &'a Url>,
        authorities: Option<&Path>,
    ) -> Result<Self, OutboundError> {
        Self::build(limits, configured, authorities, false)
    }

    fn build<'a>(
        limits: Limits,
        configured: impl IntoIterator<Item = &'a Url>,
        authorities: Option<&Path>,
        unpacks: bool,
    ) -> Result<Self, OutboundError> {
        let hosts = Hosts::of(configured);
        let authorities = authorities.map(certificates).transpose()?.unwrap_or_default();
        let routes = Routes::new(hosts, limits.connect, &authorities, unpacks)
            .map_err(|error| OutboundError::Setup(chain(&error.without_url())))?;
        Ok(Self { routes: Arc::new(routes), limits })
    }

    /// The same client with other limits; connecting takes as long as before. They share
    /// connections.
    #[must_use]
    pub fn within(&self, limits: Limits) -> Self {
        Self { routes: self.routes.clone(), limits }
    }

    /// Asks for a URL and reads the beginning of the answer, whatever its status. All of the
    /// limit on time is for that; the body has none.
    pub async fn open(&self, url: &Url, headers: HeaderMap) -> Result<Answer, OutboundError> {
        let limit = self.limits.whole;
        tokio::time::timeout(limit, self.follow(url.clone(), headers))
            .await
            .unwrap_or_else(|_| Err(OutboundError::Slow(host(url), limit.as_secs())))
    }

    /// Asks for a URL and reads the whole answer, whatever its status. Headers that are marked
    /// sensitive go to the origin of the URL only, not to where it redirects.
    pub async fn get(&self, url: &Url, headers: HeaderMap) -> Result<Received, OutboundError> {
        let limit = self.limits.whole;
        let whole = async { self.receive(self.follow(url.clone(), headers).await?).await };
        tokio::time::timeout(limit, whole)
            .await
            .unwrap_or_else(|_| Err(OutboundError::Slow(host(url), limit.as_secs())))
    }

    /// Reads the rest of an answer, for at most so long.
    pub async fn read(&self, answer: Answer, within: Duration) -> Result<Received, OutboundError> {
        let host = host(&answer.url);
        tokio::time::timeout(within, self.receive(answer))
            .await
            .unwrap_or_else(|_| Err(OutboundError::Slow(host, self.limits.whole.as_secs())))
    }

    async fn follow(&self, mut url: Url, mut headers: HeaderMap) -> Result<Answer, OutboundError> {
        let first = host(&url);
        for _ in 0..=self.limits.redirects {
            let response = self.send(&url, headers.clone()).await?;
            let Some(next) = redirect(&url, &response)? else {
                let (status, headers) = (response.status(), response.headers().clone());
                return Ok(Answer { status, headers, url, response });
            };
            if next.origin() != url.origin() {
                headers = without_secrets(&headers);
            }
            url = next;
        }
        Err(OutboundError::Redirects(first))
    }

    async fn send(&self, url: &Url, headers: HeaderMap) -> Result<Response, OutboundError> {
        let client = self.routes.to(url).map_err(|Private(host)| OutboundError::Private(host))?;
        let sent = client.get(url.clone()).headers(headers).send().await;
        sent.map_err(|error| broken(url, error))
    }

    async fn receive(&self, mut answer: Answer) -> Result<Received, OutboundError> {
        let most = self.limits.body;
        let too_large = |url: &Url| OutboundError::TooLarge(host(url), most);
        let promised = answer.length().unwrap_or_default();
        if usize::try_from(promised).is_ok_and(|promised| promised > most) {
            return Err(too_large(&answer.url));
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = answer.chunk().await? {
            if body.len().saturating_add(chunk.len()) > most {
                return Err(too_large(&answer.url));
            }
            body.extend_from_slice(&chunk);
        }
        let Answer { status, headers, url, .. } = answer;
        Ok(Received { status, headers, body: body.freeze(), url })
    }
}

/// The certificates of a PEM file, at least one.
fn certificates(path: &Path) -> Result<Vec<Certificate>, OutboundError> {
    let bad = |why: String| OutboundError::Certificates(path.display().to_string(), why);
    let text = std::fs::read(path).map_err(|error| bad(error.to_string()))?;
    let found = Certificate::from_pem_bundle(&text).map_err(|error| bad(chain(&error)))?;
    if found.is_empty() { Err(bad("there are none in it".to_owned())) } else { Ok(found) }
}

/// Where an answer redirects to, if it does.
fn redirect(url: &Url, response: &Response) -> Result<Option<Url>, OutboundError> {
    let is_redirect = matches!(
        response.status(),
        StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT
    );
    let Some(location) = response.headers().get(header::LOCATION).filter(|_| is_redirect) else {
        return Ok(None);
    };
    let bad = |why| OutboundError::BadUrl(host(url), why);
    let location = location.to_str().map_err(|_| bad("it cannot be read"))?;
    let next = url.join(location).map_err(|_| bad("it cannot be read"))?;
    match (url.scheme(), next.scheme()) {
        ("http", "http" | "https") | ("https", "https") => Ok(Some(next)),
        ("https", "http") => Err(bad("it is not encrypted")),
        _ => Err(bad("it is neither http nor https")),
    }
}

fn without_secrets(headers: &HeaderMap) -> HeaderMap {
    let open = headers.iter().filter(|(_, value)| !value.is_sensitive());
    open.map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn broken(url: &Url, error: reqwest::Error) -> OutboundError {
    let error = error.without_url();
    let mut source: Option<&(dyn Error + 'static)> = Some(&error);
    while let Some(cause) = source {
        if let Some(Private(host)) = cause.downcast_ref() {
            return OutboundError::Private(host.clone());
        }
        source = cause.source();
    }
    OutboundError::Broken(host(url), chain(&error))
}

/// An error with all that caused it, in one line.
fn chain(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        words = format!("{words}: {cause}");
        source = cause.source();
    }
    words
}

fn host(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}
