//! One log line a request.

use std::time::Instant;

use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage};

use super::auth::CallerName;
use super::log_lines;

/// Writes the line when the answer is ready to be sent. The path stands without its query, which
/// may hold secrets.
pub async fn log<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let begun = Instant::now();
    let response = next.call(request).await?;
    let request = response.request();
    let extensions = request.extensions();
    let user = extensions.get::<CallerName>().map_or("-", |name| name.0.as_str());
    let bytes = match response.response().body().size() {
        BodySize::Sized(bytes) => bytes,
        BodySize::None | BodySize::Stream => 0,
    };
    tracing::info!(
        target: log_lines::REQUESTS,
        method = request.method().as_str(),
        path = request.path(),
        status = response.status().as_u16(),
        duration_ms = begun.elapsed().as_secs_f64() * 1000.0,
        bytes,
        user,
        "request"
    );
    drop(extensions);
    log_lines::write_soon();
    Ok(response)
}
