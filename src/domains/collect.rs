//! Which domains the addresses have: kept beside each address, and as rows of their own.

use std::collections::BTreeMap;
use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::Timestamp;

use super::batch;
use super::domain::{Domain, Queue};
use super::registrable::registrable;
use super::sweep::Stopwatch;
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
    loop {
        let before = spent.total();
        let lease = lease.clone();
        let fill = move |c: &mut Conn| {
            lease.check(c)?;
            let rows = without_domain(c, EmailId::new(0), PAGE)?;
            let found = rows.iter().map(|(id, address, _)| (*id, domain_of(address)));
            Ok(batch::set_domains(c, &found.collect::<Vec<_>>())?)
        };
        if spent.time(db.write(fill)).await? == 0 {
            break;
        }
        let took = spent.total().saturating_sub(before);
        tokio::time::sleep(took.min(LONGEST_PAUSE)).await;
    }
    let (lease, trusted) = (lease.clone(), trusted.clone());
    let sort_out = db.write(move |c| {
        lease.check(c)?;
        add_missing(c, now)?;
        forget_unused(c)?;
        release(c, &trusted)
    });
    spent.time(sort_out).await
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

fn add_missing(c: &mut Conn, now: Time) -> QueryResult<usize> {
    let sql = "INSERT INTO domains (name, queue, next_due, failures) \
               SELECT DISTINCT domain, 0, $1, 0 FROM emails WHERE domain <> '' AND NOT EXISTS \
               (SELECT 1 FROM domains WHERE domains.name = emails.domain)";
    diesel::sql_query(sql).bind::<Timestamp, _>(now).execute(c)
}

fn forget_unused(c: &mut Conn) -> QueryResult<usize> {
    let users = emails::table.filter(emails::domain.eq(domains::name.nullable()));
    let unused = domains::table.filter(diesel::dsl::not(diesel::dsl::exists(users)));
    diesel::delete(unused).execute(c)
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
