//! The row of an account.

use diesel::prelude::*;

use super::Username;
use crate::db::schema::users;
use crate::db::{Conn, UserId};
use crate::time::Time;

/// An account.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// Its name as its owner writes it.
    pub username: String,
    /// The name of the person, possibly empty.
    pub full_name: String,
    /// Argon2id in PHC form; without one there is no login by password.
    pub password_hash: Option<String>,
    /// Whether it may administer the index.
    pub is_admin: bool,
    /// Since when it may do nothing at all.
    pub disabled_at: Option<Time>,
    /// When it was made.
    pub created_at: Time,
}

#[derive(Insertable)]
#[diesel(table_name = users)]
struct NewUser<'a> {
    username: &'a str,
    username_key: String,
    full_name: &'a str,
    password_hash: Option<&'a str>,
    is_admin: bool,
    created_at: Time,
}

impl User {
    /// Makes an account; a taken name is a unique violation.
    pub fn create(
        c: &mut Conn,
        username: &Username,
        password_hash: Option<&str>,
        is_admin: bool,
        now: Time,
    ) -> QueryResult<UserId> {
        let new = NewUser {
            username: username.as_str(),
            username_key: username.key(),
            full_name: "",
            password_hash,
            is_admin,
            created_at: now,
        };
        diesel::insert_into(users::table).values(new).returning(users::id).get_result(c)
    }

    /// The account of that name, in any spelling.
    pub fn by_name(c: &mut Conn, name: &Username) -> QueryResult<Option<Self>> {
        let key = name.key();
        let row = users::table.filter(users::username_key.eq(key)).select(Self::as_select());
        row.first(c).optional()
    }

    /// The account with that id.
    pub fn by_id(c: &mut Conn, id: UserId) -> QueryResult<Option<Self>> {
        users::table.find(id).select(Self::as_select()).first(c).optional()
    }

    /// All accounts by name.
    pub fn all(c: &mut Conn) -> QueryResult<Vec<Self>> {
        users::table.order(users::username_key).select(Self::as_select()).load(c)
    }

    /// Whether there is any account.
    pub fn exist(c: &mut Conn) -> QueryResult<bool> {
        users::table.select(users::id).first::<UserId>(c).optional().map(|id| id.is_some())
    }

    /// Lets it do nothing from `at` on, or everything again.
    pub fn set_disabled(c: &mut Conn, id: UserId, at: Option<Time>) -> QueryResult<usize> {
        diesel::update(users::table.find(id)).set(users::disabled_at.eq(at)).execute(c)
    }

    /// Replaces the password.
    pub fn set_password(c: &mut Conn, id: UserId, hash: &str) -> QueryResult<usize> {
        diesel::update(users::table.find(id)).set(users::password_hash.eq(hash)).execute(c)
    }
}
