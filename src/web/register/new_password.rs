//! `/account/reset-password/`: the page behind the mailed link.

use actix_web::HttpResponse;
use actix_web::web::{Data, Query};
use askama::Template;
use serde::Deserialize;

use super::DIFFERENT;
use crate::accounts::reset;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::post::Post;
use crate::http::visitor::Visitor;
use crate::secret::Ticket;
use crate::web::form::{is_for_the_form, problem, refuse};
use crate::web::page::{Frame, go};
use crate::web::said::Said;

#[derive(Template)]
#[template(path = "register/new_password.html")]
struct NewPasswordPage {
    frame: Frame,
    token: String,
    username: String,
    problem: Option<String>,
}

/// The mailed link.
#[derive(Deserialize)]
pub(super) struct Link {
    #[serde(default)]
    token: String,
}

#[derive(Deserialize)]
pub(super) struct Form {
    token: String,
    new_password: String,
    password_confirm: String,
}

pub(super) async fn show(
    app: Data<App>,
    visitor: Visitor,
    link: Query<Link>,
) -> Result<HttpResponse> {
    let (ticket, username) = living(&app, &visitor, &link.token).await?;
    page(&app, &visitor, (&ticket, username), None)
}

/// The link, and the name of whose password it resets.
async fn living(app: &App, visitor: &Visitor, token: &str) -> Result<(Ticket, String)> {
    let ticket = Ticket::parse(token).ok_or_else(reset::over)?;
    let user = reset::whose(&app.db, &ticket, &visitor.visit).await?.ok_or_else(reset::over)?;
    Ok((ticket, user.username))
}

pub(super) async fn submit(
    app: Data<App>,
    visitor: Visitor,
    Post(form): Post<Form>,
) -> Result<HttpResponse> {
    let (ticket, username) = living(&app, &visitor, &form.token).await?;
    match set(&app, &visitor, &ticket, &form).await {
        Ok(()) => {
            app.mailer.wake();
            Ok(go(&app, "/account/login/", Some(Said::PasswordReset)))
        }
        Err(error) if is_for_the_form(&error) => {
            page(&app, &visitor, (&ticket, username), Some(&error))
        }
        Err(error) => Err(error),
    }
}

async fn set(app: &App, visitor: &Visitor, ticket: &Ticket, form: &Form) -> Result<()> {
    if form.new_password != form.password_confirm {
        return Err(Error::invalid("The passwords differ", DIFFERENT));
    }
    reset::reset(&app.db, &visitor.visit, ticket, &form.new_password).await.map(|_| ())
}

fn page(
    app: &App,
    visitor: &Visitor,
    (ticket, username): (&Ticket, String),
    error: Option<&Error>,
) -> Result<HttpResponse> {
    let page = NewPasswordPage {
        frame: Frame::of(app, visitor),
        token: ticket.reveal().to_owned(),
        username,
        problem: problem(error),
    };
    refuse(app, visitor, error, &page)
}
