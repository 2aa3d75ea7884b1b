//! `/packages/…`: the files themselves, and the metadata beside each wheel.

use actix_web::body::SizedStream;
use actix_web::http::Method;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_RANGE, CONTENT_TYPE, ETAG, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::web::{Data, Path, ServiceConfig, get, head, resource};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream;

use crate::app::App;
use crate::catalog::file::File;
use crate::error::{Error, Result};
use crate::http::range::{self, Part};
use crate::packaging::Blake2b256;

/// A published file never changes: clients may keep it for ever.
const FOR_EVER: &str = "public, max-age=365000000, immutable";
const METADATA_SUFFIX: &str = ".metadata";

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(
        resource("/packages/{first}/{second}/{rest}/{filename}")
            .route(get().to(file))
            .route(head().to(file)),
    );
}

/// What is served under a path.
struct Served {
    digest: Blake2b256,
    /// Known for files from their row, for metadata only when it is opened.
    size: Option<u64>,
    content_type: &'static str,
}

async fn file(
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String, String, String)>,
) -> Result<HttpResponse> {
    let (first, second, rest, filename) = path.into_inner();
    let address = (first.len() == 2 && second.len() == 2)
        .then(|| Blake2b256::parse(&format!("{first}{second}{rest}")))
        .flatten();
    let served = match address {
        Some(address) => find(&app, &filename, address).await?,
        None => None,
    };
    let served = served.ok_or_else(|| Error::not_found("There is no such file here."))?;
    send(&app, &request, served).await
}

async fn find(app: &App, filename: &str, address: Blake2b256) -> Result<Option<Served>> {
    let bare = filename.strip_suffix(METADATA_SUFFIX);
    let wanted = bare.unwrap_or(filename).to_owned();
    let found = app.db.read(move |c| Ok(File::offered(c, &wanted)?)).await?;
    let Some(file) = found.filter(|file| file.blake2_256 == address) else {
        return Ok(None);
    };
    if bare.is_some() {
        let served =
            |digest| Served { digest, size: None, content_type: "text/plain; charset=utf-8" };
        return Ok(file.metadata_blake2_256.map(served));
    }
    let size = u64::try_from(file.size).ok();
    Ok(Some(Served { digest: address, size, content_type: "application/octet-stream" }))
}

async fn send(app: &App, request: &HttpRequest, served: Served) -> Result<HttpResponse> {
    let lost = || {
        let digest = &served.digest;
        Error::internal(format!("reading the blob {digest}"), "the storage does not have it")
    };
    let size = match served.size {
        Some(size) => size,
        None => app.storage.get(&served.digest, None).await?.ok_or_else(lost)?.size(),
    };
    let etag = format!("\"{}\"", served.digest);
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
        .insert_header((CACHE_CONTROL, FOR_EVER))
        .insert_header((ACCEPT_RANGES, "bytes"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"));
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
    reply.insert_header((CONTENT_TYPE, served.content_type));
    let length = bytes.end - bytes.start;
    if request.method() == Method::HEAD || length == 0 {
        let nothing = stream::empty::<std::io::Result<bytes::Bytes>>();
        return Ok(reply.body(SizedStream::new(length, nothing)));
    }
    let blob = app.storage.get(&served.digest, Some(bytes)).await?.ok_or_else(lost)?;
    Ok(reply.body(SizedStream::new(length, blob.into_stream())))
}
