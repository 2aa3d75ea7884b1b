//! What browsers are told about reading from other sites (CORS): everyone may, as on PyPI.

use actix_web::HttpResponseBuilder;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
};

const HEADERS: &str =
    "Content-Type, If-Match, If-Modified-Since, If-None-Match, If-Unmodified-Since";
/// How long a browser may believe it, in seconds: a day.
const MAX_AGE: &str = "86400";

/// Lets scripts of any site read this answer.
pub fn allow_reading(reply: &mut HttpResponseBuilder) {
    reply
        .insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .insert_header((ACCESS_CONTROL_ALLOW_METHODS, "GET"))
        .insert_header((ACCESS_CONTROL_ALLOW_HEADERS, HEADERS))
        .insert_header((ACCESS_CONTROL_MAX_AGE, MAX_AGE))
        .insert_header((ACCESS_CONTROL_EXPOSE_HEADERS, "X-PyPI-Last-Serial"));
}
