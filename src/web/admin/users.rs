//! `/admin/users/`: finding accounts.

use actix_web::HttpResponse;
use actix_web::web::{Data, Query};
use askama::Template;
use serde::Deserialize;

use super::{cut, in_query};
use crate::accounts::lookup;
use crate::accounts::service::{self, Owner};
use crate::accounts::user::User;
use crate::app::App;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::http::guard::Admin;
use crate::http::visitor::Visitor;
use crate::time;
use crate::web::form::{problem, refuse, shown};
use crate::web::page::Frame;

/// Accounts on one page.
const PAGE: i64 = 100;

#[derive(Template)]
#[template(path = "admin/users.html")]
struct UsersPage {
    frame: Frame,
    here: &'static str,
    problem: Option<String>,
    wanted: String,
    users: Vec<Row>,
    count: i64,
    /// The query of the next page.
    next: Option<String>,
}

struct Row {
    user: User,
    last_login: String,
    /// Who answers for it, where it is for machines.
    owner: Option<Owner>,
}

/// What is looked for, and behind which name the page begins.
#[derive(Deserialize, Default)]
pub(super) struct Wanted {
    #[serde(default)]
    q: String,
    #[serde(default)]
    after: String,
}

/// `GET /admin/users/`
pub(super) async fn show(
    app: Data<App>,
    visitor: Visitor,
    _who: Admin,
    wanted: Query<Wanted>,
) -> Result<HttpResponse> {
    page(&app, &visitor, wanted.into_inner(), None).await
}

/// The page again with what was wrong, or the error itself where it is none of a form.
pub(super) async fn again(app: &App, visitor: &Visitor, error: Error) -> Result<HttpResponse> {
    page(app, visitor, Wanted::default(), Some(&shown(error)?)).await
}

async fn page(
    app: &App,
    visitor: &Visitor,
    wanted: Wanted,
    error: Option<&Error>,
) -> Result<HttpResponse> {
    let Wanted { q, after } = wanted;
    let text = q.clone();
    let found = app.db.read(move |c| {
        let mut users = lookup::find(c, &text, &after, PAGE + 1)?;
        let has_more = cut(&mut users, PAGE);
        let rows: Result<Vec<Row>> = users.into_iter().map(|user| row(c, user)).collect();
        Ok((rows?, has_more, lookup::count(c)?))
    });
    let (users, has_more, count) = found.await?;
    let last = users.last().filter(|_| has_more).map(|row| &row.user);
    let next = last.map(|it| format!("?q={}&after={}", in_query(&q), in_query(&it.username)));
    let page = UsersPage {
        frame: Frame::of(app, visitor),
        here: "users",
        problem: problem(error),
        wanted: q,
        users,
        count,
        next,
    };
    refuse(app, visitor, error, &page)
}

fn row(c: &mut Conn, user: User) -> Result<Row> {
    let last_login = user.last_login_at.map_or_else(|| "never".to_owned(), time::for_people);
    let owner = if user.is_service { Some(service::owner(c, user.id)?) } else { None };
    Ok(Row { user, last_login, owner })
}
