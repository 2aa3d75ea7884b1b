//! Fastly's domain status API (formerly Domainr): `domain-management/v1/tools/status`.

use futures_util::future::BoxFuture;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::answer::{Answer, AskError, Finding, Provider};
use super::reply::{below, busy, one_line, read_json};
use crate::config::ApiKey;
use crate::outbound::{HeaderMap, HeaderName, HeaderValue, Outbound, header};

const API: &str = "https://api.fastly.com";
const PATH: [&str; 4] = ["domain-management", "v1", "tools", "status"];
const KEY: HeaderName = HeaderName::from_static("fastly-key");

/// Fastly.
pub struct Fastly {
    client: Outbound,
    base: Option<Url>,
    key: ApiKey,
}

/// What Fastly answers, as far as it matters here.
#[derive(Deserialize)]
struct Body {
    status: Option<String>,
    errors: Option<Value>,
}

impl Fastly {
    /// Asks below `base`; at Fastly's own API where there is none.
    pub fn new(client: Outbound, base: Option<Url>, key: ApiKey) -> Self {
        Self { client, base, key }
    }

    async fn status(&self, domain: &str) -> Result<Answer, AskError> {
        let own = || Url::parse(API).map_err(|error| AskError::Failed(error.to_string()));
        let base = self.base.clone().map_or_else(own, Ok)?;
        let mut url = below(&base, &PATH);
        url.query_pairs_mut().append_pair("domain", domain);
        let reply = self.client.get(&url, self.headers()?).await?;
        if let Some(busy) = busy(&reply) {
            return Err(busy);
        }
        read(read_json(&reply)?)
    }

    fn headers(&self) -> Result<HeaderMap, AskError> {
        let bad = |_| AskError::Failed("domains.api_key cannot be sent in a header".to_owned());
        let mut key = HeaderValue::from_str(self.key.reveal()).map_err(bad)?;
        key.set_sensitive(true);
        let json = HeaderValue::from_static("application/json");
        Ok(HeaderMap::from_iter([(KEY, key), (header::ACCEPT, json)]))
    }
}

impl Provider for Fastly {
    fn ask<'a>(&'a self, domain: &'a str) -> BoxFuture<'a, Result<Answer, AskError>> {
        Box::pin(self.status(domain))
    }
}

fn read(body: Body) -> Result<Answer, AskError> {
    // Errors come with 200, too: an unknown zone, for one.
    if let Some(errors) = body.errors.filter(|errors| !is_empty(errors)) {
        return Err(AskError::Failed(one_line(&format!("Fastly answers errors: {errors}"))));
    }
    let status = one_line(&body.status.unwrap_or_default());
    if status.is_empty() {
        return Err(AskError::Failed("Fastly answers without a status".to_owned()));
    }
    Ok(Answer { finding: finding(&status), said: status, registered_at: None })
}

fn is_empty(errors: &Value) -> bool {
    match errors {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

/// What the words of a status mean. Names that are in use have `active`; `undelegated` beside it
/// is a name that somebody holds without using it, `unknown` what Fastly could not find out in
/// time. Words that nobody has heard of say nothing.
fn finding(status: &str) -> Finding {
    let has = |word: &str| status.split(' ').any(|token| token.eq_ignore_ascii_case(word));
    let is_gone = has("undelegated") && !has("active");
    if has("inactive") || has("expiring") || has("deleting") || is_gone {
        Finding::Lapsed
    } else if has("unknown") || has("undelegated") {
        Finding::Doubtful
    } else {
        Finding::Held
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_and_combination() {
        for (finding_of, statuses) in [
            (
                Finding::Lapsed,
                &[
                    "inactive",
                    "undelegated",
                    "undelegated inactive",
                    "inactive active",
                    "undelegated inactive premium",
                    "undelegated active deleting",
                    "undelegated reserved",
                    "undelegated claimed",
                    "undelegated unknown",
                    "marketed priced deleting",
                    "expiring active",
                    "deleting",
                    "active expiring parked",
                    "UNDELEGATED Inactive",
                ][..],
            ),
            (
                Finding::Doubtful,
                &[
                    "unknown",
                    "unknown active",
                    "undelegated active",
                    "marketed priced undelegated active",
                    "undelegated active unknown",
                ],
            ),
            (
                Finding::Held,
                &[
                    "active",
                    "active parked",
                    "marketed active",
                    "priced active",
                    "transferable active",
                    "premium active",
                    "pending",
                    "disallowed",
                    "claimed",
                    "reserved",
                    "dpml",
                    "invalid",
                    "suffix",
                    "zone",
                    "tld",
                    "what-will-come",
                    "inactivex",
                ],
            ),
        ] {
            for status in statuses {
                assert_eq!(finding(status), finding_of, "{status}");
            }
        }
    }
}
