//! Whether somebody knows the password of an account. Every place that takes a password asks
//! here, so that all of them share one set of limits and one bounded number of hashes.

use serde_json::json;

use super::event::{self, Tag};
use super::password::{Password, Turn, is_outdated};
use super::sign_in::{disabled, refused};
use super::throttle::{self, Counted};
use super::user::User;
use super::{Username, Visit};
use crate::db::Db;
use crate::error::Result;

/// The account of that name, if the password is its own. A wrong one counts in the limits, and is
/// written into the history of the account as `failure`.
///
/// The limits are asked twice: at once, so that a flood is turned away for little, and again by
/// whoever has the turn to hash, so that a burst cannot pass them while it waits.
pub(super) async fn prove(
    db: &Db,
    visit: &Visit,
    username: &str,
    password: &str,
    failure: Tag,
) -> Result<User> {
    let counted = Counted::login(username, visit);
    check(db, &counted, visit).await?;
    let claimed = Password::claimed(password).ok_or_else(refused)?;
    let turn = Turn::take().await?;
    check(db, &counted, visit).await?;
    let user = match Username::parse(username.trim()) {
        Some(name) => db.read(move |c| Ok(User::by_name(c, &name)?)).await?,
        None => None,
    };
    let hash = user.as_ref().and_then(|user| user.password_hash.clone());
    let (matches, turn) = claimed.clone().matches(hash, turn).await?;
    let Some(user) = user.clone().filter(|_| matches) else {
        note_failure(db, counted, user, visit, failure).await?;
        return Err(refused());
    };
    if user.disabled_at.is_some() {
        return Err(disabled());
    }
    renew(db, user, claimed, turn).await
}

async fn check(db: &Db, counted: &[Counted], visit: &Visit) -> Result<()> {
    let (counted, now) = (counted.to_vec(), visit.at);
    db.read(move |c| throttle::check(c, &counted, now)).await
}

/// Counts a failure. An index that is read-only cannot; the turn to hash still bounds the guesses.
async fn note_failure(
    db: &Db,
    counted: Vec<Counted>,
    user: Option<User>,
    visit: &Visit,
    failure: Tag,
) -> Result<()> {
    if !db.is_writable() {
        return Ok(());
    }
    let visit = visit.clone();
    db.write(move |c| {
        throttle::count(c, &counted, visit.at)?;
        if let Some(user) = &user {
            event::record(c, user, failure, &visit, &json!({ "reason": "invalid_password" }))?;
        }
        Ok(())
    })
    .await
}

/// Hashes the password anew where the parameters have changed since.
async fn renew(db: &Db, mut user: User, password: Password, turn: Turn) -> Result<User> {
    let Some(old) = user.password_hash.clone().filter(|hash| is_outdated(hash)) else {
        return Ok(user);
    };
    if !db.is_writable() {
        return Ok(user);
    }
    let (new, _turn) = password.hash_in(turn).await?;
    let (id, hash) = (user.id, new.clone());
    if db.write(move |c| Ok(User::renew_hash(c, id, &old, &hash)?)).await? == 1 {
        user.password_hash = Some(new);
    }
    Ok(user)
}
