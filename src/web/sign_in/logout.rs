//! `/account/logout/`

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Deserialize;

use super::login::add;
use crate::accounts::log_in;
use crate::app::App;
use crate::error::Result;
use crate::http::cookies::Jar;
use crate::http::post::Post;
use crate::http::visitor::Visitor;
use crate::web::page::go;
use crate::web::said::Said;

#[derive(Deserialize)]
pub(super) struct Form {}

/// Ends the session on the server; the cookie goes with it.
pub(super) async fn submit(
    app: Data<App>,
    visitor: Visitor,
    Post(Form {}): Post<Form>,
) -> Result<HttpResponse> {
    if let Some((session, _)) = &visitor.known {
        log_in::out(&app.db, session).await?;
    }
    let mut reply = go(&app, "/", Some(Said::LoggedOut));
    add(&mut reply, &Jar::Session.empty(&app))?;
    add(&mut reply, &Jar::Browser.empty(&app))?;
    Ok(reply)
}
