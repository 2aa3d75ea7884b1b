//! `/admin/domains/`: the mail domains of all accounts, and what was found about them.

use actix_web::HttpResponse;
use actix_web::web::{Data, Query};
use askama::Template;
use serde::Deserialize;

use crate::app::App;
use crate::db::Conn;
use crate::domains::collect::addresses;
use crate::domains::domain::{Domain, Queue};
use crate::domains::totals::Standing;
use crate::error::Result;
use crate::http::guard::Admin;
use crate::http::visitor::Visitor;
use crate::time;
use crate::web::form::refuse;
use crate::web::page::Frame;

/// Domains on one page.
const PAGE: i64 = 100;

#[derive(Template)]
#[template(path = "admin/domains.html")]
struct DomainsPage {
    frame: Frame,
    here: &'static str,
    is_off: bool,
    standing: Standing,
    oldest: Option<String>,
    rows: Vec<Row>,
    next: Option<String>,
    is_first: bool,
}

struct Row {
    domain: Domain,
    addresses: i64,
    asked: String,
    due: String,
    acted: String,
}

/// Where a page begins: behind this domain.
#[derive(Deserialize)]
pub(super) struct Page {
    #[serde(default)]
    after: String,
}

pub(super) async fn show(
    app: Data<App>,
    visitor: Visitor,
    _who: Admin,
    page: Query<Page>,
) -> Result<HttpResponse> {
    let (after, now) = (page.into_inner().after, time::now());
    let is_first = after.is_empty();
    let read = move |c: &mut Conn| Ok((Standing::read(c, now)?, rows(c, &after)?));
    let (standing, mut rows) = app.db.read(read).await?;
    let shown = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let has_more = rows.len() > shown;
    rows.truncate(shown);
    let next = rows.last().filter(|_| has_more).map(|row| row.domain.name.clone());
    let page = DomainsPage {
        frame: Frame::of(&app, &visitor),
        here: "domains",
        is_off: app.asker.is_none(),
        oldest: standing.oldest.map(time::for_people),
        standing,
        rows,
        next,
        is_first,
    };
    refuse(&app, &visitor, None, &page)
}

fn rows(c: &mut Conn, after: &str) -> Result<Vec<Row>> {
    let domains = Domain::list(c, after, PAGE + 1)?;
    let names: Vec<String> = domains.iter().map(|domain| domain.name.clone()).collect();
    let counts = addresses(c, &names)?;
    let never = || "never".to_owned();
    let row = |domain: Domain| {
        let is_trusted = domain.queue == Queue::Trusted.number();
        Row {
            addresses: counts.get(&domain.name).copied().unwrap_or_default(),
            asked: domain.answered_at.map_or_else(never, time::for_people),
            due: if is_trusted { never() } else { time::for_people(domain.next_due) },
            acted: domain.acted_at.map(time::for_people).unwrap_or_default(),
            domain,
        }
    };
    Ok(domains.into_iter().map(row).collect())
}
