//! The row of a registrable domain: what is known of it, and what must be done about it.

use std::collections::BTreeSet;
use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};

use super::answer::{Answer, Finding};
use crate::accounts::unverify::Why;
use crate::db::schema::domains;
use crate::db::values::places;
use crate::db::{Conn, MultiBackend};
use crate::time::Time;

/// In which line a domain waits to be asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queue {
    /// With the others: asked when its answer gets too old.
    Regular,
    /// It is looked at again soon: there are doubts, or something could not be done yet.
    Again,
    /// Behind all others: the last time nobody could be asked, which must not hold others up.
    Failing,
    /// The operator trusts it: nobody is asked.
    Trusted,
}

impl Queue {
    /// Those that are asked about, in the order in which a run takes them.
    pub const ASKED: [Self; 3] = [Self::Again, Self::Regular, Self::Failing];

    /// The number in the database.
    pub fn number(self) -> i64 {
        match self {
            Self::Regular => 0,
            Self::Again => 1,
            Self::Failing => 2,
            Self::Trusted => 3,
        }
    }
}

/// A registrable domain.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = domains)]
pub struct Domain {
    /// Its name in ASCII.
    pub name: String,
    /// The number of a [`Queue`].
    pub queue: i64,
    /// When its answer is too old, or when it is asked again because of doubts.
    pub next_due: Time,
    /// When it was last asked.
    pub asked_at: Option<Time>,
    /// When there was last an answer.
    pub answered_at: Option<Time>,
    /// That answer, in the provider's own words.
    pub said: Option<String>,
    /// What it means: the word of a [`Finding`].
    pub finding: Option<String>,
    /// When it was registered, where that is known.
    pub registered_at: Option<Time>,
    /// When the doubts began that have not been dispelled since.
    pub doubtful_since: Option<Time>,
    /// How often in a row nobody could be asked.
    pub failures: i64,
    /// Why not, the last time.
    pub last_error: Option<String>,
    /// What must still be done about its addresses: the word of a [`Why`].
    pub verdict: Option<String>,
    /// Since when the brake keeps that from being done.
    pub held_back_at: Option<Time>,
    /// When something was last done about its addresses.
    pub acted_at: Option<Time>,
    /// What that was, in words.
    pub action: Option<String>,
}

impl Finding {
    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Lapsed => "lapsed",
            Self::Doubtful => "doubtful",
            Self::NotCheckable => "not-checkable",
        }
    }
}

/// The word in the database for what must be done.
pub(super) fn verdict_word(why: Why) -> &'static str {
    match why {
        Why::Lapsed => "lapsed",
        Why::ChangedHands => "changed-hands",
    }
}

impl Domain {
    /// One that nobody was ever asked about.
    pub fn new(name: String, now: Time) -> Self {
        Self {
            name,
            queue: Queue::Regular.number(),
            next_due: now,
            asked_at: None,
            answered_at: None,
            said: None,
            finding: None,
            registered_at: None,
            doubtful_since: None,
            failures: 0,
            last_error: None,
            verdict: None,
            held_back_at: None,
            acted_at: None,
            action: None,
        }
    }

    /// Adds those of them that there are not yet.
    pub(super) fn add(c: &mut Conn, new: Vec<Self>) -> QueryResult<()> {
        let names: Vec<_> = new.iter().map(|domain| domain.name.clone()).collect();
        let known: BTreeSet<String> = Self::known(c, &names)?.into_iter().collect();
        let new: Vec<_> = new.into_iter().filter(|it| !known.contains(&it.name)).collect();
        Self::store(c, &new).map(|_| ())
    }

    /// What must be done about its addresses.
    pub fn why(&self) -> Option<Why> {
        let word = self.verdict.as_deref()?;
        [Why::Lapsed, Why::ChangedHands].into_iter().find(|why| verdict_word(*why) == word)
    }

    /// What it is called with its state: the provider's words, or why there are none.
    pub fn status(&self) -> &str {
        if self.queue == Queue::Trusted.number() {
            return "trusted";
        }
        self.said.as_deref().unwrap_or_default()
    }

    /// The one of that name.
    pub fn by_name(c: &mut Conn, name: &str) -> QueryResult<Option<Self>> {
        domains::table.find(name).select(Self::as_select()).first(c).optional()
    }

    /// Those of these names that there are.
    pub(super) fn known(c: &mut Conn, names: &[String]) -> QueryResult<Vec<String>> {
        let rows = domains::table.filter(domains::name.eq_any(names.to_vec()));
        rows.select(domains::name).load(c)
    }

    /// The first `limit` of those about which something must be done, behind `after`.
    pub fn pending(c: &mut Conn, after: &str, limit: i64) -> QueryResult<Vec<Self>> {
        let rows = domains::table.filter(domains::verdict.is_not_null());
        let rows = rows.filter(domains::name.gt(after.to_owned()));
        rows.order(domains::name).limit(limit).select(Self::as_select()).load(c)
    }

