//! `/admin/tokens/`: whose token it is that somebody found, and its end.

use actix_web::HttpResponse;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

use crate::accounts::act::Order;
use crate::accounts::api_token;
use crate::accounts::user::User;
use crate::app::App;
use crate::db::TokenId;
use crate::error::{Error, Result};
use crate::http::guard::{Admin, AdminConfirmed};
use crate::http::post::Post;
use crate::http::visitor::Visitor;
use crate::secret::PlainToken;
use crate::time::{self, Time};
use crate::web::form::{problem, refuse};
use crate::web::manage::token::list::{self, Row};
use crate::web::page::{Frame, go};
use crate::web::said::Said;

const PLACE: &str = "/admin/tokens/";

#[derive(Template)]
#[template(path = "admin/tokens.html")]
struct TokensPage {
    frame: Frame,
    here: &'static str,
    problem: Option<String>,
    found: Option<Found>,
}

struct Found {
    username: String,
    token: Row,
    revoked: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Form {
    token: String,
}

#[derive(Deserialize)]
pub(super) struct Which {
    token_id: i64,
    #[serde(default)]
    reason: String,
}

/// The form.
pub(super) async fn show(app: Data<App>, visitor: Visitor, _who: Admin) -> Result<HttpResponse> {
    page(&app, &visitor, None, None)
}

/// Looks a pasted token up.
pub(super) async fn look_up(
    app: Data<App>,
    visitor: Visitor,
    who: Admin,
    Post(form): Post<Form>,
) -> Result<HttpResponse> {
    if let Some(found) = find(&app, &form.token, who.visit.at).await? {
        return page(&app, &visitor, Some(found), None);
    }
    let words = "No account of this index has or had this token.";
    let error = Error::invalid("The token is unknown", words);
    page(&app, &visitor, None, Some(&error))
}

async fn find(app: &App, text: &str, now: Time) -> Result<Option<Found>> {
    let Some(plain) = PlainToken::parse(text) else { return Ok(None) };
    let Some(token) = api_token::look_up(&app.db, &plain).await? else { return Ok(None) };
    let found = app.db.read(move |c| {
        let user = User::by_id(c, token.user_id)?;
        let revoked = token.revoked_at.map(time::for_people);
        let username = user.map(|user| user.username).unwrap_or_default();
        Ok(Found { username, revoked, token: list::row(c, token, now)? })
    });
    found.await.map(Some)
}

/// Revokes any token.
pub(super) async fn revoke(
    app: Data<App>,
    who: AdminConfirmed,
    Post(form): Post<Which>,
) -> Result<HttpResponse> {
    let order = Order::explained(&who.user, &who.visit, &form.reason)?;
    api_token::revoke_by_order(&app.db, &order, None, TokenId::new(form.token_id)).await?;
    Ok(go(&app, PLACE, Some(Said::TokenRevoked)))
}

fn page(
    app: &App,
    visitor: &Visitor,
    found: Option<Found>,
    error: Option<&Error>,
) -> Result<HttpResponse> {
    let frame = Frame::of(app, visitor);
    let page = TokensPage { frame, here: "tokens", problem: problem(error), found };
    refuse(app, visitor, error, &page)
}
