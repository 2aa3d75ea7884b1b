//! What a provider answers about a domain.

use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::time::Time;

/// What is known of a domain after one question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The provider's own words, in one line: what people see.
    pub said: String,
    /// What they mean.
    pub finding: Finding,
    /// When the domain was registered, where the provider says so: after a sale between two
    /// questions it is later than what was known before.
    pub registered_at: Option<Time>,
}

/// What an answer means for the addresses of a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// Somebody holds it, and nothing says that this will end.
    Held,
    /// It has lapsed, or is about to: conclusive.
    Lapsed,
    /// It may have lapsed: counts only when seen twice, a day apart, and when the domain has
    /// neither mail nor address records.
    Doubtful,
    /// Nobody can be asked about its top-level domain: only a name that the DNS does not know,
    /// seen twice a day apart, counts as lapsed.
    NotCheckable,
}

/// Why there is no answer. It never counts as a lapsed domain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// The provider wants to be left alone for a while.
    #[error("the provider asks to wait{}", after(.0.as_ref()))]
    Busy(Option<Duration>),
    /// It could not be reached, or did not answer in a way that can be understood.
    #[error("{0}")]
    Failed(String),
}

fn after(wait: Option<&Duration>) -> String {
    wait.map(|wait| format!(" for {} seconds", wait.as_secs())).unwrap_or_default()
}

/// The authority of a provider that has one only.
pub const THE_ONLY_ONE: &str = "";

/// Somebody who knows about domains.
pub trait Provider: Send + Sync {
    /// Asks about one registrable domain, in its ASCII form.
    fn ask<'a>(&'a self, domain: &'a str) -> BoxFuture<'a, Result<Answer, AskError>>;

    /// Who of several answers about a domain, so that one that wants to be left alone does not
    /// keep the others from being asked. The same word for all where there is one only.
    fn authority<'a>(&self, _domain: &'a str) -> &'a str {
        THE_ONLY_ONE
    }
}

/// What the DNS says of a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DnsState {
    /// There is no such name (NXDOMAIN).
    Unknown,
    /// The name is there but has neither MX nor address records.
    Bare,
    /// It has MX or address records.
    InUse,
}

/// Somebody who looks into the DNS.
pub trait Resolver: Send + Sync {
    /// Looks for MX, A and AAAA records of a domain.
    fn look<'a>(&'a self, domain: &'a str) -> BoxFuture<'a, Result<DnsState, AskError>>;
}
