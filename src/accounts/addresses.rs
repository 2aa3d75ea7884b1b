//! Adding, verifying and removing the addresses of an account. Who calls has made sure that the
//! password was typed in a short time ago.

use serde_json::json;

use super::Visit;
use super::act::{Act, Order};
use super::email::Email;
use super::event::{self, Tag};
use super::letters::{self, Letterhead, Notice, notify};
use super::link::{Link, Purpose};
use super::sign_in::refused;
use super::throttle::{self, Counted, Kind};
use super::user::User;
use crate::address::EmailAddress;
use crate::db::{Conn, Db, EmailId, UserId};
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::secret::Ticket;

/// More addresses than this on one account are a mistake.
const MOST: usize = 20;

/// Which mail an address got that somebody added.
pub enum Claim {
    /// One with the link that verifies it.
    Free(Ticket),
    /// It is a verified address of this account, whose owner gets a mail about the attempt. Who
    /// added it must not learn so.
    Taken(UserId),
}

/// An address that was added.
pub struct Added {
    /// Its row.
    pub email: Email,
    /// Which mail it got.
    pub claim: Claim,
}

/// Adds an address to an account. That another account has it makes no difference that one could
/// see: the address stands in the list and is never verified.
pub async fn add(
    db: &Db,
    head: &Letterhead,
    visit: &Visit,
    user: UserId,
    address: &EmailAddress,
) -> Result<Added> {
    let (ticket, head) = (Ticket::generate(), head.clone());
    let (address, visit) = (address.clone(), visit.clone());
    db.write(move |c| {
        let user = User::lock(c, user)?.ok_or_else(refused)?;
        permit_new(c, &user, &address)?;
        let mut counted = vec![Counted::user(Kind::MailUser, user.id)];
        counted.extend(Counted::network(Kind::AddNetwork, &visit));
        throttle::admit(c, &counted, visit.at)?;
        let id = Email::claim(c, user.id, &address, false, visit.at)?;
        let email = own(c, user.id, id)?;
        let claim = offer(c, &head, &visit, &email, &ticket)?;
        let detail = json!({ "email": address.as_str() });
        event::record(c, &user, Tag::EmailAdded, &visit, &detail)?;
        notify(c, &user, &visit, Notice::AddressAdded { address: address.as_str() })?;
        Ok(Added { email, claim })
    })
    .await
}

fn permit_new(c: &mut Conn, user: &User, address: &EmailAddress) -> Result<()> {
    if user.is_service {
        let words = "A service account has no mail address.";
        return Err(Error::invalid("This is a service account", words));
    }
    let own = Email::of(c, user.id)?;
    if own.iter().any(|email| email.address.to_lowercase() == address.key()) {
        let words = "This address is one of yours already.";
        return Err(Error::new(ErrorKind::Conflict, "The address is there already", words));
    }
    if own.len() >= MOST {
        let words = format!("An account has at most {MOST} addresses.");
        return Err(Error::invalid("There are too many addresses", words));
    }
    Ok(())
}

/// Makes the link that verifies an address, and queues the mail with it; where another account has
/// verified the address, a mail to that one.
pub(super) fn offer(
    c: &mut Conn,
    head: &Letterhead,
    visit: &Visit,
    email: &Email,
    ticket: &Ticket,
) -> Result<Claim> {
    let holder = Email::holder(c, &value(email)?)?;
    let other = holder.filter(|it| it.user_id != email.user_id && it.verified_at.is_some());
    let claim = if let Some(other) = other {
        Claim::Taken(other.user_id)
    } else {
        let (user, id) = (email.user_id, Some(email.id));
        Link::create(c, &ticket.digest(), Purpose::VerifyEmail, user, id, visit.at)?;
        Claim::Free(ticket.clone())
    };
    letters::offer(c, head, visit, email, &claim)?;
    Ok(claim)
}

/// Makes a new link for an address that is not verified; earlier ones end.
pub async fn reverify(
    db: &Db,
    head: &Letterhead,
    visit: &Visit,
    user: UserId,
    id: EmailId,
) -> Result<Added> {
    let (ticket, head, visit) = (Ticket::generate(), head.clone(), visit.clone());
    db.write(move |c| {
        let user = User::lock(c, user)?.ok_or_else(refused)?;
        let email = own(c, user.id, id)?;
        if email.is_trusted() {
            let words = "This address is verified already.";
            return Err(Error::new(ErrorKind::Conflict, "It is verified already", words));
        }
        let counted = [Counted::user(Kind::MailUser, user.id)];
        throttle::admit(c, &counted, visit.at)?;
        Link::end_of_address(c, id)?;
        let claim = offer(c, &head, &visit, &email, &ticket)?;
        let detail = json!({ "email": email.address });
        event::record(c, &user, Tag::EmailReverify, &visit, &detail)?;
        Ok(Added { email, claim })
    })
    .await
}

