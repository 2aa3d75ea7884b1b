//! `/manage/unverified-account/`: where an account without a verified primary address is led.

use actix_web::HttpResponse;
use actix_web::web::Data;
use askama::Template;

use super::HOME;
use super::addresses::{self, Address};
use crate::accounts::email::Email;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::guard::{Person, SignedIn};
use crate::http::visitor::Visitor;
use crate::web::form::{problem, refuse};
use crate::web::page::{Frame, go};

pub(super) const PLACE: &str = "/manage/unverified-account/";

#[derive(Template)]
#[template(path = "manage/unverified.html")]
struct UnverifiedPage {
    frame: Frame,
    problem: Option<String>,
    addresses: Vec<Address>,
    /// Whether another address could take the place of the primary one at once.
    has_verified: bool,
    is_confirmed: bool,
}

pub(super) async fn show(app: Data<App>, visitor: Visitor, who: SignedIn) -> Result<HttpResponse> {
    page(&app, &visitor, &who, None).await
}

/// The page, again where an error brought it back.
pub(super) async fn page(
    app: &App,
    visitor: &Visitor,
    who: &Person,
    error: Option<&Error>,
) -> Result<HttpResponse> {
    let id = who.user.id;
    let emails = app.db.read(move |c| Ok(Email::of(c, id)?)).await?;
    let is_mended = emails.iter().any(|email| email.is_primary && email.verified_at.is_some());
    if is_mended && error.is_none() {
        return Ok(go(app, HOME, None));
    }
    let page = UnverifiedPage {
        frame: Frame::of(app, visitor),
        problem: problem(error),
        addresses: addresses::rows(&emails),
        has_verified: emails.iter().any(|email| email.verified_at.is_some()),
        is_confirmed: who.session.is_confirmed(who.visit.at),
    };
    refuse(app, visitor, error, &page)
}
