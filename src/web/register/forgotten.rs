//! `/account/request-password-reset/`: the answer is the same for everything and comes at once, so
//! it tells nothing about who has an account.

use actix_web::HttpResponse;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

use crate::accounts::{Visit, reset};
use crate::app::App;
use crate::error::{Error, Kind, Result};
use crate::http::post::Post;
use crate::http::visitor::Visitor;
use crate::web::form::{problem, refuse};
use crate::web::page::{Frame, go};
use crate::web::said::Said;

#[derive(Template)]
#[template(path = "register/forgotten.html")]
struct ForgottenPage {
    frame: Frame,
    problem: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Form {
    username_or_email: String,
}

pub(super) async fn show(app: Data<App>, visitor: Visitor) -> Result<HttpResponse> {
    page(&app, &visitor, None)
}

pub(super) async fn submit(
    app: Data<App>,
    visitor: Visitor,
    Post(form): Post<Form>,
) -> Result<HttpResponse> {
    match reset::admit(&app.db, &visitor.visit, &form.username_or_email).await {
        Ok(()) => {}
        Err(error) if error.kind() == Kind::TooMany => return page(&app, &visitor, Some(&error)),
        Err(error) => return Err(error),
    }
    let (index, visit) = (App::clone(&app), visitor.visit.clone());
    tokio::spawn(async move {
        if let Err(error) = send_mail(&index, visit, &form.username_or_email).await {
            tracing::error!(error = error.chain(), "a password reset was not mailed");
        }
    });
    Ok(go(&app, "/account/login/", Some(Said::ResetAsked)))
}

async fn send_mail(app: &App, visit: Visit, name_or_address: &str) -> Result<()> {
    reset::request(&app.db, &app.letterhead(), &visit, name_or_address).await?;
    app.mailer.wake();
    Ok(())
}

fn page(app: &App, visitor: &Visitor, error: Option<&Error>) -> Result<HttpResponse> {
    let page = ForgottenPage { frame: Frame::of(app, visitor), problem: problem(error) };
    refuse(app, visitor, error, &page)
}
