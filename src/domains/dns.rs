//! Looks for mail and address records in the DNS.

use std::time::Duration;

use futures_util::future::BoxFuture;
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};

use super::answer::{AskError, DnsState, Resolver};
use super::reply::one_line;
use crate::config::DnsServer;

/// How long one question may take; a second one follows where it is lost on its way.
pub const PATIENCE: Duration = Duration::from_secs(5);
const ATTEMPTS: usize = 2;

/// The DNS.
pub struct Dns(Result<TokioResolver, AskError>);

impl Dns {
    /// Asks a server; those of the system where none is given. Where that cannot be set up, each
    /// look-up says so.
    pub fn new(server: Option<DnsServer>, patience: Duration) -> Self {
        Self(build(server, patience).map_err(|error| failed(&error)))
    }

    async fn state(&self, domain: &str) -> Result<DnsState, AskError> {
        let resolver = self.0.as_ref().map_err(Clone::clone)?;
        let bad = || AskError::Failed(one_line(&format!("{domain:?} is no name of the DNS")));
        let name = Name::from_ascii(domain).ok().filter(|name| name.num_labels() > 0);
        let mut name = name.ok_or_else(bad)?;
        // The search domains of this machine do not concern the mail of others.
        name.set_fqdn(true);
        let mut is_unknown = true;
        for kind in [RecordType::MX, RecordType::A, RecordType::AAAA] {
            match resolver.lookup(name.clone(), kind).await {
                Ok(found) if found.answers().iter().any(is_in_use) => return Ok(DnsState::InUse),
                // Some servers deny a name only because they have no record of this kind.
                Err(error) if error.is_nx_domain() => {}
                Err(error) if !error.is_no_records_found() => return Err(failed(&error)),
                Ok(_) | Err(_) => is_unknown = false,
            }
        }
        Ok(if is_unknown { DnsState::Unknown } else { DnsState::Bare })
    }
}

impl Resolver for Dns {
    fn look<'a>(&'a self, domain: &'a str) -> BoxFuture<'a, Result<DnsState, AskError>> {
        Box::pin(self.state(domain))
    }
}

fn build(server: Option<DnsServer>, patience: Duration) -> Result<TokioResolver, NetError> {
    let mut builder = match server {
        Some(server) => {
            let config = ResolverConfig::from_parts(None, Vec::new(), vec![name_server(server)]);
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
        }
        None => TokioResolver::builder_tokio()?,
    };
    let options = builder.options_mut();
    options.timeout = patience;
    options.attempts = ATTEMPTS;
    // Each domain is looked up once a day at most.
    options.cache_size = 0;
    builder.build()
}

fn name_server(DnsServer(address): DnsServer) -> NameServerConfig {
    let ways = [ConnectionConfig::udp(), ConnectionConfig::tcp()];
    let ways = ways.into_iter().map(|mut way| {
        way.port = address.port();
        way
    });
    NameServerConfig::new(address.ip(), true, ways.collect())
}

/// Whether a record says that mail or anything else of the domain goes somewhere. The mail server
/// `.` says that there is none (RFC 7505).
fn is_in_use(record: &Record) -> bool {
    match &record.data {
        RData::MX(mx) => !mx.exchange.is_root(),
        RData::A(_) | RData::AAAA(_) => true,
        _ => false,
    }
}

fn failed(error: &NetError) -> AskError {
    AskError::Failed(one_line(&format!("the DNS cannot be asked: {error}")))
}
