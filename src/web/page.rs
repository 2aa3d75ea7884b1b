//! What all pages share: the frame around them, their headers, and the page for errors.

use std::time::Duration;

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, PERMISSIONS_POLICY,
    REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::middleware::Next;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use askama::Template;

use crate::app::App;
use crate::error::{Error, Result};
use crate::http::auth::app_of;
use crate::http::cookies::Jar;
use crate::http::path::redirect;
use crate::http::visitor::Visitor;
use crate::http::{negotiate, reply};

use super::said::Said;

/// Nothing but our own files: style sheet, pictures, and the script that looks for results while
/// somebody types. No script within a page, nowhere to be framed.
const POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; \
                      style-src 'self'; img-src 'self' data:; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What is sent while the site is read-only all the same.
const WHILE_STILL: [&str; 6] = [
    "/account/login/",
    "/account/two-factor/",
    "/account/recovery-code/",
    "/account/reauthenticate/",
    "/account/logout/",
    "/admin/site/",
];
/// Of the powers that a browser could give to a page, none.
const POWERS: &str = "accelerometer=(), autoplay=(), camera=(), display-capture=(), \
                      encrypted-media=(), fullscreen=(), geolocation=(), gyroscope=(), hid=(), \
                      magnetometer=(), microphone=(), midi=(), payment=(), \
                      screen-wake-lock=(), serial=(), usb=(), xr-spatial-tracking=()";

/// What an action has to say waits so long for the page that says it.
const SAID_LASTS: Duration = Duration::from_mins(1);

/// What the frame around every page needs.
pub(super) struct Frame {
    /// Title of the site.
    pub(super) site: String,
    /// The path under which the index lives.
    pub(super) prefix: String,
    /// Who is logged in.
    pub(super) user: Option<String>,
    /// Whether that is an administrator.
    pub(super) is_admin: bool,
    /// The secret of every form on the page.
    pub(super) csrf: String,
    /// What an action before has to say.
    pub(super) said: Option<&'static str>,
    /// What holds for the whole site.
    pub(super) notices: Vec<String>,
}

impl Frame {
    pub(super) fn of(app: &App, visitor: &Visitor) -> Self {
        let user = visitor.known.as_ref().map(|(_, user)| user);
        Self {
            user: user.map(|user| user.username.clone()),
            is_admin: user.is_some_and(|user| user.is_admin),
            csrf: visitor.csrf.clone(),
            said: visitor.said.as_deref().and_then(Said::parse).map(Said::words),
            ..Self::bare(app)
        }
    }

    /// The frame where nothing is known of who looks.
    fn bare(app: &App) -> Self {
        Self {
            site: app.config.site_name.clone(),
            prefix: app.public_url.prefix().to_owned(),
            user: None,
            is_admin: false,
            csrf: String::new(),
            said: None,
            notices: notices(app),
        }
    }
}

/// The banner, and that nothing can be changed.
fn notices(app: &App) -> Vec<String> {
    let flags = app.site.flags();
    let still = app.check_writable().err().map(|error| error.detail().to_owned());
    still.into_iter().chain(flags.banner.clone()).collect()
}

/// Refuses changes on all pages while an administrator keeps the index as it is, but for logging
/// in and out and the switch itself.
pub(super) async fn still<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, actix_web::Error> {
    let is_change = !request.method().is_safe();
    if is_change && !WHILE_STILL.iter().any(|path| request.path().starts_with(path)) {
        let checked = app_of(request.request())?.site.check_writable();
        if let Err(error) = checked {
            return Ok(request.error_response(error).map_into_right_body());
        }
    }
    Ok(next.call(request).await?.map_into_left_body())
}

#[derive(Template)]
#[template(path = "error/page.html")]
struct ErrorPage<'a> {
    frame: Frame,
    title: &'a str,
    words: &'a str,
}

/// Sends a page that can be read without any cookie.
pub(super) fn send(app: &App, visitor: &Visitor, page: &impl Template) -> Result<HttpResponse> {
    let mut reply = HttpResponse::Ok();
    if visitor.said.is_some() {
        reply.cookie(Jar::Said.empty(app));
    }
    finish(reply, page)
}

/// Sends a page with forms, or with something that an action before has to say: the browser gets
/// what it needs to send the forms, and forgets what was said.
pub(super) fn send_form(
    app: &App,
    visitor: &Visitor,
    status: StatusCode,
    page: &impl Template,
) -> Result<HttpResponse> {
    let mut reply = HttpResponse::build(status);
    if let Some(cookie) = visitor.cookie(app) {
        reply.cookie(cookie);
    }
    reply.cookie(Jar::Said.empty(app));
    finish(reply, page)
}

/// Leads on after an action: the next page says what was done.
pub(super) fn go(app: &App, path: &str, said: Option<Said>) -> HttpResponse {
    let place = format!("{}{path}", app.public_url.prefix());
    let mut reply = HttpResponse::SeeOther();
    reply.insert_header((LOCATION, place)).insert_header((CACHE_CONTROL, "no-store"));
    if let Some(said) = said {
        reply.cookie(Jar::Said.fill(app, said.code().to_owned(), Some(SAID_LASTS)));
    }
    reply.finish()
}

fn finish(mut reply: HttpResponseBuilder, page: &impl Template) -> Result<HttpResponse> {
    let html = page.render().map_err(|error| Error::internal("writing a page", error))?;
    Ok(reply
        .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((X_FRAME_OPTIONS, "DENY"))
        .insert_header((PERMISSIONS_POLICY, POWERS))
        .insert_header((REFERRER_POLICY, "same-origin"))
        .insert_header((CACHE_CONTROL, "private, no-cache"))
        .insert_header((VARY, "Accept"))
        .body(html))
}

/// Nothing is served at this path; perhaps at the same with a slash behind it, as people type it.
pub async fn not_found(request: HttpRequest) -> Result<HttpResponse> {
    let with_slash = format!("{}/", request.path());
    // (What is no path at all, but a host, leads nowhere.)
    let may_redirect = request.method().is_safe() && request.path().starts_with('/');
    if may_redirect && request.resource_map().has_resource(&with_slash) {
        return redirect(&request, &with_slash);
    }
    let error = Error::not_found("There is no page at this address.");
    as_page(&request, &error).await.ok_or(error)
}

/// Makes a page of an error where a browser asked; others get its plain text.
pub(super) async fn errors<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, actix_web::Error> {
    let response = next.call(request).await?;
    let page = match response.response().error().and_then(|error| error.as_error::<Error>()) {
        Some(error) => as_page(response.request(), error).await,
        None => match reply::wrong_method(&response) {
            Some(error) => as_page(response.request(), &error).await,
            None => None,
        },
    };
    match page {
        Some(page) => Ok(reply::replace(response, page).map_into_right_body()),
        None => Ok(response.map_into_left_body()),
    }
}

async fn as_page(request: &HttpRequest, error: &Error) -> Option<HttpResponse> {
    if !negotiate::wants_page(request.headers().get(ACCEPT)) {
        return None;
    }
    let app = app_of(request).ok()?;
    // Who is logged in is looked up where the error is not one of that very look.
    let visitor = Visitor::of(request).await.ok().filter(|visitor| visitor.known.is_some());
    let frame = visitor.map_or_else(|| Frame::bare(app), |visitor| Frame::of(app, &visitor));
    // What an action has to say waits for the page that follows it.
    let frame = Frame { said: None, ..frame };
    let page = ErrorPage { frame, title: error.reason(), words: reply::words_of(error) };
    finish(reply::begin(error), &page).ok()
}
