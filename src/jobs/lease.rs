//! Who may run a job: one holder at a time, in all processes on one database.
//!
//! A lease is fenced: every time it is taken its number grows, and a runner whose number is not
//! the last one writes nothing. So a runner that was paused, or whose clock is wrong, does no harm
//! beyond work done twice.

use std::time::Duration;

use diesel::prelude::*;

use super::run::Run;
use crate::db::schema::leases;
use crate::db::{Conn, RunId};
use crate::error::{Error, Kind, Result};
use crate::time::Time;

/// How long a lease lasts unless it is renewed. Together with [`LOOK`] less than the minute within
/// which the run of a dead process is taken over.
pub const LASTS: Duration = Duration::from_secs(45);
/// How often a lease is renewed: a busy database may miss three times.
pub const RENEW: Duration = Duration::from_secs(10);
/// How often to look for leases of dead processes, in seconds.
pub const LOOK: u64 = 5;

/// The right to run a job, as one run has it. Cheap to clone, so that it can go into the work of a
/// transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The job.
    pub(super) name: &'static str,
    /// Who runs it.
    pub(super) holder: String,
    /// Grows with every run of the job.
    pub(super) fencing: i64,
    /// The record of the run.
    pub(super) run: RunId,
}

impl Lease {
    /// Takes the lease of a job and opens the record of a run, in one transaction. `None`: another
    /// one holds it. A run whose lease was over is noted as died.
    pub fn take(
        c: &mut Conn,
        name: &'static str,
        holder: &str,
        now: Time,
    ) -> QueryResult<Option<Self>> {
        let expires = leases::expires_at.eq(now + LASTS);
        let free = leases::holder.is_null().or(leases::expires_at.le(now));
        let taken = diesel::update(leases::table.filter(leases::name.eq(name).and(free)))
            .set((leases::holder.eq(holder), leases::fencing.eq(leases::fencing + 1), expires))
            .returning(leases::fencing)
            .get_result(c)
            .optional()?;
        let fencing = match taken {
            Some(fencing) => fencing,
            None if exists(c, name)? => return Ok(None),
            None => first(c, name, holder, now)?,
        };
        if Run::bury(c, name, now)? > 0 {
            tracing::warn!(job.name = name, "the run of a process that died is taken over");
        }
        let run = Run::begin(c, name, holder, fencing, now)?;
        Ok(Some(Self { name, holder: holder.to_owned(), fencing, run }))
    }

    /// The job.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Makes sure, within a transaction that writes, that this run still is the one: an error
    /// where the lease has passed on, and until the transaction ends it cannot.
    pub fn check(&self, c: &mut Conn) -> Result<()> {
        let own = leases::table.filter(self.is_own());
        // Writing the row locks it.
        let count = diesel::update(own).set(leases::fencing.eq(self.fencing)).execute(c)?;
        if count == 1 { Ok(()) } else { Err(self.lost()) }
    }

    /// Keeps the lease from being taken over; whether it still was this run's.
    pub fn renew(&self, c: &mut Conn, now: Time) -> QueryResult<bool> {
        let own = leases::table.filter(self.is_own());
        let count = diesel::update(own).set(leases::expires_at.eq(now + LASTS)).execute(c)?;
        Ok(count == 1)
    }

    /// Gives the lease back.
    pub fn release(&self, c: &mut Conn) -> QueryResult<usize> {
        let own = leases::table.filter(self.is_own());
        diesel::update(own).set(leases::holder.eq(None::<String>)).execute(c)
    }

    /// The jobs whose holder has not renewed its lease: it died, or cannot reach the database.
    pub fn abandoned(c: &mut Conn, now: Time) -> QueryResult<Vec<String>> {
        leases::table
            .filter(leases::holder.is_not_null().and(leases::expires_at.le(now)))
            .order(leases::name)
            .select(leases::name)
            .load(c)
    }

    pub(super) fn lost(&self) -> Error {
        let words = format!("the job {} was taken over by another process", self.name);
        Error::new(Kind::Conflict, "The job was taken over", words)
    }

    fn is_own(&self) -> Own<'_> {
        leases::name
            .eq(self.name)
            .and(leases::fencing.eq(self.fencing))
            .and(leases::holder.eq(self.holder.as_str()))
    }
}

/// The condition that a row is the lease of one run.
type Own<'a> = diesel::dsl::And<
    diesel::dsl::And<diesel::dsl::Eq<leases::name, &'a str>, diesel::dsl::Eq<leases::fencing, i64>>,
    diesel::dsl::Eq<leases::holder, &'a str>,
    diesel::sql_types::Nullable<diesel::sql_types::Bool>,
>;

fn exists(c: &mut Conn, name: &str) -> QueryResult<bool> {
    let row = leases::table.find(name).select(leases::name);
    row.first::<String>(c).optional().map(|name| name.is_some())
}

/// Where another process is faster, this is a unique violation and the transaction starts again.
fn first(c: &mut Conn, name: &str, holder: &str, now: Time) -> QueryResult<i64> {
    const FIRST: i64 = 1;
    let row = (
        leases::name.eq(name),
        leases::holder.eq(holder),
        leases::fencing.eq(FIRST),
        leases::expires_at.eq(now + LASTS),
    );
    diesel::insert_into(leases::table).values(row).execute(c)?;
    Ok(FIRST)
}
