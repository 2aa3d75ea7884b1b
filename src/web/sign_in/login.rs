//! `/account/login/`

use std::time::Duration;

use actix_web::cookie::Cookie;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use crate::accounts::log_in::{self, Step};
use crate::app::App;
use crate::config::Registration;
use crate::error::{Error, Result};
use crate::http::cookies::Jar;
use crate::http::next;
use crate::http::post::Post;
use crate::http::visitor::Visitor;
use crate::secret::Ticket;
use crate::web::form::{is_for_the_form, problem, refuse};
use crate::web::page::{Frame, go};

/// Where one lands who did not want to go anywhere else.
pub(super) const HOME: &str = "/manage/account/";
/// As long as the state between password and code lives.
const PENDING_LASTS: Duration = Duration::from_mins(5);
const HOUR: Duration = Duration::from_hours(1);

#[derive(Template)]
#[template(path = "sign_in/login.html")]
struct LoginPage {
    frame: Frame,
    next: String,
    username: String,
    problem: Option<String>,
    may_register: bool,
}

/// Where to go afterwards, in the query.
#[derive(Deserialize)]
pub(super) struct Way {
    #[serde(default)]
    next: String,
}

impl Way {
    /// The path, if it is one of this site.
    pub(super) fn safe(&self) -> String {
        next::safe(&self.next).unwrap_or_default().to_owned()
    }
}

#[derive(Deserialize)]
pub(super) struct Form {
    username: String,
    password: String,
    #[serde(default)]
    next: String,
}

pub(super) async fn show(
    app: Data<App>,
    visitor: Visitor,
    way: Query<Way>,
) -> Result<HttpResponse> {
    if visitor.known.is_some() {
        return Ok(forward(&app, &way.safe()));
    }
    page(&app, &visitor, (String::new(), way.safe()), None)
}

pub(super) async fn submit(
    app: Data<App>,
    visitor: Visitor,
    request: HttpRequest,
    Post(form): Post<Form>,
) -> Result<HttpResponse> {
    let next = next::safe(&form.next).unwrap_or_default().to_owned();
    let device = Jar::Device.ticket(&app, &request);
    let hours = app.config.accounts.session_hours;
    let credentials = (form.username.trim(), form.password.as_str());
    let step =
        log_in::with_password(&app.db, hours, &visitor.visit, credentials, device.as_ref()).await;
    match step {
        Ok(Step::In(session)) => {
            let mut reply = forward(&app, &next);
            add(&mut reply, &begin(&app, &session))?;
            Ok(reply)
        }
        Ok(Step::SecondFactor(pending)) => {
            let query = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("next", &next)
                .finish();
            let mut reply = go(&app, &format!("/account/two-factor/?{query}"), None);
            let value = pending.reveal().to_owned();
            add(&mut reply, &Jar::Pending.fill(&app, value, Some(PENDING_LASTS)))?;
            Ok(reply)
        }
        Err(error) if is_for_the_form(&error) => {
            page(&app, &visitor, (form.username, next), Some(&error))
        }
        Err(error) => Err(error),
    }
}

/// The cookie of a session that begins.
pub(super) fn begin(app: &App, session: &Ticket) -> Cookie<'static> {
    let lasts = HOUR.saturating_mul(app.config.accounts.session_hours.0);
    Jar::Session.fill(app, session.reveal().to_owned(), Some(lasts))
}

/// Goes to where somebody wanted to go; `next` is a safe path with the prefix, or empty.
pub(super) fn forward(app: &App, next: &str) -> HttpResponse {
    let prefix = app.public_url.prefix();
    match next.strip_prefix(prefix) {
        Some(path) if path.starts_with('/') => go(app, path, None),
        _ => go(app, HOME, None),
    }
}

pub(super) fn add(reply: &mut HttpResponse, cookie: &Cookie<'_>) -> Result<()> {
    reply.add_cookie(cookie).map_err(|error| Error::internal("setting a cookie", error))
}

fn page(
    app: &App,
    visitor: &Visitor,
    (username, next): (String, String),
    error: Option<&Error>,
) -> Result<HttpResponse> {
    let page = LoginPage {
        frame: Frame::of(app, visitor),
        next,
        username,
        problem: problem(error),
        may_register: app.config.accounts.registration == Registration::Open,
    };
    refuse(app, visitor, error, &page)
}
