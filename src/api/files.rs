//! `/packages/…`: the files themselves, and the metadata beside each wheel.

use std::ops::Range;

use actix_web::body::{BoxBody, SizedStream};
use actix_web::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderValue, LOCATION,
    X_CONTENT_TYPE_OPTIONS,
};
use actix_web::http::{Method, StatusCode};
use actix_web::web::{Bytes, Data, Path, ServiceConfig, get, head, resource};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use futures_util::{TryStreamExt, stream};

use crate::app::App;
use crate::catalog::file::File;
use crate::config::Delivery;
use crate::db::{FileId, ProjectId};
use crate::downloads::Pull;
use crate::error::{Error, Result};
use crate::http::range::{self, Part};
use crate::http::visit::visit_of;
use crate::http::{cors, freshness, gate};
use crate::packaging::{Blake2b256, Filename};
use crate::simple::{Form, Rendered};

const METADATA_SUFFIX: &str = ".metadata";
const BYTES: HeaderValue = HeaderValue::from_static("bytes");
const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
const FILE: HeaderValue = HeaderValue::from_static("application/octet-stream");
const METADATA: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(
        resource("/packages/{first}/{second}/{rest}/{filename}")
            .route(get().to(file))
            .route(head().to(file)),
    );
}

/// What is served under a path.
struct Served {
    /// The file whose downloads are counted; none for metadata.
    counted: Option<FileId>,
    blob: Blake2b256,
    /// Known for files, for metadata only when it is opened.
    size: Option<u64>,
    content_type: HeaderValue,
}

async fn file(
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String, String, String)>,
) -> HttpResponse {
    cors::answer(answer(&app, &request, path.into_inner()).await)
}

async fn answer(
    app: &App,
    request: &HttpRequest,
    (first, second, rest, filename): (String, String, String, String),
) -> Result<HttpResponse> {
    let address = (first.len() == 2 && second.len() == 2)
        .then(|| Blake2b256::parse(&format!("{first}{second}{rest}")))
        .flatten();
    let served = match address {
        Some(address) => find(app, request, &filename, address).await?,
        None => None,
    };
    let served = served.ok_or_else(|| Error::not_found("There is no such file here."))?;
    send(app, request, served, &filename).await
}

/// Answers from memory alone, where the project's page and the bytes are there.
pub(super) fn at_hand(app: &App, request: &HttpRequest) -> Option<HttpResponse> {
    let mut segments = request.path().strip_prefix("/packages/")?.split('/');
    let (first, second, rest) = (segments.next()?, segments.next()?, segments.next()?);
    let filename = segments.next()?;
    // What is percent-encoded is left to the router.
    if first.len() != 2 || second.len() != 2 || filename.contains('%') || segments.next().is_some()
    {
        return None;
    }
    let address = Blake2b256::parse(&[first, second, rest].concat())?;
    let parsed = Filename::parse_alone(bare(filename)).ok()?;
    let page = app.pages.ready(parsed.name(), Form::Json)?;
    let served = offered(request, &page, filename, address)?;
    let bytes = app.storage.at_hand(&served.blob)?;
    Some(match begin(app, request, &served, bytes.len() as u64) {
        Begun::Done(reply) => reply,
        Begun::Body(mut reply, range) => {
            count(app, request, &served, &range);
            reply.body(slice(&bytes, &range))
        }
    })
}

/// Finds a file by the page of its project, which is kept ready, and by the database where its
/// name does not tell the project.
async fn find(
    app: &App,
    request: &HttpRequest,
    filename: &str,
    address: Blake2b256,
) -> Result<Option<Served>> {
    if let Ok(parsed) = Filename::parse_alone(bare(filename))
        && let Some(page) = app.pages.project(&app.db, parsed.name(), Form::Json).await?
        && let Some(served) = offered(request, &page, filename, address.clone())
    {
        return Ok(Some(served));
    }
    let wanted = bare(filename).to_owned();
    // No file is named so, and PostgreSQL takes no NUL even in a question.
    if wanted.contains(char::is_control) {
        return Ok(None);
    }
    let found = app.db.read(move |c| Ok(File::offered(c, &wanted)?)).await?;
    let is_meant = |(file, project): &(File, ProjectId)| {
        file.blake2_256 == address && gate::may_read(request, *project)
    };
    let Some((file, _)) = found.filter(is_meant) else { return Ok(None) };
    let size = u64::try_from(file.size).unwrap_or_default();
    Ok(served(filename, file.metadata_blake2_256, (file.id, address, size)))
}

/// A file or its metadata by the page of its project, if the caller may get it.
fn offered(
    request: &HttpRequest,
    page: &Rendered,
    filename: &str,
    address: Blake2b256,
) -> Option<Served> {
    let offer = page.files.find(bare(filename), &address)?;
    let served = served(filename, offer.metadata.clone(), (offer.id, address, offer.size));
    served.filter(|_| gate::may_read(request, page.id))
}

fn bare(filename: &str) -> &str {
    filename.strip_suffix(METADATA_SUFFIX).unwrap_or(filename)
}

