//! Mails with a link, and those that are sent in the place of one.

use std::time::Duration;

use askama::Template;

use super::queue;
use crate::accounts::Visit;
use crate::accounts::addresses::Claim;
use crate::accounts::email::Email;
use crate::accounts::invitation::INVITED_FOR;
use crate::accounts::link::MAILED_FOR;
use crate::accounts::reset::Requested;
use crate::accounts::throttle::{self, Counted, Kind};
use crate::accounts::user::User;
use crate::address::EmailAddress;
use crate::config::PublicUrl;
use crate::db::{Conn, UserId};
use crate::error::Result;
use crate::secret::Ticket;

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// Whose mails they are.
#[derive(Debug, Clone)]
pub struct Letterhead {
    /// The name of the site.
    pub site: String,
    /// What its links start with.
    pub url: PublicUrl,
}

#[derive(Template)]
#[template(path = "mail/verify.txt")]
struct Verify<'a> {
    site: &'a str,
    url: &'a PublicUrl,
    username: &'a str,
    address: &'a str,
    token: &'a str,
    hours: u64,
}

#[derive(Template)]
#[template(path = "mail/taken.txt")]
struct Taken<'a> {
    site: &'a str,
    url: &'a PublicUrl,
    username: &'a str,
    address: &'a str,
}

#[derive(Template)]
#[template(path = "mail/reset.txt")]
struct Reset<'a> {
    site: &'a str,
    url: &'a PublicUrl,
    username: &'a str,
    token: &'a str,
    hours: u64,
}

#[derive(Template)]
#[template(path = "mail/reset_unverified.txt")]
struct ResetUnverified<'a> {
    site: &'a str,
    username: &'a str,
}

#[derive(Template)]
#[template(path = "mail/invitation.txt")]
struct Invitation<'a> {
    site: &'a str,
    url: &'a PublicUrl,
    token: &'a str,
    days: u64,
}

/// Queues the mail that an address gets which was added to an account: with the link that verifies
/// it, or to the account that has it.
pub(in crate::accounts) fn offer(
    c: &mut Conn,
    head: &Letterhead,
    visit: &Visit,
    email: &Email,
    claim: &Claim,
) -> Result<()> {
    match claim {
        Claim::Free(ticket) => verify(c, head, visit, email, ticket),
        Claim::Taken(owner) => taken(c, head, visit, *owner, email),
    }
}

fn verify(
    c: &mut Conn,
    head: &Letterhead,
    visit: &Visit,
    email: &Email,
    ticket: &Ticket,
) -> Result<()> {
    let Some(user) = User::by_id(c, email.user_id)? else { return Ok(()) };
    let letter = Verify {
        site: &head.site,
        url: &head.url,
        username: &user.username,
        address: &email.address,
        token: ticket.reveal(),
        hours: hours(MAILED_FOR),
    };
    queue(c, visit, &email.address, "Verify your address", &letter)
}

fn taken(
    c: &mut Conn,
    head: &Letterhead,
    visit: &Visit,
    owner: UserId,
    wanted: &Email,
) -> Result<()> {
    let Some(address) = EmailAddress::parse(&wanted.address) else { return Ok(()) };
    let held = Email::holder(c, &address)?.filter(|held| held.user_id == owner);
    let (Some(user), Some(held)) = (User::by_id(c, owner)?, held) else { return Ok(()) };
    // Nobody's mail box is filled.
    let counted = [Counted::user(Kind::MailToUser, owner)];
    if throttle::check(c, &counted, visit.at).is_err() {
        return Ok(());
    }
    throttle::count(c, &counted, visit.at)?;
    let letter = Taken {
        site: &head.site,
        url: &head.url,
        username: &user.username,
        address: &held.address,
    };
    queue(c, visit, &held.address, "Your address was used again", &letter)
}

/// Queues the mail that somebody gets who asked for a new password.
pub(in crate::accounts) fn reset(
    c: &mut Conn,
    head: &Letterhead,
    visit: &Visit,
    requested: &Requested,
) -> Result<()> {
    let email = match requested {
        Requested::Mail(email, _) | Requested::Unverified(email) => email,
        Requested::Nothing => return Ok(()),
    };
    let Some(user) = User::by_id(c, email.user_id)? else { return Ok(()) };
    let (site, username) = (head.site.as_str(), user.username.as_str());
    let subject = "A new password was asked for";
    let Requested::Mail(_, ticket) = requested else {
        let letter = ResetUnverified { site, username };
        return queue(c, visit, &email.address, subject, &letter);
    };
    let (url, token, hours) = (&head.url, ticket.reveal(), hours(MAILED_FOR));
    let letter = Reset { site, url, username, token, hours };
    queue(c, visit, &email.address, subject, &letter)
}

/// Queues the mail that carries an invitation.
pub(in crate::accounts) fn invitation(
    c: &mut Conn,
    head: &Letterhead,
    visit: &Visit,
    to: &EmailAddress,
    ticket: &Ticket,
) -> Result<()> {
    let days = INVITED_FOR.as_secs() / DAY.as_secs();
    let (site, url, token) = (head.site.as_str(), &head.url, ticket.reveal());
    let letter = Invitation { site, url, token, days };
    queue(c, visit, to.as_str(), "You are invited", &letter)
}

fn hours(span: Duration) -> u64 {
    span.as_secs() / HOUR.as_secs()
}
