//! The mail with a link that an administrator ordered.

use askama::Template;

use super::{Letterhead, queue};
use crate::accounts::Visit;
use crate::accounts::email::Email;
use crate::accounts::link::MAILED_FOR;
use crate::accounts::user::User;
use crate::config::PublicUrl;
use crate::db::Conn;
use crate::error::Result;
use crate::secret::Ticket;

const SECONDS_OF_HOUR: u64 = 3600;

#[derive(Template)]
#[template(path = "mail/reset_by_order.txt")]
struct Reset<'a> {
    site: &'a str,
    url: &'a PublicUrl,
    username: &'a str,
    token: &'a str,
    hours: u64,
}

/// Queues the mail with which the owner of an account whose password was taken chooses a new one.
pub(in crate::accounts) fn reset_by_order(
    c: &mut Conn,
    head: &Letterhead,
    visit: &Visit,
    (user, email): (&User, &Email),
    ticket: &Ticket,
) -> Result<()> {
    let letter = Reset {
        site: &head.site,
        url: &head.url,
        username: &user.username,
        token: ticket.reveal(),
        hours: MAILED_FOR.as_secs() / SECONDS_OF_HOUR,
    };
    queue(c, visit, &email.address, "Choose a new password", &letter)
}
