//! Ending what lets somebody in: sessions and API tokens.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use serde::Deserialize;

use super::acts::{answer, found};
use crate::accounts::act::Order;
use crate::accounts::{administer, api_token};
use crate::app::App;
use crate::db::{SessionId, TokenId};
use crate::error::{Error, Result};
use crate::http::guard::AdminConfirmed;
use crate::http::post::Post;
use crate::http::visitor::Visitor;
use crate::web::said::Said;

/// Without an id: all sessions.
#[derive(Deserialize)]
pub(super) struct Which {
    session_id: Option<i64>,
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
pub(in crate::web::admin) struct WhichToken {
    token_id: i64,
    #[serde(default)]
    reason: String,
}

/// Ends a session, or all.
pub(super) async fn end(
    app: Data<App>,
    visitor: Visitor,
    who: AdminConfirmed,
    username: Path<String>,
    Post(form): Post<Which>,
) -> Result<HttpResponse> {
    let user = found(&app, username).await?;
    let done = async {
        let order = Order::of(&who.user, &who.visit, &form.reason)?;
        let id = form.session_id.map(SessionId::new);
        let ended = administer::end_sessions(&app.db, &order, user.id, id).await?;
        match (ended, id) {
            (0, Some(_)) => Err(Error::not_found("This account has no such session.")),
            (0, None) => Ok(Said::NothingChanged),
            _ => Ok(Said::SessionsEnded),
        }
    };
    answer(&app, &visitor, (&user, &who), done.await).await
}

/// Revokes one of its API tokens.
pub(in crate::web::admin) async fn revoke_token(
    app: Data<App>,
    visitor: Visitor,
    who: AdminConfirmed,
    username: Path<String>,
    Post(form): Post<WhichToken>,
) -> Result<HttpResponse> {
    let user = found(&app, username).await?;
    let done = async {
        let order = Order::explained(&who.user, &who.visit, &form.reason)?;
        let id = TokenId::new(form.token_id);
        api_token::revoke_by_order(&app.db, &order, Some(user.id), id).await?;
        Ok(Said::TokenRevoked)
    };
    answer(&app, &visitor, (&user, &who), done.await).await
}
