//! Accounts for machines: no address, no password, no login through the pages, API tokens only.
//! Each belongs to the administrator who made it, or to the operator.

use std::fmt;

use diesel::prelude::*;
use serde_json::json;

use super::Username;
use super::act::{Act, Order};
use super::event::{self, Tag};
use super::user::{NewUser, User};
use crate::db::schema::{service_accounts as services, users};
use crate::db::{Conn, Db, UserId};
use crate::error::{Error, Kind, Result};

/// Who answers for an account for machines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// An administrator, by user name.
    Administrator(String),
    /// An administrator whose account is gone.
    Gone,
    /// The operator, who made it by a command.
    Operator,
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Administrator(name) => f.write_str(name),
            Self::Gone => f.write_str("somebody whose account is gone"),
            Self::Operator => f.write_str("the operator"),
        }
    }
}

/// Makes one. Who orders it answers for it.
pub async fn create(db: &Db, order: &Order, name: &Username) -> Result<UserId> {
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
        if let Some(owner) = order.user() {
            let new = (services::user_id.eq(id), services::owner_id.eq(owner));
            diesel::insert_into(services::table).values(new).execute(c)?;
        }
        if let Some(user) = User::by_id(c, id)? {
            let detail = json!({ "service": true, "owner": owner(c, id)?.to_string() });
            event::record(c, &user, Tag::Created, &order.visit, &detail)?;
        }
        Ok(id)
    })
    .await
}

/// Who answers for an account for machines.
pub fn owner(c: &mut Conn, service: UserId) -> QueryResult<Owner> {
    let row = services::table.find(service).select(services::owner_id);
    let owner: Option<Option<UserId>> = row.first(c).optional()?;
    let Some(owner) = owner else { return Ok(Owner::Operator) };
    let Some(owner) = owner else { return Ok(Owner::Gone) };
    let name: Option<String> =
        users::table.find(owner).select(users::username).first(c).optional()?;
    Ok(name.map_or(Owner::Gone, Owner::Administrator))
}
