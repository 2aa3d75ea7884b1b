//! `/simple/`: the pages that installers read.

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use actix_web::http::header::{
    ACCEPT, ACCEPT_ENCODING, AGE, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap,
    HeaderValue, IF_NONE_MATCH, VARY,
};
use actix_web::web::{Bytes, Data, Query, ServiceConfig, get, head, resource};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::app::App;
use crate::error::{Error, Result};
use crate::http::fresh::{self, LAST_SERIAL};
use crate::http::negotiate::{self, Form as ContentType};
use crate::http::path::redirect;
use crate::http::{ProjectPath, cors, encoding, freshness, gate, range};
use crate::simple::{Body, Form, Ready, Representations, Shown};

const BY_WISH: HeaderValue = HeaderValue::from_static("Accept, Accept-Encoding");

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(resource("/simple").route(get().to(index_slash)).route(head().to(index_slash)))
        .service(resource("/simple/").route(get().to(index)).route(head().to(index)))
        .service(
            resource(["/simple/{project}", "/simple/{project}/"])
                .route(get().to(project))
                .route(head().to(project)),
        );
}

#[derive(Deserialize)]
struct Wish {
    format: Option<String>,
}

async fn index_slash(request: HttpRequest) -> HttpResponse {
    cors::answer(redirect(&request, "/simple/"))
}

async fn index(app: Data<App>, request: HttpRequest) -> HttpResponse {
    let wish = content_type(&request);
    let root = app.pages.root(&app.db).await;
    cors::answer(root.map(|root| {
        let page = if wish.form() == Form::Json { &root.json } else { &root.html };
        send(&app, &request, wish, page, Some(root.serial))
    }))
}

async fn project(app: Data<App>, request: HttpRequest, at: Result<ProjectPath>) -> HttpResponse {
    cors::answer(page(&app, &request, at).await)
}

async fn page(app: &App, request: &HttpRequest, at: Result<ProjectPath>) -> Result<HttpResponse> {
    let at = at?;
    if let Some(redirect) = at.elsewhere(request, "/simple/")? {
        return Ok(redirect);
    }
    let wish = content_type(request);
    let found = app.pages.project(&app.db, &at.name, wish.form()).await?;
    let found = found.filter(|page| gate::may_read(request, page.id));
    match found.as_ref().and_then(|shown| show(app, request, wish, shown)) {
        Some(reply) => Ok(reply),
        None => Err(Error::not_found(format!("There is no project {} here.", at.name))),
    }
}

/// Answers from memory alone, where the page is ready.
pub(super) fn at_hand(app: &App, request: &HttpRequest) -> Option<HttpResponse> {
    let name = request.path().strip_prefix("/simple/")?.strip_suffix('/')?;
    let wish = content_type(request);
    let page = app.pages.ready(name, wish.form())?;
    if !gate::may_read(request, page.id) {
        return None;
    }
    show(app, request, wish, &page)
}

/// Sends the page of a project, if it is rendered in the form that was asked for. One of which its
/// index could not be asked whether it is still so says it (RFC 9111 section 5.1, RFC 9211).
fn show(
    app: &App,
    request: &HttpRequest,
    wish: ContentType,
    shown: &Shown,
) -> Option<HttpResponse> {
    let page = shown.form(wish.form())?;
    let mut reply = send(app, request, wish, page, (!shown.is_mirrored()).then_some(shown.serial));
    if let Some(stale) = shown.stale() {
        fresh::say_stale(reply.headers_mut(), stale);
    }
    Some(reply)
}

/// Sends the representation of a page that was asked for, or 304 where the client has it.
fn send(
    app: &App,
    request: &HttpRequest,
    content_type: ContentType,
    page: &Representations,
    serial: Option<i64>,
) -> HttpResponse {
    let headers = request.headers();
    let Ready { body, etag, etag_v1, encoding } =
        page.best(encoding::taken(headers.get_all(ACCEPT_ENCODING)));
    let etag = if content_type == ContentType::Html { etag_v1 } else { etag };
    let has_it = has(headers, etag);
    let mut reply = if has_it { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    reply.insert_header((CACHE_CONTROL, freshness::ask_always(app))).insert_header((VARY, BY_WISH));
    if let Ok(etag) = HeaderValue::from_maybe_shared(etag.clone()) {
        reply.insert_header((ETAG, etag));
    }
    if let Some(serial) = serial {
        reply.insert_header((LAST_SERIAL, HeaderValue::from(serial)));
    }
    if let Some(age) = app.pages.age() {
        reply.insert_header((AGE, HeaderValue::from(age.as_secs())));
    }
    if has_it {
        return reply.finish();
    }
    reply.insert_header((CONTENT_TYPE, HeaderValue::from_static(content_type.content_type())));
    if let Some(name) = encoding.name() {
        reply.insert_header((CONTENT_ENCODING, HeaderValue::from_static(name)));
    }
    match body {
        Body::One(bytes) => reply.body(bytes.clone()),
        Body::Many(..) => reply.body(Pieces { body: body.clone(), next: 0 }),
    }
}

fn content_type(request: &HttpRequest) -> ContentType {
    let format = match request.query_string() {
        "" => None,
        query => Query::<Wish>::from_query(query).ok().and_then(|wish| wish.into_inner().format),
    };
    negotiate::choose(request.headers().get_all(ACCEPT), format.as_deref())
}

fn has(headers: &HeaderMap, etag: &[u8]) -> bool {
    headers.get_all(IF_NONE_MATCH).any(|wanted| {
        if wanted.as_bytes() == etag {
            return true;
        }
        let texts = (wanted.to_str().ok(), std::str::from_utf8(etag).ok());
        matches!(texts, (Some(wanted), Some(etag)) if range::matches_etag(wanted, etag))
    })
}

/// A body in pieces, none of them copied.
struct Pieces {
    body: Body,
    next: usize,
}

impl MessageBody for Pieces {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.body.len() as u64)
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let piece = self.body.piece(self.next);
        self.next += 1;
        Poll::Ready(piece.map(Ok))
    }
}
