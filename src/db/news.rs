//! Whether anything may have been written since the last look.
//!
//! Who follows what other processes write asks several times a second, and nearly always for
//! nothing. A file of SQLite tells by itself whether anybody has written to it, for much less than
//! any question costs. PostgreSQL has nothing of the kind; there everybody asks.

use std::path::Path;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::BigInt;
use diesel::sqlite::Sqlite;
use diesel::{Connection, QueryResult, RunQueryDsl, SqliteConnection};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use super::Db;
use crate::config::DatabaseUrl;

/// Never waits: it is asked where nothing may wait.
const PRAGMAS: &str = "PRAGMA busy_timeout = 0; PRAGMA query_only = ON;";

/// Differs after each transaction of another connection, of this process or another one
/// (<https://www.sqlite.org/pragma.html#pragma_data_version>). A query of its own, so that it is
/// prepared once.
#[derive(Debug, Clone, Copy, QueryId)]
struct DataVersion;

impl Query for DataVersion {
    type SqlType = BigInt;
}

impl RunQueryDsl<SqliteConnection> for DataVersion {}

impl QueryFragment<Sqlite> for DataVersion {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql("PRAGMA data_version");
        Ok(())
    }
}

/// How often who follows looks: twice in the second within which a change must show.
const EVERY: Duration = Duration::from_millis(400);

/// When to look. All who follow look at the same moments, so that an idle process wakes up once for
/// all of them and not for each.
pub fn looks() -> Interval {
    static FIRST: LazyLock<Instant> = LazyLock::new(Instant::now);
    let number = FIRST.elapsed().as_nanos() / EVERY.as_nanos() + 1;
    let mut looks = interval_at(*FIRST + EVERY * u32::try_from(number).unwrap_or_default(), EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    looks
}

/// What had been written at the last look. A new one has seen nothing.
#[derive(Debug, Default)]
pub struct Seen(Option<i64>);

/// A connection that only looks: versions are those of one connection.
#[derive(Default)]
pub(super) struct Lookout(Mutex<Option<SqliteConnection>>);

impl Db {
    /// Whether anything may have been written since this was last asked with the same `seen`. What
    /// there is must be read only after that; where reading fails, a new [`Seen`] makes the answer
    /// yes again.
    pub fn has_news(&self, seen: &mut Seen) -> bool {
        let now = match &self.0.url {
            DatabaseUrl::Sqlite(path) => self.0.lookout.version(path),
            DatabaseUrl::Postgres(_) => None,
        };
        let is_new = now.is_none() || now != seen.0;
        seen.0 = now;
        is_new
    }
}

impl Lookout {
    /// None where the file does not tell at the moment.
    fn version(&self, path: &Path) -> Option<i64> {
        let mut conn = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if conn.is_none() {
            let mut new = SqliteConnection::establish(&path.to_string_lossy()).ok()?;
            new.batch_execute(PRAGMAS).ok()?;
            *conn = Some(new);
        }
        DataVersion.get_result(conn.as_mut()?).ok()
    }
}
