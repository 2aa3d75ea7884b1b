//! Keeping answers, many at a time.

use super::{Answered, Report, Sweeper};
use crate::accounts::email::Email;
use crate::db::Conn;
use crate::domains::asker::Found;
use crate::domains::collect::verified_since;
use crate::domains::decide::{Moment, decide, needs_verified_since, unanswered};
use crate::domains::domain::{Domain, Queue};
use crate::domains::totals::Totals;
use crate::error::Result;
use crate::jobs::Lease;
use crate::time::Time;

/// Keeps what was found, and what must be done about it.
pub(super) async fn keep(
    sweeper: &Sweeper<'_>,
    lease: &Lease,
    batch: Vec<Answered>,
    report: &mut Report,
) -> Result<()> {
    let (mut trusted, mut answered) = (Vec::new(), Vec::new());
    for (domain, found) in batch {
        match found {
            Some((found, at)) => answered.push((domain, found, at)),
            None => trusted.push(domain.name),
        }
    }
    let is_failure = |(_, found, _): &&(_, Found, _)| matches!(found, Found::Nothing(_));
    let failed = answered.iter().filter(is_failure).count();
    report.asked += answered.len() as u64;
    report.failed += failed as u64;
    let totals = Totals {
        asked: i64::try_from(answered.len()).unwrap_or_default(),
        failed: i64::try_from(failed).unwrap_or_default(),
        unverified: 0,
    };
    let (lease, interval, run) =
        (lease.clone(), sweeper.rules.interval, sweeper.clock.moment().run);
    let store = move |c: &mut Conn| {
        lease.check(c)?;
        Domain::move_to(c, &trusted, Queue::Trusted)?;
        let asked_since = answered.iter().filter(|(_, found, _)| is_since_needed(found));
        let names: Vec<String> = asked_since.map(|(domain, ..)| domain.name.clone()).collect();
        let since = verified_since(c, &names)?;
        let after = |(domain, found, at): &(Domain, Found, Time)| {
            weigh(domain, found, since.get(&domain.name).copied(), interval, (run, *at))
        };
        let after: Vec<Domain> = answered.iter().map(after).collect();
        Domain::store(c, &after)?;
        let cleared: Vec<String> = answered
            .iter()
            .zip(&after)
            .filter(|((before, ..), after)| before.verdict.is_some() && after.verdict.is_none())
            .map(|(_, after)| after.name.clone())
            .collect();
        Email::clear(c, &cleared)?;
        totals.add(c)?;
        Ok(())
    };
    sweeper.db.write(store).await
}

fn is_since_needed(found: &Found) -> bool {
    matches!(found, Found::Answer(answer, _) if needs_verified_since(answer))
}

/// The row of a domain after what was found at a moment of a run.
pub(super) fn weigh(
    before: &Domain,
    found: &Found,
    verified_since: Option<Time>,
    interval: std::time::Duration,
    (run, now): (Time, Time),
) -> Domain {
    let moment = Moment { run, now };
    match found {
        Found::Answer(answer, dns) => {
            decide(before, answer, *dns, verified_since, interval, moment)
        }
        Found::Nothing(why) => unanswered(before, why, moment),
    }
}
