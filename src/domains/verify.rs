//! Verifying an address: the provider is asked about its domain at that moment.

use std::time::Duration;

use super::answer::{Answer, AskError, DnsState, Finding};
use super::asker::Asker;
use super::collect::{domain_of, verified_since};
use super::domain::Domain;
use super::sweep::Rules;
use crate::accounts::email::Email;
use crate::accounts::throttle::{self, Counted, Kind};
use crate::accounts::{Visit, addresses};
use crate::db::{Conn, Db, UserId};
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::secret::Ticket;
use crate::time::Time;

/// How long an address that lost its verification waits for the answer: it is not verified
/// without one.
const AGAIN_WAITS: Duration = Duration::from_secs(20);
/// How long any other address waits: it is verified without one, too, as the next sweep asks.
const FIRST_WAITS: Duration = Duration::from_secs(4);

/// What is known about the domain of an address at this moment.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Known {
    Fine(Answer),
    Lapsed(String),
    Nothing(String),
}

/// Verifies the address that a link was mailed to, for its owner, who is logged in. `asker` is
/// none where no provider is configured.
///
/// Where its domain has lapsed it is refused, also the first time: the next sweep would take it
/// back. An address that lost its verification is also refused where there is no answer.
pub async fn verify(
    db: &Db,
    asker: Option<&Asker>,
    rules: &Rules,
    visit: &Visit,
    user: UserId,
    ticket: &Ticket,
) -> Result<Email> {
    let email = addresses::to_verify(db, visit, user, ticket).await?;
    let name = domain_of(&email.address);
    let asker = asker.filter(|_| !name.is_empty() && !rules.trusted.cover(&name));
    let Some(asker) = asker else { return addresses::verify(db, visit, user, ticket).await };
    admit(db, visit, user).await?;
    let again = email.unverify_reason.is_some();
    let waits = if again { AGAIN_WAITS } else { FIRST_WAITS };
    let asked = tokio::time::timeout(waits, ask(asker, &name)).await;
    match asked.unwrap_or_else(|_| Known::Nothing("it takes too long".to_owned())) {
        Known::Fine(answer) => {
            let email = addresses::verify(db, visit, user, ticket).await?;
            note(db, name, answer, (visit.at, rules.interval)).await?;
            Ok(email)
        }
        Known::Lapsed(said) => Err(lapsed(&name, &said)),
        Known::Nothing(why) if again => Err(unknown(&name, &why)),
        Known::Nothing(why) => {
            tracing::info!(domain = name, why, "an address is verified without an answer");
            addresses::verify(db, visit, user, ticket).await
        }
    }
}

/// Keeps the answer as that of the domain, so that it is not asked again so soon. But it is asked by
/// the next sweep where the answer says more about other addresses than about this one: whoever
/// bought a domain could else keep sweeps away from it by verifying addresses in it.
async fn note(
    db: &Db,
    name: String,
    answer: Answer,
    (at, interval): (Time, Duration),
) -> Result<()> {
    db.write(move |c| {
        let names = [name.clone()];
        let since = verified_since(c, &names)?.into_values().next();
        let is_newer = answer.registered_at.is_some_and(|new| since.is_some_and(|old| new > old));
        let is_kept = !is_newer && Domain::note_fine(c, &name, &answer, at, interval)? > 0;
        if !is_kept {
            Domain::hasten(c, &name, at)?;
        }
        Ok(())
    })
    .await
}

/// Nobody lets the provider be asked without end.
async fn admit(db: &Db, visit: &Visit, user: UserId) -> Result<()> {
    let (counted, at) = ([Counted::user(Kind::DomainUser, user)], visit.at);
    db.write(move |c: &mut Conn| throttle::admit(c, &counted, at)).await
}

/// Asks the provider, and the DNS where its answer leaves doubts.
pub(super) async fn ask(asker: &Asker, name: &str) -> Known {
    let answer = match asker.ask_once(name).await {
        Ok(answer) => answer,
        Err(error) => return Known::Nothing(error.to_string()),
    };
    let is_open = matches!(answer.finding, Finding::Doubtful | Finding::NotCheckable);
    let dns = if is_open { Some(asker.look_once(name).await) } else { None };
    weigh(answer, dns)
}

fn weigh(answer: Answer, dns: Option<Result<DnsState, AskError>>) -> Known {
    match (answer.finding, dns) {
        (Finding::Held, _)
        | (Finding::Doubtful, Some(Ok(DnsState::InUse)))
        | (Finding::NotCheckable, Some(Ok(DnsState::InUse | DnsState::Bare))) => {
            Known::Fine(answer)
        }
        (Finding::Doubtful | Finding::NotCheckable, Some(Err(error))) => {
            Known::Nothing(error.to_string())
        }
        _ => Known::Lapsed(answer.said),
    }
}

fn lapsed(name: &str, said: &str) -> Error {
    let words = format!(
        "The domain {name} of this address has lapsed, as far as is known ({said}): whoever gets \
         it next would read your mails. Renew it and try again, or use another address."
    );
    Error::new(ErrorKind::Conflict, "The domain of this address has lapsed", words)
}

fn unknown(name: &str, why: &str) -> Error {
    let words = format!(
        "Whether the domain {name} of this address is still its owner's could not be checked now \
         ({why}); try again in a few minutes."
    );
    Error::unavailable(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_fine_is_verified() {
        let answer = |finding| Answer { said: "x".to_owned(), finding, registered_at: None };
        let failed = || Err(AskError::Failed("no answer".to_owned()));
        let lapsed = || Known::Lapsed("x".to_owned());
        let nothing = || Known::Nothing("no answer".to_owned());
        let fine = |finding| Known::Fine(answer(finding));
        for (finding, dns, expected) in [
            (Finding::Held, None, fine(Finding::Held)),
            (Finding::Lapsed, None, lapsed()),
            (Finding::Doubtful, Some(Ok(DnsState::InUse)), fine(Finding::Doubtful)),
            (Finding::Doubtful, Some(Ok(DnsState::Bare)), lapsed()),
            (Finding::Doubtful, Some(Ok(DnsState::Unknown)), lapsed()),
            (Finding::Doubtful, Some(failed()), nothing()),
            (Finding::NotCheckable, Some(Ok(DnsState::InUse)), fine(Finding::NotCheckable)),
            (Finding::NotCheckable, Some(Ok(DnsState::Bare)), fine(Finding::NotCheckable)),
            (Finding::NotCheckable, Some(Ok(DnsState::Unknown)), lapsed()),
            (Finding::NotCheckable, Some(failed()), nothing()),
        ] {
            assert_eq!(weigh(answer(finding), dns), expected, "{finding:?}");
        }
    }
}
