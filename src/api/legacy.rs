//! `/pypi` and the addresses below it as PyPI had them before its pages moved.

use actix_web::web::{Data, Path, Query, ServiceConfig, get, head, post, resource};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use super::xmlrpc;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::fresh::Fresh;
use crate::http::path::redirect;
use crate::packaging::{NormalizedName, Version, classifier};

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(
            resource(["/pypi", "/pypi/"])
                .route(post().to(xmlrpc::accept))
                .route(get().to(act))
                .route(head().to(act)),
        )
        .service(resource("/RPC2").route(post().to(xmlrpc::accept)))
        .service(
            resource(["/pypi/{project}", "/pypi/{project}/"])
                .route(get().to(project))
                .route(head().to(project)),
        )
        .service(
            resource(["/pypi/{project}/{version}", "/pypi/{project}/{version}/"])
                .route(get().to(release))
                .route(head().to(release)),
        );
}

#[derive(Deserialize)]
struct Action {
    #[serde(rename = ":action")]
    action: Option<String>,
}

/// What `:action` in the query asks for; people without one are led to the home page.
async fn act(app: Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    let query = Query::<Action>::from_query(request.query_string());
    let action = query.ok().and_then(|query| query.into_inner().action);
    match action.as_deref() {
        None => redirect(&request, "/"),
        Some("rss") => redirect(&request, "/rss/updates.xml"),
        Some("packages_rss") => redirect(&request, "/rss/packages.xml"),
        Some("list_classifiers") => {
            let body = classifier::KNOWN.into();
            let content_type = "text/plain; charset=utf-8";
            Ok(Fresh { body, content_type, serial: None }.answer(&app, &request))
        }
        Some(_) => Err(Error::invalid(
            "Unknown action",
            "This address knows the actions list_classifiers, rss and packages_rss.",
        )),
    }
}

async fn project(request: HttpRequest, path: Path<String>) -> Result<HttpResponse> {
    let missing = || Error::not_found("There is no project of that name here.");
    let name = NormalizedName::parse(&path).ok_or_else(missing)?;
    redirect(&request, &format!("/project/{name}/"))
}

async fn release(request: HttpRequest, path: Path<(String, String)>) -> Result<HttpResponse> {
    let (name, version) = path.into_inner();
    let missing = || Error::not_found("There is no such release here.");
    let name = NormalizedName::parse(&name).ok_or_else(missing)?;
    let version = Version::parse(&version).ok_or_else(missing)?;
    redirect(&request, &format!("/project/{name}/{version}/"))
}
