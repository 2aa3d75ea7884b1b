//! `/admin/domains/`: the mail domains of all accounts, what was found about them, and sweeping
//! them now.

use actix_web::HttpResponse;
use actix_web::web::{Data, Query};
use askama::Template;
use serde::Deserialize;
use tokio::sync::oneshot;

use crate::app::App;
use crate::db::Conn;
use crate::domains::collect::addresses;
use crate::domains::domain::{Domain, Queue};
use crate::domains::listing::{Which, list, new_addresses};
use crate::domains::sweep::{How, JOB, OFF};
use crate::domains::totals::Standing;
use crate::error::{Error, Kind, Result};
use crate::http::guard::{Admin, AdminConfirmed};
use crate::http::post::PostBy;
use crate::http::visitor::Visitor;
use crate::jobs::Run;
use crate::time;
use crate::web::form::{problem, refuse, shown};
use crate::web::page::{Frame, go};
use crate::web::said::Said;

pub(super) const PLACE: &str = "/admin/domains/";
/// Domains on one page.
const PAGE: i64 = 100;

#[derive(Template)]
#[template(path = "admin/domains.html")]
struct DomainsPage {
    frame: Frame,
    here: &'static str,
    problem: Option<String>,
    is_off: bool,
    standing: Standing,
    oldest: Option<String>,
    /// What became of the last run.
    last: Option<String>,
    new_addresses: i64,
    /// The word of what is listed.
    chosen: &'static str,
    rows: Vec<Row>,
    next: Option<String>,
    is_first: bool,
}

/// A domain, in words.
pub(super) struct Row {
    pub(super) domain: Domain,
    pub(super) addresses: i64,
    pub(super) asked: String,
    pub(super) due: String,
    pub(super) acted: String,
}

/// What a page lists, and behind which domain it begins.
#[derive(Deserialize, Default)]
pub(super) struct Page {
    #[serde(default)]
    after: String,
    #[serde(default)]
    result: String,
}

/// How to sweep.
#[derive(Deserialize)]
pub(super) struct Form {
    /// `yes`: goes ahead where the brake stopped a run.
    #[serde(default)]
    confirm: String,
}

/// `GET /admin/domains/`
pub(super) async fn show(
    app: Data<App>,
    visitor: Visitor,
    _who: Admin,
    page: Query<Page>,
) -> Result<HttpResponse> {
    list_page(&app, &visitor, page.into_inner(), None).await
}

/// `POST /admin/domains/sweep`: begins a sweep, which goes on behind the answer.
pub(super) async fn sweep(
    app: Data<App>,
    visitor: Visitor,
    PostBy(_, form): PostBy<AdminConfirmed, Form>,
) -> Result<HttpResponse> {
    let how = How { all: false, confirm: form.confirm == "yes" };
    match begin(&app, how).await {
        Ok(()) => Ok(go(&app, PLACE, Some(Said::SweepBegun))),
        Err(error) => list_page(&app, &visitor, Page::default(), Some(&shown(error)?)).await,
    }
}

/// Returns once the run has the lease of the job, or has ended without it.
async fn begin(app: &App, how: How) -> Result<()> {
    if app.asker.is_none() {
        return Err(Error::new(Kind::Conflict, "Nobody is asked", OFF));
    }
    let (begun, heard) = oneshot::channel();
    let index = app.clone();
    let run = tokio::spawn(async move {
        let sweeping = index.clone();
        let work = |lease| async move {
            // Whoever waited may be gone.
            let _ = begun.send(());
            let report = sweeping.sweep_domains(&lease, how, &|_, _| {}).await?;
            Ok(report.map_or_else(|| OFF.to_owned(), |report| report.to_string()))
        };
        let ended = index.jobs.run(JOB, work).await;
        if let Err(error) = &ended {
            tracing::warn!(job.name = JOB, error = error.chain(), "a sweep came to nothing");
        }
        ended
    });
    if heard.await.is_ok() {
        return Ok(());
    }
    match run.await {
        Ok(ended) => ended.map(drop),
        Err(error) => Err(Error::internal("beginning a sweep", error)),
    }
}

async fn list_page(
    app: &App,
    visitor: &Visitor,
    page: Page,
    error: Option<&Error>,
) -> Result<HttpResponse> {
    let (which, now) = (Which::parse(&page.result), time::now());
    let is_first = page.after.is_empty();
    let read = move |c: &mut Conn| {
        let last = Run::last(c, JOB)?;
        Ok((Standing::read(c, now)?, rows(c, which, &page.after)?, new_addresses(c)?, last))
    };
    let (standing, mut rows, new_addresses, last) = app.db.read(read).await?;
    let limit = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| has_more).map(|row| row.domain.name.clone());
    let chosen = Which::ALL.into_iter().find(|(_, own)| *own == which);
    let page = DomainsPage {
        frame: Frame::of(app, visitor),
        here: "domains",
        problem: problem(error),
        is_off: app.asker.is_none(),
        oldest: standing.oldest.map(time::for_people),
        standing,
        last: last.map(in_words),
        new_addresses,
        chosen: chosen.map_or("", |(word, _)| word),
        rows,
        next,
        is_first,
    };
    refuse(app, visitor, error, &page)
}

fn in_words(run: Run) -> String {
    let began = time::for_people(run.started_at);
    match (run.ended_at, run.detail) {
        (None, _) => format!("A sweep is under way since {began}."),
        (Some(_), detail) => {
            let result = run.result.unwrap_or_default();
            format!("The last sweep began on {began} ({result}): {}.", detail.unwrap_or_default())
        }
    }
}

fn rows(c: &mut Conn, which: Which, after: &str) -> Result<Vec<Row>> {
    let domains = list(c, which, after, PAGE + 1)?;
    let names: Vec<String> = domains.iter().map(|domain| domain.name.clone()).collect();
    let counts = addresses(c, &names)?;
    let count = |domain: &Domain| counts.get(&domain.name).copied().unwrap_or_default();
    Ok(domains.into_iter().map(|domain| Row::of(count(&domain), domain)).collect())
}

impl Row {
    pub(super) fn of(addresses: i64, domain: Domain) -> Self {
        let never = || "never".to_owned();
        let is_trusted = domain.queue == Queue::Trusted.number();
        Self {
            addresses,
            asked: domain.answered_at.map_or_else(never, time::for_people),
            due: if is_trusted { never() } else { time::for_people(domain.next_due) },
            acted: domain.acted_at.map(time::for_people).unwrap_or_default(),
            domain,
        }
    }
}
