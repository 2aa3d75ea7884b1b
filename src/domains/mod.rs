//! Lapsed mail domains: asking about them, and what follows.

pub mod answer;
pub mod asker;
mod batch;
pub mod collect;
mod conclude;
pub mod decide;
pub mod dns;
pub mod domain;
pub mod due;
pub mod fastly;
pub mod listing;
pub mod pace;
pub mod rdap;
mod reply;
pub mod reset;
pub mod sweep;
pub mod totals;
mod unverify;
pub mod verify;

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
