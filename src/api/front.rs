//! What every request passes, in this order: the path prefix, the door of a private index, what
//! lies ready in memory, and only then the router; behind it the log.
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
use actix_web::{Error, HttpResponse};

use super::{files, simple};
use crate::http::auth::app_of;
use crate::http::{access_log, cors, gate, prefix};

/// Answers, and writes the line of the answer.
pub async fn serve<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let begun = Instant::now();
    prefix::strip(&mut request)?;
    let response = match before_routes(&request).await? {
        Some(reply) => request.into_response(reply).map_into_right_body(),
        None => next.call(request).await?.map_into_left_body(),
    };
    access_log::log(&response, begun);
    Ok(response)
}

/// The answer that needs no route: to who may not come in, and what lies ready.
async fn before_routes(request: &ServiceRequest) -> Result<Option<HttpResponse>, Error> {
    let request = request.request();
    let app = app_of(request)?;
    if let Some(refusal) = gate::keep(app, request).await {
        return Ok(Some(refusal));
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Ok(None);
    }
    let ready = simple::at_hand(app, request).or_else(|| files::at_hand(app, request));
    Ok(ready.map(|reply| cors::answer(Ok(reply))))
}