    /// Keeps what was found about many of them, all but what was done, in one statement of the
    /// SQL that both databases speak.
    pub(super) fn store(c: &mut Conn, rows: &[Self]) -> QueryResult<usize> {
        if rows.is_empty() {
            return Ok(0);
        }
        let mut sql = format!("INSERT INTO domains ({}) VALUES ", STORED.join(", "));
        sql.push_str(&places(c, rows.len(), STORED.len()));
        let updates = STORED.iter().skip(1).map(|column| format!("{column} = excluded.{column}"));
        let updates: Vec<String> = updates.collect();
        sql.push_str(" ON CONFLICT (name) DO UPDATE SET ");
        sql.push_str(&updates.join(", "));
        let mut query = diesel::sql_query(sql).into_boxed::<MultiBackend>();
        for row in rows {
            query = query
                .bind::<Text, _>(row.name.clone())
                .bind::<BigInt, _>(row.queue)
                .bind::<Timestamp, _>(row.next_due)
                .bind::<Nullable<Timestamp>, _>(row.asked_at)
                .bind::<Nullable<Timestamp>, _>(row.answered_at)
                .bind::<Nullable<Text>, _>(row.said.clone())
                .bind::<Nullable<Text>, _>(row.finding.clone())
                .bind::<Nullable<Timestamp>, _>(row.registered_at)
                .bind::<Nullable<Timestamp>, _>(row.doubtful_since)
                .bind::<BigInt, _>(row.failures)
                .bind::<Nullable<Text>, _>(row.last_error.clone())
                .bind::<Nullable<Text>, _>(row.verdict.clone())
                .bind::<Nullable<Timestamp>, _>(row.held_back_at);
        }
        query.execute(c)
    }

    /// Keeps that a domain was found fine when an address of it was verified, unless something is
    /// still to be done about others of its addresses, or a later answer is there.
    pub(super) fn note_fine(
        c: &mut Conn,
        name: &str,
        answer: &Answer,
        now: Time,
        interval: Duration,
    ) -> QueryResult<usize> {
        let row = domains::table.find(name).filter(domains::verdict.is_null());
        let is_last = domains::asked_at.is_null().or(domains::asked_at.le(now));
        let row = row.filter(is_last);
        let new = (
            domains::queue.eq(Queue::Regular.number()),
            domains::next_due.eq(now + interval),
            domains::asked_at.eq(now),
            domains::answered_at.eq(now),
            domains::said.eq(&answer.said),
            domains::finding.eq(answer.finding.as_str()),
            domains::doubtful_since.eq(None::<Time>),
            domains::failures.eq(0),
            domains::last_error.eq(None::<String>),
        );
        diesel::update(row).set(new).execute(c)
    }

    /// Lets the next sweep ask about a domain, unless it is trusted.
    pub(super) fn hasten(c: &mut Conn, name: &str, now: Time) -> QueryResult<usize> {
        let row = domains::table.find(name);
        let row = row.filter(domains::queue.ne(Queue::Trusted.number()));
        let soon = (domains::queue.eq(Queue::Again.number()), domains::next_due.eq(now));
        diesel::update(row).set(soon).execute(c)
    }

    /// Moves some of them to another line.
    pub(super) fn move_to(c: &mut Conn, names: &[String], queue: Queue) -> QueryResult<usize> {
        if names.is_empty() {
            return Ok(0);
        }
        let rows = domains::table.filter(domains::name.eq_any(names.to_vec()));
        let none = (domains::verdict.eq(None::<String>), domains::held_back_at.eq(None::<Time>));
        diesel::update(rows).set((domains::queue.eq(queue.number()), none)).execute(c)
    }

    /// Notes what was done about the addresses of one. What is not `done` is tried again.
    pub(super) fn note_action(
        c: &mut Conn,
        name: &str,
        action: &str,
        done: bool,
        now: Time,
    ) -> QueryResult<usize> {
        let row = domains::table.find(name);
        let what = (domains::acted_at.eq(now), domains::action.eq(action));
        diesel::update(row).set(what).execute(c)?;
        let row = domains::table.find(name);
        if !done {
            let again = (domains::queue.eq(Queue::Again.number()), domains::next_due.eq(now));
            return diesel::update(row).set(again).execute(c);
        }
        let none = (domains::verdict.eq(None::<String>), domains::held_back_at.eq(None::<Time>));
        diesel::update(row).set(none).execute(c)
    }
}

/// The columns that [`Domain::store`] writes, in the order of its values; the key first.
const STORED: [&str; 13] = [
    "name",
    "queue",
    "next_due",
    "asked_at",
    "answered_at",
    "said",
    "finding",
    "registered_at",
    "doubtful_since",
    "failures",
    "last_error",
    "verdict",
    "held_back_at",
];
