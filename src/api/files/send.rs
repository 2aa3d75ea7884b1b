//! Sending what is stored: whole, in parts, or only its head.

use std::ops::Range;

use actix_web::body::{BoxBody, SizedStream};
use actix_web::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderValue, LOCATION,
    X_CONTENT_TYPE_OPTIONS,
};
use actix_web::http::{Method, StatusCode};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use futures_util::{TryStreamExt, stream};
use percent_encoding::percent_decode_str;

use super::METADATA_SUFFIX;
use crate::accounts::Visit;
use crate::app::App;
use crate::config::Delivery;
use crate::db::{FileId, TokenId};
use crate::downloads::Pull;
use crate::error::{Error, Result};
use crate::http::range::{self, Part};
use crate::http::visit::visit_of;
use crate::http::{freshness, gate};
use crate::packaging::Blake2b256;
use crate::simple::{Address, Stored};

const BYTES: HeaderValue = HeaderValue::from_static("bytes");
const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
const FILE: HeaderValue = HeaderValue::from_static("application/octet-stream");
const METADATA: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// What the head of an answer says about what is served.
pub(super) struct About {
    etag: String,
    content_type: HeaderValue,
    is_mirrored: bool,
}

impl About {
    /// About what is hosted here, by its digest.
    pub(super) fn hosted(filename: &str, blob: &Blake2b256) -> Self {
        let etag = ["\"", blob.as_str(), "\""].concat();
        Self { etag, content_type: content_type(filename), is_mirrored: false }
    }

    /// About what is mirrored. Its digest is not known before it has come; its address never means
    /// anything else.
    pub(super) fn mirrored(filename: &str, address: Address) -> Self {
        let mark = if filename.ends_with(METADATA_SUFFIX) { "-m" } else { "" };
        let etag = format!("\"{}{mark}\"", address.digits());
        Self { etag, content_type: content_type(filename), is_mirrored: true }
    }
}

fn content_type(filename: &str) -> HeaderValue {
    if filename.ends_with(METADATA_SUFFIX) { METADATA } else { FILE }
}

/// What is served under a path.
pub(super) struct Served {
    /// The file whose downloads are counted; none for metadata.
    counted: Option<FileId>,
    /// Where its bytes are.
    pub(super) blob: Blake2b256,
    /// Known for files, for metadata only when it is opened.
    size: Option<u64>,
    about: About,
}

impl Served {
    /// A file.
    pub(super) fn file(Stored { id, blob, size }: &Stored, about: About) -> Self {
        Self { counted: Some(*id), blob: blob.clone(), size: Some(*size), about }
    }

    /// The metadata beside one.
    pub(super) fn metadata(blob: &Blake2b256, about: About) -> Self {
        Self { counted: None, blob: blob.clone(), size: None, about }
    }
}

/// Answers with bytes that are in memory.
pub(super) fn whole(
    app: &App,
    request: &HttpRequest,
    served: &Served,
    bytes: &Bytes,
) -> HttpResponse {
    match begin(app, request, &served.about, bytes.len() as u64) {
        Begun::Done(reply) => reply,
        Begun::Body(mut reply, range) => {
            note(app, request, served, &range);
            reply.body(slice(bytes, &range))
        }
    }
}

/// Answers with what is stored; `None` where it is not there.
pub(super) async fn send(
    app: &App,
    request: &HttpRequest,
    served: &Served,
) -> Result<Option<HttpResponse>> {
    let Served { blob, size, .. } = served;
    let is_known_large = size.is_some_and(|size| !app.storage.is_small(size));
    if !is_known_large && let Some(bytes) = app.storage.small(blob).await? {
        return Ok(Some(whole(app, request, served, &bytes)));
    }
    let size = match *size {
        Some(size) => size,
        None => match app.storage.get(blob, None).await? {
            Some(found) => found.size(),
            None => return Ok(None),
        },
    };
    let (mut reply, range) = match begin(app, request, &served.about, size) {
        Begun::Done(reply) => return Ok(Some(reply)),
        Begun::Body(reply, range) => (reply, range),
    };
    if app.config.delivery == Delivery::Bucket && served.counted.is_some() {
        let reply = redirect(app, request, blob).await?;
        if reply.is_some() {
            note(app, request, served, &range);
        }
        return Ok(reply);
    }
    let Some(body) = stored(app, blob, range.clone()).await? else { return Ok(None) };
    note(app, request, served, &range);
    Ok(Some(reply.body(body)))
}

/// Sends the client to the bucket, for all of the file or the range that it asked for; `None`
/// where it is not there. The link ends soon, so nobody may keep the answer.
async fn redirect(
    app: &App,
    request: &HttpRequest,
    blob: &Blake2b256,
) -> Result<Option<HttpResponse>> {
    let last = request.path().rsplit('/').next().unwrap_or_default();
    let filename = percent_decode_str(last).decode_utf8_lossy();
    let Some(link) = app.storage.link(blob, &filename).await? else { return Ok(None) };
    let mut reply = HttpResponse::Found();
    reply.insert_header((LOCATION, link)).insert_header((CACHE_CONTROL, "no-store"));
    Ok(Some(reply.finish()))
}

