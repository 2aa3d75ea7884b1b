//! Which domains the addresses have: kept beside each address, and as rows of their own.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use diesel::prelude::*;

use super::batch;
use super::domain::{Domain, Queue};
use super::registrable::registrable;
use super::sweep::Stopwatch;
use super::totals::Totals;
use crate::address::EmailAddress;
use crate::config::TrustedDomains;
use crate::db::schema::{domains, emails};
use crate::db::{Conn, Db, EmailId};
use crate::error::Result;
use crate::jobs::Lease;
use crate::time::Time;

/// Addresses that are looked at in one transaction.
const PAGE: i64 = 1_000;
/// The longest pause between two of these. Each is as long as the transaction was: without it those
/// who write in other processes hardly find a moment in which a `SQLite` database is free.
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// This version of the program: each is built with a public suffix list.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The registrable domain of an address; empty where it has none that anybody could register.
pub(super) fn domain_of(address: &str) -> String {
    let host = EmailAddress::parse(address).map(|address| address.domain().to_owned());
    host.and_then(|host| registrable(&host)).unwrap_or_default()
}

/// Brings the domains up to date with the addresses: fills in what is new, forgets what no address
/// has any more, and sorts out what is trusted.
pub(super) async fn collect(
    db: &Db,
    lease: &Lease,
    trusted: &TrustedDomains,
    (now, spent): (Time, &Stopwatch),
) -> Result<()> {
    let pages = Pages { db, lease, spent, now };
    pages.renew().await?;
    pages.fill().await?;
    pages.forget_unused().await?;
    let (lease, trusted) = (lease.clone(), trusted.clone());
    let sort_out = db.write(move |c| {
        lease.check(c)?;
        release(c, &trusted)
    });
    spent.time(sort_out).await
}

/// Goes through the addresses page by page, with a pause behind each transaction.
struct Pages<'a> {
    db: &'a Db,
    lease: &'a Lease,
    spent: &'a Stopwatch,
    now: Time,
}

impl Pages<'_> {
    /// Where another version looked at the addresses, its public suffix list may have been another
    /// one: finds out the domain of each anew.
    async fn renew(&self) -> Result<()> {
        let collected_by = self.db.read(|c| Ok(Totals::collected_by(c)?)).await?;
        if collected_by.as_deref() == Some(VERSION) {
            return Ok(());
        }
        let mut after = EmailId::new(0);
        loop {
            let read = self.db.read(move |c| Ok(with_domain(c, after, PAGE)?));
            let rows = self.spent.time(read).await?;
            let Some((last, ..)) = rows.last() else { break };
            after = *last;
            let found = rows.into_iter().filter_map(|(id, address, domain)| {
                let found = domain_of(&address);
                (found != domain).then_some((id, found))
            });
            self.store(found.collect()).await?;
        }
        let lease = self.lease.clone();
        let note = self.db.write(move |c| {
            lease.check(c)?;
            Totals::note_collected(c, VERSION)?;
            Ok(())
        });
        self.spent.time(note).await
    }

    /// Finds out the domains of new addresses.
    async fn fill(&self) -> Result<()> {
        loop {
            let read = self.db.read(|c| Ok(without_domain(c, EmailId::new(0), PAGE)?));
            let rows = self.spent.time(read).await?;
            if rows.is_empty() {
                return Ok(());
            }
            let found = rows.into_iter().map(|(id, address, _)| (id, domain_of(&address)));
            self.store(found.collect()).await?;
        }
    }

    /// Forgets domains that no address has any more. They are looked for without keeping writers
    /// waiting.
    async fn forget_unused(&self) -> Result<()> {
        loop {
            let unused = self.spent.time(self.db.read(|c| Ok(unused(c, PAGE)?))).await?;
            if unused.is_empty() {
                return Ok(());
            }
            let lease = self.lease.clone();
            let forget = self.db.write(move |c| {
                lease.check(c)?;
                Ok(forget_unused(c, &unused)?)
            });
            if self.spent.time(forget).await? == 0 {
                return Ok(());
            }
        }
    }

    /// Keeps domains of addresses, and that there are such domains. (An address is never changed, so nothing can have happened to
    /// it since it was read but its end.)
    async fn store(&self, found: Vec<(EmailId, String)>) -> Result<()> {
        if found.is_empty() {
            return Ok(());
        }
        let (before, lease, now) = (self.spent.total(), self.lease.clone(), self.now);
        let store = self.db.write(move |c| {
            lease.check(c)?;
            let names: BTreeSet<&String> = found.iter().map(|(_, name)| name).collect();
            let names = names.into_iter().filter(|name| !name.is_empty());
            Domain::add(c, names.map(|name| Domain::new(name.clone(), now)).collect())?;
            Ok(batch::set_domains(c, &found)?)
        });
        self.spent.time(store).await?;
        let took = self.spent.total().saturating_sub(before);
        tokio::time::sleep(took.min(LONGEST_PAUSE)).await;
        Ok(())
    }
}

