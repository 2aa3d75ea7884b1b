//! `/packages/…`: the files themselves, and the metadata beside each wheel.

use actix_web::body::SizedStream;
use actix_web::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderValue,
    X_CONTENT_TYPE_OPTIONS,
};
use actix_web::http::{Method, StatusCode};
use actix_web::web::{Bytes, Data, Path, ServiceConfig, get, head, resource};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use futures_util::{TryStreamExt, stream};

use crate::app::App;
use crate::catalog::file::File;
use crate::db::ProjectId;
use crate::error::{Error, Result};
use crate::http::range::{self, Part};
use crate::http::{cors, freshness, gate};
use crate::packaging::{Blake2b256, Filename};
use crate::simple::Form;

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
    send(app, request, served).await
}

/// Finds a file by the page of its project, which is kept ready, and by the database where its
/// name does not tell the project.
async fn find(
    app: &App,
    request: &HttpRequest,
    filename: &str,
    address: Blake2b256,
) -> Result<Option<Served>> {
    let bare = filename.strip_suffix(METADATA_SUFFIX);
    let wanted = bare.unwrap_or(filename);
    let of_metadata = |blob: Blake2b256| Served { blob, size: None, content_type: METADATA };
    let of_file = |blob, size| Served { blob, size: Some(size), content_type: FILE };
    if let Ok(parsed) = Filename::parse_alone(wanted)
        && let Some(page) = app.pages.project(&app.db, parsed.name(), Form::Json).await?
        && let Some(offer) = page.files.find(wanted, &address)
    {
        if !gate::may_read(request, page.id) {
            return Ok(None);
        }
        return Ok(match bare {
            Some(_) => offer.metadata.clone().map(of_metadata),
            None => Some(of_file(address, offer.size)),
        });
    }
    // No file is named so, and PostgreSQL takes no NUL even in a question.
    if wanted.contains(char::is_control) {
        return Ok(None);
    }
    let wanted = wanted.to_owned();
    let found = app.db.read(move |c| Ok(File::offered(c, &wanted)?)).await?;
    let is_meant = |(file, project): &(File, ProjectId)| {
        file.blake2_256 == address && gate::may_read(request, *project)
    };
    let Some((file, _)) = found.filter(is_meant) else { return Ok(None) };
    Ok(match bare {
        Some(_) => file.metadata_blake2_256.map(of_metadata),
        None => Some(of_file(address, u64::try_from(file.size).unwrap_or_default())),
    })
}

async fn send(app: &App, request: &HttpRequest, served: Served) -> Result<HttpResponse> {
    let Served { blob, size, content_type } = &served;
    let is_known_large = size.is_some_and(|size| !app.storage.is_small(size));
    let whole = if is_known_large { None } else { app.storage.small(blob).await? };
    let size = match (&whole, size) {
        (Some(bytes), _) => bytes.len() as u64,
        (None, Some(size)) => *size,
        (None, None) => app.storage.get(blob, None).await?.ok_or_else(|| lost(blob))?.size(),
    };
    let etag = format!("\"{blob}\"");
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
        Part::NotModified => return Ok(reply.finish()),
        Part::Unsatisfiable => {
            let whole = format!("bytes */{size}");
            return Ok(reply.insert_header((CONTENT_RANGE, whole)).finish());
        }
        Part::Bytes(_) => {
            let range = format!("bytes {}-{}/{size}", bytes.start, bytes.end.saturating_sub(1));
            reply.insert_header((CONTENT_RANGE, range));
        }
        Part::Whole => {}
    }
    reply.insert_header((CONTENT_TYPE, content_type.clone()));
    if request.method() == Method::HEAD {
        return Ok(reply.body(SizedStream::new(bytes.end - bytes.start, nothing())));
    }
    body(app, reply, &served, whole, bytes).await
}

/// The body: from memory where the blob is small, else piece by piece from the storage.
async fn body(
    app: &App,
    mut reply: HttpResponseBuilder,
    served: &Served,
    whole: Option<Bytes>,
    range: std::ops::Range<u64>,
) -> Result<HttpResponse> {
    let length = range.end - range.start;
    if let Some(whole) = whole {
        let start = usize::try_from(range.start).unwrap_or(usize::MAX).min(whole.len());
        let end = usize::try_from(range.end).unwrap_or(usize::MAX).clamp(start, whole.len());
        return Ok(reply.body(whole.slice(start..end)));
    }
    if length == 0 {
        return Ok(reply.body(SizedStream::new(0, nothing())));
    }
    let blob = app.storage.get(&served.blob, Some(range)).await?;
    let blob = blob.ok_or_else(|| lost(&served.blob))?;
    let address = served.blob.clone();
    let pieces = blob.into_stream().inspect_err(move |error| {
        tracing::error!(%error, blob = %address, "a file could not be read to its end");
    });
    Ok(reply.body(SizedStream::new(length, pieces)))
}

fn nothing() -> impl stream::Stream<Item = std::io::Result<Bytes>> + Unpin {
    stream::empty()
}

fn lost(blob: &Blake2b256) -> Error {
    Error::internal(format!("reading the blob {blob}"), "the storage does not have it")
}
