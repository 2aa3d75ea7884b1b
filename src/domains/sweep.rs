//! The sweep: asks about every domain that is due, once, and acts on the answers.
//!
//! Answers are kept as they come, under the lease of the run, together with what follows from
//! them; so a run that ends anywhere is gone on with by the next one, which asks again only what
//! was on its way.

mod batch;
mod rehearse;
mod report;
mod stopwatch;

use std::time::Duration;

use futures_util::{Stream, StreamExt, stream};

use super::answer::THE_ONLY_ONE;
use super::asker::{Asker, Found};
use super::collect::collect;
use super::conclude::conclude;
use super::decide::Moment;
use super::domain::{Domain, Queue};
use super::due::Due;
use super::pace::{End, Pace};
use crate::config::{self, Count, OnExpired, Schedule, TrustedDomains};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::jobs::Lease;
use crate::time::{self, Time};

pub use rehearse::{Rehearsed, rehearse};
pub use report::Report;
pub(super) use stopwatch::Stopwatch;

/// The name of the job.
pub const JOB: &str = "domains";
/// What a run says where nobody is asked.
pub const OFF: &str = "domains.provider is off: nobody was asked";
/// Answers that are kept in one transaction: with those on their way, what a crash costs.
const BATCH: usize = 256;
/// How long an answer waits for others to be kept with. Each transaction ends with a flush to the
/// disk, which costs as much as keeping a hundred answers.
const LINGER: Duration = Duration::from_millis(500);
/// Domains that are read at once.
const PAGE: i64 = 1_000;
/// Questions on their way at a time: what a provider that takes some seconds needs to be asked as
/// often as it may, within what it and we can bear.
const SLOWNESS: u32 = 4;
const FEWEST_AT_A_TIME: u32 = 4;
const MOST_AT_A_TIME: u32 = 64;

/// What a run may take beside asking everybody at full pace: collecting, pauses, second tries. An
/// answer that comes so much later in a run than the one before in its own is not too old for that.
const MARGIN: Duration = Duration::from_hours(1);

const DAY: Duration = Duration::from_hours(24);

/// The rules of the configuration.
#[derive(Debug, Clone)]
pub struct Rules {
    /// How old an answer may get.
    pub interval: Duration,
    /// When sweeps begin.
    pub schedule: Schedule,
    /// How many questions a second are asked at most.
    pub per_second: u32,
    /// Whether API tokens stand still with an address.
    pub suspend: bool,
    /// How many domains a run may act on without being asked.
    pub brake: u32,
    /// Whom nobody is asked about.
    pub trusted: TrustedDomains,
}

impl Rules {
    /// What the configuration says.
    pub fn of(config: &config::Domains) -> Self {
        let Count(days) = config.interval_days;
        let Count(per_second) = config.max_requests_per_second;
        Self {
            interval: DAY * days,
            schedule: config.schedule.clone(),
            per_second,
            suspend: config.on_expired == OnExpired::SuspendTokens,
            brake: config.brake,
            trusted: config.trusted.clone(),
        }
    }
}

/// What a run is to do.
#[derive(Debug, Clone, Copy, Default)]
pub struct How {
    /// Asks also about what is not due yet.
    pub all: bool,
    /// Goes on where the brake would stop it.
    pub confirm: bool,
}

/// The clock of a run: it begins at a moment and goes on as the timers do.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    began: Time,
    since: tokio::time::Instant,
}

impl Clock {
    /// One that begins now.
    pub fn start() -> Self {
        Self::at(time::now())
    }

    /// One that begins at that moment.
    pub fn at(began: Time) -> Self {
        Self { began, since: tokio::time::Instant::now() }
    }

    fn now(&self) -> Time {
        let elapsed = chrono::TimeDelta::from_std(self.since.elapsed()).unwrap_or_default();
        time::exact(self.began + elapsed)
    }

    fn moment(&self) -> Moment {
        Moment { run: time::minute_of(self.began), now: self.now() }
    }
}

/// Hears how far a run is: domains asked about, and how many there are to ask about.
pub type Progress<'a> = &'a (dyn Fn(u64, u64) + Send + Sync);

/// What a sweep needs.
pub struct Sweeper<'a> {
    /// The database.
    pub db: &'a Db,
    /// Who is asked.
    pub asker: &'a Asker,
    /// The rules.
    pub rules: &'a Rules,
    /// The clock.
    pub clock: Clock,
    /// Hears how far it is.
    pub progress: Progress<'a>,
}

/// Asks about what is due and acts on the answers, as the run that has this lease.
///
/// An error where the provider does not answer at all, after acting on what was answered.
pub async fn sweep(sweeper: &Sweeper<'_>, lease: &Lease, how: How) -> Result<Report> {
    let Sweeper { db, rules, clock, .. } = sweeper;
    let mut report = Report::default();
    let spent = Stopwatch::default();
    collect(db, lease, &rules.trusted, (clock.now(), &spent)).await?;
    let due = spent.time(due(sweeper, how.all)).await?;
    let pace = Pace::new(rules.per_second);
    ask_all(sweeper, lease, &due, (&pace, &spent), &mut report).await?;
    let moments = (clock.began, clock.now(), how.confirm);
    spent.time(conclude(db, lease, rules, moments, &mut report)).await?;
    report.database = spent.total();
    report.left = left(&pace);
    match pace.end() {
        Some(End::Outage(why)) => {
            let words = format!("{report}; then the provider did not answer any more: {why}");
            Err(Error::unavailable(words))
        }
        Some(End::Busy(wait)) => {
            report.put_off = Some(wait);
            Ok(report)
        }
        None => Ok(report),
    }
}

