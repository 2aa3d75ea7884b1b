//! Machine endpoints: simple API, files, upload, health.

mod files;
mod health;
mod multipart;
mod simple;
mod upload;

use actix_web::web::ServiceConfig;

/// All routes of this area.
pub fn configure(config: &mut ServiceConfig) {
    simple::configure(config);
    files::configure(config);
    upload::configure(config);
    health::configure(config);
}
