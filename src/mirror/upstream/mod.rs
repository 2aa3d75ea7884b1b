//! Asking upstream indexes.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use url::Url;

use crate::config::{self, Netrc, UpstreamUrl};
use crate::error::{Error, Result};
use crate::outbound::header::AUTHORIZATION;
use crate::outbound::{HeaderMap, HeaderValue, Limits, Outbound};

/// A host that does not take a connection within this time is down.
const CONNECT: Duration = Duration::from_secs(5);
/// The longest page, after decompression: about 80,000 files with all that can be said of them.
const PAGE: usize = 64 << 20;
/// Indexes redirect to the right spelling of a name, then perhaps to the server that has it.
const REDIRECTS: usize = 5;

/// The upstream indexes, and the way to them.
pub struct Client {
    outbound: Outbound,
    upstreams: Vec<Upstream>,
}

/// An index that is asked.
pub struct Upstream {
    base: Url,
    authorization: Option<HeaderValue>,
}

impl Client {
    /// The indexes of the configuration. Reads the files that it names. Blocks.
    pub(super) fn open(config: &config::Mirror) -> Result<Self> {
        let urls = &config.upstream.0;
        let limits = Limits {
            connect: CONNECT,
            whole: Duration::from_secs(config.timeout_seconds.0.into()),
            body: PAGE,
            redirects: REDIRECTS,
        };
        let hosts = urls.iter().map(UpstreamUrl::url);
        let outbound = Outbound::trusting(limits, hosts, config.ca_file.as_deref())
            .map_err(|error| Error::internal("preparing to ask other indexes", error))?;
        let netrc = if urls.iter().all(|url| url.credentials().is_some()) {
            Netrc::default()
        } else {
            read_netrc(config)?
        };
        let upstreams = urls.iter().map(|url| Upstream::of(url, &netrc)).collect();
        Ok(Self { outbound, upstreams })
    }

    /// The client itself, for what has other limits than pages.
    pub fn outbound(&self) -> &Outbound {
        &self.outbound
    }

    /// The headers that a request for a file needs: credentials where its URL has the origin of an
    /// upstream index that asks for some.
    pub fn headers_for(&self, url: &Url) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let known = self.upstreams.iter().filter(|upstream| upstream.base.origin() == url.origin());
        if let Some(value) = known.filter_map(|upstream| upstream.authorization.as_ref()).next() {
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
        Self { base: url.url().clone(), authorization }
    }

    /// Its base URL, without credentials.
    pub fn base(&self) -> &Url {
        &self.base
    }
}

/// The header of basic authentication (RFC 7617), kept out of logs and of redirects to others.
fn basic(user: &str, password: &str) -> Option<HeaderValue> {
    let text = format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
    let mut value = HeaderValue::from_str(&text).ok()?;
    value.set_sensitive(true);
    Some(value)
}
