//! The database: SQLite or PostgreSQL behind one set of typed queries.
//!
//! [`Db::read`] and [`Db::write`] are the doors for async code, those of [`Blocking`] the ones for threads
//! that may wait; there are no others. A connection never lives across an `.await`.

mod column;
mod conn;
mod fault;
pub mod like;
mod migrate;
pub mod news;
pub mod notice;
mod pulse;
pub mod schema;
pub mod size;
mod snapshot;
pub mod statement;
mod transaction;
mod usage;
pub mod values;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use diesel::r2d2::Pool;

pub use column::Id;
pub(crate) use conn::native;
pub use conn::{AnyConnection, MultiBackend};
pub use migrate::{Upgraded, migrate};
pub use snapshot::snapshot;
pub use usage::Usage;

use crate::config::DatabaseUrl;
use crate::error::{Error, Kind, Result};
use conn::{Manager, Mode};
use news::Lookout;
use pulse::Pulse;
use transaction::How;
use usage::Connections;

/// What a query function takes.
pub type Conn = AnyConnection;

/// The id of an account.
pub type UserId = Id<schema::users::table>;
/// The id of a mail address.
pub type EmailId = Id<schema::emails::table>;
/// The id of an API token.
pub type TokenId = Id<schema::tokens::table>;
/// The id of a session.
pub type SessionId = Id<schema::sessions::table>;
/// The id of a remembered device.
pub type DeviceId = Id<schema::remembered_devices::table>;
/// The id of an invitation.
pub type InvitationId = Id<schema::invitations::table>;
/// The id of a security event.
pub type EventId = Id<schema::security_events::table>;
/// The id of an administrator's act.
pub type ActId = Id<schema::admin_acts::table>;
/// The id of a project.
pub type ProjectId = Id<schema::projects::table>;
/// The id of a release.
pub type ReleaseId = Id<schema::releases::table>;
/// The id of a file.
pub type FileId = Id<schema::files::table>;

/// The id of an invitation to a role in a project.
pub type RoleInvitationId = Id<schema::role_invitations::table>;

/// The id of a run of a job.
pub type RunId = Id<schema::job_runs::table>;
/// The id of a single download.
pub type DownloadId = Id<schema::downloads::table>;
/// The id of a mail in the outbox.
pub type MailId = Id<schema::outbox::table>;

/// The id of a page of another index.
pub type MirrorPageId = Id<schema::mirror_pages::table>;
/// The id of a file of another index that is stored here.
pub type MirrorFileId = Id<schema::mirror_files::table>;
/// The id of what administrators say about projects of other indexes.
pub type MirrorRuleId = Id<schema::mirror_rules::table>;

/// Connections that read at the same time. SQLite readers share the file's pages through the
/// system's cache; more of them than cores gains little.
const READERS: u32 = 8;
/// One writer: SQLite has one anyway, and waiting for it in our queue beats failing busy.
const SQLITE_WRITERS: u32 = 1;
/// Connections that write to PostgreSQL, apart from the readers so that writers that wait for each
/// other keep no reader waiting. With them 16 in all; a default server allows 100 from all clients.
const POSTGRES_WRITERS: u32 = 8;
/// How long a request waits for a free connection before it is told that the server is busy.
/// Clients give up after 15 seconds (pip) to 60 seconds (a proxy's default).
const PATIENCE: Duration = Duration::from_secs(10);
/// How often a write starts again after another one was faster: each try sees what the other did,
/// so the second one nearly always goes through.
const WRITE_TRIES: usize = 5;

/// The database of one index. Cheap to clone.
#[derive(Clone)]
pub struct Db(Arc<Pools>);

struct Pools {
    url: DatabaseUrl,
    lookout: Lookout,
    pulse: Pulse,
    readers: Connections,
    writers: Connections,
    read_only: bool,
}

impl Db {
    /// Opens the database, creates it where it is a missing file, and brings its schema up to
    /// date, which a shared one with data in it refuses until [`migrate`] was called. With
    /// `read_only`, [`Db::write`] refuses everything from then on. Blocks.
    pub fn open(url: &DatabaseUrl, read_only: bool) -> Result<Self> {
        conn::prepare(url)?;
        migrate::on_open(url)?;
        let writers = match url {
            DatabaseUrl::Sqlite(_) => SQLITE_WRITERS,
            DatabaseUrl::Postgres(_) => POSTGRES_WRITERS,
        };
        Ok(Self(Arc::new(Pools {
            url: url.clone(),
            lookout: Lookout::default(),
            pulse: Pulse::default(),
            readers: Connections::new("read", pool(url, Mode::ReadOnly, READERS)?),
            writers: Connections::new("write", pool(url, Mode::ReadWrite, writers)?),
            read_only,
        })))
    }

    /// Opens a file of SQLite that nobody writes to, as [`snapshot`] leaves it, only for reading.
    /// Its schema must be that of this program. Blocks.
    pub fn open_frozen(path: &Path) -> Result<Self> {
        let url = DatabaseUrl::Sqlite(path.to_owned());
        Ok(Self(Arc::new(Pools {
            readers: Connections::new("read", pool(&url, Mode::Frozen, READERS)?),
            writers: Connections::new("write", pool(&url, Mode::Frozen, SQLITE_WRITERS)?),
            pulse: Pulse::default(),
            lookout: Lookout::default(),
            url,
            read_only: true,
        })))
    }

