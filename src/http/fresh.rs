//! Answers that clients keep but ask about each time: never stale, and 304 where nothing changed.

use actix_web::http::header::{
    AGE, CACHE_CONTROL, CACHE_STATUS, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue,
    IF_NONE_MATCH,
};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;

use super::{cors, freshness, range};
use crate::app::App;
use crate::simple::Stale;
use crate::simple::ready::etag;
use crate::time;

/// The serial of the last change that an answer shows: mirrors compare it.
pub const LAST_SERIAL: HeaderName = HeaderName::from_static("x-pypi-last-serial");

/// What such an answer says.
#[derive(Debug, Clone)]
pub struct Fresh {
    /// The body.
    pub body: Bytes,
    /// Its type.
    pub content_type: &'static str,
    /// The serial of the last change that it shows.
    pub serial: Option<i64>,
}

impl Fresh {
    /// The answer to a request: the body with its strong ETag, or 304 where the client has it.
    pub fn answer(self, app: &App, request: &HttpRequest) -> HttpResponse {
        let etag = etag(&self.body);
        let wanted = request.headers().get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
        let has_it = wanted.is_some_and(|wanted| range::matches_etag(wanted, &etag));
        let mut reply = if has_it { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        reply
            .insert_header((ETAG, etag))
            .insert_header((CACHE_CONTROL, freshness::ask_always(app)));
        if let Some(serial) = self.serial {
            reply.insert_header((LAST_SERIAL, serial));
        }
        if has_it {
            return reply.finish();
        }
        cors::allow(&mut reply);
        reply.insert_header((CONTENT_TYPE, self.content_type)).body(self.body)
    }
}

/// Says of an answer that the index it comes from could not be asked whether it is still so
/// (RFC 9111 section 5.1, RFC 9211).
pub fn say_stale(headers: &mut HeaderMap, Stale { checked_at, since }: &Stale) {
    let now = time::now();
    let (age, over) = ((now - *checked_at).num_seconds(), (now - *since).num_seconds());
    let status =
        format!("cheeseshop; hit; ttl=-{}; detail=\"upstream does not answer\"", over.max(0));
    headers.insert(AGE, HeaderValue::from(age.max(0)));
    if let Ok(status) = HeaderValue::try_from(status) {
        headers.insert(CACHE_STATUS, status);
    }
}
