//! Lapsed mail domains: asking about them, and what follows.

pub mod answer;
pub mod dns;
pub mod fastly;
pub mod rdap;
pub mod registrable;
mod reply;

use std::sync::Arc;

use answer::Provider;
use fastly::Fastly;
use rdap::Rdap;

use crate::config::{DomainProvider, Domains};
use crate::outbound::Outbound;

/// Who is asked about domains by this configuration; none where nobody is. The client must know
/// the host of `domains.api_url` as one that was configured.
pub fn provider(config: &Domains, client: &Outbound) -> Option<Arc<dyn Provider>> {
    let client = client.clone();
    match &config.provider {
        DomainProvider::Off => None,
        DomainProvider::Fastly { api_url, api_key } => {
            let base = api_url.as_ref().map(|base| base.url().clone());
            Some(Arc::new(Fastly::new(client, base, api_key.clone())))
        }
        DomainProvider::Rdap { api_url: Some(base) } => {
            Some(Arc::new(Rdap::fixed(client, base.url().clone())))
        }
        DomainProvider::Rdap { api_url: None } => Some(Arc::new(Rdap::bootstrapped(client, None))),
    }
}
