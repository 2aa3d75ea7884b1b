//! Whether somebody knows the password of an account. Every place that takes a password asks
//! here, so that all of them share one set of limits and one bounded number of hashes.

use serde_json::json;

use super::device::Device;
use super::event::{self, Tag};
use super::password::{Match, Password};
use super::sign_in::{disabled, refused};
use super::throttle::{self, Counted};
use super::turn::{Turn, Whose};
use super::user::User;
use super::{Username, Visit};
use crate::db::{Blocking, Conn, Db, SessionId};
use crate::error::Result;
use crate::secret::TokenDigest;
use crate::time::Time;

/// What tells, beside the password, that it may be the owner who tries.
pub(super) enum Known<'a> {
    /// Nothing.
    Nobody,
    /// Nothing, and it is a program that sends its password with each request: what was right for
    /// the same network a moment ago is right without a hash, also where that was found out while it
    /// waited for its turn.
    Program,
    /// A browser that says it is a device which the account remembers.
    Device(&'a TokenDigest),
    /// A session of the account, which asks for the password again.
    Session(SessionId),
}

/// The account of that name, if the password is its own. A wrong one counts in the limits, and is
/// written into the history of the account as `failure`. A right one is counted by who goes on
/// with it, in the transaction of that.
///
/// Whoever has the turn to hash asks the limits, so that a burst cannot pass them while it waits.
/// Who has to wait for it asks them before, too, so that a flood is turned away for little.
pub(super) async fn prove(
    db: &Db,
    visit: &Visit,
    credentials: (&str, &str),
    failure: Tag,
    known: Known<'_>,
) -> Result<User> {
    prove_and(db, visit, credentials, failure, known, |_, user| Ok(user)).await
}

/// The same with a transaction right after it, which has to look whether the account is still as it
/// was proven. All of this is done on the thread that hashes, in one go: a login that need not wait
/// wakes no other, unless its browser is known, and nobody gets around being counted by hanging up.
/// (Who hangs up with a right password leaves a session behind that nobody knows, until it ends.)
///
/// The disk is not waited for, so `work` is nothing whose loss would open what was closed for good: a power
/// cut may undo the last logins, and then one logs in again.
pub(super) async fn prove_then_relaxed<T: Send + 'static>(
    db: &Db,
    visit: &Visit,
    credentials: (&str, &str),
    failure: Tag,
    known: Known<'_>,
    work: impl Fn(&mut Conn, &User) -> Result<T> + Send + 'static,
) -> Result<T> {
    let then = move |db: &Blocking, proven: User| db.write_relaxed(|c| work(c, &proven));
    prove_and(db, visit, credentials, failure, known, then).await
}

async fn prove_and<T: Send + 'static>(
    db: &Db,
    visit: &Visit,
    (username, password): (&str, &str),
    failure: Tag,
    known: Known<'_>,
    then: impl FnOnce(&Blocking, User) -> Result<T> + Send + 'static,
) -> Result<T> {
    let is_program = matches!(known, Known::Program);
    let network = visit.network();
    let counted = judged_by(db, visit, username, known).await?;
    let (whose, claimed) = (Whose::named(username), Password::claimed(password));
    let asked = Asked::new(counted, username, visit);
    let turn = if let Some(turn) = Turn::at_once(&whose)? {
        turn
    } else {
        let asked = asked.clone();
        db.read(move |c| asked.find(c)).await?;
        Turn::of(whose).await?
    };
    let blocking = db.blocking();
    let proven = turn.spend_on(move |turn| {
        let db = &blocking;
        // (By a program's password things are mostly read, and nothing is written after that.)
        let user = if is_program {
            db.read(|c| asked.find(c))
        } else {
            db.read_to_write(|c| asked.find(c))
        }?;
        let claimed = claimed.ok_or_else(refused)?;
        let hash = user.as_ref().and_then(|user| user.password_hash.as_deref());
        let was_right = |hash| is_program && claimed.pair(hash, network).was_right();
        let is_remembered = hash.is_some_and(was_right);
        let found = if is_remembered { Match::Right } else { claimed.matches(hash, turn)? };
        let Some(user) = user.as_ref().filter(|_| found != Match::Wrong) else {
            asked.note_failure(db, user.as_ref(), failure)?;
            return Err(refused());
        };
        if user.disabled_at.is_some() {
            return Err(disabled());
        }
        // (The turn lasts until the end: the thread is taken until then.)
        let mut user = user.clone();
        if found == Match::Outdated {
            renew(db, &mut user, claimed.clone(), turn)?;
        }
        if let Some(hash) = user.password_hash.as_deref().filter(|_| is_program && !is_remembered) {
            claimed.pair(hash, network).remember();
        }
        then(db, user)
    });
    db.in_time(proven).await
}

