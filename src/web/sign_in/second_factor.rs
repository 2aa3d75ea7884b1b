//! `/account/two-factor/` and `/account/recovery-code/`: what follows the right password.

use std::time::Duration;

use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;
use serde::de::DeserializeOwned;

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
use crate::web::form::{problem, refuse, shown};
use crate::web::page::{Frame, go};

/// As long as a device is remembered.
const DEVICE_LASTS: Duration = Duration::from_hours(30 * 24);
const LOGIN: &str = "/account/login/";

#[derive(Template)]
#[template(path = "sign_in/two_factor.html")]
pub(super) struct CodePage {
    frame: Frame,
    next: String,
    problem: Option<String>,
}

#[derive(Template)]
#[template(path = "sign_in/recovery_code.html")]
pub(super) struct RecoveryPage {
    frame: Frame,
    next: String,
    problem: Option<String>,
}

/// A form that asks for a second factor of one kind.
pub(super) trait Asks: DeserializeOwned + 'static {
    /// The page on which it stands.
    type Page: Template;

    /// The page, with what was wrong before.
    fn page(frame: Frame, next: String, problem: Option<String>) -> Self::Page;

    /// Where to go afterwards.
    fn next(&self) -> &str;

    /// What was typed in, and whether to remember this device.
    fn factor(self) -> Result<(Factor, bool)>;
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

impl Asks for CodeForm {
    type Page = CodePage;

    fn page(frame: Frame, next: String, problem: Option<String>) -> CodePage {
        CodePage { frame, next, problem }
    }

    fn next(&self) -> &str {
        &self.next
    }

    fn factor(self) -> Result<(Factor, bool)> {
        if !matches!(self.method.as_str(), "" | "totp") {
            let words = "This second factor is not known here.";
            return Err(Error::invalid("Unknown second factor", words));
        }
        Ok((Factor::Totp(self.totp_value), !self.remember_device.is_empty()))
    }
}

#[derive(Deserialize)]
pub(super) struct RecoveryForm {
    recovery_code_value: String,
    #[serde(default)]
    next: String,
}

impl Asks for RecoveryForm {
    type Page = RecoveryPage;

    fn page(frame: Frame, next: String, problem: Option<String>) -> RecoveryPage {
        RecoveryPage { frame, next, problem }
    }

    fn next(&self) -> &str {
        &self.next
    }

    fn factor(self) -> Result<(Factor, bool)> {
        Ok((Factor::Recovery(self.recovery_code_value), false))
    }
}

pub(super) async fn show<F: Asks>(
    app: Data<App>,
    visitor: Visitor,
    request: HttpRequest,
    way: Query<Way>,
) -> Result<HttpResponse> {
    if !is_pending(&app, &request, &visitor).await? {
        return Ok(go(&app, LOGIN, None));
    }
    refuse(&app, &visitor, None, &F::page(Frame::of(&app, &visitor), way.safe(), None))
}

pub(super) async fn submit<F: Asks>(
    app: Data<App>,
    visitor: Visitor,
    request: HttpRequest,
    Post(form): Post<F>,
) -> Result<HttpResponse> {
    let next = next::safe(form.next()).unwrap_or_default().to_owned();
    match enter(&app, &visitor, &request, form.factor()?, &next).await {
        Err(error) if error.kind() == Kind::SignInNeeded => Ok(go(&app, LOGIN, None)),
        Err(error) => {
            let error = shown(error)?;
            let page = F::page(Frame::of(&app, &visitor), next, problem(Some(&error)));
            refuse(&app, &visitor, Some(&error), &page)
        }
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