/// These bytes of a blob, as the storage brings them; `None` where it is not there.
async fn stored(app: &App, address: &Blake2b256, range: Range<u64>) -> Result<Option<BoxBody>> {
    let length = range.end - range.start;
    if length == 0 {
        return Ok(Some(BoxBody::new(SizedStream::new(0, nothing()))));
    }
    let Some(blob) = app.storage.get(address, Some(range)).await? else { return Ok(None) };
    let address = address.clone();
    let pieces = blob.into_stream().inspect_err(move |error| {
        tracing::error!(%error, blob = %address, "a file could not be read to its end");
    });
    Ok(Some(BoxBody::new(SizedStream::new(length, pieces))))
}

/// Notes an answer with these bytes.
fn note(app: &App, request: &HttpRequest, served: &Served, range: &Range<u64>) {
    if served.about.is_mirrored
        && let Some(mirror) = &app.mirror
    {
        mirror.files.note_use(&served.blob);
    }
    if let Some(file) = served.counted
        && let Some(download) = Download::begun(app, request, range.start)
    {
        download.count(app, file);
    }
}

/// An answer that counts as a download: one with the first bytes of a file. Who gets them is noted
/// where that is known.
pub(super) struct Download(Option<Puller>);

/// Who gets a file.
struct Puller {
    username: String,
    token: Option<TokenId>,
    visit: Visit,
}

impl Download {
    /// That of an answer with bytes from there on, if it is one.
    pub(super) fn begun(app: &App, request: &HttpRequest, start: u64) -> Option<Self> {
        if start != 0 {
            return None;
        }
        if !app.config.private {
            return Some(Self(None));
        }
        let puller = gate::reader(request).map(|(username, token)| {
            let visit = visit_of(request, &app.config.trusted_proxies);
            Puller { username, token, visit }
        });
        Some(Self(puller))
    }

    /// Counts it as one of that file.
    pub(super) fn count(self, app: &App, file: FileId) {
        app.downloads.count(file);
        let Some(Puller { username, token, visit }) = self.0 else { return };
        let ip = visit.ip_text();
        app.downloads.keep(Pull { file, username, token, at: visit.at, ip, agent: visit.agent });
    }
}

/// An answer that is complete, or that still needs these bytes.
pub(super) enum Begun {
    Done(HttpResponse),
    Body(HttpResponseBuilder, Range<u64>),
}

/// Status and headers of the answer, and whether a body follows.
pub(super) fn begin(app: &App, request: &HttpRequest, about: &About, size: u64) -> Begun {
    let part = range::asked(request.headers(), size, &about.etag);
    let (status, bytes) = match &part {
        Part::NotModified => (StatusCode::NOT_MODIFIED, 0..0),
        Part::Unsatisfiable => (StatusCode::RANGE_NOT_SATISFIABLE, 0..0),
        Part::Whole => (StatusCode::OK, 0..size),
        Part::Bytes(range) => (StatusCode::PARTIAL_CONTENT, range.clone()),
    };
    let mut reply = HttpResponse::build(status);
    reply
        .insert_header((ETAG, about.etag.as_str()))
        .insert_header((CACHE_CONTROL, freshness::for_ever(app)))
        .insert_header((ACCEPT_RANGES, BYTES))
        .insert_header((X_CONTENT_TYPE_OPTIONS, NOSNIFF));
    match part {
        Part::NotModified => return Begun::Done(reply.finish()),
        Part::Unsatisfiable => {
            let whole = format!("bytes */{size}");
            return Begun::Done(reply.insert_header((CONTENT_RANGE, whole)).finish());
        }
        Part::Bytes(_) => {
            let range = format!("bytes {}-{}/{size}", bytes.start, bytes.end.saturating_sub(1));
            reply.insert_header((CONTENT_RANGE, range));
        }
        Part::Whole => {}
    }
    reply.insert_header((CONTENT_TYPE, about.content_type.clone()));
    if request.method() == Method::HEAD {
        let body = SizedStream::new(bytes.end - bytes.start, nothing());
        return Begun::Done(reply.body(body));
    }
    Begun::Body(reply, bytes)
}

/// The same of an answer of which nobody knows yet how long it will be: all of it follows.
pub(super) fn begin_unmeasured(app: &App, about: &About) -> HttpResponseBuilder {
    let mut reply = HttpResponse::Ok();
    reply
        .insert_header((ETAG, about.etag.as_str()))
        .insert_header((CACHE_CONTROL, freshness::for_ever(app)))
        .insert_header((X_CONTENT_TYPE_OPTIONS, NOSNIFF))
        .insert_header((CONTENT_TYPE, about.content_type.clone()));
    reply
}

fn slice(whole: &Bytes, range: &Range<u64>) -> Bytes {
    let start = usize::try_from(range.start).unwrap_or(usize::MAX).min(whole.len());
    let end = usize::try_from(range.end).unwrap_or(usize::MAX).clamp(start, whole.len());
    whole.slice(start..end)
}

fn nothing() -> impl stream::Stream<Item = std::io::Result<Bytes>> + Unpin {
    stream::empty()
}

/// A blob that the database names is not there.
pub(super) fn lost(blob: &Blake2b256) -> Error {
    Error::internal(format!("reading the blob {blob}"), "the storage does not have it")
}
