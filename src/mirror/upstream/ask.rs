//! One question to one index: what is your page of this project?

use std::time::{Duration, Instant};

use url::Url;

use super::error::{NotSimple, UpstreamError};
use super::{html, json};
use crate::mirror::page::UpstreamPage;
use crate::outbound::header::{ACCEPT, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use crate::outbound::{HeaderMap, HeaderValue, Outbound, Received, StatusCode, retry_after};
use crate::packaging::NormalizedName;

/// JSON says more than HTML; HTML is better than nothing.
const FORMS: HeaderValue = HeaderValue::from_static(
    "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, \
     text/html;q=0.01",
);
/// How the content types of later versions of the API begin, too.
const SIMPLE: &str = "application/vnd.pypi.simple.v";
/// A longer ETag is not kept: it would be sent with each question.
const LONGEST_ETAG: usize = 512;

/// What an index answers.
#[derive(Debug)]
pub enum Answered {
    /// Its page, with the ETag to ask by next time.
    Page(Box<UpstreamPage>, Option<String>),
    /// The page is as it was when it gave the ETag.
    NotModified,
    /// It knows no such project.
    Missing,
}

/// Asks an index for the page of a project at `url`; `headers` are those that it needs anyway.
pub(super) async fn ask(
    outbound: &Outbound,
    (url, mut headers): (&Url, HeaderMap),
    name: &NormalizedName,
    etag: Option<&str>,
    patience: Duration,
) -> Result<Answered, UpstreamError> {
    headers.insert(ACCEPT, FORMS);
    let etag = etag.and_then(|etag| HeaderValue::from_str(etag).ok());
    let is_conditional = etag.is_some();
    if let Some(etag) = etag {
        headers.insert(IF_NONE_MATCH, etag);
    }
    let begun = Instant::now();
    let answer = outbound.open(url, headers).await?;
    let host = answer.url.host_str().unwrap_or_default().to_owned();
    match answer.status {
        StatusCode::OK => {}
        StatusCode::NOT_MODIFIED if is_conditional => return Ok(Answered::NotModified),
        StatusCode::NOT_FOUND | StatusCode::GONE => return Ok(Answered::Missing),
        status => return Err(refused(host, status, &answer.headers)),
    }
    let received = outbound.read(answer, patience.saturating_sub(begun.elapsed())).await;
    // The index as a whole is well: it began to answer.
    let received = received.map_err(|error| UpstreamError::Page(error.to_string()))?;
    let name = name.clone();
    let read = tokio::task::spawn_blocking(move || read(&received, &name)).await;
    read.unwrap_or_else(|error| Err(UpstreamError::Page(error.to_string())))
}

fn refused(host: String, status: StatusCode, headers: &HeaderMap) -> UpstreamError {
    match status {
        StatusCode::UNAUTHORIZED
        | StatusCode::FORBIDDEN
        | StatusCode::PROXY_AUTHENTICATION_REQUIRED => UpstreamError::Credentials(host, status),
        StatusCode::TOO_MANY_REQUESTS
        | StatusCode::BAD_GATEWAY
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::GATEWAY_TIMEOUT => UpstreamError::Busy(host, status, retry_after(headers)),
        status => UpstreamError::Status(host, status),
    }
}

/// Reads a whole answer by its content type. Takes a while for a large page.
fn read(received: &Received, name: &NormalizedName) -> Result<Answered, UpstreamError> {
    let host = || received.url.host_str().unwrap_or_default().to_owned();
    let header = received.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let full = header.unwrap_or_default().to_ascii_lowercase();
    let kind = full.split(';').next().unwrap_or_default().trim();
    let (body, url) = (&received.body, &received.url);
    let page = match kind {
        "application/vnd.pypi.simple.v1+json" | "application/json" => json::read(body, name, url),
        "application/vnd.pypi.simple.v1+html" | "text/html" => html::read(body, name, url),
        kind => match kind.strip_prefix(SIMPLE) {
            Some(version) => Err(NotSimple::Version(version.to_owned())),
            None => return Err(UpstreamError::ContentType(host(), kind.to_owned())),
        },
    };
    let page = page.map_err(|error| UpstreamError::NotSimple(host(), error))?;
    let etag = received.headers.get(ETAG).and_then(|etag| etag.to_str().ok());
    let etag = etag.filter(|etag| etag.len() <= LONGEST_ETAG).map(str::to_owned);
    Ok(Answered::Page(Box::new(page), etag))
}
