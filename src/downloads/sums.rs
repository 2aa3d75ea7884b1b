//! How often a project was downloaded. Days are those of UTC, today included as far as it goes.

use std::collections::HashMap;
use std::time::Duration;

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use crate::db::schema::download_sums as days;
use crate::db::{Conn, ProjectId};
use crate::time::{self, Time};

const DAY: Duration = Duration::from_hours(24);
/// Days of a week.
const WEEK: usize = 7;
/// Days of a month, here as at PyPI.
pub const MONTH: usize = 30;
/// Days that are shown.
pub const SHOWN: usize = 90;

/// The downloads of a project on each of the last days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sums {
    /// Each day with its number, the earliest first, today last.
    pub days: Vec<(Time, i64)>,
    /// In all days ever.
    pub ever: i64,
}

impl Sums {
    /// Reads the last 90 days up to now.
    pub fn of_project(c: &mut Conn, project: ProjectId, now: Time) -> QueryResult<Self> {
        // A plain sum of BIGINT has another type on PostgreSQL.
        let sum = || sql::<BigInt>("CAST(COALESCE(SUM(count), 0) AS BIGINT)");
        let own = days::table.filter(days::project_id.eq(project));
        let ever = own.select(sum()).first(c)?;
        let today = time::day_of(now);
        let all: Vec<Time> = (0..SHOWN)
            .rev()
            .filter_map(|back| Some(today - DAY * u32::try_from(back).ok()?))
            .collect();
        let from = all.first().copied().unwrap_or(today);
        let counted: HashMap<Time, i64> = own
            .filter(days::day.ge(from))
            .group_by(days::day)
            .select((days::day, sum()))
            .load(c)?
            .into_iter()
            .collect();
        let days = all.into_iter().map(|day| (day, counted.get(&day).copied().unwrap_or(0)));
        Ok(Self { days: days.collect(), ever })
    }

    /// Today.
    pub fn last_day(&self) -> i64 {
        self.last(1)
    }

    /// Today and the six days before.
    pub fn last_week(&self) -> i64 {
        self.last(WEEK)
    }

    /// Today and the 29 days before.
    pub fn last_month(&self) -> i64 {
        self.last(MONTH)
    }

    /// So many days, today included; 90 at most.
    pub fn last(&self, days: usize) -> i64 {
        self.days.iter().rev().take(days).map(|(_, count)| count).sum()
    }
}
