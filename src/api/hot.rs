//! What installers ask for all the time, answered before the router is asked.
//!
//! A page or a small file that lies ready in memory needs neither the router's patterns nor
//! extractors: together they take as long as everything else about such a request. Whatever is not
//! at hand goes on to its route, which gives the same answer.

use actix_web::Error;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;

use super::{files, simple};
use crate::http::auth::app_of;
use crate::http::cors;

/// Answers what lies ready, and hands everything else on.
pub async fn serve<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        let (inner, app) = (request.request(), app_of(request.request())?);
        let reply = simple::at_hand(app, inner).or_else(|| files::at_hand(app, inner));
        if let Some(reply) = reply {
            return Ok(request.into_response(cors::answer(Ok(reply))).map_into_right_body());
        }
    }
    Ok(next.call(request).await?.map_into_left_body())
}
