//! `/simple/`: the pages that installers read.

use actix_web::http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderName, IF_NONE_MATCH, VARY,
};
use actix_web::web::{Data, Query, ServiceConfig, get, head, resource};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::app::App;
use crate::error::{Error, Result};
use crate::http::negotiate::{self, Form};
use crate::http::path::redirect;
use crate::http::{ProjectPath, range};
use crate::simple::{Ready, Rendered};

const LAST_SERIAL: HeaderName = HeaderName::from_static("x-pypi-last-serial");

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

async fn index_slash(request: HttpRequest) -> Result<HttpResponse> {
    redirect(&request, "/simple/")
}

async fn index(app: Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    match app.pages.index(&app.db).await? {
        Some(page) => Ok(send(&request, &page)),
        None => Err(Error::not_found("There is no index.")),
    }
}

async fn project(app: Data<App>, request: HttpRequest, at: ProjectPath) -> Result<HttpResponse> {
    if let Some(redirect) = at.elsewhere(&request, "/simple/")? {
        return Ok(redirect);
    }
    match app.pages.project(&app.db, &at.name).await? {
        Some(page) => Ok(send(&request, &page)),
        None => Err(Error::not_found(format!("There is no project {} here.", at.name))),
    }
}

/// Sends the form of a page that was asked for, or 304 where the client has it. `no-cache`: a
/// finished upload shows at the next request.
fn send(request: &HttpRequest, page: &Rendered) -> HttpResponse {
    let format = match request.query_string() {
        "" => None,
        query => Query::<Wish>::from_query(query).ok().and_then(|wish| wish.into_inner().format),
    };
    let form = negotiate::choose(request.headers().get(ACCEPT), format.as_deref());
    let Ready { body, etag } = match form {
        Form::Json => &page.json,
        Form::Html | Form::TextHtml => &page.html,
    };
    let wanted = request.headers().get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let has_it = wanted.is_some_and(|wanted| range::matches_etag(wanted, etag));
    let mut reply = if has_it { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    reply
        .insert_header((ETAG, etag.as_str()))
        .insert_header((VARY, "Accept"))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .insert_header((LAST_SERIAL, page.serial));
    if has_it {
        return reply.finish();
    }
    reply.insert_header((CONTENT_TYPE, form.content_type())).body(body.clone())
}
