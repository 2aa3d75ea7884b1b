//! Whether anything may have been written since the last look.
//!
//! Who follows what other processes write would ask several times a second, and nearly always for
//! nothing. A file of SQLite tells by itself whether anybody has written to it, for much less than
//! any question costs: one thread looks for all, and an idle process does nothing else. PostgreSQL
//! has nothing of the kind; there everybody asks.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::BigInt;
use diesel::sqlite::Sqlite;
use diesel::{Connection, QueryResult, RunQueryDsl, SqliteConnection};
use tokio::sync::watch;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, sleep};

use super::{Db, Pools};
use crate::config::DatabaseUrl;

/// How often somebody looks: twice in the second within which a change must show.
pub const LOOKS: Duration = Duration::from_millis(400);

/// Never waits: what it would wait for is news by itself.
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

/// A moment that one thread notes and others read; at first the one when this was made.
#[derive(Debug)]
pub struct Moment {
    begun: std::time::Instant,
    /// Milliseconds after a day before `begun`: moments before that can be noted, too.
    noted: AtomicU64,
}

const DAY: Duration = Duration::from_hours(24);

impl Default for Moment {
    fn default() -> Self {
        let new = Self { begun: std::time::Instant::now(), noted: AtomicU64::new(0) };
        new.note();
        new
    }
}

impl Moment {
    /// Notes that it is now.
    pub fn note(&self) {
        self.note_ago(Duration::ZERO);
    }

    /// Notes that it was so long ago.
    pub fn note_ago(&self, ago: Duration) {
        let moment = (self.begun.elapsed() + DAY).saturating_sub(ago);
        self.noted.store(u64::try_from(moment.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// How long ago it was.
    pub fn age(&self) -> Duration {
        let noted = Duration::from_millis(self.noted.load(Ordering::Relaxed));
        (self.begun.elapsed() + DAY).saturating_sub(noted)
    }
}

/// Tells one who follows when to read.
pub struct News {
    source: Source,
    /// To be told at the next look, whether anybody writes or not: nothing was read yet, or reading
    /// failed.
    is_due: Due,
}

enum Source {
    /// Where the file tells.
    Told(watch::Receiver<()>),
    /// Where everybody asks.
    Asking(Interval),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Due {
    AtOnce,
    AtNextLook,
    AfterNews,
}

impl News {
    /// Waits until anything may have been written since the last time; the first time it may. What
    /// there is must be read only after that.
    pub async fn next(&mut self) {
        match (self.is_due, &mut self.source) {
            (Due::AtOnce, _) => {}
            (_, Source::Asking(looks)) => drop(looks.tick().await),
            (Due::AtNextLook, Source::Told(_)) => sleep(LOOKS).await,
            (Due::AfterNews, Source::Told(told)) => {
                if told.changed().await.is_err() {
                    tracing::error!("nobody looks any more whether anybody writes");
                    self.source = Source::Asking(looks());
                }
            }
        }
        self.is_due = Due::AfterNews;
    }

    /// What there is could not be read: it may be at the next look.
    pub fn read_again(&mut self) {
        self.is_due = Due::AtNextLook;
    }
}

impl Db {
    /// Tells what is written from now on, and that there may be something already.
    pub fn news(&self) -> News {
        let source = match self.0.lookout.watched(&self.0) {
            Some(told) => Source::Told(told),
            None => Source::Asking(looks()),
        };
        News { source, is_due: Due::AtOnce }
    }

    /// When somebody last looked whether anything was written, and told those who follow if so; none
    /// where nobody does so for others.
    pub fn looked(&self) -> Option<Arc<Moment>> {
        self.0.lookout.watched(&self.0).map(|_| self.0.lookout.looked.clone())
    }
}

/// When to ask. All who follow ask at the same moments, so that an idle process wakes up once for
/// all of them and not for each.
fn looks() -> Interval {
    static FIRST: LazyLock<Instant> = LazyLock::new(Instant::now);
    let number = FIRST.elapsed().as_nanos() / LOOKS.as_nanos() + 1;
    let mut looks = interval_at(*FIRST + LOOKS * u32::try_from(number).unwrap_or_default(), LOOKS);
    looks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    looks
}

/// The one who looks for all.
#[derive(Default)]
pub(super) struct Lookout {
    /// A connection that does nothing else: versions are those of one connection.
    conn: Mutex<Option<SqliteConnection>>,
    /// What it tells; none where nobody can look. Set when the first one follows.
    told: OnceLock<Option<watch::Receiver<()>>>,
    looked: Arc<Moment>,
}

impl Lookout {
    /// What it tells; none where the database does not.
    fn watched(&self, pools: &Arc<Pools>) -> Option<watch::Receiver<()>> {
        let told = self.told.get_or_init(|| {
            matches!(pools.url, DatabaseUrl::Sqlite(_)).then_some(())?;
            let (teller, told) = watch::channel(());
            match look_out(Arc::downgrade(pools), teller) {
                Ok(()) => Some(told),
                Err(error) => {
                    tracing::warn!(%error, "no thread looks whether anybody writes");
                    None
                }
            }
        });
        told.clone()
    }

    /// None where the file does not tell at the moment.
    fn version(&self, path: &Path) -> Option<i64> {
        let mut conn = self.conn.lock().unwrap_or_else(PoisonError::into_inner);
        if conn.is_none() {
            let mut new = SqliteConnection::establish(&path.to_string_lossy()).ok()?;
            new.batch_execute(PRAGMAS).ok()?;
            *conn = Some(new);
        }
        DataVersion.get_result(conn.as_mut()?).ok()
    }
}

/// Looks for as long as anybody uses the database.
fn look_out(pools: Weak<Pools>, teller: watch::Sender<()>) -> io::Result<()> {
    let looking = move || {
        let mut seen = None;
        loop {
            // Not by a runtime, whose clock would wake up twice for each look.
            thread::sleep(LOOKS);
            let Some(pools) = pools.upgrade() else { return };
            let DatabaseUrl::Sqlite(path) = &pools.url else { return };
            let now = pools.lookout.version(path);
            if now.is_none() || now != seen {
                teller.send_replace(());
            }
            seen = now;
            pools.lookout.looked.note();
        }
    };
    thread::Builder::new().name("lookout".to_owned()).spawn(looking).map(drop)
}

#[cfg(test)]
mod tests {
    use diesel::prelude::*;

    use super::*;
    use crate::db::schema::journal_counter::dsl::{journal_counter, last_serial};
    use crate::error::{Doing, Result};

    #[tokio::test]
    async fn writing_is_news_and_reading_is_none() -> Result<()> {
        let folder = tempfile::tempdir().doing(|| "making a folder".to_owned())?;
        let path = folder.path().join("x.db");
        let url = DatabaseUrl::Sqlite(path.clone());
        let (db, other) = (Db::open(&url, false)?, Db::open(&url, false)?);
        let lookout = Lookout::default();
        let mut seen = lookout.version(&path);
        assert!(seen.is_some());
        for who in [&db, &other] {
            who.read(|c| Ok(journal_counter.select(last_serial).first::<i64>(c)?)).await?;
            assert_eq!(lookout.version(&path), seen, "reading");
            let write = |c: &mut _| {
                let next = diesel::update(journal_counter).set(last_serial.eq(last_serial + 1));
                Ok(next.execute(c)?)
            };
            who.write(write).await?;
            let now = lookout.version(&path);
            assert_ne!(now, seen, "writing");
            seen = now;
        }
        Ok(())
    }
}
