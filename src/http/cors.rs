//! Cross-origin reading, as PyPI permits it: pages of other sites may read the index.

use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, HeaderName, HeaderValue,
};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};

use crate::error::{Error, Result};

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

/// An answer with the headers, also where it is a redirect or says that there is no such thing:
/// without them the page of another site could not read which of these it is. One that says that
/// nothing changed needs none: a browser looks at those of the answer that it kept, which it has
/// from here, too (RFC 9110 section 15.4.5; Fetch Standard, HTTP-network-or-cache fetch).
pub fn answer(reply: Result<HttpResponse>) -> HttpResponse {
    let mut reply = reply.unwrap_or_else(|error: Error| error.error_response());
    if reply.status() == StatusCode::NOT_MODIFIED {
        return reply;
    }
    for (name, value) in HEADERS {
        reply.headers_mut().insert(name, value);
    }
    reply
}
