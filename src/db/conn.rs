//! One connection type for both databases.
#![expect(missing_docs, reason = "diesel's derive makes public items without documentation")]

use std::fmt::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::r2d2::{ManageConnection, R2D2Connection};
use diesel::{Connection, ConnectionError, PgConnection, SqliteConnection};

use super::fault::is_locked;
use crate::config::DatabaseUrl;
use crate::error::{Doing, Result};
use crate::secret;

/// A connection to either database. Queries are typed once against it.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    /// PostgreSQL.
    Postgresql(PgConnection),
    /// SQLite.
    Sqlite(SqliteConnection),
}

/// Runs a query on the connection inside. Through [`AnyConnection`] itself diesel writes the words of a
/// query at each use, to find the prepared one by them; here it finds it by its type. That pays for
/// queries of which the types say everything, and which run often.
macro_rules! native {
    ($connection:expr, |$inner:ident| $query:expr) => {
        match $connection {
            $crate::db::AnyConnection::Postgresql($inner) => $query,
            $crate::db::AnyConnection::Sqlite($inner) => $query,
        }
    };
}
pub(crate) use native;

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    ReadOnly,
    ReadWrite,
    /// Of a file of SQLite that nobody writes to, and of which not even a lock is taken.
    Frozen,
}

/// How long a connection to a file waits for another process.
const BUSY: Duration = Duration::from_secs(10);
/// How long it waits between two tries where SQLite does not wait by itself.
const BUSY_STEP: Duration = Duration::from_millis(5);
const WRITE_AHEAD: &str = "PRAGMA journal_mode = WAL";
/// `synchronous=FULL`: what was acknowledged survives a power cut, if it was not written relaxed.
const PRAGMAS: &str = "PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA temp_store = MEMORY;";
/// Keeps readers from writing by mistake; the write-ahead log needs them to open read-write.
const READER_PRAGMAS: &str = "PRAGMA query_only = ON;";

/// How long a transaction may say nothing on PostgreSQL. One that writes may hold up all others: a
/// replica that freezes in the middle of one must not do so for long.
const READER_IDLE: &str = "60s";
const WRITER_IDLE: &str = "10s";

/// Opens connections by the scheme of the URL and hands them to the pool.
#[derive(Debug)]
pub(super) struct Manager {
    url: DatabaseUrl,
    mode: Mode,
}

impl Manager {
    pub(super) fn new(url: DatabaseUrl, mode: Mode) -> Self {
        Self { url, mode }
    }
}

/// Opens one connection, ready for use.
pub(super) fn connect(url: &DatabaseUrl, mode: Mode) -> Result<AnyConnection, ConnectionError> {
    match url {
        DatabaseUrl::Postgres(url) => {
            let mut conn = PgConnection::establish(&patient(url))?;
            let idle = match mode {
                Mode::ReadOnly | Mode::Frozen => READER_IDLE,
                Mode::ReadWrite => WRITER_IDLE,
            };
            let setup = format!(
                "SET TIME ZONE 'UTC'; SET statement_timeout = '60s'; \
                 SET idle_in_transaction_session_timeout = '{idle}'"
            );
            conn.batch_execute(&setup).map_err(ConnectionError::CouldntSetupConfiguration)?;
            Ok(AnyConnection::Postgresql(conn))
        }
        DatabaseUrl::Sqlite(path) if mode == Mode::Frozen => {
            let mut conn = SqliteConnection::establish(&frozen(path))?;
            conn.batch_execute(READER_PRAGMAS)
                .map_err(ConnectionError::CouldntSetupConfiguration)?;
            Ok(AnyConnection::Sqlite(conn))
        }
        DatabaseUrl::Sqlite(path) => {
            let mut conn = SqliteConnection::establish(&path.to_string_lossy())?;
            set_up(&mut conn, mode).map_err(ConnectionError::CouldntSetupConfiguration)?;
            Ok(AnyConnection::Sqlite(conn))
        }
    }
}

fn set_up(conn: &mut SqliteConnection, mode: Mode) -> diesel::QueryResult<()> {
    // First of all, since each of the others may have to wait for another process.
    conn.batch_execute(&format!("PRAGMA busy_timeout = {}", BUSY.as_millis()))?;
    log_ahead(conn)?;
    conn.batch_execute(PRAGMAS)?;
    match mode {
        Mode::ReadOnly => conn.batch_execute(READER_PRAGMAS),
        Mode::ReadWrite | Mode::Frozen => Ok(()),
    }
}

/// Turns the write-ahead log on, which a file keeps. Of several that do so to a new file at the
/// same moment SQLite refuses all but one without waiting, whatever its time-out is: each would
/// hold what the others wait for.
fn log_ahead(conn: &mut SqliteConnection) -> diesel::QueryResult<()> {
    let began = Instant::now();
    loop {
        match conn.batch_execute(WRITE_AHEAD) {
            Err(error) if is_locked(&error) && began.elapsed() < BUSY => {
                std::thread::sleep(BUSY_STEP);
            }
            done => return done,
        }
    }
}

