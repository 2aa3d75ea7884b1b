//! `/account/two-factor/` and `/account/recovery-code/`: what follows the right password.

use std::time::Duration;

use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use super::login::{Way, add, begin, forward};
use crate::accounts::log_in;
use crate::accounts::second_factor::Factor;
use crate::app::App;
use crate::error::{Error, Kind, Result};
use crate::http::cookies::Jar;
use crate::http::next;
use crate::http::post::Post;
use crate::http::visitor::Visitor;
use crate::secret::Ticket;
use crate::web::form::{is_for_the_form, problem, refuse};
use crate::web::page::{Frame, go};

/// As long as a device is remembered.
const DEVICE_LASTS: Duration = Duration::from_hours(30 * 24);
const LOGIN: &str = "/account/login/";

#[derive(Template)]
#[template(path = "sign_in/two_factor.html")]
struct CodePage {
    frame: Frame,
    next: String,
    problem: Option<String>,
}

#[derive(Template)]
#[template(path = "sign_in/recovery_code.html")]
struct RecoveryPage {
    frame: Frame,
    next: String,
    problem: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct CodeForm {
    /// Which kind of second factor; there is one.
    #[serde(default)]
    method: String,
    totp_value: String,
    /// Ticked: this device needs no code for 30 days.
    #[serde(default)]
    remember_device: String,
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
pub(super) struct RecoveryForm {
    recovery_code_value: String,
    #[serde(default)]
    next: String,
}

pub(super) async fn show(
    app: Data<App>,
    visitor: Visitor,
    request: HttpRequest,
    way: Query<Way>,
) -> Result<HttpResponse> {
    if !is_pending(&app, &request, &visitor).await? {
        return Ok(go(&app, LOGIN, None));
    }
    let page = CodePage { frame: Frame::of(&app, &visitor), next: way.safe(), problem: None };
    refuse(&app, &visitor, None, &page)
}

pub(super) async fn show_recovery(
    app: Data<App>,
    visitor: Visitor,
    request: HttpRequest,
    way: Query<Way>,
) -> Result<HttpResponse> {
    if !is_pending(&app, &request, &visitor).await? {
        return Ok(go(&app, LOGIN, None));
    }
    let page = RecoveryPage { frame: Frame::of(&app, &visitor), next: way.safe(), problem: None };
    refuse(&app, &visitor, None, &page)
}

pub(super) async fn submit(
    app: Data<App>,
    visitor: Visitor,
    request: HttpRequest,
    Post(form): Post<CodeForm>,
) -> Result<HttpResponse> {
    if !matches!(form.method.as_str(), "" | "totp") {
        let words = "This second factor is not known here.";
        return Err(Error::invalid("Unknown second factor", words));
    }
    let next = next::safe(&form.next).unwrap_or_default().to_owned();
    let factor = (Factor::Totp(form.totp_value), !form.remember_device.is_empty());
    match enter(&app, &visitor, &request, factor, &next).await {
        Err(error) if is_for_the_form(&error) && error.kind() != Kind::SignInNeeded => {
            let frame = Frame::of(&app, &visitor);
            let problem = problem(Some(&error));
            refuse(&app, &visitor, Some(&error), &CodePage { frame, next, problem })
        }
        Err(error) if error.kind() == Kind::SignInNeeded => Ok(go(&app, LOGIN, None)),
        result => result,
    }
}

pub(super) async fn submit_recovery(
    app: Data<App>,
    visitor: Visitor,
    request: HttpRequest,
    Post(form): Post<RecoveryForm>,
) -> Result<HttpResponse> {
    let next = next::safe(&form.next).unwrap_or_default().to_owned();
    let factor = (Factor::Recovery(form.recovery_code_value), false);
    match enter(&app, &visitor, &request, factor, &next).await {
        Err(error) if is_for_the_form(&error) && error.kind() != Kind::SignInNeeded => {
            let frame = Frame::of(&app, &visitor);
            let problem = problem(Some(&error));
            refuse(&app, &visitor, Some(&error), &RecoveryPage { frame, next, problem })
        }
        Err(error) if error.kind() == Kind::SignInNeeded => Ok(go(&app, LOGIN, None)),
        result => result,
    }
}

async fn is_pending(app: &App, request: &HttpRequest, visitor: &Visitor) -> Result<bool> {
    match Jar::Pending.ticket(app, request) {
        Some(pending) => Ok(log_in::pending(&app.db, &pending, visitor.visit.at).await?.is_some()),
        None => Ok(false),
    }
}

async fn enter(
    app: &App,
    visitor: &Visitor,
    request: &HttpRequest,
    factor: (Factor, bool),
    next: &str,
) -> Result<HttpResponse> {
    let pending = Jar::Pending.ticket(app, request).unwrap_or_else(Ticket::generate);
    let hours = app.config.accounts.session_hours;
    let (db, visit) = (&app.db, &visitor.visit);
    let entered = log_in::with_second_factor(db, &app.key, hours, visit, &pending, factor).await?;
    let mut reply = forward(app, next);
    add(&mut reply, &begin(app, &entered.session))?;
    add(&mut reply, &Jar::Pending.empty(app))?;
    if let Some(device) = entered.device {
        let value = device.reveal().to_owned();
        add(&mut reply, &Jar::Device.fill(app, value, Some(DEVICE_LASTS)))?;
    }
    Ok(reply)
}