/// The account whose password was proven a moment ago, locked; that it was is counted. Refused
/// where the password was changed meanwhile.
pub(super) fn lock_proven(c: &mut Conn, proven: &User, now: Time) -> Result<User> {
    let user = User::lock(c, proven.id)?.ok_or_else(refused)?;
    if user.password_hash != proven.password_hash {
        return Err(refused());
    }
    if user.disabled_at.is_some() {
        return Err(disabled());
    }
    count_right(c, &user, now)?;
    Ok(user)
}

/// Counts a right password.
pub(super) fn count_right(c: &mut Conn, user: &User, now: Time) -> Result<()> {
    Ok(throttle::count(c, &[Counted::right_password(&user.username)], now)?)
}

/// What a wrong password counts by. Who is known has a counter of its own beside that of its
/// network: guesses of others, however many, never keep it out.
async fn judged_by(
    db: &Db,
    visit: &Visit,
    username: &str,
    known: Known<'_>,
) -> Result<Vec<Counted>> {
    let browser = match known {
        Known::Nobody | Known::Program => None,
        Known::Session(id) => Some(format!("session {}", id.get())),
        Known::Device(digest) => {
            let is_known = is_device_of(db, visit, username, digest.clone()).await?;
            is_known.then(|| format!("device {}", digest.as_str()))
        }
    };
    Ok(match browser {
        Some(browser) => Counted::known_login(&browser, visit),
        None => Counted::login(username, visit),
    })
}

async fn is_device_of(db: &Db, visit: &Visit, username: &str, device: TokenDigest) -> Result<bool> {
    let Some(name) = Username::parse(username.trim()) else { return Ok(false) };
    let now = visit.at;
    db.read(move |c| match User::by_name(c, &name)? {
        Some(user) => Ok(Device::is_known(c, user.id, &device, now)?),
        None => Ok(false),
    })
    .await
}

/// Who is asked for, and what its tries count by.
#[derive(Clone)]
struct Asked {
    name: Option<Username>,
    username: String,
    counted: Vec<Counted>,
    visit: Visit,
}

impl Asked {
    fn new(counted: Vec<Counted>, username: &str, visit: &Visit) -> Self {
        let (name, username) = (Username::parse(username.trim()), username.to_owned());
        Self { name, username, counted, visit: visit.clone() }
    }

    /// The account of that name, unless a limit is reached.
    fn find(&self, c: &mut Conn) -> Result<Option<User>> {
        let mut all = self.counted.clone();
        all.push(Counted::right_password(&self.username));
        throttle::check(c, &all, self.visit.at)?;
        Ok(self.name.as_ref().map(|name| User::by_name(c, name)).transpose()?.flatten())
    }

    /// Counts a failure. An index that is read-only cannot; the turn to hash still bounds the guesses.
    fn note_failure(&self, db: &Blocking, user: Option<&User>, failure: Tag) -> Result<()> {
        if !db.is_writable() {
            return Ok(());
        }
        db.write(|c| {
            throttle::count(c, &self.counted, self.visit.at)?;
            if let Some(user) = user {
                let detail = json!({ "reason": "invalid_password" });
                event::record(c, user, failure, &self.visit, &detail)?;
            }
            Ok(())
        })
    }
}

/// Hashes the password anew, with the parameters of today.
fn renew(db: &Blocking, user: &mut User, password: Password, turn: &Turn) -> Result<()> {
    let Some(old) = user.password_hash.clone().filter(|_| db.is_writable()) else { return Ok(()) };
    let new = password.hash_again(turn)?;
    if db.write(|c| Ok(User::renew_hash(c, user.id, &old, &new)?))? == 1 {
        user.password_hash = Some(new);
    }
    Ok(())
}
