//! Limits on guessing and on mails. They are counted in the database, so that they hold for all
//! replicas together and across restarts.
//!
//! Each happening is counted in its minute. What counts in a window are all minutes that the
//! window touches, so no window of that length, wherever it begins, holds more than the limit.

use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Timestamp};
use sha2::{Digest, Sha256};

use super::Visit;
use crate::db::schema::throttle;
use crate::db::statement::{self, Value};
use crate::db::{Conn, UserId};
use crate::error::{Error, Result};
use crate::time::{self, MINUTE, Time};

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
const FIVE_MINUTES: Duration = Duration::from_mins(5);
const SIX_HOURS: Duration = Duration::from_hours(6);

/// At most `count` within `window`.
struct Limit {
    count: i64,
    window: Duration,
}

const fn at_most(count: i64, window: Duration) -> Limit {
    Limit { count, window }
}

/// What is limited. The figures are those of PyPI (facts, sections 2.2 and 3.3) where it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Wrong passwords for one user name, also for one that nobody has.
    LoginUser,
    /// Wrong passwords from one network.
    LoginNetwork,
    /// Wrong passwords in all.
    LoginAll,
    /// Wrong passwords from one browser that an account knows: a device that it remembers, or a
    /// session of its own. It is judged by these alone, so that nobody who guesses elsewhere
    /// keeps it out.
    LoginKnown,
    /// Right passwords for one user name. They are no guesses, but each is hashed.
    RightPassword,
    /// Sets of recovery codes made for one account.
    MakeCodes,
    /// Wrong codes of the second factor for one account: of the app and for recovery.
    CodeUser,
    /// Wrong codes from one network.
    CodeNetwork,
    /// Password resets asked for with one user name or address.
    ResetName,
    /// Password resets asked for from one network.
    ResetNetwork,
    /// Mails that one account can cause to one of its addresses or to others.
    MailUser,
    /// Mails that others can cause to one account: about a password that was forgotten, or an
    /// address that is claimed. Its own mails are none of these, so nobody keeps it from them.
    MailToUser,
    /// Accounts and addresses added from one network.
    AddNetwork,
    /// Questions to the provider of answers about domains that one account can cause.
    DomainUser,
    /// People whom one account invites to its projects; each gets a mail.
    RoleInvite,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::LoginUser => "login-user",
            Self::LoginNetwork => "login-network",
            Self::LoginAll => "login-all",
            Self::LoginKnown => "login-known",
            Self::RightPassword => "right-password",
            Self::MakeCodes => "make-codes",
            Self::CodeUser => "code-user",
            Self::CodeNetwork => "code-network",
            Self::ResetName => "reset-name",
            Self::ResetNetwork => "reset-network",
            Self::MailUser => "mail-user",
            Self::MailToUser => "mail-to-user",
            Self::AddNetwork => "add-network",
            Self::DomainUser => "domain-user",
            Self::RoleInvite => "role-invite",
        }
    }

    /// Many people may share a network, so it may do more than one account.
    fn limits(self) -> &'static [Limit] {
        match self {
            Self::LoginUser | Self::LoginKnown => const { &[at_most(10, FIVE_MINUTES)] },
            Self::LoginNetwork => const { &[at_most(10, FIVE_MINUTES), at_most(100, HOUR)] },
            Self::LoginAll => const { &[at_most(1000, FIVE_MINUTES)] },
            // One a second: about ten seconds of one core in five minutes.
            Self::RightPassword => const { &[at_most(300, FIVE_MINUTES)] },
            Self::MakeCodes => const { &[at_most(10, HOUR)] },
            Self::CodeUser => {
                const { &[at_most(5, FIVE_MINUTES), at_most(20, HOUR), at_most(50, DAY)] }
            }
            Self::CodeNetwork => const { &[at_most(10, FIVE_MINUTES), at_most(50, HOUR)] },
            Self::ResetName => const { &[at_most(5, DAY)] },
            Self::ResetNetwork => const { &[at_most(10, HOUR), at_most(30, DAY)] },
            Self::MailUser | Self::MailToUser => const { &[at_most(6, SIX_HOURS)] },
            Self::AddNetwork => const { &[at_most(20, DAY)] },
            Self::DomainUser => const { &[at_most(20, HOUR)] },
            Self::RoleInvite => const { &[at_most(20, HOUR), at_most(60, DAY)] },
        }
    }

    /// The longest time that a limit of it looks back.
    fn longest(self) -> Duration {
        self.limits().iter().map(|limit| limit.window).max().unwrap_or_default()
    }

    /// The short reason of a refusal.
    fn reason(self) -> &'static str {
        match self {
            Self::LoginUser | Self::LoginNetwork | Self::LoginAll | Self::LoginKnown => {
                "Too many failed logins"
            }
            Self::RightPassword => "Too many logins to this account",
            Self::MakeCodes => "Too many recovery codes were made",
            Self::CodeUser | Self::CodeNetwork => "Too many wrong codes",
            Self::ResetName | Self::ResetNetwork => "Too many password resets were asked for",
            Self::MailUser | Self::MailToUser => "Too many mails were asked for",
            Self::AddNetwork => "Too many accounts or addresses were added",
            Self::DomainUser => "Too many addresses were verified",
            Self::RoleInvite => "Too many people were invited",
        }
    }
}

