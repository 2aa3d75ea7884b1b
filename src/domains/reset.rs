//! A new password by mail: the provider is asked about the domain at that moment.
//!
//! An answer may be weeks old, and a domain can be bought on any day. So whoever asks for a link
//! between two sweeps gets none where the domain has lapsed or changed hands since.

use std::time::Duration;

use super::asker::Asker;
use super::collect::domain_of;
use super::domain::Domain;
use super::sweep::Rules;
use super::verify::{Known, ask};
use crate::accounts::Visit;
use crate::accounts::email::Email;
use crate::accounts::letters::Letterhead;
use crate::accounts::reset::{self, Requested};
use crate::db::{Db, EmailId};
use crate::error::Result;

/// How long the mail waits for the answer. Without one the last answer counts, which is what the
/// address still is verified by: an index that reaches no provider must be able to reset passwords.
const WAITS: Duration = Duration::from_secs(20);

/// Asks for a link as [`reset::request`] does, and sees to it that the domain of the address is its
/// owner's at this moment. `asker` is none where no provider is configured.
pub async fn request(
    db: &Db,
    asker: Option<&Asker>,
    rules: &Rules,
    head: &Letterhead,
    visit: &Visit,
    name_or_address: &str,
) -> Result<Requested> {
    let lost = match asker {
        Some(asker) => lost(db, asker, rules, visit, name_or_address).await?,
        None => None,
    };
    reset::request(db, head, visit, name_or_address, lost).await
}

/// The address that a link would go to, where its domain is not its owner's any more. The next
/// sweep then looks at the domain, and acts under its own rules.
async fn lost(
    db: &Db,
    asker: &Asker,
    rules: &Rules,
    visit: &Visit,
    name_or_address: &str,
) -> Result<Option<EmailId>> {
    let Some(email) = reset::recipient(db, visit, name_or_address).await? else { return Ok(None) };
    let name = domain_of(&email.address);
    if name.is_empty() || rules.trusted.cover(&name) {
        return Ok(None);
    }
    let asked = tokio::time::timeout(WAITS, ask(asker, &name)).await;
    let known = asked.unwrap_or_else(|_| Known::Nothing("it takes too long".to_owned()));
    let said = match known {
        Known::Fine(answer) if !changed_hands(&email, answer.registered_at) => return Ok(None),
        Known::Fine(_) => "it was registered after the address had been verified".to_owned(),
        Known::Lapsed(said) => said,
        Known::Nothing(why) => {
            tracing::info!(domain = name, why, "a password reset goes by the last answer");
            return Ok(None);
        }
    };
    tracing::warn!(domain = name, said, "no password is reset by an address in this domain");
    let at = visit.at;
    db.write(move |c| Ok(Domain::hasten(c, &name, at)?)).await?;
    Ok(Some(email.id))
}

fn changed_hands(email: &Email, registered_at: Option<crate::time::Time>) -> bool {
    registered_at.is_some_and(|at| email.verified_at.is_none_or(|since| at > since))
}
