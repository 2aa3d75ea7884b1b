//! By which way a request leaves: directly, or through a proxy of the environment.

use std::sync::Arc;
use std::time::Duration;

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::{Certificate, Client, ClientBuilder, redirect};
use rustls::crypto::{CryptoProvider, ring};
use url::Url;

use super::guard::{Guard, Hosts, Private};

/// What other servers know us by.
const USER_AGENT: &str = concat!("cheeseshop/", env!("CARGO_PKG_VERSION"));

/// One client for each way.
pub(super) struct Routes {
    hosts: Arc<Hosts>,
    proxies: Matcher,
    direct: Client,
    proxied: Client,
}

impl Routes {
    pub(super) fn new(
        hosts: Hosts,
        connect: Duration,
        authorities: &[Certificate],
        unpacks: bool,
    ) -> Result<Self, reqwest::Error> {
        // The TLS library looks for its cryptography here. A second set-up changes nothing.
        if CryptoProvider::get_default().is_none() {
            drop(ring::default_provider().install_default());
        }
        let hosts = Arc::new(hosts);
        let guard = Guard(hosts.clone());
        Ok(Self {
            hosts,
            proxies: Matcher::from_env(),
            direct: builder(connect, authorities, unpacks)
                .no_proxy()
                .dns_resolver(Arc::new(guard))
                .build()?,
            proxied: builder(connect, authorities, unpacks).build()?,
        })
    }

    /// The client for a URL; an error where its host is a private address.
    ///
    /// The direct client looks at each address it connects to. A proxy connects by itself, so there
    /// only addresses that stand in the URL can be refused: whoever runs the proxy decides about
    /// names. As loopback means this machine and not the proxy's, it is reached directly.
    pub(super) fn to(&self, url: &Url) -> Result<&Client, Private> {
        self.hosts.check(url)?;
        let uri = url.as_str().parse();
        let is_proxied = uri.is_ok_and(|uri| self.proxies.intercept(&uri).is_some());
        let is_proxied = is_proxied && !super::guard::is_loopback(url);
        Ok(if is_proxied { &self.proxied } else { &self.direct })
    }
}

fn builder(connect: Duration, authorities: &[Certificate], unpacks: bool) -> ClientBuilder {
    let builder = Client::builder()
        .user_agent(USER_AGENT)
        .connect_timeout(connect)
        .gzip(unpacks)
        // Redirects are followed by hand: the guard and the headers depend on where they lead.
        .redirect(redirect::Policy::none())
        .referer(false);
    if authorities.is_empty() {
        return builder;
    }
    builder.tls_certs_merge(authorities.iter().cloned())
}
