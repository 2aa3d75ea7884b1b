//! The record of a run of a job.

use chrono::Days;
use diesel::prelude::*;

use crate::db::schema::job_runs;
use crate::db::{Conn, RunId};
use crate::time::Time;

/// How long records are kept.
const KEEP: Days = Days::new(90);
/// How many records of one job are kept: one that runs often would bury the others.
const KEEP_RUNS: i64 = 500;
/// The longest text that is kept with a record, in characters.
const LONGEST_DETAIL: usize = 2_000;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It did its work.
    Done,
    /// It could not.
    Failed,
    /// The server was stopped meanwhile.
    Stopped,
    /// Its process ended without a word, or could not reach the database for too long.
    Died,
}

impl Outcome {
    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
            Self::Died => "died",
        }
    }
}

/// A run of a job.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = job_runs)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// The name of the job.
    pub job: String,
    /// Which process ran it.
    pub holder: String,
    /// When it began.
    pub started_at: Time,
    /// When it ended; none: it runs.
    pub ended_at: Option<Time>,
    /// The word of an [`Outcome`]; none: it runs.
    pub result: Option<String>,
    /// What was done, or what went wrong.
    pub detail: Option<String>,
}

impl Run {
    pub(super) fn begin(
        c: &mut Conn,
        job: &str,
        holder: &str,
        fencing: i64,
        now: Time,
    ) -> QueryResult<RunId> {
        let row = (
            job_runs::job.eq(job),
            job_runs::holder.eq(holder),
            job_runs::fencing.eq(fencing),
            job_runs::started_at.eq(now),
        );
        diesel::insert_into(job_runs::table).values(row).returning(job_runs::id).get_result(c)
    }

    /// Notes the end of a run, unless it is noted already.
    pub(super) fn end(
        c: &mut Conn,
        id: RunId,
        outcome: Outcome,
        detail: &str,
        now: Time,
    ) -> QueryResult<usize> {
        let open = job_runs::table.filter(job_runs::id.eq(id).and(job_runs::ended_at.is_null()));
        let detail: String = detail.chars().take(LONGEST_DETAIL).collect();
        let end = (
            job_runs::ended_at.eq(now),
            job_runs::result.eq(outcome.as_str()),
            job_runs::detail.eq(detail),
        );
        diesel::update(open).set(end).execute(c)
    }

    /// Notes of what still seems to run that it died. Only for the holder of a new lease.
    pub(super) fn bury(c: &mut Conn, job: &str, now: Time) -> QueryResult<usize> {
        let open = job_runs::table.filter(job_runs::job.eq(job).and(job_runs::ended_at.is_null()));
        let end = (
            job_runs::ended_at.eq(now),
            job_runs::result.eq(Outcome::Died.as_str()),
            job_runs::detail.eq("its process ended, or did not reach the database for too long"),
        );
        diesel::update(open).set(end).execute(c)
    }

    /// Removes the old records of a job.
    pub(super) fn prune(c: &mut Conn, job: &str, now: Time) -> QueryResult<usize> {
        let of_job = job_runs::table.filter(job_runs::job.eq(job));
        let surplus: Option<RunId> = of_job
            .order(job_runs::id.desc())
            .offset(KEEP_RUNS)
            .select(job_runs::id)
            .first(c)
            .optional()?;
        let surplus = surplus.unwrap_or_else(|| RunId::new(0));
        let old = job_runs::started_at.lt(now - KEEP).or(job_runs::id.le(surplus));
        let ended = of_job.filter(job_runs::ended_at.is_not_null());
        diesel::delete(ended.filter(old)).execute(c)
    }

    /// The last run of a job.
    pub fn last(c: &mut Conn, job: &str) -> QueryResult<Option<Self>> {
        Ok(Self::of(c, job, 1)?.pop())
    }

    /// The last runs of a job, newest first, at most `limit`.
    pub fn of(c: &mut Conn, job: &str, limit: i64) -> QueryResult<Vec<Self>> {
        job_runs::table
            .filter(job_runs::job.eq(job))
            .order((job_runs::started_at.desc(), job_runs::id.desc()))
            .limit(limit)
            .select(Self::as_select())
            .load(c)
    }

    /// Whether a run of the job began at or after `since`.
    pub(super) fn is_since(c: &mut Conn, job: &str, since: Time) -> QueryResult<bool> {
        let row = job_runs::table
            .filter(job_runs::job.eq(job).and(job_runs::started_at.ge(since)))
            .select(job_runs::id);
        row.first::<RunId>(c).optional().map(|id| id.is_some())
    }
}
