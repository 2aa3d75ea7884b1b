//! `/manage/account/two-factor/`: the second factor, and the way to it. An account that must have
//! one is led here.

use actix_web::HttpResponse;
use actix_web::web::Data;
use askama::Template;

use crate::accounts::email::Email;
use crate::accounts::recovery;
use crate::accounts::user::User;
use crate::app::App;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::http::guard::{Person, VerifiedConfirmed, must_have_second_factor};
use crate::http::visitor::Visitor;
use crate::time;
use crate::web::form::{problem, refuse};
use crate::web::page::Frame;

pub(super) const PLACE: &str = "/manage/account/two-factor/";

/// How an account stands with its second factor.
pub(super) struct Standing {
    /// Since when it is on.
    pub(super) on_since: Option<String>,
    /// Whether the primary address is verified, which comes first.
    pub(super) has_address: bool,
    /// Whether there are recovery codes.
    pub(super) has_codes: bool,
    /// Whether one of them was typed back.
    pub(super) is_confirmed: bool,
    /// How many of them are left.
    pub(super) codes_left: usize,
}

/// How an account stands.
pub(super) fn standing(c: &mut Conn, user: &User) -> Result<Standing> {
    let codes = recovery::state(c, user.id)?;
    Ok(Standing {
        on_since: user.totp_enabled_at.map(time::for_people),
        has_address: Email::is_primary_verified(c, user.id)?,
        has_codes: codes.made > 0,
        is_confirmed: codes.is_confirmed(),
        codes_left: codes.left,
    })
}

#[derive(Template)]
#[template(path = "manage/two_factor.html")]
struct TwoFactorPage {
    frame: Frame,
    here: &'static str,
    problem: Option<String>,
    standing: Standing,
    /// Whether the configuration asks this account for one.
    is_demanded: bool,
}

/// `GET /manage/account/two-factor/`
pub(super) async fn show(
    app: Data<App>,
    visitor: Visitor,
    who: VerifiedConfirmed,
) -> Result<HttpResponse> {
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
    let page = TwoFactorPage {
        frame: Frame::of(app, visitor),
        here: "two-factor",
        problem: problem(error),
        standing: app.db.read(move |c| standing(c, &user)).await?,
        is_demanded: must_have_second_factor(app, &who.user).await?,
    };
    refuse(app, visitor, error, &page)
}
