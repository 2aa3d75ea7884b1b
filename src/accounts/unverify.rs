//! Taking the verification back from an address whose domain is not its owner's any more.

use serde_json::json;

use super::Visit;
use super::email::Email;
use super::event::{self, Tag};
use super::letters::lapsed;
use super::link::Link;
use super::user::User;
use crate::db::{Conn, EmailId, UserId};
use crate::error::Result;

/// Why an address loses its verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Its domain has expired, or is about to.
    Lapsed,
    /// Its domain was registered by somebody after the address had been verified.
    ChangedHands,
}

impl Why {
    /// What the owner and administrators read, behind a colon.
    pub fn words(self) -> &'static str {
        match self {
            Self::Lapsed => "its domain has expired",
            Self::ChangedHands => "its domain was registered anew after that",
        }
    }
}

/// What became of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is verified no more.
    Unverified,
    /// It is the last verified one of the last administrator, who would be locked out: it stays
    /// verified, but no password is reset by it any more.
    Kept {
        /// The name of the administrator.
        username: String,
        /// Whether that was so before.
        again: bool,
    },
    /// It was not verified, or is gone.
    Nothing,
}

/// Takes the verification from an address: links that were mailed to it end, its owner's other
/// verified addresses are told. Sessions stay. With `suspend`, the owner's API tokens stand still
/// until an address is verified.
pub fn unverify(
    c: &mut Conn,
    visit: &Visit,
    (owner, id): (UserId, EmailId),
    why: Why,
    suspend: bool,
) -> Result<Outcome> {
    let Some(user) = User::lock(c, owner)? else { return Ok(Outcome::Nothing) };
    let email = Email::own(c, user.id, id)?.filter(|email| email.verified_at.is_some());
    let Some(email) = email else { return Ok(Outcome::Nothing) };
    Link::end_mailed_to(c, email.id)?;
    if is_last(c, &user, &email)? {
        let again = email.unverify_reason.is_some();
        Email::suspect(c, email.id, why.words())?;
        return Ok(Outcome::Kept { username: user.username, again });
    }
    Email::unverify(c, email.id, why.words(), visit.at)?;
    if suspend && user.tokens_suspended_at.is_none() {
        User::suspend_tokens(c, user.id, Some(visit.at))?;
    }
    let detail = json!({ "email": email.address, "reason": why.words() });
    event::record(c, &user, Tag::EmailUnverified, visit, &detail)?;
    lapsed::tell_owner(c, visit, &user, &email.address, why)?;
    Ok(Outcome::Unverified)
}

/// Whether without this address no administrator had a verified one.
fn is_last(c: &mut Conn, user: &User, email: &Email) -> Result<bool> {
    if !user.is_admin || user.disabled_at.is_some() {
        return Ok(false);
    }
    let has_another =
        Email::of(c, user.id)?.iter().any(|other| other.id != email.id && other.is_trusted());
    Ok(!has_another && !User::has_other_administrator(c, user.id)?)
}