fn served(
    filename: &str,
    metadata: Option<Blake2b256>,
    (id, blob, size): (FileId, Blake2b256, u64),
) -> Option<Served> {
    if filename.ends_with(METADATA_SUFFIX) {
        return metadata.map(|blob| Served {
            counted: None,
            blob,
            size: None,
            content_type: METADATA,
        });
    }
    Some(Served { counted: Some(id), blob, size: Some(size), content_type: FILE })
}

async fn send(
    app: &App,
    request: &HttpRequest,
    served: Served,
    filename: &str,
) -> Result<HttpResponse> {
    let Served { blob, size, .. } = &served;
    let is_known_large = size.is_some_and(|size| !app.storage.is_small(size));
    let whole = if is_known_large { None } else { app.storage.small(blob).await? };
    let size = match (&whole, size) {
        (Some(bytes), _) => bytes.len() as u64,
        (None, Some(size)) => *size,
        (None, None) => app.storage.get(blob, None).await?.ok_or_else(|| lost(blob))?.size(),
    };
    let (mut reply, range) = match begin(app, request, &served, size) {
        Begun::Done(reply) => return Ok(reply),
        Begun::Body(reply, range) => (reply, range),
    };
    let body = match whole {
        Some(whole) => BoxBody::new(slice(&whole, &range)),
        None if app.config.delivery == Delivery::Bucket && served.counted.is_some() => {
            let reply = redirect(app, &served.blob, filename).await?;
            count(app, request, &served, &range);
            return Ok(reply);
        }
        None => stored(app, &served.blob, range.clone()).await?,
    };
    count(app, request, &served, &range);
    Ok(reply.body(body))
}

/// Sends the client to the bucket, for all of the file or the range that it asked for. The link
/// ends soon, so nobody may keep the answer.
async fn redirect(app: &App, blob: &Blake2b256, filename: &str) -> Result<HttpResponse> {
    let link = app.storage.link(blob, filename).await?.ok_or_else(|| lost(blob))?;
    Ok(HttpResponse::Found()
        .insert_header((LOCATION, link))
        .insert_header((CACHE_CONTROL, "no-store"))
        .finish())
}

/// These bytes of a blob, as the storage brings them.
async fn stored(app: &App, address: &Blake2b256, range: Range<u64>) -> Result<BoxBody> {
    let length = range.end - range.start;
    if length == 0 {
        return Ok(BoxBody::new(SizedStream::new(0, nothing())));
    }
    let blob = app.storage.get(address, Some(range)).await?;
    let blob = blob.ok_or_else(|| lost(address))?;
    let address = address.clone();
    let pieces = blob.into_stream().inspect_err(move |error| {
        tracing::error!(%error, blob = %address, "a file could not be read to its end");
    });
    Ok(BoxBody::new(SizedStream::new(length, pieces)))
}

/// Counts an answer with these bytes as a download if they are the first ones of a file, and notes
/// who gets them where that is known.
fn count(app: &App, request: &HttpRequest, served: &Served, range: &Range<u64>) {
    let Some(file) = served.counted.filter(|_| range.start == 0) else { return };
    app.downloads.count(file);
    if !app.config.private {
        return;
    }
    let Some((username, token)) = gate::reader(request) else { return };
    let visit = visit_of(request, &app.config.trusted_proxies);
    let ip = visit.ip_text();
    app.downloads.keep(Pull { file, username, token, at: visit.at, ip, agent: visit.agent });
}

/// An answer that is complete, or that still needs these bytes.
enum Begun {
    Done(HttpResponse),
    Body(HttpResponseBuilder, Range<u64>),
}

/// Status and headers of the answer, and whether a body follows.
fn begin(app: &App, request: &HttpRequest, served: &Served, size: u64) -> Begun {
    let etag = format!("\"{}\"", served.blob);
    let part = range::asked(request.headers(), size, &etag);
    let (status, bytes) = match &part {
        Part::NotModified => (StatusCode::NOT_MODIFIED, 0..0),
        Part::Unsatisfiable => (StatusCode::RANGE_NOT_SATISFIABLE, 0..0),
        Part::Whole => (StatusCode::OK, 0..size),
        Part::Bytes(range) => (StatusCode::PARTIAL_CONTENT, range.clone()),
    };
    let mut reply = HttpResponse::build(status);
    reply
        .insert_header((ETAG, etag))
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
    reply.insert_header((CONTENT_TYPE, served.content_type.clone()));
    if request.method() == Method::HEAD {
        let body = SizedStream::new(bytes.end - bytes.start, nothing());
        return Begun::Done(reply.body(body));
    }
    Begun::Body(reply, bytes)
}

fn slice(whole: &Bytes, range: &Range<u64>) -> Bytes {
    let start = usize::try_from(range.start).unwrap_or(usize::MAX).min(whole.len());
    let end = usize::try_from(range.end).unwrap_or(usize::MAX).clamp(start, whole.len());
    whole.slice(start..end)
}

fn nothing() -> impl stream::Stream<Item = std::io::Result<Bytes>> + Unpin {
    stream::empty()
}

fn lost(blob: &Blake2b256) -> Error {
    Error::internal(format!("reading the blob {blob}"), "the storage does not have it")
}
