//! How it stands with the mirror.

use super::Mirror;
use super::holdings::{Holdings, last_checked};
use super::policy::{self, NameRule};
use super::rule::Rule;
use super::upstream::UpstreamError;
use crate::db::Conn;
use crate::error::Result;
use crate::time;

/// What the mirror holds, and what administrators say.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// What it holds.
    pub holdings: Holdings,
    /// All rules, the newest first; also those that have ended.
    pub rules: Vec<Rule>,
}

/// Whether an index answers.
#[derive(Debug)]
pub struct Probed {
    /// Its base URL.
    pub upstream: String,
    /// What came of asking; none: there is nothing that it could be asked about without telling it
    /// a name that it does not have.
    pub answer: Option<Result<(), UpstreamError>>,
}

impl Mirror {
    /// What it holds, and what administrators say.
    pub async fn state(&self) -> Result<State> {
        let fresh_since = time::now() - self.ttl();
        let read = move |c: &mut Conn| {
            Ok(State { holdings: Holdings::read(c, fresh_since)?, rules: Rule::all(c)? })
        };
        self.db.read(read).await
    }

    /// Asks each index for one page that it is known to have.
    pub async fn probe(&self) -> Result<Vec<Probed>> {
        let mut probed = Vec::new();
        for upstream in self.client.upstreams() {
            let (base, config) = (upstream.base().to_string(), self.config.clone());
            let find = move |c: &mut Conn| {
                let Some((name, etag)) = last_checked(c, &base)? else { return Ok(None) };
                let may_be_asked = policy::name_rule(c, &config, &name)? == NameRule::Allowed;
                Ok(may_be_asked.then_some((name, etag)))
            };
            let answer = match self.db.read(find).await? {
                Some((name, etag)) if !self.config.offline => {
                    Some(self.client.answers(upstream, &name, etag.as_deref()).await)
                }
                _ => None,
            };
            probed.push(Probed { upstream: upstream.base().to_string(), answer });
        }
        Ok(probed)
    }
}
