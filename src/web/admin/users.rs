//! `/admin/users/`: all accounts.

use actix_web::HttpResponse;
use actix_web::web::Data;
use askama::Template;

use crate::accounts::service::{self, Owner};
use crate::accounts::user::User;
use crate::app::App;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::http::guard::Admin;
use crate::http::visitor::Visitor;
use crate::time;
use crate::web::form::{problem, refuse};
use crate::web::page::Frame;

pub(super) const PLACE: &str = "/admin/users/";

#[derive(Template)]
#[template(path = "admin/users.html")]
struct UsersPage {
    frame: Frame,
    here: &'static str,
    problem: Option<String>,
    users: Vec<Row>,
}

struct Row {
    user: User,
    last_login: String,
    /// Who answers for it, where it is for machines.
    owner: Option<Owner>,
}

/// `GET /admin/users/`
pub(super) async fn show(app: Data<App>, visitor: Visitor, _who: Admin) -> Result<HttpResponse> {
    page(&app, &visitor, None).await
}

/// The page, again where an error brought it back.
pub(super) async fn page(
    app: &App,
    visitor: &Visitor,
    error: Option<&Error>,
) -> Result<HttpResponse> {
    let users = app.db.read(|c| User::all(c)?.into_iter().map(|user| row(c, user)).collect());
    let page = UsersPage {
        frame: Frame::of(app, visitor),
        here: "users",
        problem: problem(error),
        users: users.await?,
    };
    refuse(app, visitor, error, &page)
}

fn row(c: &mut Conn, user: User) -> Result<Row> {
    let last_login = user.last_login_at.map_or_else(|| "never".to_owned(), time::for_people);
    let owner = if user.is_service { Some(service::owner(c, user.id)?) } else { None };
    Ok(Row { user, last_login, owner })
}
