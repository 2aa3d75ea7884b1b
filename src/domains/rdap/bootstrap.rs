//! Which server knows of which domains: IANA's bootstrap file (RFC 9224).

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;

use crate::domains::answer::AskError;
use crate::domains::reply::read_json;
use crate::outbound::{HeaderMap, Outbound};

const IANA: &str = "https://data.iana.org/rdap/dns.json";
/// How long the file is good for. Top-level domains come and move within weeks.
const FRESH_FOR: Duration = Duration::from_hours(24);
/// How long to wait after a failure, so that IANA is not asked along with every domain.
const RETRY_AFTER: Duration = Duration::from_mins(1);

/// The bootstrap file, fetched when it is needed and kept.
pub(super) struct Bootstrap {
    client: Outbound,
    list: Option<Url>,
    kept: Mutex<Kept>,
}

/// The last good file, or why there is none yet.
#[derive(Default)]
struct Kept {
    services: Option<Result<Arc<Services>, AskError>>,
    fetch_at: Option<Instant>,
}

/// The base URL of each zone's server.
struct Services(HashMap<String, Url>);

/// The file: a list of pairs, of zones and of URLs (RFC 9224 section 3).
#[derive(Deserialize)]
struct File {
    services: Vec<Vec<Vec<String>>>,
}

impl Bootstrap {
    pub(super) fn new(client: Outbound, list: Option<Url>) -> Self {
        Self { client, list, kept: Mutex::default() }
    }

    /// The zone with a server that has the most labels in common with a domain, and its server.
    pub(super) async fn find(&self, domain: &str) -> Result<Option<(String, Url)>, AskError> {
        Ok(self.services().await?.find(domain))
    }

    /// Whoever comes while it is fetched waits for that. A file that is too old serves on where
    /// there is no other.
    async fn services(&self) -> Result<Arc<Services>, AskError> {
        let mut kept = self.kept.lock().await;
        let now = Instant::now();
        if let Some(services) = kept.services.clone()
            && kept.fetch_at.is_some_and(|at| now < at)
        {
            return services;
        }
        let fetched = self.fetch().await;
        let pause = if fetched.is_ok() { FRESH_FOR } else { RETRY_AFTER };
        kept.fetch_at = Some(now + pause);
        match (fetched, &kept.services) {
            (Err(_), Some(Ok(old))) => Ok(old.clone()),
            (fetched, _) => {
                kept.services = Some(fetched.clone());
                fetched
            }
        }
    }

    async fn fetch(&self) -> Result<Arc<Services>, AskError> {
        let iana = || Url::parse(IANA).map_err(|error| AskError::Failed(error.to_string()));
        let url = self.list.clone().map_or_else(iana, Ok)?;
        let reply = self.client.get(&url, HeaderMap::new()).await?;
        let services = Services::of(read_json(&reply)?);
        // An empty list would make every domain one that cannot be checked.
        if services.0.is_empty() {
            return Err(AskError::Failed("the list of RDAP servers is empty".to_owned()));
        }
        Ok(Arc::new(services))
    }
}

impl Services {
    fn of(file: File) -> Self {
        let mut known = HashMap::new();
        for service in file.services {
            let mut lists = service.into_iter();
            let (Some(zones), Some(urls)) = (lists.next(), lists.next()) else { continue };
            let Some(url) = best(&urls) else { continue };
            let names = zones.into_iter().map(|zone| zone.to_ascii_lowercase());
            known.extend(names.filter(|name| !name.is_empty()).map(|name| (name, url.clone())));
        }
        Self(known)
    }

    fn find(&self, domain: &str) -> Option<(String, Url)> {
        let mut zones = std::iter::successors(Some(domain), |name| Some(name.split_once('.')?.1));
        zones.find_map(|zone| Some((zone.to_owned(), self.0.get(zone)?.clone())))
    }
}

/// The first https URL; else the first http one (RFC 9224 section 3).
fn best(urls: &[String]) -> Option<Url> {
    let all: Vec<Url> = urls.iter().filter_map(|url| Url::parse(url).ok()).collect();
    let first = |scheme: &str| all.iter().find(|url| url.scheme() == scheme).cloned();
    first("https").or_else(|| first("http"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_zone_and_the_encrypted_server() -> serde_json::Result<()> {
        let file = serde_json::from_str(
            r#"{"version": "1.0", "services": [
                [["uk", "Com"], ["http://plain.example/", "https://uk.example/rdap/"]],
                [["co.uk"], ["https://co.example"]],
                [["ftp"], ["ftp://x.example"]],
                [["", "one"]],
                [["old"], ["http://old.example/"]]
            ]}"#,
        )?;
        let services = Services::of(file);
        for (domain, expected) in [
            ("a.uk", Some(("uk", "https://uk.example/rdap/"))),
            ("a.com", Some(("com", "https://uk.example/rdap/"))),
            ("a.co.uk", Some(("co.uk", "https://co.example/"))),
            ("a.xco.uk", Some(("uk", "https://uk.example/rdap/"))),
            ("a.old", Some(("old", "http://old.example/"))),
            ("a.ftp", None),
            ("a.one", None),
            ("a.test", None),
        ] {
            let found = services.find(domain);
            let found = found.as_ref().map(|(zone, url)| (zone.as_str(), url.as_str()));
            assert_eq!(found, expected, "{domain}");
        }
        Ok(())
    }
}
