//! Turning errors into answers.

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::ServiceResponse;
use actix_web::http::header::{
    ACCEPT, ALLOW, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE,
};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, ResponseError};
use serde::Serialize;

use super::{figures, negotiate};
use crate::error::{Error, Kind};

/// What a client is told to wait, in seconds, while something is unavailable for a moment.
const RETRY_SECONDS: u64 = 5;
const PLAIN_TEXT: &str = "text/plain; charset=utf-8";
/// Exactly this, without a charset: uv reads the body only then.
const JSON: &str = "application/json";

/// The status that stands for each kind of failure.
pub fn status_of(kind: Kind) -> StatusCode {
    match kind {
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::Invalid => StatusCode::BAD_REQUEST,
        Kind::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::SignInNeeded => StatusCode::UNAUTHORIZED,
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Kind::TooMany => StatusCode::TOO_MANY_REQUESTS,
        Kind::TooSlow => StatusCode::REQUEST_TIMEOUT,
        Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Upstream => StatusCode::BAD_GATEWAY,
        Kind::NoSpace => StatusCode::INSUFFICIENT_STORAGE,
        Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The sentence that the caller may read; the details of our own faults go to the log only.
pub fn words_of(error: &Error) -> &str {
    match error.kind() {
        Kind::Internal => "Something went wrong on the server; its log says what.",
        _ => error.detail(),
    }
}

/// Writes to the log what its reader can do something about.
fn log(error: &Error) {
    match error.kind() {
        Kind::Internal => tracing::error!(error = error.chain(), "a request failed"),
        Kind::NoSpace | Kind::Unavailable | Kind::Upstream => {
            tracing::warn!(error = error.chain(), "a request could not be served");
        }
        _ => tracing::debug!(error = error.chain(), "a request was refused"),
    }
}

/// A response with the status, reason phrase and headers that an error calls for; its body is
/// still to be set.
pub fn begin(error: &Error) -> HttpResponseBuilder {
    log(error);
    figures::refused(error.kind());
    let mut reply = HttpResponse::build(status_of(error.kind()));
    reply.insert_header((header::CACHE_CONTROL, "no-store"));
    match error.kind() {
        Kind::Internal | Kind::NotFound => {}
        _ => {
            reply.reason(error.reason());
        }
    }
    match error.kind() {
        Kind::SignInNeeded => {
            let challenge = "Basic realm=\"cheeseshop\", charset=\"UTF-8\"";
            reply.insert_header((WWW_AUTHENTICATE, challenge));
        }
        Kind::Unavailable | Kind::Upstream | Kind::TooMany => {
            reply.insert_header((RETRY_AFTER, wait_of(error)));
        }
        _ => {}
    }
    reply
}

/// Says on a page how long to wait.
pub fn add_wait(reply: &mut HttpResponse, error: &Error) {
    reply.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait_of(error)));
}

fn wait_of(error: &Error) -> u64 {
    error.wait().map_or(RETRY_SECONDS, |wait| wait.as_secs())
}

/// What to say where the router refuses a request for its method, which it does without a word.
pub fn wrong_method(response: &ServiceResponse<impl MessageBody>) -> Option<Error> {
    let is_mute = matches!(response.response().body().size(), BodySize::None | BodySize::Sized(0));
    if response.status() != StatusCode::METHOD_NOT_ALLOWED || !is_mute {
        return None;
    }
    let words = match response.headers().get(ALLOW).and_then(|allowed| allowed.to_str().ok()) {
        Some(allowed) => {
            format!("This address takes {} requests only.", allowed.replace(", ", " and "))
        }
        None => "This address does not take such requests.".to_owned(),
    };
    Some(Error::wrong_method(words))
}

/// Gives an answer in place of another, with the methods that that one named.
pub fn replace<B>(response: ServiceResponse<B>, mut reply: HttpResponse) -> ServiceResponse {
    if let Some(allowed) = response.headers().get(ALLOW) {
        reply.headers_mut().insert(ALLOW, allowed.clone());
    }
    response.into_response(reply)
}

/// The plain form: one line of text.
impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        status_of(self.kind())
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        let words = format!("{}\n", words_of(self));
        begin(self).insert_header((CONTENT_TYPE, PLAIN_TEXT)).body(words)
    }
}

#[derive(Serialize)]
struct Refusal<'a> {
    /// Status and full message: what uv shows.
    code: String,
    title: &'a str,
    message: &'a str,
}

/// The answer to a refused upload: JSON for clients that ask for it (uv shows its `code`), else
/// one line of text. The reason phrase says it in short (twine shows only that).
pub fn refused_upload(error: &Error, request: &HttpRequest) -> HttpResponse {
    if !negotiate::wants_json(request.headers().get(ACCEPT)) {
        return error.error_response();
    }
    let status = status_of(error.kind());
    let message = words_of(error);
    let body = Refusal {
        code: format!("{} {message}", status.as_u16()),
        title: status.canonical_reason().unwrap_or_default(),
        message,
    };
    let text = serde_json::to_string(&body).unwrap_or_default();
    begin(error).insert_header((CONTENT_TYPE, HeaderValue::from_static(JSON))).body(text)
}
