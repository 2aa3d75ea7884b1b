//! Whether somebody knows the password of an account. Every place that takes a password asks
//! here, so that all of them share one set of limits and one bounded number of hashes.

use serde_json::json;

use super::device::Device;
use super::event::{self, Tag};
use super::password::{Password, is_outdated};
use super::sign_in::{disabled, refused};
use super::throttle::{self, Counted};
use super::turn::{Turn, Whose};
use super::user::User;
use super::{Username, Visit};
use crate::db::{Db, SessionId};
use crate::error::Result;
use crate::secret::TokenDigest;

/// What tells, beside the password, that it may be the owner who tries.
pub(super) enum Known<'a> {
    /// Nothing.
    Nobody,
    /// A browser that says it is a device which the account remembers.
    Device(&'a TokenDigest),
    /// A session of the account, which asks for the password again.
    Session(SessionId),
}

/// The account of that name, if the password is its own. A wrong one counts in the limits, and is
/// written into the history of the account as `failure`. A right one is counted by who goes on
/// with it, in the transaction of that.
///
/// Whoever has the turn to hash asks the limits, so that a burst cannot pass them while it waits.
/// Who has to wait for it asks them before, too, so that a flood is turned away for little.
pub(super) async fn prove(
    db: &Db,
    visit: &Visit,
    (username, password): (&str, &str),
    failure: Tag,
    known: Known<'_>,
) -> Result<User> {
    let counted = judged_by(db, visit, username, known).await?;
    let (whose, claimed) = (Whose::named(username), Password::claimed(password));
    let turn = if let Some(turn) = Turn::at_once(&whose)? {
        turn
    } else {
        find(db, &counted, username, visit).await?;
        Turn::of(whose).await?
    };
    let user = find(db, &counted, username, visit).await?;
    let claimed = claimed.ok_or_else(refused)?;
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

/// What a wrong password counts by. Who is known has a counter of its own beside that of its
/// network: guesses of others, however many, never keep it out.
async fn judged_by(
    db: &Db,
    visit: &Visit,
    username: &str,
    known: Known<'_>,
) -> Result<Vec<Counted>> {
    let browser = match known {
        Known::Nobody => None,
        Known::Session(id) => Some(format!("session {}", id.get())),
        Known::Device(digest) => {
            let is_known = is_device_of(db, visit, username, digest.clone()).await?;
            is_known.then(|| format!("device {}", digest.as_str()))
        }
    };
    Ok(match browser {
        Some(browser) => Counted::known_login(&browser, visit),
        None => Counted::login(username, visit),
    })
}

async fn is_device_of(db: &Db, visit: &Visit, username: &str, device: TokenDigest) -> Result<bool> {
    let Some(name) = Username::parse(username.trim()) else { return Ok(false) };
    let now = visit.at;
    db.read(move |c| match User::by_name(c, &name)? {
        Some(user) => Ok(Device::is_known(c, user.id, &device, now)?),
        None => Ok(false),
    })
    .await
}

/// The account of that name, unless a limit is reached.
async fn find(db: &Db, counted: &[Counted], username: &str, visit: &Visit) -> Result<Option<User>> {
    let mut all = counted.to_vec();
    all.push(Counted::right_password(username));
    let (name, now) = (Username::parse(username.trim()), visit.at);
    db.read(move |c| {
        throttle::check(c, &all, now)?;
        Ok(name.map(|name| User::by_name(c, &name)).transpose()?.flatten())
    })
    .await
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
