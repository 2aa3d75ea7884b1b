//! `/manage/account/`: everything about the own account on one page.

use actix_web::HttpResponse;
use actix_web::web::Data;
use askama::Template;

use super::addresses::{self, Address};
use super::advice::Advice;
use super::two_factor::{self, Standing};
use crate::accounts::email::Email;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::guard::{Member, Person};
use crate::http::visitor::Visitor;
use crate::web::form::{problem, refuse};
use crate::web::page::Frame;

#[derive(Template)]
#[template(path = "manage/account.html")]
struct AccountPage {
    frame: Frame,
    here: &'static str,
    problem: Option<String>,
    username: String,
    full_name: String,
    addresses: Vec<Address>,
    standing: Standing,
    advice: Option<Advice>,
    /// Whether a lapsed domain lets the API tokens stand still.
    tokens_suspended: bool,
    /// Whether the password was typed in a short time ago.
    is_confirmed: bool,
}

/// `GET /manage/account/`
pub(super) async fn show(app: Data<App>, visitor: Visitor, who: Member) -> Result<HttpResponse> {
    page(&app, &visitor, &who, None).await
}

/// The page, again where an error brought it back.
pub(super) async fn page(
    app: &App,
    visitor: &Visitor,
    who: &Person,
    error: Option<&Error>,
) -> Result<HttpResponse> {
    let user = who.user.clone();
    let (emails, standing) =
        app.db.read(move |c| Ok((Email::of(c, user.id)?, two_factor::standing(c, &user)?))).await?;
    let page = AccountPage {
        frame: Frame::of(app, visitor),
        here: "account",
        problem: problem(error),
        username: who.user.username.clone(),
        full_name: who.user.full_name.clone(),
        advice: Advice::of(&who.user, &emails),
        tokens_suspended: who.user.tokens_suspended_at.is_some(),
        addresses: addresses::rows(&emails),
        standing,
        is_confirmed: who.session.is_confirmed(who.visit.at),
    };
    refuse(app, visitor, error, &page)
}
