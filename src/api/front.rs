//! What every request passes, in this order: the path prefix, its name, the door of a private index,
//! what lies ready in memory, and only then the router; behind it the log and the figures.
//!
//! It is one middleware, as each costs an allocation and a copy of the answer. A page or a small
//! file that lies ready in memory needs neither the router's patterns nor extractors: together
//! they take as long as everything else about such a request. Whatever is not at hand goes on to
//! its route, which gives the same answer.

use std::time::Instant;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, HttpResponse, ResponseError};
use tracing::Instrument;

use super::{files, simple};
use crate::app::App;
use crate::http::auth::app_of;
use crate::http::request_id::{self, X_REQUEST_ID};
use crate::http::{access_log, cookies, cors, figures, gate, prefix, reply};

/// Answers, counts, and writes the line of the answer.
pub async fn serve<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let begun = Instant::now();
    prefix::strip(&mut request)?;
    let app = app_of(request.request())?;
    let id = request_id::of(request.request(), &app.config.trusted_proxies);
    // Whoever reads a private index is to be known first.
    let ready = if app.config.private { None } else { at_hand(app, request.request()) };
    let (mut response, was_ready) = match ready {
        Some(reply) => (request.into_response(reply).map_into_right_body(), true),
        None => route(request, next).instrument(request_id::span(&id)).await?,
    };
    response.headers_mut().insert(X_REQUEST_ID, id.clone());
    // (What lies ready sets none.)
    if !was_ready {
        cookies::secure(&mut response)?;
    }
    let took = begun.elapsed();
    let (path, status) = (response.request().path(), response.status().as_u16());
    figures::answered(path, status, took, was_ready);
    access_log::log(&response, request_id::text(&id), took, was_ready);
    Ok(response)
}

/// The answer to what did not lie ready for everybody, and whether it lies ready for those who may
/// come in.
async fn route<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<(ServiceResponse<EitherBody<B>>, bool), Error> {
    let app = app_of(request.request())?;
    if app.config.private {
        if let Some(refusal) = gate::keep(app, request.request()).await {
            return Ok((request.into_response(refusal).map_into_right_body(), false));
        }
        if let Some(reply) = at_hand(app, request.request()) {
            return Ok((request.into_response(reply).map_into_right_body(), true));
        }
    }
    let response = next.call(request).await?;
    Ok(match reply::wrong_method(&response) {
        Some(error) => {
            (reply::replace(response, error.error_response()).map_into_right_body(), false)
        }
        None => (response.map_into_left_body(), false),
    })
}

/// What lies ready in memory.
fn at_hand(app: &App, request: &HttpRequest) -> Option<HttpResponse> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return None;
    }
    let ready = simple::at_hand(app, request).or_else(|| files::at_hand(app, request));
    ready.map(|reply| cors::answer(Ok(reply)))
}
