//! A run that asks and writes nothing.

use std::collections::BTreeMap;

use futures_util::StreamExt;

use super::batch::weigh;
use super::{Sweeper, at_a_time, due, waiting};
use crate::db::Conn;
use crate::domains::asker::Found;
use crate::domains::collect::{uncollected, verified_since};
use crate::domains::domain::Domain;
use crate::domains::pace::Pace;
use crate::error::{Error, Result};
use crate::time::Time;

/// What a run would have found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rehearsed {
    /// Domains that were asked about.
    pub asked: u64,
    /// Those of them about which nobody answered, and why.
    pub failed: Vec<(String, String)>,
    /// Those whose addresses would lose their verification, and what was said about them.
    pub lapsed: Vec<(String, String)>,
}

/// Asks about what is due, also about the domains of addresses that no sweep has looked at, and
/// says what a sweep would act on.
pub async fn rehearse(sweeper: &Sweeper<'_>, all: bool) -> Result<Rehearsed> {
    let Sweeper { db, asker, rules, clock, progress } = sweeper;
    let due = due(sweeper, all).await?;
    let pace = Pace::new(rules.per_second);
    let mut new = uncollected(db).await?;
    let counted = due;
    let (names, total) = (new.keys().cloned().collect::<Vec<_>>(), counted);
    let read = move |c: &mut Conn| Ok((known(c, &names)?, total.count(c)?));
    let (known, count) = db.read(read).await?;
    new.retain(|name, _| !name.is_empty() && !known.contains(name));
    let total = u64::try_from(count).unwrap_or_default() + new.len() as u64;
    let began = clock.began;
    let fresh = new.keys().map(|name| Ok::<_, Error>(Domain::new(name.clone(), began)));
    let fresh: Vec<_> = fresh.collect();
    let domains = waiting(db, due, &pace).chain(futures_util::stream::iter(fresh));
    let answers = domains.map(|domain| async {
        let domain = domain?;
        if rules.trusted.cover(&domain.name) {
            return Ok(None);
        }
        let found = asker.ask(&pace, &domain, clock.moment()).await;
        Ok::<_, Error>(found.map(|found| (domain, found, clock.now())))
    });
    let mut answers = Box::pin(answers.buffer_unordered(at_a_time(rules.per_second)));
    let mut rehearsed = Rehearsed::default();
    while let Some(answer) = answers.next().await {
        let Some(answer) = answer? else { continue };
        rehearsed.asked += 1;
        note(sweeper, &new, answer, &mut rehearsed).await?;
        progress(rehearsed.asked, total);
    }
    Ok(rehearsed)
}

async fn note(
    sweeper: &Sweeper<'_>,
    new: &BTreeMap<String, Option<Time>>,
    (domain, found, at): (Domain, Found, Time),
    rehearsed: &mut Rehearsed,
) -> Result<()> {
    let name = domain.name.clone();
    let key = name.clone();
    let since = if let Some(since) = new.get(&name) {
        *since
    } else {
        let read = move |c: &mut Conn| Ok(verified_since(c, &[key])?.into_values().next());
        sweeper.db.read(read).await?
    };
    let moment = (sweeper.clock.moment().run, at);
    let after = weigh(&domain, &found, since, sweeper.rules.interval, moment);
    match found {
        Found::Nothing(why) => rehearsed.failed.push((name, why)),
        Found::Answer(answer, _) if after.verdict.is_some() => {
            rehearsed.lapsed.push((name, answer.said));
        }
        Found::Answer(..) => {}
    }
    Ok(())
}

fn known(c: &mut Conn, names: &[String]) -> Result<std::collections::BTreeSet<String>> {
    let mut found = std::collections::BTreeSet::new();
    for page in names.chunks(super::BATCH) {
        found.extend(Domain::known(c, page)?);
    }
    Ok(found)
}
