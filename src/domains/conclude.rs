//! What follows from the answers of a run: addresses lose their verification, or the brake stops
//! that.

use diesel::prelude::*;

use super::domain::{Domain, Queue};
use super::sweep::{Report, Rules};
use super::unverify::{carry_out, drop_idle};
use crate::accounts::Visit;
use crate::accounts::letters::lapsed::tell_of_brake;
use crate::db::schema::domains;
use crate::db::{Conn, Db};
use crate::error::Result;
use crate::jobs::Lease;
use crate::time::Time;

/// Domains that are looked at together.
const PAGE: i64 = 500;
/// Domains that a mail about the brake names.
const EXAMPLES: i64 = 10;
/// The brake stops a run only if it concerns more than one of so many domains that were checked.
const SHARE: i64 = 10;

/// How many domains something must be done about, and of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) pending: i64,
    /// Those of them that the brake stopped before.
    pub(super) held_back: i64,
    pub(super) checked: i64,
}

impl Count {
    /// Whether this is more than is likely. What was stopped once goes on only by the word of the
    /// operator, or when answers make it few.
    pub(super) fn is_too_much(self, brake: u32) -> bool {
        let is_many = self.pending > i64::from(brake);
        let share = self.pending.saturating_mul(SHARE);
        is_many && (share > self.checked || self.held_back > 0)
    }
}

/// Acts on all verdicts, unless they are too many.
pub(super) async fn conclude(
    db: &Db,
    lease: &Lease,
    rules: &Rules,
    (began, now, confirm): (Time, Time, bool),
    report: &mut Report,
) -> Result<()> {
    let count = prepare(db, lease, rules, began).await?;
    if !confirm && count.is_too_much(rules.brake) {
        report.held_back = Some((count.pending, count.checked));
        return hold(db, lease, count, now).await;
    }
    let visit = Visit { ip: None, agent: None, at: now };
    let mut after = String::new();
    loop {
        let from = after.clone();
        let page = db.read(move |c| Ok(Domain::pending(c, &from, PAGE)?)).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.name.clone();
        for domain in &page {
            let done = carry_out(db, lease, domain, &visit, rules.suspend).await?;
            report.domains += 1;
            report.unverified += done.unverified;
            report.kept.extend(done.kept);
        }
    }
}

/// Drops what concerns nobody, and counts the rest.
async fn prepare(db: &Db, lease: &Lease, rules: &Rules, began: Time) -> Result<Count> {
    let (lease, trusted) = (lease.clone(), rules.trusted.clone());
    db.write(move |c| {
        lease.check(c)?;
        drop_idle(c)?;
        let pending = domains::table.filter(domains::verdict.is_not_null());
        let names: Vec<String> = pending.select(domains::name).load(c)?;
        let names: Vec<String> = names.into_iter().filter(|name| trusted.cover(name)).collect();
        Domain::move_to(c, &names, Queue::Trusted)?;
        count(c, began)
    })
    .await
}

/// What was checked reaches back to the first verdict that is open: a run that went on for one
/// that died counts the answers of both.
fn count(c: &mut Conn, began: Time) -> Result<Count> {
    let pending = || domains::table.filter(domains::verdict.is_not_null());
    let first: Option<Time> = pending().select(diesel::dsl::min(domains::answered_at)).first(c)?;
    let since = first.map_or(began, |first| first.min(began));
    let held_back = pending().filter(domains::held_back_at.is_not_null());
    Ok(Count {
        pending: pending().count().get_result(c)?,
        held_back: held_back.count().get_result(c)?,
        checked: domains::table.filter(domains::answered_at.ge(since)).count().get_result(c)?,
    })
}

/// Keeps everything as it is, and says so to whoever can do something about it.
async fn hold(db: &Db, lease: &Lease, count: Count, now: Time) -> Result<()> {
    let Count { pending, checked, .. } = count;
    tracing::error!(
        "the sweep found {pending} of {checked} domains lapsed or in other hands, which is more \
         than is likely; no address was unverified. `cheeseshop domains sweep --confirm` goes on"
    );
    let (lease, visit) = (lease.clone(), Visit { ip: None, agent: None, at: now });
    db.write(move |c| {
        lease.check(c)?;
        let pending = domains::table.filter(domains::verdict.is_not_null());
        let again = (domains::queue.eq(Queue::Again.number()), domains::next_due.eq(now));
        diesel::update(pending).set(again).execute(c)?;
        let new = pending.filter(domains::held_back_at.is_null());
        let new = diesel::update(new).set(domains::held_back_at.eq(now)).execute(c)?;
        if new > 0 {
            let examples = Domain::pending(c, "", EXAMPLES)?;
            let examples: Vec<String> = examples.into_iter().map(|it| it.name).collect();
            tell_of_brake(c, &visit, (count.pending, count.checked), &examples)?;
        }
        Ok(())
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_brake_needs_many_domains_and_a_large_share() {
        for (pending, held_back, checked, expected) in [
            (20, 0, 20, false),
            (21, 0, 21, true),
            (21, 0, 209, true),
            (21, 0, 210, false),
            (21, 1, 1_000, true),
            (20, 20, 20, false),
            (0, 0, 0, false),
        ] {
            let count = Count { pending, held_back, checked };
            assert_eq!(count.is_too_much(20), expected, "{count:?}");
        }
        assert!(Count { pending: 1, held_back: 0, checked: 9 }.is_too_much(0));
    }
}
