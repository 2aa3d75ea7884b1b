//! Logging in through the pages: password, then a pending state that is no session, then the
//! second factor, then a new session.

use serde_json::json;

use super::Visit;
use super::device::Device;
use super::event::{self, Tag};
use super::figures::By;
use super::link::{Link, Purpose};
use super::prove::{Known, count_right, lock_proven, prove_then_relaxed};
use super::second_factor::{Factor, Method, Verdict, accept, prepare, wrong_code};
use super::session::Session;
use super::sign_in::disabled;
use super::user::User;
use crate::config::Count;
use crate::db::{Conn, Db, SessionId, UserId};
use crate::error::{Error, Kind, Result};
use crate::secret::{MasterKey, Ticket, TokenDigest};
use crate::time::Time;

/// What follows the right password.
pub enum Step {
    /// Logged in: the ticket is the new session's.
    In(Ticket),
    /// The second factor is to come. The ticket carries that state for five minutes, until the
    /// next login, or until the password changes.
    SecondFactor(Ticket),
}

/// What follows the right second factor.
pub struct LoggedIn {
    /// Who it is.
    pub user_id: UserId,
    /// The new session.
    pub session: Ticket,
    /// The device, where it was to be remembered.
    pub device: Option<Ticket>,
    /// How.
    pub method: Method,
}

/// Takes user name and password. `device` is what the browser was remembered by, if it was.
pub async fn with_password(
    db: &Db,
    hours: Count,
    visit: &Visit,
    (username, password): (&str, &str),
    device: Option<&Ticket>,
) -> Result<Step> {
    let device = device.map(Ticket::digest);
    let known = device.as_ref().map_or(Known::Nobody, Known::Device);
    let ticket = Ticket::generate();
    let (digest, lasting, to) = (ticket.digest(), device.clone(), visit.clone());
    let credentials = (username, password);
    let needs_more =
        prove_then_relaxed(db, visit, credentials, Tag::LoginFailure, known, move |c, proven| {
            // Most logins: one statement sees that all is as it was, locks the account and notes the login.
            if !proven.has_second_factor() && User::enter(c, proven, to.at)? {
                count_right(c, proven, to.at)?;
                open(c, proven, &digest, hours, Method::Password, &to)?;
                return Ok(false);
            }
            let user = lock_proven(c, proven, to.at)?;
            let known = match &lasting {
                Some(device) => Device::is_known(c, user.id, device, to.at)?,
                None => false,
            };
            let method = match (user.has_second_factor(), known) {
                (false, _) => Method::Password,
                (true, true) => Method::RememberedDevice,
                (true, false) => {
                    Link::create(c, &digest, Purpose::SecondFactor, user.id, None, to.at)?;
                    return Ok(true);
                }
            };
            begin(c, &user, &digest, hours, method, &to)?;
            Ok(false)
        });
    let needs_more = By::Password.counted(needs_more.await)?;
    Ok(if needs_more { Step::SecondFactor(ticket) } else { Step::In(ticket) })
}

/// Notes a login, and begins its session.
fn begin(
    c: &mut Conn,
    user: &User,
    digest: &TokenDigest,
    hours: Count,
    method: Method,
    visit: &Visit,
) -> Result<()> {
    User::note_login(c, user.id, visit.at)?;
    open(c, user, digest, hours, method, visit)
}

/// Begins a session. What was pending before, and the links that reset the password, end.
fn open(
    c: &mut Conn,
    user: &User,
    digest: &TokenDigest,
    hours: Count,
    method: Method,
    visit: &Visit,
) -> Result<()> {
    Link::end_ways_in(c, user.id)?;
    Session::create(c, user.id, digest, hours, visit)?;
    let detail = json!({ "two_factor_method": method.as_str() });
    event::record(c, user, Tag::LoginSuccess, visit, &detail)?;
    Ok(())
}

/// Whose login is pending. For the page that asks for the code; it opens nothing else.
pub async fn pending(db: &Db, pending: &Ticket, now: Time) -> Result<Option<UserId>> {
    let digest = pending.digest();
    let link = db.read(move |c| Ok(Link::live(c, &digest, Purpose::SecondFactor, now)?)).await?;
    Ok(link.map(|link| link.user_id))
}

