//! `/admin/events/`: the security history of all accounts.

use actix_web::HttpResponse;
use actix_web::web::{Data, Query};
use askama::Template;
use serde::Deserialize;

use super::in_query;
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
#[template(path = "admin/events.html")]
struct EventsPage {
    frame: Frame,
    here: &'static str,
    username: String,
    ip: String,
    lines: Vec<Line>,
    older: Option<String>,
    is_first: bool,
}

#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    username: String,
    #[serde(default)]
    ip: String,
    #[serde(default)]
    before: String,
}

pub(super) async fn show(
    app: Data<App>,
    visitor: Visitor,
    _who: Admin,
    wanted: Query<Wanted>,
) -> Result<HttpResponse> {
    let Wanted { username, ip, before } = wanted.into_inner();
    let text = |text: &str| Some(text.trim().replace('\0', "")).filter(|text| !text.is_empty());
    let before: Option<i64> = before.parse().ok();
    let filter = Filter {
        username: text(&username),
        ip: text(&ip),
        before: before.map(EventId::new),
        ..Filter::default()
    };
    let (lines, older) = app.db.read(move |c| events::page(c, &filter)).await?;
    let query = format!("?username={}&ip={}&before=", in_query(&username), in_query(&ip));
    let page = EventsPage {
        frame: Frame::of(&app, &visitor),
        here: "events",
        username,
        ip,
        lines,
        older: older.map(|id| format!("{query}{id}")),
        is_first: before.is_none(),
    };
    refuse(&app, &visitor, None, &page)
}
