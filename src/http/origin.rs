//! Whether a request that changes something was made by a page of this site.

use actix_web::HttpRequest;
use actix_web::http::header::{HOST, ORIGIN};

use crate::app::App;
use crate::error::{Error, Result};

/// Refuses what another site made the browser send. A browser names the origin of every form that
/// it posts; what names none has to know the form's secret all the same.
pub fn check(app: &App, request: &HttpRequest) -> Result<()> {
    let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let is_cross_site = text("sec-fetch-site".parse().unwrap_or(ORIGIN)) == Some("cross-site");
    let Some(origin) = request.headers().get(ORIGIN) else {
        return if is_cross_site { Err(foreign()) } else { Ok(()) };
    };
    let origin = origin.to_str().unwrap_or_default();
    let own_host = text(HOST).unwrap_or_default();
    // People reach a server by other names than its own, such as localhost; a browser sends the
    // name that it used, and no site can make it send another.
    let is_own = origin == app.public_url.origin()
        || origin.split_once("://").is_some_and(|(scheme, host)| {
            matches!(scheme, "http" | "https") && !host.is_empty() && host == own_host
        });
    if is_own && !is_cross_site { Ok(()) } else { Err(foreign()) }
}

fn foreign() -> Error {
    Error::forbidden(
        "This form was sent by another site",
        "This form was sent by another site, so nothing was done.",
    )
}
