//! `/admin/users/{username}/history/`: the security history of an account.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;

use super::named;
use crate::accounts::event::Filter;
use crate::app::App;
use crate::db::EventId;
use crate::error::Result;
use crate::http::guard::Admin;
use crate::http::visitor::Visitor;
use crate::web::form::refuse;
use crate::web::manage::account::events::{self, Line};
use crate::web::page::Frame;

#[derive(Template)]
#[template(path = "admin/history.html")]
struct HistoryPage {
    frame: Frame,
    here: &'static str,
    username: String,
    lines: Vec<Line>,
    older: Option<i64>,
    is_first: bool,
}

#[derive(Deserialize)]
pub(super) struct Page {
    before: Option<String>,
}

pub(super) async fn show(
    app: Data<App>,
    visitor: Visitor,
    _who: Admin,
    username: Path<String>,
    page: Query<Page>,
) -> Result<HttpResponse> {
    // What is no number is no event: the first page.
    let before: Option<i64> = page.before.as_deref().and_then(|text| text.parse().ok());
    let found = app.db.read(move |c| {
        let user = named(c, &username)?;
        let filter =
            Filter { user: Some(user.id), before: before.map(EventId::new), ..Filter::default() };
        Ok((user.username, events::page(c, &filter)?))
    });
    let (username, (lines, older)) = found.await?;
    let (frame, is_first) = (Frame::of(&app, &visitor), before.is_none());
    let page = HistoryPage { frame, here: "users", username, lines, older, is_first };
    refuse(&app, &visitor, None, &page)
}
