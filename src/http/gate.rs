//! The door of a private index: who is not known gets no further.

use actix_web::http::header::ACCEPT;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError};

use super::auth::CallerName;
use super::credentials::Credentials;
use super::guard::{LOGIN, lead};
use super::negotiate;
use super::visit::visit_of;
use super::visitor::Visitor;
use crate::accounts::{Caller, Way, reading, sign_in};
use crate::app::App;
use crate::db::{ProjectId, TokenId};
use crate::error::{Error, Kind, Result};

/// What needs no login: how one logs in or gets an account, whether the server is well, and the
/// looks of these pages. Uploads ask for credentials themselves, with more to say.
const OPEN: [&str; 10] = [
    "/_health",
    "/static/",
    "/metrics",
    "/legacy",
    "/account/login",
    "/account/two-factor",
    "/account/recovery-code",
    "/account/request-password-reset",
    "/account/reset-password",
    "/account/register",
];
/// What programs read; a person who opens it in a browser gets the question of the browser itself.
const OF_PROGRAMS: [&str; 5] = ["/simple", "/packages/", "/pypi", "/rss/", "/RPC2"];
/// What a token for chosen projects may read at all; of which project is checked there.
const OF_PROJECTS: [&str; 2] = ["/simple/", "/packages/"];

/// The reader of a private index, left with the request.
struct Reader(Caller);

/// Lets in who may read, where the index is private; whoever may not gets this answer.
pub async fn keep(app: &App, request: &HttpRequest) -> Option<HttpResponse> {
    if !app.config.private || OPEN.iter().any(|open| request.path().starts_with(open)) {
        return None;
    }
    let refusal = admit(app, request).await.err()?;
    Some(turn_away(app, request, &refusal))
}

/// Leads a person with a browser to the login; asks everybody else for credentials.
fn turn_away(app: &App, request: &HttpRequest, error: &Error) -> HttpResponse {
    let is_browser = negotiate::wants_page(request.headers().get(ACCEPT))
        && matches!(Credentials::of(request), Credentials::None)
        && !OF_PROGRAMS.iter().any(|start| request.path().starts_with(start));
    if error.kind() == Kind::SignInNeeded && is_browser {
        HttpResponse::from_error(lead(app, request, LOGIN))
    } else {
        error.error_response()
    }
}

async fn admit(app: &App, request: &HttpRequest) -> Result<()> {
    let caller = match Credentials::of(request) {
        Credentials::None if Visitor::of(request).await?.known.is_some() => return Ok(()),
        Credentials::None => return Err(nobody()),
        Credentials::Malformed => Err(sign_in::refused()),
        Credentials::Token(token) => sign_in::by_token(&app.db, token).await,
        Credentials::Password(user, password) => {
            let visit = visit_of(request, &app.config.trusted_proxies);
            sign_in::by_password(&app.db, &visit, &user, &password).await
        }
    };
    let caller = caller.map_err(ask_again)?;
    if let Way::Token { projects: Some(_), .. } = caller.way
        && !is_of_a_project(request.path())
    {
        return Err(Error::forbidden(
            "This API token reads chosen projects only",
            "This API token reads the pages and files of chosen projects only.",
        ));
    }
    let mut extensions = request.extensions_mut();
    extensions.insert(CallerName(caller.username.clone()));
    extensions.insert(Reader(caller));
    Ok(())
}

fn is_of_a_project(path: &str) -> bool {
    OF_PROJECTS.iter().any(|start| path.strip_prefix(start).is_some_and(|rest| !rest.is_empty()))
}

/// Who reads a private index: the name of the account, and the token if it is one. Nobody is known
/// on an index that is not private.
pub fn reader(request: &HttpRequest) -> Option<(String, Option<TokenId>)> {
    let extensions = request.extensions();
    if let Some(Reader(caller)) = extensions.get::<Reader>() {
        let token = match &caller.way {
            Way::Token { id, .. } => Some(*id),
            _ => None,
        };
        return Some((caller.username.clone(), token));
    }
    // Only the door of a private index looks for the session of who asks for a file.
    let (_, user) = extensions.get::<Visitor>()?.known.as_ref()?;
    Some((user.username.clone(), None))
}

/// Whether the caller may read this project; on an index that is not private everybody may.
pub fn may_read(request: &HttpRequest, project: ProjectId) -> bool {
    let extensions = request.extensions();
    extensions.get::<Reader>().is_none_or(|Reader(caller)| reading::may_read(caller, project))
}

/// Installers ask their keyring or their user only after a 401.
fn ask_again(error: Error) -> Error {
    match error.kind() {
        Kind::Forbidden => {
            Error::new(Kind::SignInNeeded, error.reason(), error.detail().to_owned())
        }
        _ => error,
    }
}

fn nobody() -> Error {
    Error::new(
        Kind::SignInNeeded,
        "This index is private",
        "This index is private: reading it needs an API token (user name __token__) or a user \
         name and password.",
    )
}
