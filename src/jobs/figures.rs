//! Figures about the runs of each job.

use std::collections::BTreeMap;

use diesel::dsl::{count_star, max};
use diesel::prelude::*;

use super::run::Outcome;
use crate::db::Conn;
use crate::db::schema::{job_runs, leases};
use crate::time::Time;

/// How it stands with one job.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// Runs that were begun, ever.
    pub begun: i64,
    /// Those of the runs whose records are kept that failed, or whose process died.
    pub failed: i64,
    /// When the last run that has ended did so.
    pub ended_at: Option<Time>,
    /// When the last run ended that did its work.
    pub done_at: Option<Time>,
}

impl Figures {
    /// Those of every job that was ever run, by name.
    pub fn read(c: &mut Conn) -> QueryResult<BTreeMap<String, Self>> {
        let mut all: BTreeMap<String, Self> = BTreeMap::new();
        // Every run takes the lease, and counts it up.
        for (job, begun) in leases::table.select((leases::name, leases::fencing)).load(c)? {
            all.entry(job).or_default().begun = begun;
        }
        let bad = [Outcome::Failed.as_str(), Outcome::Died.as_str()];
        let failed = job_runs::table.filter(job_runs::result.eq_any(bad)).group_by(job_runs::job);
        for (job, failed) in failed.select((job_runs::job, count_star())).load(c)? {
            all.entry(job).or_default().failed = failed;
        }
        let ended = job_runs::table.group_by(job_runs::job);
        for (job, at) in ended.select((job_runs::job, max(job_runs::ended_at))).load(c)? {
            all.entry(job).or_default().ended_at = at;
        }
        let done = job_runs::table.filter(job_runs::result.eq(Outcome::Done.as_str()));
        let done = done.group_by(job_runs::job);
        for (job, at) in done.select((job_runs::job, max(job_runs::ended_at))).load(c)? {
            all.entry(job).or_default().done_at = at;
        }
        Ok(all)
    }
}