/// Verifies the address that a link was mailed to, for its owner, who is logged in. Works once.
pub async fn verify(db: &Db, visit: &Visit, user: UserId, ticket: &Ticket) -> Result<Email> {
    let (digest, visit) = (ticket.digest(), visit.clone());
    db.write(move |c| {
        let user = User::lock(c, user)?.ok_or_else(refused)?;
        let link = Link::live(c, &digest, Purpose::VerifyEmail, visit.at)?;
        let link = link.filter(|link| link.user_id == user.id).ok_or_else(over)?;
        let email = own(c, user.id, link.email_id.ok_or_else(over)?)?;
        if !email.verify(c, &value(&email)?, visit.at)? {
            return Err(over());
        }
        Link::spend(c, &digest)?;
        wake_tokens(c, &user)?;
        let detail = json!({ "email": email.address });
        event::record(c, &user, Tag::EmailVerified, &visit, &detail)?;
        own(c, user.id, email.id)
    })
    .await
}

/// Verifies an address of an account by the word of an administrator: the primary one where none
/// is named.
pub async fn verify_by_order(
    db: &Db,
    order: &Order,
    user: UserId,
    id: Option<EmailId>,
) -> Result<Email> {
    let order = order.clone();
    db.write(move |c| {
        let user = User::lock(c, user)?.ok_or_else(refused)?;
        let email = match id {
            Some(id) => own(c, user.id, id)?,
            None => Email::primary(c, user.id)?.ok_or_else(missing)?,
        };
        let visit = &order.visit;
        if !email.verify(c, &value(&email)?, visit.at)? {
            let words = format!("Another account has verified the address {}.", email.address);
            return Err(Error::new(ErrorKind::Conflict, "The address is taken", words));
        }
        wake_tokens(c, &user)?;
        let detail = json!({ "email": email.address, "by": "administrator" });
        event::record(c, &user, Tag::EmailVerified, visit, &detail)?;
        order.log(c, Act::AddressVerified, &user.username, &json!({ "email": email.address }))?;
        notify(c, &user, visit, Notice::AddressVerified { address: &email.address })?;
        Ok(email)
    })
    .await
}

/// API tokens that stood still because of a lapsed domain work again.
fn wake_tokens(c: &mut Conn, user: &User) -> Result<()> {
    if user.tokens_suspended_at.is_some() {
        User::suspend_tokens(c, user.id, None)?;
    }
    Ok(())
}

/// The address that a link would verify for this account. For the page that asks for the click.
pub async fn to_verify(db: &Db, visit: &Visit, user: UserId, ticket: &Ticket) -> Result<Email> {
    let (digest, now) = (ticket.digest(), visit.at);
    db.read(move |c| {
        let link = Link::live(c, &digest, Purpose::VerifyEmail, now)?;
        let link = link.filter(|link| link.user_id == user).ok_or_else(over)?;
        own(c, user, link.email_id.ok_or_else(over)?)
    })
    .await
}

/// Removes an address that is not the primary one. Returns it.
pub async fn remove(db: &Db, visit: &Visit, user: UserId, id: EmailId) -> Result<Email> {
    let visit = visit.clone();
    db.write(move |c| {
        let user = User::lock(c, user)?.ok_or_else(refused)?;
        let email = own(c, user.id, id)?;
        if email.is_primary {
            let words = "The primary address cannot be removed; make another one primary first.";
            return Err(Error::invalid("This is the primary address", words));
        }
        // It is told, too, where it is verified.
        notify(c, &user, &visit, Notice::AddressRemoved { address: &email.address })?;
        // The links that were mailed to it go with it.
        Email::remove(c, id)?;
        let detail = json!({ "email": email.address });
        event::record(c, &user, Tag::EmailRemoved, &visit, &detail)?;
        Ok(email)
    })
    .await
}

/// Makes a verified address the primary one. Returns the one that was.
pub async fn set_primary(db: &Db, visit: &Visit, user: UserId, id: EmailId) -> Result<Email> {
    let visit = visit.clone();
    db.write(move |c| {
        let user = User::lock(c, user)?.ok_or_else(refused)?;
        let email = own(c, user.id, id)?;
        if email.verified_at.is_none() {
            let words = "Only a verified address can be the primary one.";
            return Err(Error::invalid("The address is not verified", words));
        }
        let old = Email::primary(c, user.id)?.ok_or_else(missing)?;
        if old.id != id {
            Email::set_primary(c, user.id, id)?;
            let detail = json!({ "old_primary": old.address, "new_primary": email.address });
            event::record(c, &user, Tag::PrimaryChanged, &visit, &detail)?;
            let (old, new) = (&old.address, &email.address);
            notify(c, &user, &visit, Notice::PrimaryChanged { old, new })?;
        }
        Ok(old)
    })
    .await
}

fn own(c: &mut Conn, user: UserId, id: EmailId) -> Result<Email> {
    Email::own(c, user, id)?.ok_or_else(missing)
}

fn value(email: &Email) -> Result<EmailAddress> {
    EmailAddress::parse(&email.address)
        .ok_or_else(|| Error::internal("reading a mail address", email.address.clone()))
}

fn missing() -> Error {
    Error::not_found("This account has no such address.")
}

/// The answer to a link that verifies nothing (any more) for this account.
pub fn over() -> Error {
    let words = "This link has been used, is too old, or belongs to another account; log in as \
                 the one that it was mailed to, or ask for a new one.";
    Error::invalid("The link does not work any more", words)
}