/// Something that is counted: what, and of whom.
#[derive(Debug, Clone)]
pub struct Counted {
    kind: Kind,
    key: String,
}

impl Counted {
    /// Counted by any text, such as a user name that may not exist. Only its digest is kept:
    /// people type passwords into the wrong field.
    pub fn text(kind: Kind, text: &str) -> Self {
        let digest = Sha256::digest(text.to_lowercase().as_bytes());
        Self { kind, key: hex::encode(digest) }
    }

    /// Counted by account.
    pub fn user(kind: Kind, user: UserId) -> Self {
        Self { kind, key: user.get().to_string() }
    }

    /// Counted by network; the operator is not counted.
    pub fn network(kind: Kind, visit: &Visit) -> Option<Self> {
        visit.network().map(|network| Self { kind, key: network.to_string() })
    }

    /// Counted in all.
    pub fn all(kind: Kind) -> Self {
        Self { kind, key: String::new() }
    }

    /// What wrong passwords are counted by.
    pub fn login(username: &str, visit: &Visit) -> Vec<Self> {
        let mut all: Vec<Self> = Self::network(Kind::LoginNetwork, visit).into_iter().collect();
        all.push(Self::all(Kind::LoginAll));
        all.push(Self::text(Kind::LoginUser, username.trim()));
        all
    }

    /// What wrong passwords are counted by that come from a browser which the account knows.
    pub fn known_login(browser: &str, visit: &Visit) -> Vec<Self> {
        let mut all: Vec<Self> = Self::network(Kind::LoginNetwork, visit).into_iter().collect();
        all.push(Self::text(Kind::LoginKnown, browser));
        all
    }

    /// What right passwords are counted by.
    pub fn right_password(username: &str) -> Self {
        Self::text(Kind::RightPassword, username.trim())
    }

    /// What wrong codes are counted by.
    pub fn code(user: UserId, visit: &Visit) -> Vec<Self> {
        let mut all: Vec<Self> = Self::network(Kind::CodeNetwork, visit).into_iter().collect();
        all.push(Self::user(Kind::CodeUser, user));
        all
    }

    /// How long until it may happen again, if it may not now.
    fn wait(&self, minutes: &[Minute], now: Time) -> Option<Duration> {
        let own = minutes.iter().filter(|(kind, key, ..)| {
            (kind.as_str(), key.as_str()) == (self.kind.as_str(), self.key.as_str())
        });
        let own: Vec<_> = own.map(|(_, _, minute, count)| (*minute, *count)).collect();
        self.kind.limits().iter().filter_map(|limit| limit.wait(&own, now)).max()
    }
}

/// Refuses where any of these has reached a limit, and says how long to wait.
pub fn check(c: &mut Conn, all: &[Counted], now: Time) -> Result<()> {
    judge(all, &minutes(c, all, now)?, now)
}

/// Counts each of these once, unless one has reached a limit: then it refuses, and what was counted
/// goes with the transaction. Others who do the same at the same moment wait for the end of this
/// one, so that none of them gets past a limit.
pub fn admit(c: &mut Conn, all: &[Counted], now: Time) -> Result<()> {
    count(c, all, now)?;
    let mut minutes = minutes(c, all, now)?;
    let this = time::minute_of(now);
    for (.., count) in minutes.iter_mut().filter(|(_, _, minute, _)| *minute == this) {
        *count -= 1;
    }
    judge(all, &minutes, now)
}

fn judge(all: &[Counted], minutes: &[Minute], now: Time) -> Result<()> {
    for counted in all {
        if let Some(wait) = counted.wait(minutes, now) {
            let seconds = wait.as_secs();
            let reason = counted.kind.reason();
            let words = format!("{reason}; try again in {}.", time::span_for_people(wait));
            tracing::info!(kind = counted.kind.as_str(), seconds, "a limit was reached");
            return Err(Error::new(crate::error::Kind::TooMany, reason, words).retry_after(wait));
        }
    }
    Ok(())
}

/// What was counted in a minute.
type Minute = (String, String, Time, i64);
type Columns = (Text, Text, Timestamp, BigInt);