    /// Runs queries that see one moment of the database.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let db = self.blocking();
        self.apart(move || db.read(work)).await
    }

    /// Runs one transaction: all of it is kept, or nothing.
    ///
    /// Where another transaction got in between (a unique value was taken, a serialization
    /// failed), the work runs again from the start, so it must have no effect outside the
    /// database.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Conn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.check_writable()?;
        let db = self.blocking();
        self.apart(move || db.write(work)).await
    }

    /// The same database for a thread that may wait, which none of an async runtime may.
    pub fn blocking(&self) -> Blocking {
        Blocking(self.clone())
    }

    /// Runs a transaction on `target` that sees one moment of this database. It runs once: what
    /// fails is not tried again.
    pub async fn read_into<T: Send + 'static>(
        &self,
        target: &Self,
        work: impl FnOnce(&mut Conn, &mut Conn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        target.check_writable()?;
        let (source, target) = (self.clone(), target.clone());
        self.apart(move || {
            let mut source = source.0.readers.take()?;
            let mut target = target.0.writers.take()?;
            transaction::run(&mut source, How::Read, |source| {
                transaction::run(&mut target, How::Write, |target| work(source, target))
            })
        })
        .await
    }

    /// Says that somebody asks small questions several times a second from now on. Where nobody
    /// gets an answer for seconds, all who wait are told so; what they asked for may still happen
    /// later. (A file answers, or fails at once.)
    pub fn feel_pulse(&self) {
        if matches!(self.0.url, DatabaseUrl::Postgres(_)) {
            self.0.pulse.feel();
        }
    }

    /// Runs this on the blocking pool, and waits for it as long as the database is alive.
    async fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let work = tokio::task::spawn_blocking(work);
        self.in_time(async {
            work.await
                .unwrap_or_else(|error| Err(Error::internal("running a database task", error)))
        })
        .await
    }

    /// Waits for work with this database as long as that is alive.
    pub async fn in_time<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::select! {
            biased;
            done = work => {
                if done.is_ok() {
                    self.0.pulse.beat();
                }
                done
            }
            () = self.0.pulse.lost() => Err(silent()),
        }
    }

    /// Whether changes are taken at the moment.
    pub fn is_writable(&self) -> bool {
        !self.0.read_only
    }

    /// Refuses where they are not.
    pub fn check_writable(&self) -> Result<()> {
        if self.is_writable() {
            return Ok(());
        }
        Err(Error::new(
            Kind::Unavailable,
            "This index is read-only at the moment",
            "This index is read-only at the moment; try again later.",
        ))
    }

    /// How its connections are used.
    pub fn usage(&self) -> [Usage; 2] {
        [&self.0.readers, &self.0.writers].map(Connections::usage)
    }

    /// Whether the database answers.
    pub async fn probe(&self) -> Result<()> {
        self.read(conn::probe).await
    }
}

/// A database for a thread that may wait.
pub struct Blocking(Db);

impl Blocking {
    /// As [`Db::read`]. Blocks.
    pub fn read<T>(&self, work: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
        let mut conn = self.0.0.readers.take()?;
        transaction::run(&mut conn, How::Read, work)
    }

    /// The same for who writes soon after. Where only one connection writes, and is free, it is read through
    /// that one: in its cache are the pages that others read again after each change. The work must not write
    /// all the same.
    pub fn read_to_write<T>(&self, work: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
        let one_writes = self.is_writable() && matches!(self.0.0.url, DatabaseUrl::Sqlite(_));
        match one_writes.then(|| self.0.0.writers.take_idle()).flatten() {
            Some(mut conn) => transaction::run(&mut conn, How::Read, work),
            None => self.read(work),
        }
    }

    /// As [`Db::write`]. Blocks.
    pub fn write<T>(&self, work: impl Fn(&mut Conn) -> Result<T>) -> Result<T> {
        self.write_as(How::Write, work)
    }

    /// The same without waiting until the disk has it. A power cut may undo it until a write that is waited
    /// for comes after it: what follows from it is never kept without it. A disk that fails to write it may
    /// lose what comes after it, too. Blocks.
    pub fn write_relaxed<T>(&self, work: impl Fn(&mut Conn) -> Result<T>) -> Result<T> {
        self.write_as(How::WriteRelaxed, work)
    }

    fn write_as<T>(&self, how: How, work: impl Fn(&mut Conn) -> Result<T>) -> Result<T> {
        self.0.check_writable()?;
        let mut conn = self.0.0.writers.take()?;
        let mut tries = 1;
        loop {
            match transaction::run(&mut conn, how, &work) {
                Err(error) if tries < WRITE_TRIES && fault::is_race(&error) => tries += 1,
                result => return result,
            }
        }
    }

    /// As [`Db::is_writable`].
    pub fn is_writable(&self) -> bool {
        self.0.is_writable()
    }
}

/// What the work of a [`Db::write`] returns to be run again from the start: another transaction
/// got in between, and waiting for it while holding what it waits for would block both for good.
pub fn start_again() -> Error {
    Error::from(diesel::result::Error::RollbackTransaction)
}

fn pool(url: &DatabaseUrl, mode: Mode, size: u32) -> Result<Pool<Manager>> {
    Pool::builder()
        .max_size(size)
        .min_idle(Some(0))
        .connection_timeout(PATIENCE)
        .error_handler(Box::new(fault::Logged))
        .build(Manager::new(url.clone(), mode))
        .map_err(|error| Error::internal(format!("opening the database {url}"), error))
}

fn silent() -> Error {
    Error::unavailable("The database does not answer; try again in a moment.")
}
