//! Who may bring a name here that another index has: whoever installs it would get something else
//! from then on.

use super::Mirror;
use super::upstream::Answered;
use crate::config::ClaimNames;
use crate::error::{Error, Result};
use crate::packaging::NormalizedName;

impl Mirror {
    /// Whether an administrator, or somebody else, may make a new project of this name. Names of
    /// ours are nobody else's, and those that are never taken from elsewhere may be used by
    /// everybody. Where no index can tell whether it has the name, it is refused for the moment.
    pub async fn claim(&self, name: &NormalizedName, is_admin: bool) -> Result<()> {
        let rule = self.config.claim_names;
        if rule == ClaimNames::Everyone || rule == ClaimNames::Administrators && is_admin {
            return Ok(());
        }
        match self.head(name).await? {
            Err(_) => Ok(()),
            Ok(Some(head)) => Err(refused(name, &head.upstream, rule)),
            Ok(None) if self.client.upstreams().is_empty() => Ok(()),
            Ok(None) if self.config.offline => Err(unknown(name)),
            Ok(None) => match self.client.page(name, None).await {
                Ok((Answered::Missing, _)) => Ok(()),
                Ok((_, upstream)) => {
                    let base = upstream.map(|upstream| upstream.base().to_string());
                    Err(refused(name, &base.unwrap_or_default(), rule))
                }
                Err(error) => Err(unknown(name).because(error)),
            },
        }
    }
}

fn refused(name: &NormalizedName, upstream: &str, rule: ClaimNames) -> Error {
    let who = match rule {
        ClaimNames::Nobody => "nobody may use its name here",
        _ => "only administrators may use its name here",
    };
    Error::forbidden(
        "An upstream index has a project of this name",
        format!(
            "The project {name} exists at {upstream}, from which this index takes what it does \
             not host; {who}, because whoever installs it would get other files from then on."
        ),
    )
}

fn unknown(name: &NormalizedName) -> Error {
    Error::unavailable(format!(
        "Whether there is a project {name} at the indexes that this one mirrors cannot be told \
         now; try again later, or have an administrator upload the first file."
    ))
}
