//! `/admin/users/`: all accounts.

use actix_web::HttpResponse;
use actix_web::web::Data;
use askama::Template;

use crate::accounts::user::User;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::guard::Admin;
use crate::http::visitor::Visitor;
use crate::time;
use crate::web::form::{is_for_the_form, problem, refuse};
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
}

/// `GET /admin/users/`
pub(super) async fn show(app: Data<App>, visitor: Visitor, _who: Admin) -> Result<HttpResponse> {
    page(&app, &visitor, None).await
}

/// The page again with what was wrong, or the error itself where it is none of a form.
pub(super) async fn again(app: &App, visitor: &Visitor, error: Error) -> Result<HttpResponse> {
    if is_for_the_form(&error) { page(app, visitor, Some(&error)).await } else { Err(error) }
}

async fn page(app: &App, visitor: &Visitor, error: Option<&Error>) -> Result<HttpResponse> {
    let users = app.db.read(|c| Ok(User::all(c)?)).await?;
    let page = UsersPage {
        frame: Frame::of(app, visitor),
        here: "users",
        problem: problem(error),
        users: users.into_iter().map(row).collect(),
    };
    refuse(app, visitor, error, &page)
}

fn row(user: User) -> Row {
    let last_login = user.last_login_at.map_or_else(|| "never".to_owned(), time::for_people);
    Row { user, last_login }
}
