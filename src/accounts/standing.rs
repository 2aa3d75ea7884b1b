//! Stopping accounts, letting them work again, and accounts for machines.

use serde_json::json;

use super::act::{Act, Order};
use super::event::{self, Tag};
use super::letters::{Notice, notify};
use super::link::{Link, Purpose};
use super::session::Session;
use super::user::{NewUser, User};
use super::{Username, lookup};
use crate::db::{Db, UserId};
use crate::error::{Error, Kind, Result};

/// Stops an account or lets it work again. A stopped one is logged out everywhere, and what was
/// mailed to it or was pending ends. Returns whether that changed anything.
pub async fn set_disabled(db: &Db, order: &Order, user: UserId, disabled: bool) -> Result<bool> {
    let order = order.clone();
    db.write(move |c| {
        let missing = || Error::not_found("there is no such account");
        let user = User::lock(c, user)?.ok_or_else(missing)?;
        if user.disabled_at.is_some() == disabled {
            return Ok(false);
        }
        let visit = &order.visit;
        if disabled {
            lookup::keep_an_administrator(c, &user)?;
            Session::end_all(c, user.id, None)?;
            Link::end_all(c, user.id, Purpose::SecondFactor)?;
            Link::end_all(c, user.id, Purpose::ResetPassword)?;
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

/// Makes an account for machines: no address, no password, no login through the pages, API tokens
/// only.
pub async fn create_service(db: &Db, order: &Order, name: &Username) -> Result<UserId> {
    let (name, order) = (name.clone(), order.clone());
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
        let id = User::create(c, new, order.visit.at)?;
        order.log(c, Act::ServiceMade, name.as_str(), &json!({}))?;
        if let Some(user) = User::by_id(c, id)? {
            event::record(c, &user, Tag::Created, &order.visit, &json!({ "service": true }))?;
        }
        Ok(id)
    })
    .await
}
