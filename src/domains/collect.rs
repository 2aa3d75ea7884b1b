//! Which domains the addresses have: kept beside each address, and as rows of their own.

use std::collections::BTreeMap;
use std::time::Duration;

use diesel::prelude::*;

use super::batch;
use super::domain::{Domain, Queue};
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
    let address = EmailAddress::parse(address);
    address.and_then(|address| address.registrable_domain()).unwrap_or_default()
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
    pages.enter().await?;
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

    /// Finds out the domains of addresses that came before domains were kept with them.
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

    /// Adds the domains that addresses have and no sweep has seen yet.
    async fn enter(&self) -> Result<()> {
        let mut after = String::new();
        loop {
            let read = self.db.read(move |c| Ok(without_row(c, &after, PAGE)?));
            let names = self.spent.time(read).await?;
            let Some(last) = names.last() else { return Ok(()) };
            after = last.clone();
            let now = self.now;
            self.write(move |c| {
                let new = names.iter().map(|name| Domain::new(name.clone(), now));
                Domain::add(c, new.collect())
            })
            .await?;
        }
    }

    /// Keeps domains of addresses. (An address is never changed, so nothing can have happened to
    /// it since it was read but its end.)
    async fn store(&self, found: Vec<(EmailId, String)>) -> Result<()> {
        if found.is_empty() {
            return Ok(());
        }
        self.write(move |c| batch::set_domains(c, &found).map(|_| ())).await
    }

    /// Writes under the lease, and lets others write for as long as that took.
    async fn write(
        &self,
        work: impl Fn(&mut Conn) -> QueryResult<()> + Send + 'static,
    ) -> Result<()> {
        let (before, lease) = (self.spent.total(), self.lease.clone());
        let write = self.db.write(move |c| {
            lease.check(c)?;
            Ok(work(c)?)
        });
        self.spent.time(write).await?;
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

/// Domains of addresses that have no row, by name.
fn without_row(c: &mut Conn, after: &str, limit: i64) -> QueryResult<Vec<String>> {
    let rows = domains::table.filter(domains::name.nullable().eq(emails::domain));
    emails::table
        .filter(emails::domain.gt(after.to_owned()))
        .filter(diesel::dsl::not(diesel::dsl::exists(rows)))
        .select(emails::domain.assume_not_null())
        .distinct()
        .order(emails::domain)
        .limit(limit)
        .load(c)
}

type Address = (EmailId, String, Option<Time>);

/// Addresses whose domain is not known, with the moment of their verification.
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

impl New {
    fn add(&mut self, addresses: i64, since: Option<Time>) {
        self.addresses += addresses;
        self.verified_since = match (self.verified_since, since) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }
}

/// What the collecting would add, for who writes nothing: domains that have no row, and addresses
/// whose domain is not known.
pub async fn uncollected(db: &Db) -> Result<BTreeMap<String, New>> {
    let mut found: BTreeMap<String, New> = BTreeMap::new();
    let mut after = String::new();
    loop {
        let from = after.clone();
        let read = db.read(move |c| {
            let names = without_row(c, &from, PAGE)?;
            Ok((addresses(c, &names)?, verified_since(c, &names)?, names))
        });
        let (counts, since, names) = read.await?;
        let Some(last) = names.last() else { break };
        after.clone_from(last);
        for name in names {
            let count = counts.get(&name).copied().unwrap_or_default();
            let since = since.get(&name).copied();
            found.entry(name).or_default().add(count, since);
        }
    }
    let mut after = EmailId::new(0);
    loop {
        let rows = db.read(move |c| Ok(without_domain(c, after, PAGE)?)).await?;
        let Some((last, ..)) = rows.last() else { return Ok(found) };
        after = *last;
        for (_, address, verified_at) in rows {
            let name = domain_of(&address);
            if !name.is_empty() {
                found.entry(name).or_default().add(1, verified_at);
            }
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
