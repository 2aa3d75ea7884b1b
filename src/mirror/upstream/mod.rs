//! Asking upstream indexes.

mod ask;
mod entry;
mod error;
mod health;
mod html;
mod json;
#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::sync::Semaphore;
use url::Url;

use crate::config::{self, Netrc, UpstreamUrl, Upstreams};
use crate::error::{Error, Result};
use crate::outbound::header::AUTHORIZATION;
use crate::outbound::{HeaderMap, HeaderValue, Limits, Outbound};
use crate::packaging::NormalizedName;
pub use ask::Answered;
pub use error::{NotSimple, UpstreamError};
use health::Health;
pub use health::Standing;
pub use html::read as read_html;
pub use json::read as read_json;

/// A host that does not take a connection within this time is down.
const CONNECT: Duration = Duration::from_secs(5);
/// The longest page, after decompression: about 80,000 files with all that can be said of them.
const PAGE: usize = 64 << 20;
/// Questions for pages that are on their way at once. The others wait: whoever asks for thousands of
/// names here does not ask upstream for all of them at the same time, and pages that are read are
/// in memory as a whole.
const AT_ONCE: usize = 64;
/// Indexes redirect to the right spelling of a name, then perhaps to the server that has it.
const REDIRECTS: usize = 5;

/// The upstream indexes, and the way to them.
pub struct Client {
    outbound: Outbound,
    files: Outbound,
    /// How long an index may take for a page.
    patience: Duration,
    upstreams: Vec<Upstream>,
    turns: Semaphore,
}

/// An index that is asked.
pub struct Upstream {
    base: Url,
    authorization: Option<HeaderValue>,
    health: Health,
}

/// The page of a project that was got before.
#[derive(Debug, Clone, Copy)]
pub struct Before<'a> {
    /// The base URL of the index that it came from.
    pub upstream: &'a str,
    /// The ETag that it came with.
    pub etag: Option<&'a str>,
}

impl Client {
    /// A single index, whichever the configuration names: all else is as in the configuration. Reads
    /// the files that it names. Blocks.
    pub fn to(url: UpstreamUrl, config: &config::Mirror) -> Result<Self> {
        Self::open(&config::Mirror { upstream: Upstreams(vec![url]), ..config.clone() })
    }

    /// The indexes of the configuration. Reads the files that it names. Blocks.
    pub(super) fn open(config: &config::Mirror) -> Result<Self> {
        let urls = &config.upstream.0;
        let patience = Duration::from_secs(config.timeout_seconds.0.into());
        let limits = Limits { connect: CONNECT, whole: patience, body: PAGE, redirects: REDIRECTS };
        let hosts = urls.iter().map(UpstreamUrl::url);
        let failed = |error| Error::internal("preparing to ask other indexes", error);
        let authorities = config.ca_file.as_deref();
        let outbound = Outbound::trusting(limits, hosts.clone(), authorities).map_err(failed)?;
        let files = Outbound::verbatim(limits, hosts, authorities).map_err(failed)?;
        let netrc = if urls.iter().all(|url| url.credentials().is_some()) {
            Netrc::default()
        } else {
            read_netrc(config)?
        };
        let upstreams = urls.iter().map(|url| Upstream::of(url, &netrc)).collect();
        let turns = Semaphore::new(AT_ONCE);
        Ok(Self { outbound, files, patience, upstreams, turns })
    }

    /// Asks for the page of a project: the first index that has it answers for all of it. One that
    /// does not answer, or not with what can be used, ends the search: whoever comes behind it must
    /// not get a name because it is down. With the page comes the index that has it.
    pub async fn page(
        &self,
        name: &NormalizedName,
        before: Option<Before<'_>>,
    ) -> Result<(Answered, Option<&Upstream>), UpstreamError> {
        for upstream in &self.upstreams {
            let known = before.filter(|before| before.upstream == upstream.base.as_str());
            let etag = known.and_then(|known| known.etag);
            match self.ask(upstream, name, etag).await? {
                Answered::Missing => {}
                answered => return Ok((answered, Some(upstream))),
            }
        }
        Ok((Answered::Missing, None))
    }

