//! `/manage/account/recovery-codes/…`: making the codes, and typing one back.

use actix_web::HttpResponse;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

use super::two_factor::{self, Standing};
use crate::accounts::set_up;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::guard::{Person, VerifiedConfirmed};
use crate::http::post::Post;
use crate::http::visitor::Visitor;
use crate::web::form::{is_for_the_form, problem, refuse, show_once};
use crate::web::page::{Frame, go};
use crate::web::said::Said;

pub(super) const GENERATE: &str = "/manage/account/recovery-codes/generate";
pub(super) const BURN: &str = "/manage/account/recovery-codes/burn";

#[derive(Template)]
#[template(path = "manage/codes_explained.html")]
struct ExplainPage {
    frame: Frame,
    here: &'static str,
    standing: Standing,
}

#[derive(Template)]
#[template(path = "manage/codes.html")]
struct CodesPage<'a> {
    frame: Frame,
    here: &'static str,
    username: &'a str,
    codes: &'a [String],
}

#[derive(Template)]
#[template(path = "manage/codes_kept.html")]
struct BurnPage {
    frame: Frame,
    here: &'static str,
    problem: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Nothing {}

#[derive(Deserialize)]
pub(super) struct Burn {
    recovery_code_value: String,
}

async fn standing(app: &App, who: &Person) -> Result<Standing> {
    let user = who.user.clone();
    app.db.read(move |c| two_factor::standing(c, &user)).await
}

/// Says what the codes are for, with the button that makes them.
pub(super) async fn explain(
    app: Data<App>,
    visitor: Visitor,
    who: VerifiedConfirmed,
) -> Result<HttpResponse> {
    let standing = standing(&app, &who).await?;
    let page = ExplainPage { frame: Frame::of(&app, &visitor), here: "two-factor", standing };
    refuse(&app, &visitor, None, &page)
}

/// Makes them and shows them, this once.
pub(super) async fn generate(
    app: Data<App>,
    visitor: Visitor,
    who: VerifiedConfirmed,
    Post(Nothing {}): Post<Nothing>,
) -> Result<HttpResponse> {
    let codes = set_up::make_codes(&app.db, &who.visit, who.user.id).await?;
    let page = CodesPage {
        frame: Frame::of(&app, &visitor),
        here: "two-factor",
        username: &who.user.username,
        codes: codes.reveal(),
    };
    show_once(&app, &visitor, None, &page)
}

/// Asks for one of them back.
pub(super) async fn ask(
    app: Data<App>,
    visitor: Visitor,
    who: VerifiedConfirmed,
) -> Result<HttpResponse> {
    let standing = standing(&app, &who).await?;
    if !standing.has_codes {
        return Ok(go(&app, GENERATE, None));
    }
    if standing.is_confirmed {
        return Ok(go(&app, two_factor::PLACE, None));
    }
    page(&app, &visitor, None)
}

/// Takes one of them back.
pub(super) async fn burn(
    app: Data<App>,
    visitor: Visitor,
    who: VerifiedConfirmed,
    Post(form): Post<Burn>,
) -> Result<HttpResponse> {
    let code = &form.recovery_code_value;
    match set_up::confirm_codes(&app.db, &app.key, &who.visit, who.user.id, code).await {
        Ok(()) => Ok(go(&app, two_factor::PLACE, Some(Said::CodesConfirmed))),
        Err(error) if is_for_the_form(&error) => page(&app, &visitor, Some(&error)),
        Err(error) => Err(error),
    }
}

fn page(app: &App, visitor: &Visitor, error: Option<&Error>) -> Result<HttpResponse> {
    let frame = Frame::of(app, visitor);
    let page = BurnPage { frame, here: "two-factor", problem: problem(error) };
    refuse(app, visitor, error, &page)
}
