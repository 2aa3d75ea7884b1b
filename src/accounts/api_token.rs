//! Making and revoking API tokens.

use serde_json::json;

use super::Visit;
use super::act::{Act, Order};
use super::event::{self, Tag};
use super::letters::{Notice, notify};
use super::sign_in::{disabled, refused};
use super::token::{Grant, Token};
use super::user::User;
use crate::db::{Conn, Db, TokenId, UserId};
use crate::error::{Error, Result};
use crate::secret::PlainToken;
use crate::time::Time;

/// Longest label, as on PyPI.
const LONGEST_LABEL: usize = 100;

/// Checks what somebody calls a token.
pub fn check_label(label: &str) -> Result<()> {
    if label.chars().count() > LONGEST_LABEL || label.contains(char::is_control) {
        let words = format!("A label is one line of at most {LONGEST_LABEL} characters.");
        return Err(Error::invalid("The label is not acceptable", words));
    }
    Ok(())
}

/// Makes a token for an account, to be shown once. Who calls has made sure that the projects of
/// the grant are the account's.
pub async fn create(db: &Db, visit: &Visit, user: UserId, grant: &Grant) -> Result<PlainToken> {
    make(db, visit, None, user, grant).await
}

/// The same by the word of an administrator, for an account for machines.
pub async fn create_by_order(
    db: &Db,
    order: &Order,
    user: UserId,
    grant: &Grant,
) -> Result<PlainToken> {
    make(db, &order.visit, Some(order.clone()), user, grant).await
}

async fn make(
    db: &Db,
    visit: &Visit,
    order: Option<Order>,
    user: UserId,
    grant: &Grant,
) -> Result<PlainToken> {
    check_label(&grant.label)?;
    if grant.expires_at.is_some_and(|end| end <= visit.at) {
        let words = "The token would have expired before it is made.";
        return Err(Error::invalid("The expiry lies in the past", words));
    }
    let token = PlainToken::generate();
    let (digest, grant, visit) = (token.digest(), grant.clone(), visit.clone());
    db.write(move |c| {
        let user = User::lock(c, user)?.ok_or_else(refused)?;
        if user.disabled_at.is_some() {
            return Err(disabled());
        }
        let id = Token::create(c, user.id, &digest, &grant, visit.at)?;
        let projects: Vec<i64> = grant.projects.iter().map(|id| id.get()).collect();
        let detail = json!({
            "token": id.get(),
            "label": grant.label,
            "scope": grant.scope.as_str(),
            "projects": projects,
        });
        event::record(c, &user, Tag::TokenAdded, &visit, &detail)?;
        if let Some(order) = &order {
            order.log(c, Act::TokenMade, &user.username, &detail)?;
        }
        notify(c, &user, &visit, Notice::TokenMade { label: &grant.label, scope: grant.scope })
    })
    .await?;
    Ok(token)
}

/// Revokes a token of an account; those of others do not exist. Returns it.
pub async fn revoke(db: &Db, visit: &Visit, owner: UserId, id: TokenId) -> Result<Token> {
    let visit = visit.clone();
    db.write(move |c| {
        let token = end(c, Some(owner), id, visit.at)?;
        if let Some(user) = User::by_id(c, token.user_id)? {
            let detail = json!({ "token": id.get(), "label": token.label, "by": "owner" });
            event::record(c, &user, Tag::TokenRemoved, &visit, &detail)?;
        }
        Ok(token)
    })
    .await
}

/// Revokes a token by the word of an administrator: any, or only one of an account. Its owner is
/// told. Returns it.
pub async fn revoke_by_order(
    db: &Db,
    order: &Order,
    owner: Option<UserId>,
    id: TokenId,
) -> Result<Token> {
    let order = order.clone();
    db.write(move |c| {
        let token = end(c, owner, id, order.visit.at)?;
        let user = User::by_id(c, token.user_id)?.ok_or_else(|| missing(id))?;
        let detail = json!({ "token": id.get(), "label": token.label, "by": "administrator" });
        event::record(c, &user, Tag::TokenRemoved, &order.visit, &detail)?;
        let detail = json!({ "token": id.get(), "label": token.label });
        order.log(c, Act::TokenRevoked, &user.username, &detail)?;
        notify(c, &user, &order.visit, Notice::TokenRevoked { label: &token.label })?;
        Ok(token)
    })
    .await
}

fn end(c: &mut Conn, owner: Option<UserId>, id: TokenId, now: Time) -> Result<Token> {
    let token = Token::by_id(c, id)?;
    let token = token.filter(|token| owner.is_none_or(|owner| token.user_id == owner));
    let token = token.ok_or_else(|| missing(id))?;
    if Token::revoke(c, id, now)? == 0 {
        return Err(missing(id));
    }
    Ok(token)
}

fn missing(id: TokenId) -> Error {
    Error::not_found(format!("there is no token with the id {}", id.get()))
}

/// The token that an administrator pasted, whatever its state.
pub async fn look_up(db: &Db, token: &PlainToken) -> Result<Option<Token>> {
    let digest = token.digest();
    db.read(move |c| Ok(Token::by_digest(c, &digest)?)).await
}
