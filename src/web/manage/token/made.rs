//! The page that shows a new token, once.

use actix_web::HttpResponse;
use askama::Template;

use crate::accounts::token::{Grant, Scope};
use crate::app::App;
use crate::error::Result;
use crate::http::visitor::Visitor;
use crate::secret::PlainToken;
use crate::web::form::show_once;
use crate::web::page::Frame;

#[derive(Template)]
#[template(path = "manage/token/made.html")]
struct MadePage<'a> {
    frame: Frame,
    here: &'static str,
    label: &'a str,
    token: &'a str,
    uploads: bool,
    /// Base URL of this index, and its parts around the credentials.
    url: String,
    scheme: &'a str,
    rest: &'a str,
    /// Where the list is.
    back: &'a str,
}

/// Shows a token, with how to use it. `back` is the path of the list.
pub(in crate::web) fn show(
    app: &App,
    visitor: &Visitor,
    grant: &Grant,
    token: &PlainToken,
    back: &str,
) -> Result<HttpResponse> {
    let url = app.public_url.to_string();
    let (scheme, rest) = url.split_once("://").unwrap_or(("https", url.as_str()));
    let page = MadePage {
        frame: Frame::of(app, visitor),
        here: "tokens",
        label: &grant.label,
        token: token.reveal(),
        uploads: grant.scope == Scope::Upload,
        scheme,
        rest,
        url: url.clone(),
        back,
    };
    show_once(app, visitor, None, &page)
}
