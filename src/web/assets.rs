//! Files of `static/`, part of the binary.

use std::sync::LazyLock;

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::web::{Path, ServiceConfig, get, head, resource};
use actix_web::{HttpRequest, HttpResponse};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::http::range::matches_etag;

struct Asset {
    name: &'static str,
    content_type: &'static str,
    bytes: &'static [u8],
    etag: String,
}

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    vec![
        asset("style.css", "text/css; charset=utf-8", include_bytes!("../../static/style.css")),
        asset(
            "search.js",
            "text/javascript; charset=utf-8",
            include_bytes!("../../static/search.js"),
        ),
        asset("icon.svg", "image/svg+xml", include_bytes!("../../static/icon.svg")),
    ]
});

fn asset(name: &'static str, content_type: &'static str, bytes: &'static [u8]) -> Asset {
    Asset { name, content_type, bytes, etag: format!("\"{}\"", hex::encode(Sha256::digest(bytes))) }
}

pub(super) fn configure(config: &mut ServiceConfig) {
    let serve = resource("/static/{name}").route(get().to(serve)).route(head().to(serve));
    config.service(serve);
}

async fn serve(request: HttpRequest, name: Path<String>) -> Result<HttpResponse> {
    let asset = ASSETS.iter().find(|asset| asset.name == *name);
    let asset = asset.ok_or_else(|| Error::not_found("There is no such file here."))?;
    let wanted = request.headers().get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let has_it = wanted.is_some_and(|wanted| matches_etag(wanted, &asset.etag));
    let mut reply = if has_it { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    reply
        .insert_header((ETAG, asset.etag.as_str()))
        // Checked at each use: a new version of the server shows at once.
        .insert_header((CACHE_CONTROL, "no-cache"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"));
    if has_it {
        return Ok(reply.finish());
    }
    Ok(reply.insert_header((CONTENT_TYPE, asset.content_type)).body(asset.bytes))
}
