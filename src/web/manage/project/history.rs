//! `/manage/project/{project}/history/`: what happened to a project, from the journal.

use actix_web::HttpResponse;
use actix_web::web::{Data, Query};
use askama::Template;
use serde::Deserialize;

use super::head::Head;
use crate::app::App;
use crate::catalog::journal;
use crate::error::Result;
use crate::http::manager::Collaborator;
use crate::http::visitor::Visitor;
use crate::time;
use crate::web::form::refuse;
use crate::web::page::Frame;

/// Rows on one page.
const PAGE: usize = 50;

#[derive(Template)]
#[template(path = "manage/project/history.html")]
struct HistoryPage {
    frame: Frame,
    head: Head,
    lines: Vec<Line>,
    /// The serial behind which the next page begins.
    older: Option<i64>,
    is_first: bool,
}

struct Line {
    action: String,
    version: Option<String>,
    actor: String,
    at: String,
}

/// Which page.
#[derive(Deserialize)]
pub(super) struct Page {
    /// Only what was before this serial.
    before: Option<String>,
}

/// One page of it, the latest first.
pub(super) async fn show(
    app: Data<App>,
    visitor: Visitor,
    who: Collaborator,
    page: Query<Page>,
) -> Result<HttpResponse> {
    // What is no number is no serial: the first page.
    let before: Option<i64> = page.before.as_deref().and_then(|text| text.parse().ok());
    let name = who.standing.project.normalized.clone();
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut rows = app.db.read(move |c| Ok(journal::history(c, &name, before, limit)?)).await?;
    let has_more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let page = HistoryPage {
        frame: Frame::of(&app, &visitor),
        head: Head::of(&who, "history"),
        older: rows.last().filter(|_| has_more).map(|row| row.serial),
        lines: rows.into_iter().map(line).collect(),
        is_first: before.is_none(),
    };
    refuse(&app, &visitor, None, &page)
}

fn line(row: journal::Told) -> Line {
    Line {
        action: row.action,
        version: row.version,
        actor: row.actor.unwrap_or_default(),
        at: time::for_people(row.at),
    }
}
