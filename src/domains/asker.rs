//! Asking about one domain, until there is an answer or it is clear that there is none.

use std::sync::Arc;
use std::time::Duration;

use super::answer::{Answer, AskError, DnsState, Provider, Resolver};
use super::decide::{Moment, needs_dns};
use super::dns::{Dns, PATIENCE};
use super::domain::Domain;
use super::pace::Pace;
use super::provider;
use crate::config::{ApiUrl, DomainProvider, Domains};
use crate::error::{Error, Result};
use crate::outbound::{Limits, Outbound};

/// How often one domain is asked about within a run before nobody answers.
const TRIES: u32 = 3;
/// The pause before the second try; each further one is three times as long.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGER: u32 = 3;

/// Who is asked.
#[derive(Clone)]
pub struct Asker {
    provider: Arc<dyn Provider>,
    resolver: Arc<dyn Resolver>,
}

/// What was found about a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// The provider's answer, and what the DNS says where it had to be asked and did answer.
    Answer(Answer, Option<DnsState>),
    /// Nobody answered, and why.
    Nothing(String),
}

impl Asker {
    /// Who is asked by the configuration; none where `domains.provider` is off.
    pub fn of(config: &Domains) -> Result<Option<Self>> {
        let base = match &config.provider {
            DomainProvider::Off => None,
            DomainProvider::Fastly { api_url, .. } | DomainProvider::Rdap { api_url } => {
                api_url.as_ref()
            }
        };
        let client = Outbound::new(Limits::default(), base.map(ApiUrl::url));
        let client = client.map_err(|error| Error::internal("preparing to ask others", error))?;
        let resolver = Arc::new(Dns::new(config.dns_server, PATIENCE));
        Ok(provider(config, &client).map(|provider| Self::new(provider, resolver)))
    }

    /// One that asks these two.
    pub fn new(provider: Arc<dyn Provider>, resolver: Arc<dyn Resolver>) -> Self {
        Self { provider, resolver }
    }

    /// Asks within a run. `None`: the run ends before there is an answer.
    pub async fn ask(&self, pace: &Pace, before: &Domain, moment: Moment) -> Option<Found> {
        let mut pause = FIRST_PAUSE;
        let mut tries = 0;
        loop {
            let turn = pace.turn().await?;
            match self.provider.ask(&before.name).await {
                Ok(answer) => {
                    pace.answered();
                    let dns = self.look(before, &answer, moment).await;
                    return Some(Found::Answer(answer, dns));
                }
                Err(AskError::Busy(wait)) => pace.busy(turn, wait),
                Err(AskError::Failed(why)) => {
                    tries += 1;
                    if tries == TRIES {
                        pace.failed(&why);
                        return Some(Found::Nothing(why));
                    }
                    tokio::time::sleep(pause).await;
                    pause *= LONGER;
                }
            }
        }
    }

    /// Asks once, outside of a run.
    pub(super) async fn ask_once(&self, domain: &str) -> Result<Answer, AskError> {
        self.provider.ask(domain).await
    }

    /// Asks the DNS once.
    pub(super) async fn look_once(&self, domain: &str) -> Result<DnsState, AskError> {
        self.resolver.look(domain).await
    }

    async fn look(&self, before: &Domain, answer: &Answer, moment: Moment) -> Option<DnsState> {
        if !needs_dns(before, answer, moment) {
            return None;
        }
        match self.resolver.look(&before.name).await {
            Ok(state) => Some(state),
            Err(error) => {
                tracing::debug!(domain = before.name, %error, "the DNS did not answer");
                None
            }
        }
    }
}
