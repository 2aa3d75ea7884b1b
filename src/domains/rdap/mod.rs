//! The registries' own word, by RDAP (RFC 7480, 9082 and 9083).

mod bootstrap;
mod record;

use futures_util::future::BoxFuture;
use url::Url;

use super::answer::{Answer, AskError, Finding, Provider};
use super::reply::{below, busy, read_json};
use crate::outbound::{HeaderMap, HeaderValue, Outbound, Received, StatusCode, header};
use crate::time;
use bootstrap::Bootstrap;

const ACCEPTED: HeaderValue =
    HeaderValue::from_static("application/rdap+json, application/json;q=0.9");

/// RDAP.
pub struct Rdap {
    client: Outbound,
    servers: Servers,
}

/// Where to ask.
enum Servers {
    /// One for all.
    Fixed(Url),
    /// Each registry's.
    Registries(Bootstrap),
}

impl Rdap {
    /// Asks one server about all domains. It counts as authoritative for all of them.
    pub fn fixed(client: Outbound, base: Url) -> Self {
        Self { client, servers: Servers::Fixed(base) }
    }

    /// Asks the servers of the registries, which stand in a file at `list`; IANA's where none is
    /// given.
    pub fn bootstrapped(client: Outbound, list: Option<Url>) -> Self {
        let registries = Bootstrap::new(client.clone(), list);
        Self { client, servers: Servers::Registries(registries) }
    }

    async fn look_up(&self, domain: &str) -> Result<Answer, AskError> {
        match &self.servers {
            Servers::Fixed(base) => {
                let reply = self.get(base, domain).await?;
                read(domain, &reply, Finding::Lapsed)
            }
            Servers::Registries(registries) => {
                let Some((zone, base)) = registries.find(domain).await? else {
                    return Ok(not_checkable());
                };
                let reply = self.get(&base, domain).await?;
                read(domain, &reply, absence(domain, &zone, &reply))
            }
        }
    }

    async fn get(&self, base: &Url, domain: &str) -> Result<Received, AskError> {
        let headers = HeaderMap::from_iter([(header::ACCEPT, ACCEPTED)]);
        let reply = self.client.get(&below(base, &["domain", domain]), headers).await?;
        busy(&reply).map_or(Ok(reply), Err)
    }
}

impl Provider for Rdap {
    fn ask<'a>(&'a self, domain: &'a str) -> BoxFuture<'a, Result<Answer, AskError>> {
        Box::pin(self.look_up(domain))
    }
}

/// What a 404 of the server of a zone means. It is conclusive where the domain lies right below
/// that zone. Between them may be a registry of its own (`ac.uk` below `uk`), whose domains the
/// server need not know; and a page for people does not come from an RDAP service, whose 404 has
/// JSON or nothing in it (RFC 7480 section 5.3).
fn absence(domain: &str, zone: &str, reply: &Received) -> Finding {
    let is_right_below = domain.split_once('.').is_some_and(|(_, parent)| parent == zone);
    let kind = reply.headers.get(header::CONTENT_TYPE);
    let is_page = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if is_right_below && !is_page { Finding::Lapsed } else { Finding::Doubtful }
}

fn read(domain: &str, reply: &Received, absence: Finding) -> Result<Answer, AskError> {
    if reply.status == StatusCode::NOT_FOUND {
        let said = "not found".to_owned();
        return Ok(Answer { said, finding: absence, registered_at: None });
    }
    record::read(domain, read_json(reply)?, time::now())
}

fn not_checkable() -> Answer {
    let said = "no RDAP service for this top-level domain".to_owned();
    Answer { said, finding: Finding::NotCheckable, registered_at: None }
}
