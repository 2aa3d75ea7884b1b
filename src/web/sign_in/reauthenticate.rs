//! `/account/reauthenticate/`: the password again, before something sensitive.

use actix_web::HttpResponse;
use actix_web::web::{Data, Query};
use askama::Template;
use serde::Deserialize;

use super::login::{Way, forward};
use crate::accounts::log_in;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::guard::SignedIn;
use crate::http::next;
use crate::http::post::Post;
use crate::http::visitor::Visitor;
use crate::web::form::{is_for_the_form, problem, refuse};
use crate::web::page::Frame;

#[derive(Template)]
#[template(path = "sign_in/reauthenticate.html")]
struct ConfirmPage {
    frame: Frame,
    username: String,
    next: String,
    problem: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Form {
    password: String,
    #[serde(default)]
    next: String,
}

pub(super) async fn show(
    app: Data<App>,
    visitor: Visitor,
    who: SignedIn,
    way: Query<Way>,
) -> Result<HttpResponse> {
    page(&app, &visitor, &who, way.safe(), None)
}

pub(super) async fn submit(
    app: Data<App>,
    visitor: Visitor,
    who: SignedIn,
    Post(form): Post<Form>,
) -> Result<HttpResponse> {
    let next = next::safe(&form.next).unwrap_or_default().to_owned();
    let person = (&who.session, &who.user);
    match log_in::again(&app.db, &who.visit, person, &form.password).await {
        Ok(()) => Ok(forward(&app, &next)),
        Err(error) if is_for_the_form(&error) => page(&app, &visitor, &who, next, Some(&error)),
        Err(error) => Err(error),
    }
}

fn page(
    app: &App,
    visitor: &Visitor,
    who: &SignedIn,
    next: String,
    error: Option<&Error>,
) -> Result<HttpResponse> {
    let page = ConfirmPage {
        frame: Frame::of(app, visitor),
        username: who.user.username.clone(),
        next,
        problem: problem(error),
    };
    refuse(app, visitor, error, &page)
}
