//! The row of an account.

use diesel::prelude::*;

use super::Username;
use crate::db::schema::{emails, users};
use crate::db::statement::{self, Value};
use crate::db::{Conn, UserId, native};
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
    /// The secret of its authenticator app, encrypted.
    pub totp_secret: Option<String>,
    /// Since when the login asks for a code of that app.
    pub totp_enabled_at: Option<Time>,
    /// The time step of the last code that was taken.
    pub totp_last_step: Option<i64>,
    /// When its password was set.
    pub password_changed_at: Option<Time>,
    /// When it was last logged in through the pages.
    pub last_login_at: Option<Time>,
    /// Whether it is for machines: no address, no password, API tokens only.
    pub is_service: bool,
    /// Since when its API tokens stand still, because the domain of an address lapsed.
    pub tokens_suspended_at: Option<Time>,
}

/// What is said about an account when it is made.
#[derive(Clone, Copy)]
pub struct NewUser<'a> {
    /// Its name.
    pub username: &'a Username,
    /// The name of the person, possibly empty.
    pub full_name: &'a str,
    /// Argon2id in PHC form.
    pub password_hash: Option<&'a str>,
    /// Whether it may administer the index.
    pub is_admin: bool,
    /// Whether it is for machines.
    pub is_service: bool,
}

#[derive(Insertable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
struct NewRow<'a> {
    username: &'a str,
    username_key: String,
    full_name: &'a str,
    password_hash: Option<&'a str>,
    is_admin: bool,
    created_at: Time,
    password_changed_at: Option<Time>,
    is_service: bool,
}

impl User {
    /// Makes an account; a taken name is a unique violation.
    pub fn create(c: &mut Conn, new: NewUser<'_>, now: Time) -> QueryResult<UserId> {
        let row = NewRow {
            username: new.username.as_str(),
            username_key: new.username.key(),
            full_name: new.full_name,
            password_hash: new.password_hash,
            is_admin: new.is_admin,
            created_at: now,
            password_changed_at: new.password_hash.map(|_| now),
            is_service: new.is_service,
        };
        diesel::insert_into(users::table).values(row).returning(users::id).get_result(c)
    }

    /// The account with that id, which no other transaction changes before this one ends. What
    /// changes credentials, or lets in by them, begins with this: so one sees what the other did.
    pub fn lock(c: &mut Conn, id: UserId) -> QueryResult<Option<Self>> {
        if !c.writes_alone() {
            let same = users::is_admin.eq(users::is_admin);
            diesel::update(users::table.find(id)).set(same).execute(c)?;
        }
        Self::by_id(c, id)
    }

    /// The account of that name, in any spelling.
    pub fn by_name(c: &mut Conn, name: &Username) -> QueryResult<Option<Self>> {
        let key = name.key();
        let row = users::table.filter(users::username_key.eq(key));
        native!(c, |c| row.select(Self::as_select()).get_result(c)).optional()
    }

    /// The account with that id.
    pub fn by_id(c: &mut Conn, id: UserId) -> QueryResult<Option<Self>> {
        native!(c, |c| users::table.find(id).select(Self::as_select()).get_result(c)).optional()
    }

    /// All accounts by name.
    pub fn all(c: &mut Conn) -> QueryResult<Vec<Self>> {
        users::table.order(users::username_key).select(Self::as_select()).load(c)
    }

    /// Whether there is any account.
    pub fn exist(c: &mut Conn) -> QueryResult<bool> {
        users::table.select(users::id).first::<UserId>(c).optional().map(|id| id.is_some())
    }

    /// The administrators who are not stopped.
    pub fn admins(c: &mut Conn) -> QueryResult<Vec<UserId>> {
        let able = users::is_admin.and(users::disabled_at.is_null());
        users::table.filter(able).order(users::id).select(users::id).load(c)
    }

    /// The same, none of whom another transaction changes before this one ends: of two
    /// administrators who stop each other at once, one is told no.
    pub fn lock_admins(c: &mut Conn) -> QueryResult<Vec<UserId>> {
        let all = users::table.filter(users::is_admin);
        diesel::update(all).set(users::is_admin.eq(true)).execute(c)?;
        Self::admins(c)
    }

    /// Lets it do nothing from `at` on, or everything again.
    pub fn set_disabled(c: &mut Conn, id: UserId, at: Option<Time>) -> QueryResult<usize> {
        diesel::update(users::table.find(id)).set(users::disabled_at.eq(at)).execute(c)
    }

