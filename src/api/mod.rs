//! Machine endpoints: simple API, files, upload, JSON, feeds, XML-RPC, health.

mod feeds;
mod files;
pub mod front;
mod health;
mod json;
mod legacy;
mod metrics;
mod multipart;
mod rss;
mod simple;
mod upload;
mod xml;
mod xmlrpc;

use actix_web::web::ServiceConfig;

/// All routes of this area.
pub fn configure(config: &mut ServiceConfig) {
    simple::configure(config);
    files::configure(config);
    upload::configure(config);
    health::configure(config);
    metrics::configure(config);
    json::configure(config);
    feeds::configure(config);
    // Behind the JSON API, whose addresses look like releases here.
    legacy::configure(config);
}
