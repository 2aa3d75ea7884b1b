//! The row of an invitation: a link that lets its holder make one account.

use std::time::Duration;

use diesel::prelude::*;
use serde_json::json;

use super::act::{Act, Order};
use super::event::{self, Tag};
use super::letters::{self, Letterhead};
use super::user::User;
use crate::address::EmailAddress;
use crate::db::schema::{invitations, users};
use crate::db::{Conn, Db, InvitationId, UserId};
use crate::error::{Error, Result};
use crate::secret::{Ticket, TokenDigest};
use crate::time::Time;

/// How long an invitation may wait.
pub const INVITED_FOR: Duration = Duration::from_hours(7 * 24);
/// How long the link for the first administrator works: it stands in a log.
pub const FIRST_ADMIN_FOR: Duration = Duration::from_hours(24);
/// Longest note.
const LONGEST_NOTE: usize = 200;

/// An invitation.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = invitations)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Whether it makes the first administrator.
    pub first_admin: bool,
    /// Who made it; none: the operator, or somebody who is gone.
    pub created_by: Option<UserId>,
    /// For whom it is, in the words of who made it.
    pub note: String,
    /// When it was made.
    pub created_at: Time,
    /// When it stops working.
    pub expires_at: Time,
    /// When it was used.
    pub used_at: Option<Time>,
    /// By whom.
    pub used_by: Option<UserId>,
}

#[derive(Insertable)]
#[diesel(table_name = invitations, treat_none_as_default_value = false)]
struct NewInvitation<'a> {
    digest: &'a str,
    first_admin: bool,
    created_by: Option<UserId>,
    note: &'a str,
    created_at: Time,
    expires_at: Time,
}

/// Makes an invitation, and queues the mail with it where it is to be mailed.
pub async fn invite(
    db: &Db,
    order: &Order,
    note: &str,
    mail: Option<(Letterhead, EmailAddress)>,
) -> Result<Ticket> {
    if note.chars().count() > LONGEST_NOTE || note.contains(char::is_control) {
        let words = format!("A note is one line of at most {LONGEST_NOTE} characters.");
        return Err(Error::invalid("The note is too long", words));
    }
    let ticket = Ticket::generate();
    let (made, order, note) = (ticket.clone(), order.clone(), note.to_owned());
    db.write(move |c| {
        let (digest, now) = (made.digest(), order.visit.at);
        let new = NewInvitation {
            digest: digest.as_str(),
            first_admin: false,
            created_by: order.user(),
            note: &note,
            created_at: now,
            expires_at: now + INVITED_FOR,
        };
        let id: InvitationId = diesel::insert_into(invitations::table)
            .values(new)
            .returning(invitations::id)
            .get_result(c)?;
        if let Some(user) = order.user().map(|id| User::by_id(c, id)).transpose()?.flatten() {
            event::record(c, &user, Tag::Invited, &order.visit, &json!({ "note": note }))?;
        }
        order.log(c, Act::Invited, &note, &json!({ "invitation": id.get() }))?;
        if let Some((head, to)) = &mail {
            letters::invitation(c, head, &order.visit, to, &made)?;
        }
        Ok(())
    })
    .await?;
    Ok(ticket)
}

/// Makes a link for the first administrator where there is no account yet. Links that were made
/// before keep working until one of them is used: replicas that start at once each log their own.
pub async fn first_administrator(db: &Db, now: Time) -> Result<Option<Ticket>> {
    let ticket = Ticket::generate();
    let digest = ticket.digest();
    let made = db.write(move |c| {
        if User::exist(c)? {
            return Ok(false);
        }
        let new = NewInvitation {
            digest: digest.as_str(),
            first_admin: true,
            created_by: None,
            note: "",
            created_at: now,
            expires_at: now + FIRST_ADMIN_FOR,
        };
        diesel::insert_into(invitations::table).values(new).execute(c)?;
        Ok(true)
    });
    Ok(made.await?.then_some(ticket))
}

/// The invitation with that digest, if it still works.
pub fn live(c: &mut Conn, digest: &TokenDigest, now: Time) -> QueryResult<Option<Invitation>> {
    let row = invitations::table
        .filter(invitations::digest.eq(digest.as_str()))
        .filter(invitations::used_at.is_null().and(invitations::expires_at.gt(now)))
        .select(Invitation::as_select());
    let found: Option<Invitation> = row.first(c).optional()?;
    let Some(found) = found else { return Ok(None) };
    // Who may not invite any more lets nobody in.
    if let Some(by) = found.created_by
        && User::by_id(c, by)?.is_none_or(|user| !user.is_admin || user.disabled_at.is_some())
    {
        return Ok(None);
    }
    // The first administrator is the first account, or nobody.
    if found.first_admin && User::exist(c)? { Ok(None) } else { Ok(Some(found)) }
}

/// Uses an invitation up. Returns whether it worked: of several who try, one is told yes. That of
/// a first administrator uses up all such links, so that two of them make one administrator.
pub(super) fn spend(c: &mut Conn, invitation: &Invitation, now: Time) -> QueryResult<bool> {
    let unused = invitations::table.filter(invitations::used_at.is_null());
    let spent = if invitation.first_admin {
        let all = unused.filter(invitations::first_admin.eq(true));
        diesel::update(all).set(invitations::used_at.eq(now)).execute(c)?
    } else {
        let one = unused.filter(invitations::id.eq(invitation.id));
        diesel::update(one).set(invitations::used_at.eq(now)).execute(c)?
    };
    Ok(spent > 0)
}

/// Notes who used it.
pub(super) fn note_user(c: &mut Conn, id: InvitationId, user: UserId) -> QueryResult<usize> {
    diesel::update(invitations::table.find(id)).set(invitations::used_by.eq(user)).execute(c)
}

/// Those that still work, the latest first.
pub fn open(c: &mut Conn, now: Time) -> QueryResult<Vec<Invitation>> {
    let administrators = users::table
        .filter(users::is_admin.eq(true).and(users::disabled_at.is_null()))
        .select(users::id.nullable());
    let by = invitations::created_by;
    invitations::table
        .filter(by.is_null().or(by.eq_any(administrators)))
        .filter(invitations::used_at.is_null().and(invitations::expires_at.gt(now)))
        .order(invitations::id.desc())
        .select(Invitation::as_select())
        .load(c)
}

/// Takes an unused one back. Returns whether it was there.
pub async fn revoke(db: &Db, order: &Order, id: InvitationId) -> Result<bool> {
    let order = order.clone();
    db.write(move |c| {
        let unused = invitations::table.find(id).filter(invitations::used_at.is_null());
        let note: Option<String> =
            diesel::delete(unused).returning(invitations::note).get_result(c).optional()?;
        let Some(note) = note else { return Ok(false) };
        order.log(c, Act::InvitationRevoked, &note, &json!({ "invitation": id.get() }))?;
        Ok(true)
    })
    .await
}

/// Removes those whose time is over. Returns how many.
pub fn forget(c: &mut Conn, now: Time) -> QueryResult<usize> {
    diesel::delete(invitations::table.filter(invitations::expires_at.le(now))).execute(c)
}