/// The name under which SQLite opens a file that does not change; it makes no other files for it.
fn frozen(path: &Path) -> String {
    let path = path.to_string_lossy();
    let path = path.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    format!("file:{path}?mode=ro&immutable=1")
}

/// What is told to the client library unless the URL says something else: seconds in which a server
/// must take a connection, seconds until the first question whether a silent one is still there,
/// between later ones and how many of them, and milliseconds in which what is sent must arrive. A
/// machine that is gone is noticed by these alone, which take hours where nobody sets them.
const WAITS: [(&str, u32); 5] = [
    ("connect_timeout", 5),
    ("keepalives_idle", 15),
    ("keepalives_interval", 5),
    ("keepalives_count", 3),
    ("tcp_user_timeout", 15_000),
];

fn patient(url: &str) -> String {
    let mut url = url.to_owned();
    for (name, value) in WAITS {
        if !url.contains(&format!("{name}=")) {
            url.push(if url.contains('?') { '&' } else { '?' });
            // (Writing to a String does not fail.)
            let _ = write!(url, "{name}={value}");
        }
    }
    url
}

/// Makes the folder of a database file, and the file, for their owner alone: it holds hashes of
/// passwords, and the links of mails that were not sent yet. SQLite gives the mode of the file to
/// those that it makes beside it.
pub(super) fn prepare(url: &DatabaseUrl) -> Result<()> {
    let DatabaseUrl::Sqlite(path) = url else { return Ok(()) };
    if let Some(folder) = path.parent() {
        secret::make_folder(folder)
            .doing(|| format!("creating the folder {}", folder.display()))?;
    }
    secret::make_file(path).doing(|| format!("creating the database {}", path.display()))
}

impl AnyConnection {
    /// Whether a transaction that writes has the whole database for itself from its beginning, so
    /// that no row need be locked.
    pub fn writes_alone(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }
}

impl ManageConnection for Manager {
    type Connection = AnyConnection;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<AnyConnection, Self::Error> {
        connect(&self.url, self.mode).map_err(diesel::r2d2::Error::ConnectionError)
    }

    fn is_valid(&self, conn: &mut AnyConnection) -> Result<(), Self::Error> {
        match conn {
            // A file does not go away while it is open; asking each time would only cost.
            AnyConnection::Sqlite(_) => Ok(()),
            AnyConnection::Postgresql(conn) => conn.ping().map_err(diesel::r2d2::Error::QueryError),
        }
    }

    fn has_broken(&self, conn: &mut AnyConnection) -> bool {
        std::thread::panicking() || conn.is_broken()
    }
}

/// One row from the schema: the database answers and is ours.
pub(super) fn probe(conn: &mut AnyConnection) -> Result<()> {
    use diesel::prelude::*;

    use super::schema::journal_counter::dsl;
    dsl::journal_counter.select(dsl::last_serial).first::<i64>(conn)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::thread;

    use diesel::sql_types::Text;
    use diesel::{QueryableByName, RunQueryDsl, SqliteConnection};

    use super::*;

    #[derive(QueryableByName)]
    struct Built {
        #[diesel(sql_type = Text)]
        compile_options: String,
    }

    #[test]
    fn sqlite_is_built_as_the_flags_say() -> Result<(), Box<dyn std::error::Error>> {
        let mut conn = SqliteConnection::establish(":memory:")?;
        let built: Vec<Built> = diesel::sql_query("PRAGMA compile_options").load(&mut conn)?;
        let has = |wanted| built.iter().any(|built| built.compile_options == wanted);
        assert!(has("ENABLE_QPSG") && has("THREADSAFE=2") && !has("ENABLE_RTREE"));
        Ok(())
    }

    #[test]
    fn many_open_a_new_file_at_once() -> Result<(), Box<dyn std::error::Error>> {
        const ROUNDS: usize = 40;
        const MANY: usize = 8;
        let folder = tempfile::tempdir()?;
        for round in 0..ROUNDS {
            let url = DatabaseUrl::Sqlite(folder.path().join(format!("{round}.db")));
            let start = Barrier::new(MANY);
            let opened: Vec<_> = thread::scope(|scope| {
                let all: Vec<_> = (0..MANY)
                    .map(|_| {
                        scope.spawn(|| {
                            start.wait();
                            connect(&url, Mode::ReadWrite).map(drop)
                        })
                    })
                    .collect();
                all.into_iter().map(thread::ScopedJoinHandle::join).collect()
            });
            for one in opened {
                assert!(matches!(one, Ok(Ok(()))), "{one:?}");
            }
        }
        Ok(())
    }
}