    /// Changes the name of the person.
    pub fn set_full_name(c: &mut Conn, id: UserId, name: &str) -> QueryResult<usize> {
        diesel::update(users::table.find(id)).set(users::full_name.eq(name)).execute(c)
    }

    /// Replaces the password.
    pub fn set_password(c: &mut Conn, id: UserId, hash: &str, now: Time) -> QueryResult<usize> {
        let new = (users::password_hash.eq(hash), users::password_changed_at.eq(now));
        diesel::update(users::table.find(id)).set(new).execute(c)
    }

    /// Replaces the hash of the same password.
    pub fn renew_hash(c: &mut Conn, id: UserId, old: &str, new: &str) -> QueryResult<usize> {
        let row = users::table.filter(users::id.eq(id).and(users::password_hash.eq(old)));
        diesel::update(row).set(users::password_hash.eq(new)).execute(c)
    }

    /// Notes a login.
    pub fn note_login(c: &mut Conn, id: UserId, now: Time) -> QueryResult<usize> {
        let words = || "UPDATE users SET last_login_at = ? WHERE id = ?";
        statement::execute(c, words, &[Value::Time(now), Value::Number(id.get())])
    }

    /// Notes the login of an account without a second factor, which no other transaction changes then before
    /// this one ends. Returns whether it could: not where the password is another one by now, where the
    /// account has a second factor by now, or where it may do nothing any more.
    pub fn enter(c: &mut Conn, proven: &Self, now: Time) -> QueryResult<bool> {
        let words = || {
            "UPDATE users SET last_login_at = ? WHERE id = ? AND password_hash = ?
                AND totp_enabled_at IS NULL AND disabled_at IS NULL"
        };
        let Some(hash) = &proven.password_hash else { return Ok(false) };
        let values = [Value::Time(now), Value::Number(proven.id.get()), Value::Text(hash)];
        Ok(statement::execute(c, words, &values)? == 1)
    }

    /// Sets up the second factor with a secret, encrypted, and the step of the code that proved
    /// it.
    pub fn set_totp(
        c: &mut Conn,
        id: UserId,
        sealed: &str,
        step: i64,
        now: Time,
    ) -> QueryResult<usize> {
        let new = (
            users::totp_secret.eq(sealed),
            users::totp_enabled_at.eq(now),
            users::totp_last_step.eq(step),
        );
        diesel::update(users::table.find(id)).set(new).execute(c)
    }

    /// Takes the second factor away.
    pub fn clear_totp(c: &mut Conn, id: UserId) -> QueryResult<usize> {
        let none = (
            users::totp_secret.eq(None::<String>),
            users::totp_enabled_at.eq(None::<Time>),
            users::totp_last_step.eq(None::<i64>),
        );
        diesel::update(users::table.find(id)).set(none).execute(c)
    }

    /// Takes a time step, which must be later than the last one: each code is good once.
    pub fn take_step(c: &mut Conn, id: UserId, step: i64) -> QueryResult<bool> {
        let is_later = users::totp_last_step.is_null().or(users::totp_last_step.lt(step));
        let row = users::table.filter(users::id.eq(id)).filter(is_later);
        let taken = diesel::update(row).set(users::totp_last_step.eq(step)).execute(c)?;
        Ok(taken == 1)
    }

    /// Lets its API tokens stand still from `at` on, or work again.
    pub fn suspend_tokens(c: &mut Conn, id: UserId, at: Option<Time>) -> QueryResult<usize> {
        diesel::update(users::table.find(id)).set(users::tokens_suspended_at.eq(at)).execute(c)
    }

    /// Whether an administrator other than this one could log in and has a verified address.
    pub fn has_other_administrator(c: &mut Conn, id: UserId) -> QueryResult<bool> {
        let row = users::table
            .inner_join(emails::table)
            .filter(users::is_admin.and(users::disabled_at.is_null()).and(users::id.ne(id)))
            .filter(emails::verified_at.is_not_null().and(emails::unverify_reason.is_null()))
            .select(users::id);
        row.first::<UserId>(c).optional().map(|id| id.is_some())
    }

    /// The administrators who are not stopped.
    pub fn administrators(c: &mut Conn) -> QueryResult<Vec<Self>> {
        let rows = users::table.filter(users::is_admin.and(users::disabled_at.is_null()));
        rows.order(users::id).select(Self::as_select()).load(c)
    }

    /// Whether the login asks for a second factor.
    pub fn has_second_factor(&self) -> bool {
        self.totp_enabled_at.is_some()
    }
}
