//! The security history: what happened to an account, when and from where. It outlives the
//! account. The words are PyPI's (facts, section 6) where it has them.

use std::time::Duration;

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use serde_json::Value as Json;

use super::Visit;
use super::user::User;
use crate::db::schema::security_events;
use crate::db::statement::{self, Value};
use crate::db::{Conn, EventId, UserId};
use crate::time::Time;

macro_rules! tags {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)+) => {
        /// What happened.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Tag { $($(#[$doc])* $name,)+ }

        impl Tag {
            /// All there are.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The word for it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }
        }
    };
}

tags! {
    /// The account was made.
    Created = "account:create",
    /// An administrator or the operator stopped it.
    Disabled = "account:disable",
    /// And let it work again.
    Enabled = "account:enable",
    /// A login through the pages.
    LoginSuccess = "account:login:success",
    /// A wrong password or code, wherever it was sent.
    LoginFailure = "account:login:failure",
    /// A wrong password where it was asked for again.
    ReauthenticateFailure = "account:reauthenticate:failure",
    /// An address was added.
    EmailAdded = "account:email:add",
    /// An address was taken away.
    EmailRemoved = "account:email:remove",
    /// The owner has shown to read mails to an address.
    EmailVerified = "account:email:verified",
    /// An address lost that.
    EmailUnverified = "account:email:unverified",
    /// The mail for it was asked for again.
    EmailReverify = "account:email:reverify",
    /// Another address became the primary one.
    PrimaryChanged = "account:email:primary:change",
    /// The password was replaced by somebody who knew it, or by the operator.
    PasswordChanged = "account:password:change",
    /// The password was replaced through a mailed link.
    PasswordReset = "account:password:reset",
    /// Such a link was asked for and mailed.
    ResetRequested = "account:password:reset:request",
    /// Such a link was asked for and refused.
    ResetAttempted = "account:password:reset:attempt",
    /// A second factor was set up.
    MethodAdded = "account:two_factor:method_added",
    /// A second factor was taken away.
    MethodRemoved = "account:two_factor:method_removed",
    /// A browser needs no code for a while.
    DeviceRemembered = "account:two_factor:device_remembered",
    /// And needs it again.
    DeviceForgotten = "account:two_factor:device_forgotten",
    /// The first recovery codes were made.
    CodesGenerated = "account:recovery_codes:generated",
    /// New ones replaced them.
    CodesRegenerated = "account:recovery_codes:regenerated",
    /// One was used.
    CodeUsed = "account:recovery_codes:used",
    /// A session was ended from another one.
    SessionEnded = "account:session:end",
    /// An API token was made.
    TokenAdded = "account:api_token:added",
    /// An API token was revoked.
    TokenRemoved = "account:api_token:removed",
    /// An administrator took the password; a link for a new one was mailed.
    PasswordDisabled = "account:password:disabled",
    /// The account administers the index.
    AdministratorMade = "account:administrator:add",
    /// And does so no more.
    AdministratorUnmade = "account:administrator:remove",
    /// An invitation was made.
    Invited = "account:invitation:add",
    /// A role in a project was given, to this account or by it.
    RoleAdded = "account:role:add",
    /// It became another one.
    RoleChanged = "account:role:change",
    /// It was taken away, or given up.
    RoleRemoved = "account:role:remove",
    /// Somebody was invited to a role: this account, or by it.
    RoleInvited = "account:role:invite",
    /// That was declined.
    RoleDeclined = "account:role:decline_invite",
    /// Or taken back.
    RoleRevoked = "account:role:revoke_invite",
}

/// One thing that happened.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = security_events)]
pub struct Event {
    /// Its id: later events have higher ones.
    pub id: EventId,
    /// To whom; none where the account is gone.
    pub user_id: Option<UserId>,
    /// The name of the account at that time.
    pub username: String,
    /// What happened.
    pub tag: String,
    /// When.
    pub at: Time,
    /// From which address; none: by a command of the operator.
    pub ip: Option<String>,
    /// With which program.
    pub user_agent: Option<String>,
    detail: String,
}

