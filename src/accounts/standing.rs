//! Stopping accounts and letting them work again.

use serde_json::json;

use super::act::{Act, Order};
use super::device::Device;
use super::event::{self, Tag};
use super::letters::{Notice, notify};
use super::link::Link;
use super::session::Session;
use super::user::User;
use crate::db::{Conn, Db, UserId};
use crate::error::{Error, Kind, Result};

/// Stops an account or lets it work again. A stopped one is logged out everywhere and remembered
/// nowhere, and what was mailed to it or was pending ends. Returns whether that changed anything.
///
/// Through the pages the last administrator cannot be stopped: nobody could undo it there. The
/// operator may, who can make another one.
pub async fn set_disabled(db: &Db, order: &Order, user: UserId, disabled: bool) -> Result<bool> {
    let order = order.clone();
    db.write(move |c| {
        if disabled && order.visit.ip.is_some() {
            keep_an_administrator(c, user)?;
        }
        let missing = || Error::not_found("there is no such account");
        let user = User::lock(c, user)?.ok_or_else(missing)?;
        if user.disabled_at.is_some() == disabled {
            return Ok(false);
        }
        let visit = &order.visit;
        if disabled {
            Session::end_all(c, user.id, None)?;
            Device::remove_all(c, user.id)?;
            Link::end_ways_in(c, user.id)?;
        }
        User::set_disabled(c, user.id, disabled.then_some(visit.at))?;
        let (tag, act, notice) = if disabled {
            (Tag::Disabled, Act::UserDisabled, Notice::Disabled { reason: order.reason() })
        } else {
            (Tag::Enabled, Act::UserEnabled, Notice::Enabled)
        };
        event::record(c, &user, tag, visit, &json!({}))?;
        order.log(c, act, &user.username, &json!({}))?;
        notify(c, &user, visit, notice)?;
        Ok(true)
    })
    .await
}

/// Refuses to go on where no administrator who can log in would be left without this account.
pub(super) fn keep_an_administrator(c: &mut Conn, without: UserId) -> Result<()> {
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
