//! Taking the verification from the addresses of a domain.

use diesel::prelude::*;

use super::domain::{Domain, verdict_word};
use super::totals::Totals;
use crate::accounts::Visit;
use crate::accounts::unverify::{Outcome, Why, unverify};
use crate::db::schema::{domains, emails};
use crate::db::{Conn, Db, EmailId, UserId};
use crate::error::Result;
use crate::jobs::Lease;
use crate::time::Time;

/// Addresses that lose their verification in one transaction.
const PAGE: i64 = 200;

/// What was done about one domain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Done {
    /// How many addresses are verified no more.
    pub(super) unverified: usize,
    /// The administrators who keep theirs.
    pub(super) kept: Vec<String>,
}

/// The verified addresses that a verdict concerns: a domain that lapsed concerns those that were
/// verified before that was known, one that changed hands those from before.
macro_rules! concerned {
    () => {{
        let lapsed = domains::verdict.eq(verdict_word(Why::Lapsed));
        let changed = domains::verdict.eq(verdict_word(Why::ChangedHands));
        let known = emails::verified_at.le(domains::answered_at);
        let before = emails::verified_at.lt(domains::registered_at);
        lapsed.and(known).or(changed.and(before))
    }};
}

/// Drops the verdicts that concern no verified address any more.
pub(super) fn drop_idle(c: &mut Conn) -> QueryResult<usize> {
    let of_domain = emails::domain.eq(domains::name.nullable());
    let owned = emails::table.filter(of_domain.and(emails::verified_at.is_not_null()));
    let owned = owned.filter(concerned!());
    let idle = domains::table.filter(domains::verdict.is_not_null());
    let idle = idle.filter(diesel::dsl::not(diesel::dsl::exists(owned)));
    let none = (domains::verdict.eq(None::<String>), domains::held_back_at.eq(None::<Time>));
    diesel::update(idle).set(none).execute(c)
}

/// Takes the verification from all addresses that the verdict about a domain concerns, page by
/// page under the lease.
pub(super) async fn carry_out(
    db: &Db,
    lease: &Lease,
    domain: &Domain,
    visit: &Visit,
    suspend: bool,
) -> Result<Done> {
    let Some(why) = domain.why() else { return Ok(Done::default()) };
    let mut done = Done::default();
    let mut after = EmailId::new(0);
    loop {
        let (lease, name, visit) = (lease.clone(), domain.name.clone(), visit.clone());
        let page = move |c: &mut Conn| {
            lease.check(c)?;
            let rows = addresses(c, &name, after)?;
            let mut page = Done::default();
            for address in &rows {
                match unverify(c, &visit, *address, why, suspend)? {
                    Outcome::Unverified => page.unverified += 1,
                    Outcome::Kept { username, .. } => page.kept.push(username),
                    Outcome::Nothing => {}
                }
            }
            let unverified = i64::try_from(page.unverified).unwrap_or(i64::MAX);
            Totals { unverified, ..Totals::default() }.add(c)?;
            Ok((rows.last().map(|(_, id)| *id), page))
        };
        let (last, page) = db.write(page).await?;
        let Some(last) = last else { break };
        after = last;
        done.unverified += page.unverified;
        done.kept.extend(page.kept);
    }
    note(db, lease, domain, why, &done, visit.at).await?;
    Ok(done)
}

fn addresses(c: &mut Conn, name: &str, after: EmailId) -> QueryResult<Vec<(UserId, EmailId)>> {
    let of_domain = emails::domain.eq(domains::name.nullable());
    emails::table
        .inner_join(domains::table.on(of_domain))
        .filter(domains::name.eq(name.to_owned()))
        .filter(emails::id.gt(after).and(emails::verified_at.is_not_null()))
        .filter(concerned!())
        .order(emails::id)
        .limit(PAGE)
        .select((emails::user_id, emails::id))
        .load(c)
}

async fn note(
    db: &Db,
    lease: &Lease,
    domain: &Domain,
    why: Why,
    done: &Done,
    now: Time,
) -> Result<()> {
    let cause = match why {
        Why::Lapsed => "it has expired",
        Why::ChangedHands => "it was registered anew",
    };
    let count = done.unverified;
    let noun = if count == 1 { "address" } else { "addresses" };
    let mut words = format!("{count} {noun} unverified: {cause}");
    for name in &done.kept {
        tracing::error!(
            domain = domain.name,
            "the administrator {name} keeps an address in a lapsed domain, as no other \
             administrator has a verified one; no password is reset by it"
        );
        words = format!("{words}; {name} keeps one as the last administrator");
    }
    let (lease, name, is_done) = (lease.clone(), domain.name.clone(), done.kept.is_empty());
    db.write(move |c| {
        lease.check(c)?;
        Domain::note_action(c, &name, &words, is_done, now)?;
        Ok(())
    })
    .await
}
