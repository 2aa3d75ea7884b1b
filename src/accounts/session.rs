//! The row of a session: one browser that is logged in.

use std::time::Duration;

use diesel::prelude::*;
use serde_json::Value as Json;

use super::Visit;
use crate::config::Count;
use crate::db::schema::sessions;
use crate::db::statement::{self, Value};
use crate::db::{Conn, SessionId, UserId, native};
use crate::secret::TokenDigest;
use crate::time::{MINUTE, Time};

const HOUR: Duration = Duration::from_hours(1);
/// How long a password that was typed in counts for what is sensitive, as on PyPI.
const CONFIRMED_FOR: Duration = Duration::from_mins(30);

/// A session.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = sessions)]
pub struct Session {
    /// Its id: in lists, and never in a cookie.
    pub id: SessionId,
    /// Whose it is.
    pub user_id: UserId,
    /// When the login was.
    pub created_at: Time,
    /// When it was last used, to the minute.
    pub last_seen_at: Time,
    /// When it ends.
    pub expires_at: Time,
    /// When the password was last typed in.
    pub confirmed_at: Time,
    /// Where the login came from.
    pub ip: Option<String>,
    /// The browser.
    pub user_agent: Option<String>,
    data: String,
}

const CREATE: &str = "INSERT INTO sessions
    (digest, user_id, created_at, last_seen_at, expires_at, confirmed_at, ip, user_agent, data)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, '{}')";

impl Session {
    /// Begins one that lasts `hours`.
    pub fn create(
        c: &mut Conn,
        user: UserId,
        digest: &TokenDigest,
        hours: Count,
        visit: &Visit,
    ) -> QueryResult<usize> {
        let (now, ip) = (Value::Time(visit.at), visit.ip_text());
        let end = Value::Time(visit.at + HOUR * hours.0);
        let (digest, user) = (Value::Text(digest.as_str()), Value::Number(user.get()));
        let (ip, agent) = (Value::Maybe(ip.as_deref()), Value::Maybe(visit.agent.as_deref()));
        statement::execute(c, || CREATE, &[digest, user, now, now, end, now, ip, agent])
    }

    /// The session with that digest, if it has not ended.
    pub fn by_digest(c: &mut Conn, digest: &TokenDigest, now: Time) -> QueryResult<Option<Self>> {
        let row = sessions::table.filter(sessions::digest.eq(digest.as_str()));
        let alive = row.filter(sessions::expires_at.gt(now));
        native!(c, |c| alive.select(Self::as_select()).get_result(c)).optional()
    }

    /// The sessions of an account that have not ended, the last used first.
    pub fn of(c: &mut Conn, user: UserId, now: Time) -> QueryResult<Vec<Self>> {
        sessions::table
            .filter(sessions::user_id.eq(user).and(sessions::expires_at.gt(now)))
            .order((sessions::last_seen_at.desc(), sessions::id.desc()))
            .select(Self::as_select())
            .load(c)
    }

    /// Notes that it is used.
    pub fn touch(c: &mut Conn, id: SessionId, now: Time) -> QueryResult<usize> {
        diesel::update(sessions::table.find(id)).set(sessions::last_seen_at.eq(now)).execute(c)
    }

    /// Notes that the password was typed in again.
    pub fn confirm(c: &mut Conn, id: SessionId, now: Time) -> QueryResult<usize> {
        diesel::update(sessions::table.find(id)).set(sessions::confirmed_at.eq(now)).execute(c)
    }

    /// Keeps a JSON object for later pages.
    pub fn set_data(c: &mut Conn, id: SessionId, data: &Json) -> QueryResult<usize> {
        let text = data.to_string();
        diesel::update(sessions::table.find(id)).set(sessions::data.eq(text)).execute(c)
    }

    /// Ends one session of an account. Returns whether it was there.
    pub fn end(c: &mut Conn, user: UserId, id: SessionId) -> QueryResult<bool> {
        let own = sessions::table.filter(sessions::id.eq(id).and(sessions::user_id.eq(user)));
        Ok(diesel::delete(own).execute(c)? == 1)
    }

    /// Ends the sessions of an account, all or all but one. Returns how many.
    pub fn end_all(c: &mut Conn, user: UserId, but: Option<SessionId>) -> QueryResult<usize> {
        let all = sessions::table.filter(sessions::user_id.eq(user));
        match but {
            Some(kept) => diesel::delete(all.filter(sessions::id.ne(kept))).execute(c),
            None => diesel::delete(all).execute(c),
        }
    }

    /// Removes those that have ended by themselves. Returns how many. All are looked at: there are few, and
    /// an index by their end would be written to at each login.
    pub fn forget(c: &mut Conn, now: Time) -> QueryResult<usize> {
        diesel::delete(sessions::table.filter(sessions::expires_at.le(now))).execute(c)
    }

    /// What pages kept, a JSON object.
    pub fn data(&self) -> Json {
        serde_json::from_str(&self.data).unwrap_or_default()
    }

    /// Whether the password was typed in a short time ago.
    pub fn is_confirmed(&self, now: Time) -> bool {
        (self.confirmed_at..self.confirmed_at + CONFIRMED_FOR).contains(&now)
    }

    /// Whether its last use is to be written down. To write it at each use would make each page
    /// a write.
    pub(super) fn is_stale(&self, now: Time) -> bool {
        now - self.last_seen_at >= chrono::Duration::from_std(MINUTE).unwrap_or_default()
    }
}
