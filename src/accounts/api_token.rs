//! Making and revoking API tokens.

use serde_json::json;

use super::Visit;
use super::event::{self, Tag};
use super::letters::{Notice, notify};
use super::sign_in::{disabled, refused};
use super::token::{Grant, Token};
use super::user::User;
use crate::db::{Db, TokenId, UserId};
use crate::error::{Error, Result};
use crate::secret::PlainToken;

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
        notify(c, &user, &visit, Notice::TokenMade { label: &grant.label, scope: grant.scope })
    })
    .await?;
    Ok(token)
}

/// Revokes a token. With `owner` only where it is theirs: to others it does not exist. Returns
/// the token.
pub async fn revoke(db: &Db, visit: &Visit, owner: Option<UserId>, id: TokenId) -> Result<Token> {
    let visit = visit.clone();
    db.write(move |c| {
        let token = Token::by_id(c, id)?;
        let token = token.filter(|token| owner.is_none_or(|owner| token.user_id == owner));
        let token = token.ok_or_else(|| missing(id))?;
        if Token::revoke(c, id, visit.at)? == 0 {
            return Err(missing(id));
        }
        if let Some(user) = User::by_id(c, token.user_id)? {
            let by = if owner.is_some() { "owner" } else { "administrator" };
            let detail = json!({ "token": id.get(), "label": token.label, "by": by });
            event::record(c, &user, Tag::TokenRemoved, &visit, &detail)?;
            if owner.is_none() {
                notify(c, &user, &visit, Notice::TokenRevoked { label: &token.label })?;
            }
        }
        Ok(token)
    })
    .await
}

fn missing(id: TokenId) -> Error {
    Error::not_found(format!("there is no token with the id {}", id.get()))
}

/// The token that an administrator pasted, whatever its state.
pub async fn look_up(db: &Db, token: &PlainToken) -> Result<Option<Token>> {
    let digest = token.digest();
    db.read(move |c| Ok(Token::by_digest(c, &digest)?)).await
}