/// The authorities that were left alone while others were asked, with the reason.
fn left(pace: &Pace) -> Vec<(String, String)> {
    let why = |end| match end {
        End::Busy(wait) => format!("asks to wait for {}", time::span_for_people(wait)),
        End::Outage(why) => format!("did not answer any more: {why}"),
    };
    let several = pace.ended().into_iter().filter(|(name, _)| name != THE_ONLY_ONE);
    several.map(|(name, end)| (name, why(end))).collect()
}

/// Which domains are due. A run may take as long as asking about all of them.
async fn due(sweeper: &Sweeper<'_>, all: bool) -> Result<Due> {
    let (rules, began) = (sweeper.rules, sweeper.clock.began);
    if all {
        return Ok(Due::all(began));
    }
    let everything = Due::all(began);
    let count = sweeper.db.read(move |c| Ok(everything.count(c)?)).await?;
    let asking =
        Duration::from_secs(u64::try_from(count).unwrap_or_default()) / rules.per_second.max(1);
    Ok(Due::before(began, rules.schedule.next(began), asking + MARGIN))
}

async fn ask_all(
    sweeper: &Sweeper<'_>,
    lease: &Lease,
    due: &Due,
    (pace, spent): (&Pace, &Stopwatch),
    report: &mut Report,
) -> Result<()> {
    let counted = *due;
    let total = spent.time(sweeper.db.read(move |c| Ok(counted.count(c)?))).await?;
    let total = u64::try_from(total).unwrap_or_default();
    let (asker, clock) = (sweeper.asker, sweeper.clock);
    let trusts = |domain: &Domain| sweeper.rules.trusted.cover(&domain.name);
    let domains = waiting(sweeper.db, *due, pace, spent);
    let answers = domains.map(|domain| async move {
        let domain = domain?;
        if trusts(&domain) {
            return Ok(Some((domain, None)));
        }
        let found = asker.ask(pace, &domain, clock.moment()).await;
        Ok::<_, Error>(found.map(|found| (domain, Some((found, clock.now())))))
    });
    let mut answers = Box::pin(answers.buffer_unordered(at_a_time(sweeper.rules.per_second)));
    while let Some(first) = answers.next().await {
        let mut batch = vec![first?];
        let mut linger = Box::pin(tokio::time::sleep(LINGER));
        while batch.len() < BATCH {
            tokio::select! {
                biased;
                next = answers.next() => match next {
                    Some(next) => batch.push(next?),
                    None => break,
                },
                () = &mut linger => break,
            }
        }
        let batch = batch.into_iter().flatten().collect();
        spent.time(batch::keep(sweeper, lease, batch, report)).await?;
        (sweeper.progress)(report.asked, total);
    }
    Ok(())
}

/// A domain with what was found and when, or nothing where it is trusted.
type Answered = (Domain, Option<(Found, Time)>);

fn at_a_time(per_second: u32) -> usize {
    let wanted = per_second.saturating_mul(SLOWNESS).clamp(FEWEST_AT_A_TIME, MOST_AT_A_TIME);
    usize::try_from(wanted).unwrap_or(1)
}

/// Where the reading of the lines is.
struct Reader {
    queues: std::slice::Iter<'static, Queue>,
    queue: Option<Queue>,
    after: Option<(Time, String)>,
}

/// All domains that are due, read page by page as they are needed, until nothing more is asked.
fn waiting<'a>(
    db: &'a Db,
    due: Due,
    pace: &'a Pace,
    spent: &'a Stopwatch,
) -> impl Stream<Item = Result<Domain>> + Send + 'a {
    let mut queues = Queue::ASKED.iter();
    let queue = queues.next().copied();
    let pages = stream::try_unfold(Reader { queues, queue, after: None }, move |mut reader| {
        let db = db.clone();
        async move {
            while let Some(queue) = reader.queue {
                if pace.end().is_some() {
                    return Ok(None);
                }
                let after = reader.after.clone();
                let page = move |c: &mut _| Ok(due.page(c, queue, after.as_ref(), PAGE)?);
                let page = spent.time(db.read(page)).await?;
                if let Some(last) = page.last() {
                    reader.after = Some((last.next_due, last.name.clone()));
                    return Ok(Some((page, reader)));
                }
                reader.queue = reader.queues.next().copied();
                reader.after = None;
            }
            Ok(None)
        }
    });
    pages.flat_map(|page: Result<Vec<Domain>>| {
        stream::iter(match page {
            Ok(domains) => domains.into_iter().map(Ok).collect(),
            Err(error) => vec![Err(error)],
        })
    })
}