    /// Whether an index answers when it is asked for the page of a project.
    pub(super) async fn answers(
        &self,
        upstream: &Upstream,
        name: &NormalizedName,
        etag: Option<&str>,
    ) -> Result<(), UpstreamError> {
        self.ask(upstream, name, etag).await.map(drop)
    }

    async fn ask(
        &self,
        upstream: &Upstream,
        name: &NormalizedName,
        etag: Option<&str>,
    ) -> Result<Answered, UpstreamError> {
        let host = || upstream.base.host_str().unwrap_or_default().to_owned();
        let _turn = self.turns.acquire().await;
        // Also who has waited for a turn meanwhile.
        if upstream.rest().is_some() {
            return Err(UpstreamError::Resting(host()));
        }
        let url = upstream.page_of(name);
        let headers = self.headers_for(&url);
        let asked = ask::ask(&self.outbound, (&url, headers), name, etag, self.patience).await;
        match &asked {
            Ok(_) if upstream.health.answered() => {
                tracing::info!(upstream = %upstream.base, "an upstream index answers again");
            }
            Ok(_) => {}
            Err(error) if upstream.health.failed(error, Instant::now()) => {
                tracing::warn!(upstream = %upstream.base, %error, "an upstream index does not answer");
            }
            Err(error) if error.is_of_all() => {
                tracing::debug!(upstream = %upstream.base, %error, "an upstream index still does not answer");
            }
            Err(error) => {
                tracing::warn!(upstream = %upstream.base, project = %name, %error,
                    "a page of an upstream index cannot be used");
            }
        }
        asked
    }

    /// The indexes that are asked, in order.
    pub fn upstreams(&self) -> &[Upstream] {
        &self.upstreams
    }

    /// Whether one of them is at this base URL.
    pub fn knows(&self, base: &str) -> bool {
        self.upstreams.iter().any(|upstream| upstream.base.as_str() == base)
    }

    /// The client itself, for pages.
    pub fn outbound(&self) -> &Outbound {
        &self.outbound
    }

    /// The client for files, which it gives as they are sent.
    pub fn files(&self) -> &Outbound {
        &self.files
    }

    /// The headers that a request for a file needs: credentials where its URL has the origin of an
    /// upstream index that asks for some.
    pub fn headers_for(&self, url: &Url) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let mut known =
            self.upstreams.iter().filter(|upstream| upstream.base.origin() == url.origin());
        if let Some(value) = known.find_map(|upstream| upstream.authorization.as_ref()) {
            headers.insert(AUTHORIZATION, value.clone());
        }
        headers
    }
}

fn read_netrc(config: &config::Mirror) -> Result<Netrc> {
    let Some(path) = &config.netrc else { return Ok(Netrc::default()) };
    Netrc::read(path).map_err(|error| Error::internal(format!("reading {}", path.display()), error))
}

impl Upstream {
    fn of(url: &UpstreamUrl, netrc: &Netrc) -> Self {
        let host = url.url().host_str().unwrap_or_default();
        let credentials = url.credentials().or_else(|| netrc.find(host));
        let authorization = credentials.and_then(|(user, password)| basic(user, password));
        Self { base: url.url().clone(), authorization, health: Health::default() }
    }

    /// Its base URL, without credentials.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// How it stands with it.
    pub fn standing(&self) -> Standing {
        self.health.standing()
    }

    /// How long it is left alone, because it did not answer.
    pub fn rest(&self) -> Option<Duration> {
        self.health.rest(Instant::now())
    }

    /// Where its page of a project is.
    fn page_of(&self, name: &NormalizedName) -> Url {
        let mut url = self.base.clone();
        // The path of the base ends with a slash, and a name needs no encoding.
        url.set_path(&format!("{}{name}/", self.base.path()));
        url
    }
}

/// The header of basic authentication (RFC 7617), kept out of logs and of redirects to others.
fn basic(user: &str, password: &str) -> Option<HeaderValue> {
    let text = format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
    let mut value = HeaderValue::from_str(&text).ok()?;
    value.set_sensitive(true);
    Some(value)
}
