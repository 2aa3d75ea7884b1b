//! The mails about accounts, in plain sentences. Each is queued in the transaction of what it is
//! about, so that no crash comes between the two.

pub mod lapsed;
mod linked;
mod notice;
mod ordered;

use askama::Template;

pub use linked::Letterhead;
pub(super) use linked::{invitation, offer, reset};
pub(super) use notice::{By, Notice, notify};
pub(super) use ordered::reset_by_order;

use super::Visit;
use crate::address::EmailAddress;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::mail::Message;
use crate::time::Time;

/// Queues a mail. An address that no mail can be sent to, which only old rows may have, gets none.
fn queue(
    c: &mut Conn,
    visit: &Visit,
    to: &str,
    subject: &str,
    letter: &impl Template,
) -> Result<()> {
    post(c, visit.at, to, subject, letter)
}

/// The same for the letters of other floors.
pub(crate) fn post(
    c: &mut Conn,
    now: Time,
    to: &str,
    subject: &str,
    letter: &impl Template,
) -> Result<()> {
    let Some(to) = EmailAddress::parse(to) else { return Ok(()) };
    let text = letter.render().map_err(|error| Error::internal("writing a mail", error))?;
    Message { to, subject: subject.to_owned(), text }.queue(c, now)?;
    Ok(())
}
