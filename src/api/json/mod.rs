//! `/pypi/{project}/json` and `/pypi/{project}/{version}/json`: everything about a project.

mod entry;
mod info;
mod mirrored;
mod page;

use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Data, Path, ServiceConfig, get, head, resource};
use actix_web::{HttpRequest, HttpResponse};

use crate::app::App;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::http::fresh::{self, Fresh};
use crate::http::path::redirect;
use crate::http::{cors, reply};
use crate::packaging::{NormalizedName, Version};

const JSON: &str = "application/json";
const NOT_FOUND: &str = "{\"message\": \"Not Found\"}";

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(
            resource(["/pypi/{project}/json", "/pypi/{project}/json/"])
                .route(get().to(latest))
                .route(head().to(latest)),
        )
        .service(
            resource(["/pypi/{project}/{version}/json", "/pypi/{project}/{version}/json/"])
                .route(get().to(release))
                .route(head().to(release)),
        );
}

async fn latest(app: Data<App>, request: HttpRequest, path: Path<String>) -> Result<HttpResponse> {
    let text = path.into_inner();
    let Some(name) = NormalizedName::parse(&text) else { return Ok(not_found()) };
    if name.as_str() != text {
        return redirect(&request, &format!("/pypi/{name}/json"));
    }
    answer(&app, &request, name, None).await
}

async fn release(
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let (text, version) = path.into_inner();
    let (Some(name), Some(version)) = (NormalizedName::parse(&text), Version::parse(&version))
    else {
        return Ok(not_found());
    };
    if name.as_str() != text {
        return redirect(&request, &format!("/pypi/{name}/{version}/json"));
    }
    answer(&app, &request, name, Some(version)).await
}

async fn answer(
    app: &App,
    request: &HttpRequest,
    name: NormalizedName,
    version: Option<Version>,
) -> Result<HttpResponse> {
    let (url, wanted) = (app.public_url.clone(), (name.clone(), version.clone()));
    let hosted = move |c: &mut Conn| page::write(c, &url, &wanted.0, wanted.1.as_ref());
    if let Some((body, serial)) = app.db.read(hosted).await? {
        let serial = Some(serial);
        return Ok(Fresh { body: body.into(), content_type: JSON, serial }.answer(app, request));
    }
    let Some((body, stale)) = mirrored::write(app, &name, version.as_ref()).await? else {
        return Ok(not_found());
    };
    let fresh = Fresh { body: body.into(), content_type: JSON, serial: None };
    let mut reply = fresh.answer(app, request);
    if let Some(stale) = stale {
        fresh::say_stale(reply.headers_mut(), &stale);
    }
    Ok(reply)
}

/// What PyPI says of a project that it does not have.
fn not_found() -> HttpResponse {
    let mut reply = reply::begin(&Error::not_found("There is no such release here."));
    cors::allow(&mut reply);
    reply.insert_header((CONTENT_TYPE, JSON)).body(NOT_FOUND)
}
