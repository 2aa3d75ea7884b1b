//! What a sweep found and did, line by line: the domains that it checked, and the addresses that
//! it unverified.

use super::super::out;
use crate::db::{Db, EmailId};
use crate::domains::domain::Domain;
use crate::domains::listing::{Holder, Which, holders, list};
use crate::error::Result;
use crate::time::Time;

/// Rows that are read at once.
const PAGE: i64 = 1_000;

/// Says what became of each domain that was asked about, or acted on, since then.
pub(super) async fn tell(db: &Db, since: Time) -> Result<()> {
    let is_since = |at: Option<Time>| at.is_some_and(|at| at >= since);
    let mut after = String::new();
    loop {
        let from = after.clone();
        let page = db.read(move |c| Ok(list(c, Which::All, &from, PAGE)?)).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after.clone_from(&last.name);
        for domain in &page {
            let is_acted_on = is_since(domain.acted_at);
            if is_since(domain.asked_at) || is_acted_on {
                say(domain, is_acted_on);
            }
            if is_acted_on {
                tell_addresses(db, &domain.name, since).await?;
            }
        }
    }
}

fn say(domain: &Domain, is_acted_on: bool) {
    let Domain { name, action, last_error, held_back_at, .. } = domain;
    match (last_error, action) {
        (Some(why), _) => out::note(format!("{name}: not answered: {why}")),
        (None, Some(action)) if is_acted_on => {
            out::line(format!("{name}: {}: {action}", domain.status()));
        }
        (None, _) if held_back_at.is_some() => {
            out::line(format!("{name}: {}: waits for --confirm", domain.status()));
        }
        (None, _) => out::line(format!("{name}: {}", domain.status())),
    }
}

/// Says which addresses in a domain lost their verification since then.
async fn tell_addresses(db: &Db, name: &str, since: Time) -> Result<()> {
    let mut after = EmailId::new(0);
    loop {
        let (name, from) = (name.to_owned(), after);
        let page = db.read(move |c| Ok(holders(c, &name, from, PAGE)?)).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.id;
        let is_lost = |it: &&Holder| it.unverified_at.is_some_and(|at| at >= since);
        for Holder { username, address, .. } in page.iter().filter(is_lost) {
            out::line(format!("unverified: {address} of {username}"));
        }
    }
}
