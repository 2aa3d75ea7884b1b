//! A new password by a mailed link. It neither logs in nor touches the second factor, and goes to
//! verified addresses only.

use serde_json::json;

use super::change_password::{choose, replace};
use super::email::Email;
use super::event::{self, Tag};
use super::letters::{self, By, Letterhead, Notice, notify};
use super::link::{Link, Purpose};
use super::sign_in::{disabled, refused};
use super::throttle::{self, Counted, Kind};
use super::user::User;
use super::{Username, Visit};
use crate::address::EmailAddress;
use crate::db::{Conn, Db, EmailId, UserId};
use crate::error::{Error, Result};
use crate::secret::Ticket;

/// Which mail a request for a reset led to. What the page says must be the same for each.
pub enum Requested {
    /// One with the link.
    Mail(Box<Email>, Ticket),
    /// One that says why there is no link: the address is not verified.
    Unverified(Box<Email>),
    /// None: there is no such account, or it may have no link.
    Nothing,
}

/// Counts a request for a link and refuses it where a limit is reached. Does the same work
/// whether or not there is such an account.
pub async fn admit(db: &Db, visit: &Visit, name_or_address: &str) -> Result<()> {
    let mut counted = vec![Counted::text(Kind::ResetName, name_or_address.trim())];
    counted.extend(Counted::network(Kind::ResetNetwork, visit));
    let now = visit.at;
    db.write(move |c| throttle::admit(c, &counted, now)).await
}

/// Asks for a link by user name (then it goes to the primary address) or by address (then to that
/// one), after [`admit`]. `lost` is an address that gets none, as its domain is not its owner's any
/// more. How long this takes tells whether there is such an account, so whoever
/// asks is answered before, and this runs in a task of its own.
pub async fn request(
    db: &Db,
    head: &Letterhead,
    visit: &Visit,
    name_or_address: &str,
    lost: Option<EmailId>,
) -> Result<Requested> {
    let text = name_or_address.trim().to_owned();
    let (ticket, head, visit) = (Ticket::generate(), head.clone(), visit.clone());
    db.write(move |c| {
        let requested = decide(c, &visit, (&text, lost), &ticket)?;
        letters::reset(c, &head, &visit, &requested)?;
        Ok(requested)
    })
    .await
}

/// The address that a link would go to, as far as it may have one now.
pub async fn recipient(db: &Db, visit: &Visit, name_or_address: &str) -> Result<Option<Email>> {
    let (text, at) = (name_or_address.trim().to_owned(), visit.at);
    db.read(move |c| {
        let email = find(c, &text)?.filter(Email::is_trusted);
        let is_free = |email: &Email| {
            let counted = [Counted::user(Kind::MailToUser, email.user_id)];
            throttle::check(c, &counted, at).is_ok()
        };
        Ok(email.filter(is_free))
    })
    .await
}

fn decide(
    c: &mut Conn,
    visit: &Visit,
    (text, lost): (&str, Option<EmailId>),
    ticket: &Ticket,
) -> Result<Requested> {
    let email = find(c, text)?;
    let user = email.as_ref().map(|email| User::lock(c, email.user_id)).transpose()?.flatten();
    let (Some(email), Some(user)) = (email, user) else { return Ok(Requested::Nothing) };
    if user.disabled_at.is_some() || user.is_service || !may_mail(c, &user, visit)? {
        event::record(c, &user, Tag::ResetAttempted, visit, &json!({}))?;
        return Ok(Requested::Nothing);
    }
    let detail = json!({ "email": email.address });
    if !email.is_trusted() || lost == Some(email.id) {
        event::record(c, &user, Tag::ResetAttempted, visit, &detail)?;
        return Ok(Requested::Unverified(Box::new(email)));
    }
    let digest = ticket.digest();
    Link::create(c, &digest, Purpose::ResetPassword, user.id, Some(email.id), visit.at)?;
    event::record(c, &user, Tag::ResetRequested, visit, &detail)?;
    Ok(Requested::Mail(Box::new(email), ticket.clone()))
}

fn find(c: &mut Conn, text: &str) -> Result<Option<Email>> {
    if let Some(address) = EmailAddress::parse(text) {
        return Ok(Email::holder(c, &address)?);
    }
    let Some(name) = Username::parse(text) else { return Ok(None) };
    let user = User::by_name(c, &name)?;
    Ok(user.map(|user| Email::primary(c, user.id)).transpose()?.flatten())
}

/// Nobody's mail box is filled, under whatever name the mails are asked for.
fn may_mail(c: &mut Conn, user: &User, visit: &Visit) -> Result<bool> {
    let counted = [Counted::user(Kind::MailToUser, user.id)];
    if throttle::check(c, &counted, visit.at).is_err() {
        return Ok(false);
    }
    throttle::count(c, &counted, visit.at)?;
    Ok(true)
}

/// Whose password a link resets, while it works. For the page with the form.
pub async fn whose(db: &Db, ticket: &Ticket, visit: &Visit) -> Result<Option<User>> {
    let (digest, now) = (ticket.digest(), visit.at);
    db.read(move |c| {
        let link = Link::live(c, &digest, Purpose::ResetPassword, now)?;
        Ok(link.map(|link| User::by_id(c, link.user_id)).transpose()?.flatten())
    })
    .await
}

/// Sets the password that the reader of the mail chose. All sessions of the account end, and its
/// other links. Returns whose it was.
pub async fn reset(db: &Db, visit: &Visit, ticket: &Ticket, new: &str) -> Result<UserId> {
    let user = whose(db, ticket, visit).await?.ok_or_else(over)?.id;
    let hash = choose(db, user, new).await?.hash().await?;
    let (digest, visit) = (ticket.digest(), visit.clone());
    db.write(move |c| {
        let user = User::lock(c, user)?.ok_or_else(refused)?;
        // Looked at again under the lock: a login or another reset ends it.
        let link = Link::live(c, &digest, Purpose::ResetPassword, visit.at)?.ok_or_else(over)?;
        if user.disabled_at.is_some() {
            return Err(disabled());
        }
        let email = link.email_id.map(|id| Email::own(c, user.id, id)).transpose()?.flatten();
        // The address may have lost its verification since the mail left.
        let email = email.filter(Email::is_trusted).ok_or_else(over)?;
        replace(c, &user, &hash, None, visit.at)?;
        let detail = json!({ "email": email.address });
        event::record(c, &user, Tag::PasswordReset, &visit, &detail)?;
        notify(c, &user, &visit, Notice::PasswordChanged { by: By::Link })?;
        Ok(user.id)
    })
    .await
}

/// The answer to a link that resets nothing (any more).
pub fn over() -> Error {
    let words = "This link has been used, is too old, or was followed by a login or another \
                 password change; ask for a new one.";
    Error::invalid("The link does not work any more", words)
}