/// So many are asked for by one query, which is always the same one: it is prepared once. (With `OR` in
/// place of `UNION ALL` SQLite would first gather what it found, to show no row twice.)
const AT_ONCE: usize = 4;
const MINUTES: &str = "SELECT kind, key, minute, count FROM throttle WHERE kind = ? AND key = ? AND minute > ?
    UNION ALL SELECT kind, key, minute, count FROM throttle WHERE kind = ? AND key = ? AND minute > ?
    UNION ALL SELECT kind, key, minute, count FROM throttle WHERE kind = ? AND key = ? AND minute > ?
    UNION ALL SELECT kind, key, minute, count FROM throttle WHERE kind = ? AND key = ? AND minute > ?";

/// The minutes that matter for all of these together, the latest first.
fn minutes(c: &mut Conn, all: &[Counted], now: Time) -> QueryResult<Vec<Minute>> {
    // For places that are left: of no kind there is nothing.
    let nothing = [Value::Text(""), Value::Text(""), Value::Time(now)];
    let mut minutes: Vec<Minute> = Vec::new();
    for some in all.chunks(AT_ONCE) {
        let values = some.iter().map(|counted| {
            let since = now - counted.kind.longest() - MINUTE;
            let (kind, key) = (Value::Text(counted.kind.as_str()), Value::Text(&counted.key));
            [kind, key, Value::Time(since)]
        });
        let values = values.chain(std::iter::repeat(nothing)).take(AT_ONCE).flatten();
        let values: Vec<Value<'_>> = values.collect();
        minutes.extend(statement::load::<Columns, Minute, _>(c, || MINUTES, &values)?);
    }
    minutes.sort_by_key(|(_, _, minute, _)| std::cmp::Reverse(*minute));
    Ok(minutes)
}

impl Limit {
    /// How long until enough of these minutes, the latest first, are out of the window.
    fn wait(&self, minutes: &[(Time, i64)], now: Time) -> Option<Duration> {
        let mut sum = 0;
        for (minute, count) in minutes {
            sum += count;
            if sum >= self.count {
                let out = *minute + MINUTE + self.window;
                let wait = (out - now).to_std().ok().filter(|wait| !wait.is_zero())?;
                // Whole seconds, rounded up: who waits them out is let in.
                return Some(Duration::from_secs(wait.as_secs() + 1));
            }
        }
        None
    }
}

const ONE_MORE: &str = "INSERT INTO throttle (kind, key, minute, count) VALUES (?, ?, ?, 1)
    ON CONFLICT (kind, key, minute) DO UPDATE SET count = throttle.count + 1";

/// Counts each of these once.
pub fn count(c: &mut Conn, all: &[Counted], now: Time) -> QueryResult<()> {
    let minute = time::minute_of(now);
    // Always in the same order, so that no two transactions wait for each other in a circle.
    let mut all: Vec<&Counted> = all.iter().collect();
    all.sort_by_key(|counted| (counted.kind.as_str(), counted.key.as_str()));
    for counted in all {
        let (kind, key) = (Value::Text(counted.kind.as_str()), Value::Text(&counted.key));
        statement::execute(c, || ONE_MORE, &[kind, key, Value::Time(minute)])?;
    }
    Ok(())
}

/// Forgets what no limit looks at any more. Returns how many minutes.
pub fn forget(c: &mut Conn, now: Time) -> QueryResult<usize> {
    diesel::delete(throttle::table.filter(throttle::minute.lt(now - DAY - HOUR))).execute(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Time {
        time::from_unix(1_800_000_000 + seconds)
    }

    #[test]
    fn a_window_holds_no_more_than_its_limit() {
        let limit = at_most(5, FIVE_MINUTES);
        assert_eq!(limit.wait(&[], at(0)), None);
        assert_eq!(limit.wait(&[(at(0), 4)], at(59)), None);
        // The whole minute counts until its end has left the window.
        assert_eq!(limit.wait(&[(at(0), 5)], at(59)), Some(Duration::from_secs(302)));
        assert_eq!(limit.wait(&[(at(0), 5)], at(359)), Some(Duration::from_secs(2)));
        assert_eq!(limit.wait(&[(at(0), 5)], at(360)), None);
        // The older of two minutes decides where both are needed to reach the limit.
        let two = [(at(120), 3), (at(0), 2)];
        assert_eq!(limit.wait(&two, at(150)), Some(Duration::from_secs(211)));
        assert_eq!(limit.wait(&two, at(361)), None);
    }

    #[test]
    fn spellings_of_a_name_are_one_and_no_text_is_kept() {
        let one = Counted::text(Kind::LoginUser, "Ada");
        assert_eq!(one.key, Counted::text(Kind::LoginUser, "aDA").key);
        assert_eq!(one.key.len(), 64);
    }
}