/// Addresses whose domain is known, with it.
fn with_domain(
    c: &mut Conn,
    after: EmailId,
    limit: i64,
) -> QueryResult<Vec<(EmailId, String, String)>> {
    emails::table
        .filter(emails::domain.is_not_null().and(emails::id.gt(after)))
        .order(emails::id)
        .limit(limit)
        .select((emails::id, emails::address, emails::domain.assume_not_null()))
        .load(c)
}

type Address = (EmailId, String, Option<Time>);

/// Addresses that no sweep has looked at, with the moment of their verification.
fn without_domain(c: &mut Conn, after: EmailId, limit: i64) -> QueryResult<Vec<Address>> {
    emails::table
        .filter(emails::domain.is_null().and(emails::id.gt(after)))
        .order(emails::id)
        .limit(limit)
        .select((emails::id, emails::address, emails::verified_at))
        .load(c)
}

fn unused(c: &mut Conn, limit: i64) -> QueryResult<Vec<String>> {
    let users = emails::table.filter(emails::domain.eq(domains::name.nullable()));
    let unused = domains::table.filter(diesel::dsl::not(diesel::dsl::exists(users)));
    unused.select(domains::name).limit(limit).load(c)
}

fn forget_unused(c: &mut Conn, names: &[String]) -> QueryResult<usize> {
    let users = emails::table.filter(emails::domain.eq(domains::name.nullable()));
    let unused = domains::table.filter(domains::name.eq_any(names.to_vec()));
    diesel::delete(unused.filter(diesel::dsl::not(diesel::dsl::exists(users)))).execute(c)
}

/// Lets domains be asked about again that are trusted no more.
fn release(c: &mut Conn, trusted: &TrustedDomains) -> Result<()> {
    let names: Vec<String> = domains::table
        .filter(domains::queue.eq(Queue::Trusted.number()))
        .select(domains::name)
        .load(c)?;
    let names: Vec<String> = names.into_iter().filter(|name| !trusted.cover(name)).collect();
    Domain::move_to(c, &names, Queue::Regular)?;
    Ok(())
}

/// What no sweep has looked at yet of a domain.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct New {
    /// How many addresses.
    pub addresses: i64,
    /// When the first of those that are verified became so.
    pub(super) verified_since: Option<Time>,
}

/// The domains of addresses that no sweep has looked at: what the collecting would add, for who writes
/// nothing.
pub async fn uncollected(db: &Db) -> Result<BTreeMap<String, New>> {
    let mut found: BTreeMap<String, New> = BTreeMap::new();
    let mut after = EmailId::new(0);
    loop {
        let rows = db.read(move |c| Ok(without_domain(c, after, PAGE)?)).await?;
        let Some((last, ..)) = rows.last() else { return Ok(found) };
        after = *last;
        for (_, address, verified_at) in rows {
            let name = domain_of(&address);
            if name.is_empty() {
                continue;
            }
            let new = found.entry(name).or_default();
            new.addresses += 1;
            new.verified_since = match (new.verified_since, verified_at) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
        }
    }
}

/// When the first verified address of each of these domains was verified.
pub(super) fn verified_since(
    c: &mut Conn,
    names: &[String],
) -> QueryResult<BTreeMap<String, Time>> {
    if names.is_empty() {
        return Ok(BTreeMap::new());
    }
    let names: Vec<Option<String>> = names.iter().cloned().map(Some).collect();
    let rows: Vec<(Option<String>, Option<Time>)> = emails::table
        .filter(emails::domain.eq_any(names).and(emails::verified_at.is_not_null()))
        .group_by(emails::domain)
        .select((emails::domain, diesel::dsl::min(emails::verified_at)))
        .load(c)?;
    Ok(rows.into_iter().filter_map(|(name, since)| name.zip(since)).collect())
}

/// How many addresses each of these domains has.
pub fn addresses(c: &mut Conn, names: &[String]) -> QueryResult<BTreeMap<String, i64>> {
    let names: Vec<Option<String>> = names.iter().cloned().map(Some).collect();
    let rows: Vec<(Option<String>, i64)> = emails::table
        .filter(emails::domain.eq_any(names))
        .group_by(emails::domain)
        .select((emails::domain, diesel::dsl::count_star()))
        .load(c)?;
    Ok(rows.into_iter().filter_map(|(name, count)| name.map(|name| (name, count))).collect())
}
