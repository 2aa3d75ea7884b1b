//! The row of a mail that waits, was sent, or was given up.

use chrono::Days;
use diesel::prelude::*;

use super::retry;
use crate::db::schema::outbox;
use crate::db::{Conn, MailId};
use crate::time::Time;

/// How long sent mails and those that were given up are kept for the operator to see.
pub const KEEP: Days = Days::new(30);
/// The longest reason that is kept, in characters.
const LONGEST_ERROR: usize = 1_000;

/// A mail.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = outbox)]
pub struct Mail {
    /// Its id.
    pub id: MailId,
    /// Whom it is for.
    pub recipient: String,
    /// What it is about, without the name of the index.
    pub subject: String,
    /// What it says; none once it is sent.
    pub body: Option<String>,
    /// The left side of its Message-ID.
    pub message_id: String,
    /// When it was written.
    pub queued_at: Time,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried next; none: never.
    pub next_at: Option<Time>,
    /// When it was sent.
    pub sent_at: Option<Time>,
    /// When it was given up.
    pub failed_at: Option<Time>,
    /// What went wrong the last time.
    pub last_error: Option<String>,
}

#[derive(Insertable)]
#[diesel(table_name = outbox, treat_none_as_default_value = false)]
pub(super) struct NewMail<'a> {
    pub(super) recipient: &'a str,
    pub(super) subject: &'a str,
    pub(super) body: &'a str,
    pub(super) message_id: &'a str,
    pub(super) queued_at: Time,
    pub(super) attempts: i64,
    pub(super) next_at: Option<Time>,
}

impl Mail {
    pub(super) fn create(c: &mut Conn, new: NewMail<'_>) -> QueryResult<MailId> {
        diesel::insert_into(outbox::table).values(new).returning(outbox::id).get_result(c)
    }

    /// Whether any mail is due.
    pub fn is_due(c: &mut Conn, now: Time) -> QueryResult<bool> {
        let row = outbox::table.filter(outbox::next_at.le(now)).select(outbox::id);
        row.first::<MailId>(c).optional().map(|id| id.is_some())
    }

    /// Whether any mail is due that was not tried yet.
    pub fn is_new(c: &mut Conn, now: Time) -> QueryResult<bool> {
        let new = outbox::next_at.le(now).and(outbox::attempts.eq(0));
        let row = outbox::table.filter(new).select(outbox::id);
        row.first::<MailId>(c).optional().map(|id| id.is_some())
    }

    /// The mails that are due, the longest waiting first.
    pub(super) fn due(c: &mut Conn, now: Time, limit: i64) -> QueryResult<Vec<Self>> {
        outbox::table
            .filter(outbox::next_at.le(now))
            .order((outbox::next_at, outbox::id))
            .limit(limit)
            .select(Self::as_select())
            .load(c)
    }

    /// Notes a try before it begins, and when the next one comes should nothing become of it.
    pub(super) fn begin(c: &mut Conn, mail: &Self, now: Time) -> QueryResult<usize> {
        let attempts = mail.attempts + 1;
        let tried =
            (outbox::attempts.eq(attempts), outbox::next_at.eq(now + retry::pause_after(attempts)));
        diesel::update(outbox::table.find(mail.id)).set(tried).execute(c)
    }

    /// Notes that it was sent. Its text goes: the links in it are secrets.
    pub(super) fn sent(c: &mut Conn, id: MailId, now: Time) -> QueryResult<usize> {
        let end = (
            outbox::body.eq(None::<String>),
            outbox::next_at.eq(None::<Time>),
            outbox::sent_at.eq(now),
            outbox::failed_at.eq(None::<Time>),
            outbox::last_error.eq(None::<String>),
        );
        diesel::update(outbox::table.find(id)).set(end).execute(c)
    }

    /// Notes why a try failed; the next one is planned already.
    pub(super) fn postponed(c: &mut Conn, id: MailId, why: &str) -> QueryResult<usize> {
        diesel::update(outbox::table.find(id)).set(outbox::last_error.eq(cut(why))).execute(c)
    }

    /// Notes that it will not be tried again, and why. Its text stays for an operator who makes
    /// it due again.
    pub(super) fn failed(c: &mut Conn, id: MailId, why: &str, now: Time) -> QueryResult<usize> {
        let end = (
            outbox::next_at.eq(None::<Time>),
            outbox::failed_at.eq(now),
            outbox::last_error.eq(cut(why)),
        );
        diesel::update(outbox::table.find(id)).set(end).execute(c)
    }

    /// The last mails, newest first, at most `limit`; `sent` ones only where they are asked for.
    pub fn list(c: &mut Conn, with_sent: bool, limit: i64) -> QueryResult<Vec<Self>> {
        let rows = outbox::table.order(outbox::id.desc()).limit(limit).select(Self::as_select());
        if with_sent {
            return rows.load(c);
        }
        rows.filter(outbox::sent_at.is_null()).load(c)
    }

    /// Makes mails due now that wait or were given up: those with these ids, or all where there
    /// are none. Their time begins anew. How many there were.
    pub fn retry(c: &mut Conn, ids: &[MailId], now: Time) -> QueryResult<usize> {
        let due = (
            outbox::next_at.eq(now),
            outbox::queued_at.eq(now),
            outbox::attempts.eq(0),
            outbox::failed_at.eq(None::<Time>),
        );
        let unsent = outbox::table.filter(outbox::sent_at.is_null());
        if ids.is_empty() {
            return diesel::update(unsent).set(due).execute(c);
        }
        diesel::update(unsent.filter(outbox::id.eq_any(ids))).set(due).execute(c)
    }

    /// Removes what was sent or given up before `before`.
    pub fn prune(c: &mut Conn, before: Time) -> QueryResult<usize> {
        let old = outbox::sent_at.lt(before).or(outbox::failed_at.lt(before));
        diesel::delete(outbox::table.filter(old)).execute(c)
    }
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST_ERROR).collect()
}
