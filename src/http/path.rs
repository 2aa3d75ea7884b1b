//! Paths that name a project.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use actix_web::{FromRequest, HttpRequest, HttpResponse};

use super::auth::app_of;
use crate::error::{Error, Result};
use crate::packaging::NormalizedName;

/// The project that the path's `{project}` names. A name that no project can have is 404
/// without asking the database.
pub struct ProjectPath {
    /// Its normalized name.
    pub name: NormalizedName,
    /// Whether the path spells it so.
    pub is_spelled_so: bool,
    /// Whether that, and it ends with a slash.
    is_canonical: bool,
}

impl FromRequest for ProjectPath {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

impl ProjectPath {
    /// Reads it.
    pub(super) fn of(request: &HttpRequest) -> Result<Self> {
        let text = request.match_info().get("project").unwrap_or_default();
        let name = NormalizedName::parse(text)
            .ok_or_else(|| Error::not_found("There is no project of that name here."))?;
        let is_spelled_so = name.as_str() == text;
        let is_canonical = is_spelled_so && request.path().ends_with('/');
        Ok(Self { name, is_spelled_so, is_canonical })
    }

    /// The redirect to `{place}{name}/` where the path is another spelling of it.
    pub fn elsewhere(&self, request: &HttpRequest, place: &str) -> Result<Option<HttpResponse>> {
        if self.is_canonical {
            return Ok(None);
        }
        redirect(request, &format!("{place}{}/", self.name)).map(Some)
    }
}

/// A permanent redirect within this index that keeps the query. Not to be stored: clients keep
/// permanent redirects for ever otherwise.
pub fn redirect(request: &HttpRequest, path: &str) -> Result<HttpResponse> {
    let prefix = app_of(request)?.public_url.prefix();
    let query = match request.query_string() {
        "" => String::new(),
        query => format!("?{query}"),
    };
    Ok(HttpResponse::MovedPermanently()
        .insert_header((LOCATION, format!("{prefix}{path}{query}")))
        .insert_header((CACHE_CONTROL, "no-store"))
        .finish())
}
