//! One log line a request.

use std::time::Duration;

use actix_web::HttpMessage;
use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::ServiceResponse;

use super::auth::CallerName;
use super::log_lines;
use super::request_line::RequestLine;
use crate::time;

/// Writes the line of an answer that is ready to be sent, to the request of that name, which took so
/// long; that of one which lay ready waits for others. The path stands without its query, which may hold
/// secrets.
pub fn log<B: MessageBody>(
    response: &ServiceResponse<B>,
    id: &str,
    took: Duration,
    was_ready: bool,
) {
    let request = response.request();
    let extensions = request.extensions();
    let user = extensions.get::<CallerName>().map_or("-", |name| name.0.as_str());
    let bytes = match response.response().body().size() {
        BodySize::Sized(bytes) => bytes,
        BodySize::None | BodySize::Stream => 0,
    };
    let line = RequestLine {
        at: time::now(),
        method: request.method().as_str(),
        path: request.path(),
        status: response.status().as_u16(),
        took,
        bytes,
        user,
        id,
    };
    log_lines::request(&line, was_ready);
}
