//! Figures about domains: what was done in all, and how it stands.

use diesel::prelude::*;

use super::domain::Queue;
use crate::db::Conn;
use crate::db::schema::{domain_totals, domains};
use crate::time::Time;

/// The only row.
const ID: i64 = 1;

/// What sweeps have done so far, in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Queryable, Selectable)]
#[diesel(table_name = domain_totals)]
pub struct Totals {
    /// Domains that were asked about.
    pub asked: i64,
    /// Those of them about which nobody answered.
    pub failed: i64,
    /// Addresses that lost their verification.
    pub unverified: i64,
}

impl Totals {
    /// What was done until now.
    pub fn read(c: &mut Conn) -> QueryResult<Self> {
        domain_totals::table.find(ID).select(Self::as_select()).first(c)
    }

    /// The version that looked last at the domains of all addresses.
    pub(super) fn collected_by(c: &mut Conn) -> QueryResult<Option<String>> {
        domain_totals::table.find(ID).select(domain_totals::collected_by).first(c)
    }

    /// Notes that this version did.
    pub(super) fn note_collected(c: &mut Conn, version: &str) -> QueryResult<usize> {
        let row = diesel::update(domain_totals::table.find(ID));
        row.set(domain_totals::collected_by.eq(version)).execute(c)
    }

    /// Adds to it.
    pub(super) fn add(self, c: &mut Conn) -> QueryResult<usize> {
        let more = (
            domain_totals::asked.eq(domain_totals::asked + self.asked),
            domain_totals::failed.eq(domain_totals::failed + self.failed),
            domain_totals::unverified.eq(domain_totals::unverified + self.unverified),
        );
        diesel::update(domain_totals::table.find(ID)).set(more).execute(c)
    }
}

/// How it stands with the domains of all addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Those that are asked about.
    pub domains: i64,
    /// Those whose time to be asked has passed.
    pub overdue: i64,
    /// When the oldest answer of all came; none: there is none yet.
    pub oldest: Option<Time>,
    /// Those about which the brake keeps something from being done.
    pub held_back: i64,
}

impl Standing {
    /// How it stands at a moment.
    pub fn read(c: &mut Conn, now: Time) -> QueryResult<Self> {
        let trusted = Queue::Trusted.number();
        let asked = || domains::table.filter(domains::queue.ne(trusted));
        let overdue = asked().filter(domains::next_due.lt(now));
        let oldest = asked().filter(domains::answered_at.is_not_null());
        let oldest = oldest.order(domains::answered_at).select(domains::answered_at);
        let held_back = asked().filter(domains::verdict.is_not_null());
        let held_back = held_back.filter(domains::held_back_at.is_not_null());
        Ok(Self {
            domains: asked().count().get_result(c)?,
            overdue: overdue.count().get_result(c)?,
            oldest: oldest.first::<Option<Time>>(c).optional()?.flatten(),
            held_back: held_back.count().get_result(c)?,
        })
    }
}
