//! Who calls, as extractors: the signature of a handler says who may call it.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};

use super::credentials::Credentials;
use super::origin;
use super::visit::visit_of;
use crate::accounts::token::Scope;
use crate::accounts::{Caller, Way, sign_in};
use crate::app::App;
use crate::error::{Error, Kind, Result};

/// The name of the caller, left with the request for its log line.
pub struct CallerName(pub String);

/// A caller that may upload somewhere: known by an API token or by user name and password. What
/// exactly it may upload depends on the project.
pub struct Uploader(pub Caller);

impl FromRequest for Uploader {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let app = app_of(&request)?;
            // A browser adds credentials that it was once given by itself, also to what another
            // site makes it send.
            origin::check(app, &request)?;
            let caller = match Credentials::of(&request) {
                Credentials::None => return Err(nobody()),
                Credentials::Malformed => return Err(sign_in::refused()),
                Credentials::Token(token) => sign_in::by_token(&app.db, token).await?,
                Credentials::Password(..) if !app.config.uploads.passwords => {
                    return Err(tokens_only());
                }
                Credentials::Password(user, password) => {
                    let visit = visit_of(&request, &app.config.trusted_proxies);
                    sign_in::by_password(&app.db, &visit, &user, &password).await?
                }
            };
            if let Way::Token { scope: Scope::Read, .. } = caller.way {
                return Err(read_only_token());
            }
            request.extensions_mut().insert(CallerName(caller.username.clone()));
            Ok(Self(caller))
        })
    }
}

/// The running index behind a request.
pub fn app_of(request: &HttpRequest) -> Result<&App> {
    let app = request.app_data::<web::Data<App>>();
    app.map(web::Data::get_ref).ok_or_else(|| {
        Error::internal("finding the index behind a request", "the server was set up without it")
    })
}

fn nobody() -> Error {
    Error::new(
        Kind::SignInNeeded,
        "Uploading needs an API token or a user name and password",
        "Uploading needs an API token (user name __token__) or a user name and password.",
    )
}

fn read_only_token() -> Error {
    Error::forbidden(
        "This API token may only read",
        "This API token may only read; uploading needs one with the scope \"upload\".",
    )
}

fn tokens_only() -> Error {
    Error::forbidden(
        "This index takes uploads with API tokens only",
        "This index takes uploads with API tokens only: use __token__ as user name and the token \
         as password.",
    )
}