/// Takes the second factor. With `remember` the device needs none for 30 days.
pub async fn with_second_factor(
    db: &Db,
    key: &MasterKey,
    hours: Count,
    visit: &Visit,
    pending: &Ticket,
    typed: (Factor, bool),
) -> Result<LoggedIn> {
    By::SecondFactor.counted(check_factor(db, key, hours, visit, pending, typed).await)
}

async fn check_factor(
    db: &Db,
    key: &MasterKey,
    hours: Count,
    visit: &Visit,
    pending: &Ticket,
    (factor, remember): (Factor, bool),
) -> Result<LoggedIn> {
    let user_id = self::pending(db, pending, visit.at).await?.ok_or_else(over)?;
    let typed = prepare(db, visit, user_id, factor).await?;
    let (session, device) = (Ticket::generate(), remember.then(Ticket::generate));
    let digests = (pending.digest(), session.digest(), device.as_ref().map(Ticket::digest));
    let (key, visit) = (key.clone(), visit.clone());
    let verdict = db.write(move |c| {
        let (pending, session, device) = &digests;
        let user = User::lock(c, user_id)?.ok_or_else(over)?;
        // Looked at again under the lock: a password change or another login ends it.
        Link::live(c, pending, Purpose::SecondFactor, visit.at)?.ok_or_else(over)?;
        if user.disabled_at.is_some() {
            return Err(disabled());
        }
        let verdict = accept(c, &key, &user, &typed, &visit)?;
        let Verdict::Right(method) = verdict else { return Ok(verdict) };
        begin(c, &user, session, hours, method, &visit)?;
        if let Some(device) = device {
            Device::create(c, user.id, device, &visit)?;
            event::record(c, &user, Tag::DeviceRemembered, &visit, &json!({}))?;
        }
        Ok(verdict)
    });
    match verdict.await? {
        Verdict::Right(method) => Ok(LoggedIn { user_id, session, device, method }),
        Verdict::Wrong => Err(wrong_code()),
    }
}

fn over() -> Error {
    let words = "This login took too long, or another one came in between; begin again.";
    Error::new(Kind::SignInNeeded, "This login is over", words)
}

/// The session behind a cookie, with its account. Notes its use, at most once a minute.
pub async fn current(db: &Db, session: &Ticket, now: Time) -> Result<Option<(Session, User)>> {
    let digest = session.digest();
    let found = db.read(move |c| {
        let Some(session) = Session::by_digest(c, &digest, now)? else { return Ok(None) };
        let user = User::by_id(c, session.user_id)?;
        Ok(user.filter(|user| user.disabled_at.is_none()).map(|user| (session, user)))
    });
    let Some((session, user)) = found.await? else { return Ok(None) };
    if session.is_stale(now) && db.is_writable() {
        let id = session.id;
        db.write(move |c| Ok(Session::touch(c, id, now)?)).await?;
    }
    Ok(Some((session, user)))
}

/// Takes the password again, before something sensitive; counts for 30 minutes.
pub async fn again(
    db: &Db,
    visit: &Visit,
    (session, user): (&Session, &User),
    password: &str,
) -> Result<()> {
    let failure = Tag::ReauthenticateFailure;
    let (id, now, credentials) = (session.id, visit.at, (user.username.as_str(), password));
    prove_then_relaxed(db, visit, credentials, failure, Known::Session(id), move |c, proven| {
        lock_proven(c, proven, now)?;
        Session::confirm(c, id, now)?;
        Ok(())
    })
    .await
}

/// Ends the session that asks for it.
pub async fn out(db: &Db, session: &Session) -> Result<()> {
    let (user, id) = (session.user_id, session.id);
    db.write(move |c| Ok(Session::end(c, user, id)?)).await.map(|_| ())
}

/// Ends another session of an account, or all others where `id` is none. Returns how many.
pub async fn end_others(
    db: &Db,
    visit: &Visit,
    (session, user): (&Session, &User),
    id: Option<SessionId>,
) -> Result<usize> {
    let (kept, user, visit) = (session.id, user.clone(), visit.clone());
    db.write(move |c| {
        let ended = match id {
            Some(id) => usize::from(Session::end(c, user.id, id)?),
            None => Session::end_all(c, user.id, Some(kept))?,
        };
        if ended > 0 {
            event::record(c, &user, Tag::SessionEnded, &visit, &json!({ "sessions": ended }))?;
        }
        Ok(ended)
    })
    .await
}
