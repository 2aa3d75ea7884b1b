//! Finding accounts, and which of them administer the index.

use diesel::dsl::exists;
use diesel::prelude::*;

use super::user::User;
use crate::db::like::{ESCAPE, containing, lower};
use crate::db::schema::{emails, users};
use crate::db::{Conn, UserId};

/// Accounts whose name, address or person's name contains a text, all where it is empty: by name,
/// those behind the name `after`, at most `limit`.
pub fn find(c: &mut Conn, text: &str, after: &str, limit: i64) -> QueryResult<Vec<User>> {
    let mut query = users::table.select(User::as_select()).into_boxed();
    if text.contains('\0') || after.contains('\0') {
        return Ok(Vec::new());
    }
    if let Some(pattern) = containing(text) {
        let own = emails::table.filter(emails::user_id.eq(users::id));
        let by_address =
            exists(own.filter(emails::address_key.like(pattern.clone()).escape(ESCAPE)));
        let by_name = users::username_key.like(pattern.clone()).escape(ESCAPE);
        let by_person = lower(users::full_name).like(pattern).escape(ESCAPE);
        query = query.filter(by_name.or(by_person).or(by_address));
    }
    query
        .filter(users::username_key.gt(after.to_lowercase()))
        .order(users::username_key)
        .limit(limit)
        .load(c)
}

/// How many accounts there are.
pub fn count(c: &mut Conn) -> QueryResult<i64> {
    users::table.count().get_result(c)
}

/// Gives an account the rights of an administrator, or takes them.
pub fn set_administrator(c: &mut Conn, id: UserId, is_admin: bool) -> QueryResult<usize> {
    diesel::update(users::table.find(id)).set(users::is_admin.eq(is_admin)).execute(c)
}

/// Takes the password of an account: nothing opens it by one any more.
pub fn clear_password(c: &mut Conn, id: UserId) -> QueryResult<usize> {
    let none = (users::password_hash.eq(None::<String>),);
    diesel::update(users::table.find(id)).set(none).execute(c)
}
