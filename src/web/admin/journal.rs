//! `/admin/journal/`: every change that readers see, the latest first.

use actix_web::HttpResponse;
use actix_web::web::{Data, Query};
use askama::Template;
use serde::Deserialize;

use super::{cut, in_query};
use crate::app::App;
use crate::catalog::ledger::{self, Row};
use crate::error::Result;
use crate::http::guard::Admin;
use crate::http::visitor::Visitor;
use crate::packaging::NormalizedName;
use crate::time;
use crate::web::form::refuse;
use crate::web::page::Frame;

/// Rows on one page.
const PAGE: i64 = 100;

#[derive(Template)]
#[template(path = "admin/journal.html")]
struct JournalPage {
    frame: Frame,
    here: &'static str,
    project: String,
    lines: Vec<Line>,
    older: Option<String>,
    is_first: bool,
}

struct Line {
    row: Row,
    normalized: String,
    at: String,
}

#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    project: String,
    #[serde(default)]
    before: String,
}

pub(super) async fn show(
    app: Data<App>,
    visitor: Visitor,
    _who: Admin,
    wanted: Query<Wanted>,
) -> Result<HttpResponse> {
    let Wanted { project, before } = wanted.into_inner();
    let before: Option<i64> = before.parse().ok();
    let wanted = project.trim().to_owned();
    let name = NormalizedName::parse(&wanted);
    // What no project can be named has no rows.
    let is_nothing = !wanted.is_empty() && name.is_none();
    let mut rows = if is_nothing {
        Vec::new()
    } else {
        let work = move |c: &mut _| Ok(ledger::list(c, name.as_ref(), before, PAGE + 1)?);
        app.db.read(work).await?
    };
    let has_more = cut(&mut rows, PAGE);
    let last = rows.last().filter(|_| has_more);
    let query = format!("?project={}&before=", in_query(&project));
    let page = JournalPage {
        frame: Frame::of(&app, &visitor),
        here: "journal",
        project,
        older: last.map(|row| format!("{query}{}", row.serial)),
        lines: rows.into_iter().map(line).collect(),
        is_first: before.is_none(),
    };
    refuse(&app, &visitor, None, &page)
}

fn line(row: Row) -> Line {
    let normalized = NormalizedName::parse(&row.project).map(|name| name.to_string());
    Line { at: time::for_people(row.at), normalized: normalized.unwrap_or_default(), row }
}
