//! `/manage/account/history/`: what happened to the own account.

use actix_web::HttpResponse;
use actix_web::web::{Data, Query};
use askama::Template;
use serde::Deserialize;

use super::events::{self, Line};
use crate::accounts::event::Filter;
use crate::app::App;
use crate::db::EventId;
use crate::error::Result;
use crate::http::guard::Member;
use crate::http::visitor::Visitor;
use crate::web::form::refuse;
use crate::web::page::Frame;

#[derive(Template)]
#[template(path = "manage/history.html")]
struct HistoryPage {
    frame: Frame,
    here: &'static str,
    lines: Vec<Line>,
    /// The event behind which the next page begins.
    older: Option<i64>,
    is_first: bool,
    /// How many days events are kept.
    days: u32,
}

/// Which page.
#[derive(Deserialize)]
pub(super) struct Page {
    /// Only events before this one.
    before: Option<String>,
}

/// One page of it, the latest first.
pub(super) async fn show(
    app: Data<App>,
    visitor: Visitor,
    who: Member,
    page: Query<Page>,
) -> Result<HttpResponse> {
    // What is no number is no event: the first page.
    let before: Option<i64> = page.before.as_deref().and_then(|text| text.parse().ok());
    let filter =
        Filter { user: Some(who.user.id), before: before.map(EventId::new), ..Filter::default() };
    let (lines, older) = app.db.read(move |c| events::page(c, &filter)).await?;
    let page = HistoryPage {
        frame: Frame::of(&app, &visitor),
        here: "history",
        lines,
        older,
        is_first: before.is_none(),
        days: app.config.accounts.history_days.0,
    };
    refuse(&app, &visitor, None, &page)
}
