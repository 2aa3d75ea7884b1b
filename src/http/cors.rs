//! Cross-origin reading, as PyPI permits it: pages of other sites may read the index.

use actix_web::HttpResponseBuilder;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, HeaderName, HeaderValue,
};

/// The headers and what they say. No credentials are taken from other sites: a private index
/// answers them as it answers anybody without a login.
const HEADERS: [(HeaderName, HeaderValue); 5] = [
    (ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
    (
        ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static(
            "Content-Type, If-Match, If-Modified-Since, If-None-Match, If-Unmodified-Since",
        ),
    ),
    (ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET")),
    (ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400")),
    (ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("X-PyPI-Last-Serial")),
];

/// Adds the headers to an answer that anybody may read.
pub fn allow(reply: &mut HttpResponseBuilder) {
    for header in HEADERS {
        reply.insert_header(header);
    }
}
