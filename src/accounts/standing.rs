//! Stopping accounts, letting them work again, and accounts for machines.

use serde_json::json;

use super::event::{self, Tag};
use super::link::{Link, Purpose};
use super::session::Session;
use super::user::{NewUser, User};
use super::{Username, Visit};
use crate::db::{Db, UserId};
use crate::error::{Error, Kind, Result};

/// Stops an account or lets it work again. A stopped one is logged out everywhere, and what was
/// mailed to it or was pending ends. Returns whether that changed anything.
pub async fn set_disabled(db: &Db, visit: &Visit, user: UserId, disabled: bool) -> Result<bool> {
    let visit = visit.clone();
    db.write(move |c| {
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

/// Makes an account for machines: no address, no password, no login through the pages, API tokens
/// only.
pub async fn create_service(db: &Db, visit: &Visit, name: &Username) -> Result<UserId> {
    let (name, visit) = (name.clone(), visit.clone());
    db.write(move |c| {
        if User::by_name(c, &name)?.is_some() {
            let words = format!("there is already an account named {name}");
            return Err(Error::new(Kind::Conflict, "The name is taken", words));
        }
        let new = NewUser {
            username: &name,
            full_name: "",
            password_hash: None,
            is_admin: false,
            is_service: true,
        };
        let id = User::create(c, new, visit.at)?;
        if let Some(user) = User::by_id(c, id)? {
            event::record(c, &user, Tag::Created, &visit, &json!({ "service": true }))?;
        }
        Ok(id)
    })
    .await
}
