//! Forms that come back: the same page again with what was wrong above it.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use askama::Template;

use crate::accounts::sign_in;
use crate::app::App;
use crate::error::{Error, Kind, Result};
use crate::http::reply;
use crate::http::visitor::Visitor;
use crate::web::page::send_form;

/// Whether an error is shown above the form and not on a page of its own.
pub(super) fn is_for_the_form(error: &Error) -> bool {
    matches!(
        error.kind(),
        Kind::Invalid | Kind::Conflict | Kind::Forbidden | Kind::SignInNeeded | Kind::TooMany
    )
}

/// The error, if it is shown above the form; any other goes on to a page of its own.
pub(super) fn shown(error: Error) -> Result<Error> {
    if is_for_the_form(&error) { Ok(error) } else { Err(error) }
}

/// The sentence above the form. Of API tokens, which programs are told about where credentials are
/// wrong, there are none in forms.
pub(super) fn problem(error: Option<&Error>) -> Option<String> {
    let is_refused = |error: &Error| error.reason() == sign_in::refused().reason();
    error.map(|error| match error {
        error if is_refused(error) => "The user name or the password is not right.".to_owned(),
        error => reply::words_of(error).to_owned(),
    })
}

/// Sends a form, again where an error brought it back; the status line says in short why.
pub(super) fn refuse(
    app: &App,
    visitor: &Visitor,
    error: Option<&Error>,
    page: &impl Template,
) -> Result<HttpResponse> {
    let status = match error.map(Error::kind) {
        None => StatusCode::OK,
        Some(Kind::TooMany) => StatusCode::TOO_MANY_REQUESTS,
        // Not 401: that would make the browser ask by itself.
        Some(Kind::Forbidden | Kind::SignInNeeded) => StatusCode::FORBIDDEN,
        Some(_) => StatusCode::BAD_REQUEST,
    };
    let mut reply = send_form(app, visitor, status, page)?;
    reply.head_mut().reason = error.map(Error::reason);
    if let Some(error) = error.filter(|error| error.kind() == Kind::TooMany) {
        reply::add_wait(&mut reply, error);
    }
    Ok(reply)
}

/// Sends a page with a secret on it that is shown once: no browser and no proxy keeps it.
pub(super) fn show_once(
    app: &App,
    visitor: &Visitor,
    error: Option<&Error>,
    page: &impl Template,
) -> Result<HttpResponse> {
    let mut reply = refuse(app, visitor, error, page)?;
    reply.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(reply)
}