impl Event {
    /// What else there is to say, as a JSON object.
    pub fn detail(&self) -> Json {
        serde_json::from_str(&self.detail).unwrap_or_default()
    }
}

const RECORD: &str = "INSERT INTO security_events
    (user_id, username, tag, at, ip, user_agent, detail) VALUES (?, ?, ?, ?, ?, ?, ?)";

/// Writes down what happened to an account. `detail` is a JSON object without secrets.
pub fn record(
    c: &mut Conn,
    user: &User,
    tag: Tag,
    visit: &Visit,
    detail: &Json,
) -> QueryResult<usize> {
    let (ip, detail) = (visit.ip_text(), detail.to_string());
    let (id, name) = (Value::Number(user.id.get()), Value::Text(&user.username));
    let (tag, at) = (Value::Text(tag.as_str()), Value::Time(visit.at));
    let (ip, agent) = (Value::Maybe(ip.as_deref()), Value::Maybe(visit.agent.as_deref()));
    statement::execute(c, || RECORD, &[id, name, tag, at, ip, agent, Value::Text(&detail)])
}

/// Which events are wanted; what is not set does not matter.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Those of one account.
    pub user: Option<UserId>,
    /// Those under one name, also of an account that is gone; upper and lower case are told apart.
    pub username: Option<String>,
    /// Those that say the same.
    pub tag: Option<Tag>,
    /// Those from one address.
    pub ip: Option<String>,
    /// Those before this one: the next page begins behind the last event of the page before.
    pub before: Option<EventId>,
}

const NO_LOGIN: &str = "tag <> 'account:login:success'";

/// The latest events first, at most `limit`.
pub fn list(c: &mut Conn, filter: &Filter, limit: i64) -> QueryResult<Vec<Event>> {
    let mut query = security_events::table.select(Event::as_select()).into_boxed();
    if let Some(user) = filter.user {
        query = query.filter(security_events::user_id.eq(user));
    }
    if let Some(username) = &filter.username {
        query = query.filter(security_events::username.eq(username.clone()));
    }
    if let Some(tag) = filter.tag {
        query = query.filter(security_events::tag.eq(tag.as_str()));
        // The index by what happened leaves out the most frequent of all, and is of use only where the
        // query says so in the same words.
        if tag != Tag::LoginSuccess {
            query = query.filter(sql::<Bool>(NO_LOGIN));
        }
    }
    if let Some(ip) = &filter.ip {
        query = query.filter(security_events::ip.eq(ip.clone()));
    }
    if let Some(before) = filter.before {
        query = query.filter(security_events::id.lt(before));
    }
    query.order(security_events::id.desc()).limit(limit).load(c)
}

/// No clock is that far ahead of another one but by mistake.
const AHEAD: Duration = Duration::from_hours(24);

/// Forgets the events before a moment. Returns how many.
pub fn forget(c: &mut Conn, before: Time, now: Time) -> QueryResult<usize> {
    // They are in about the order of their ids, so no index by time is kept for this: what is behind the
    // first that stays is looked at later. One of a clock that was ahead keeps none behind it.
    let kept = security_events::at.ge(before).and(security_events::at.le(now + AHEAD));
    let kept = security_events::table.filter(kept).order(security_events::id);
    let first = kept.select(security_events::id).first::<EventId>(c).optional()?;
    let gone = security_events::table.filter(security_events::at.lt(before));
    match first {
        Some(first) => diesel::delete(gone.filter(security_events::id.lt(first))).execute(c),
        None => diesel::delete(gone).execute(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An index of part of a table is used only where a query says the same.
    #[test]
    fn the_index_by_tag_leaves_out_what_queries_say_it_does() {
        let word = Tag::LoginSuccess.as_str();
        assert_eq!(NO_LOGIN, format!("tag <> '{word}'"));
        for migration in [
            include_str!("../../migrations/sqlite/2026-11-29-000000_lean_logins/up.sql"),
            include_str!("../../migrations/postgres/2026-11-29-000000_lean_logins/up.sql"),
        ] {
            assert!(migration.contains(&format!("(tag, id) WHERE {NO_LOGIN};")));
        }
    }
}
