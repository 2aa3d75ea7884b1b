//! What administrators do to accounts beyond stopping them: rights, passwords, sessions.

use serde_json::json;

use super::act::{Act, Order};
use super::device::Device;
use super::email::Email;
use super::event::{self, Tag};
use super::letters::{self, Letterhead, Notice, notify};
use super::link::{Link, Purpose};
use super::lookup;
use super::session::Session;
use super::sign_in::refused;
use super::standing;
use super::user::User;
use crate::db::{Db, SessionId, UserId};
use crate::error::{Error, Kind, Result};
use crate::secret::Ticket;

/// Gives an account the rights of an administrator, or takes them; the last one keeps them.
/// Returns whether that changed anything.
pub async fn set_administrator(
    db: &Db,
    order: &Order,
    user: UserId,
    is_admin: bool,
) -> Result<bool> {
    let order = order.clone();
    db.write(move |c| {
        if !is_admin {
            standing::keep_an_administrator(c, user)?;
        }
        let user = User::lock(c, user)?.ok_or_else(refused)?;
        if user.is_admin == is_admin {
            return Ok(false);
        }
        if user.is_service {
            let words = "A service account cannot log in, so it cannot administer anything.";
            return Err(Error::invalid("This is a service account", words));
        }
        lookup::set_administrator(c, user.id, is_admin)?;
        let (tag, act, notice) = if is_admin {
            (Tag::AdministratorMade, Act::AdministratorMade, Notice::AdministratorMade)
        } else {
            (Tag::AdministratorUnmade, Act::AdministratorUnmade, Notice::AdministratorUnmade)
        };
        event::record(c, &user, tag, &order.visit, &json!({ "by": "administrator" }))?;
        order.log(c, act, &user.username, &json!({}))?;
        notify(c, &user, &order.visit, notice)?;
        Ok(true)
    })
    .await
}

/// Takes the password of an account and mails its owner a link to choose a new one. All sessions
/// end and remembered devices are forgotten; second factor and API tokens stay. Needs a verified
/// primary address: without one nobody could log in again.
pub async fn reset_password(db: &Db, head: &Letterhead, order: &Order, user: UserId) -> Result<()> {
    let (head, order, ticket) = (head.clone(), order.clone(), Ticket::generate());
    db.write(move |c| {
        let user = User::lock(c, user)?.ok_or_else(refused)?;
        let visit = &order.visit;
        let primary = Email::primary(c, user.id)?.filter(|email| email.verified_at.is_some());
        let Some(email) = primary else {
            let words = "This account has no verified primary address that a link could be mailed \
                         to; verify it first, or disable the account.";
            return Err(Error::new(Kind::Conflict, "There is no verified address", words));
        };
        lookup::clear_password(c, user.id)?;
        Session::end_all(c, user.id, None)?;
        Device::remove_all(c, user.id)?;
        Link::end_ways_in(c, user.id)?;
        let digest = ticket.digest();
        Link::create(c, &digest, Purpose::ResetPassword, user.id, Some(email.id), visit.at)?;
        event::record(c, &user, Tag::PasswordDisabled, visit, &json!({ "by": "administrator" }))?;
        order.log(c, Act::PasswordReset, &user.username, &json!({ "email": email.address }))?;
        letters::reset_by_order(c, &head, visit, (&user, &email), &ticket)
    })
    .await
}

/// Ends a session of an account, or all. Returns how many.
pub async fn end_sessions(
    db: &Db,
    order: &Order,
    user: UserId,
    id: Option<SessionId>,
) -> Result<usize> {
    let order = order.clone();
    db.write(move |c| {
        let user = User::lock(c, user)?.ok_or_else(refused)?;
        let ended = match id {
            Some(id) => usize::from(Session::end(c, user.id, id)?),
            None => Session::end_all(c, user.id, None)?,
        };
        if ended > 0 {
            let detail = json!({ "sessions": ended, "by": "administrator" });
            event::record(c, &user, Tag::SessionEnded, &order.visit, &detail)?;
            order.log(c, Act::SessionsEnded, &user.username, &json!({ "sessions": ended }))?;
            notify(c, &user, &order.visit, Notice::SessionsEnded)?;
        }
        Ok(ended)
    })
    .await
}
