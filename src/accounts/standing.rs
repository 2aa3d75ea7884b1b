//! Stopping accounts and letting them work again.

use serde_json::json;

use super::Visit;
use super::event::{self, Tag};
use super::link::{Link, Purpose};
use super::session::Session;
use super::user::User;
use crate::db::{Conn, Db, UserId};
use crate::error::{Error, Kind, Result};

/// Stops an account or lets it work again. A stopped one is logged out everywhere, and what was
/// mailed to it or was pending ends. Returns whether that changed anything.
///
/// Through the pages the last administrator cannot be stopped: nobody could undo it there. The
/// operator may, who can make another one.
pub async fn set_disabled(db: &Db, visit: &Visit, user: UserId, disabled: bool) -> Result<bool> {
    let visit = visit.clone();
    db.write(move |c| {
        if disabled && visit.ip.is_some() {
            keep_an_administrator(c, user)?;
        }
        let missing = || Error::not_found("there is no such account");
        let user = User::lock(c, user)?.ok_or_else(missing)?;
        if user.disabled_at.is_some() == disabled {
            return Ok(false);
        }
        User::set_disabled(c, user.id, disabled.then_some(visit.at))?;
        if disabled {
            Session::end_all(c, user.id, None)?;
            Link::end_all(c, user.id, Purpose::SecondFactor)?;
            Link::end_all(c, user.id, Purpose::ResetPassword)?;
        }
        let tag = if disabled { Tag::Disabled } else { Tag::Enabled };
        event::record(c, &user, tag, &visit, &json!({}))?;
        Ok(true)
    })
    .await
}

/// Refuses to go on where no administrator who can log in would be left without this account.
fn keep_an_administrator(c: &mut Conn, without: UserId) -> Result<()> {
    let admins = User::lock_admins(c)?;
    if admins.len() == 1 && admins.contains(&without) {
        let words = "This is the last administrator; make somebody else one before.";
        return Err(Error::new(Kind::Conflict, "This is the last administrator", words));
    }
    Ok(())
}

/// Whether any administrator is left who is not stopped.
pub async fn has_administrator(db: &Db) -> Result<bool> {
    db.read(|c| Ok(!User::admins(c)?.is_empty())).await
}
