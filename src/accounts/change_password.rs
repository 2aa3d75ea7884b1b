//! Replacing a password by somebody who knows it, or by the operator.

use serde_json::json;

use super::Visit;
use super::act::{Act, Order};
use super::device::Device;
use super::email::Email;
use super::event::{self, Tag};
use super::letters::{By, Notice, notify};
use super::link::Link;
use super::password::Password;
use super::prove::{Known, lock_proven, prove};
use super::session::Session;
use super::sign_in::refused;
use super::turn::{Turn, Whose};
use super::user::User;
use crate::db::{Conn, Db, SessionId, UserId};
use crate::error::{Error, Result};
use crate::time::Time;

/// Changes the password of an account that is logged in with `session`. All its other sessions
/// end, its devices are forgotten, and links that reset the password work no more. API tokens stay.
pub async fn change(
    db: &Db,
    visit: &Visit,
    (session, user): (SessionId, &User),
    (current, new): (&str, &str),
) -> Result<()> {
    let failure = Tag::ReauthenticateFailure;
    let known = Known::Session(session);
    let proven = prove(db, visit, (&user.username, current), failure, known).await?;
    let chosen = choose(db, proven.id, new).await?;
    let (hash, _) = chosen.hash_in(Turn::of(Whose::account(proven.id)).await?).await?;
    let visit = visit.clone();
    db.write(move |c| {
        let user = lock_proven(c, &proven, visit.at)?;
        replace(c, &user, &hash, Some(session), visit.at)?;
        event::record(c, &user, Tag::PasswordChanged, &visit, &json!({}))?;
        notify(c, &user, &visit, Notice::PasswordChanged { by: By::Owner })
    })
    .await
}

/// Sets the password of an account. All its sessions end.
pub async fn set(db: &Db, order: &Order, user: UserId, new: &str) -> Result<()> {
    let hash = choose(db, user, new).await?.hash().await?;
    let order = order.clone();
    db.write(move |c| {
        let user = User::lock(c, user)?.ok_or_else(refused)?;
        if user.is_service {
            let words = "A service account has no password; it has API tokens only.";
            return Err(Error::invalid("This is a service account", words));
        }
        let visit = &order.visit;
        replace(c, &user, &hash, None, visit.at)?;
        let detail = json!({ "by": "administrator" });
        event::record(c, &user, Tag::PasswordChanged, visit, &detail)?;
        order.log(c, Act::PasswordSet, &user.username, &json!({}))?;
        notify(c, &user, visit, Notice::PasswordChanged { by: By::Administrator })
    })
    .await
}

/// Takes a new password of an account, measured against what is known of its owner.
pub(super) async fn choose(db: &Db, user: UserId, text: &str) -> Result<Password> {
    let about = db.read(move |c| about(c, user)).await?;
    Password::choose_apart(text, about).await
}

fn about(c: &mut Conn, user: UserId) -> Result<Vec<String>> {
    let user = User::by_id(c, user)?.ok_or_else(refused)?;
    let addresses = Email::of(c, user.id)?.into_iter().map(|email| email.address);
    Ok([user.username, user.full_name].into_iter().chain(addresses).collect())
}

/// Puts a new password in force: what the old one opened is closed.
pub(super) fn replace(
    c: &mut Conn,
    user: &User,
    hash: &str,
    kept: Option<SessionId>,
    now: Time,
) -> Result<()> {
    User::set_password(c, user.id, hash, now)?;
    Session::end_all(c, user.id, kept)?;
    Device::remove_all(c, user.id)?;
    Link::end_ways_in(c, user.id)?;
    Ok(())
}
