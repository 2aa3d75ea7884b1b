//! Bringing the schema up to date, one process at a time, and never without a way back: the
//! embedded database is copied first, and a shared one waits until its operator says so.

mod level;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel::sql_types::Bool;
use diesel::{Connection, PgConnection, RunQueryDsl, SqliteConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::conn::{AnyConnection, Mode, connect, prepare};
use super::snapshot::snapshot;
use crate::config::DatabaseUrl;
use crate::error::{Doing, Error, Kind, Result};
use crate::time;

const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// Key of the advisory lock under which one process migrates: "cheese" in ASCII.
const LOCK: i64 = 0x6368_6565_7365;
/// Where copies from before upgrades lie, beside the database.
const BACKUPS: &str = "backups";

/// What bringing a database up to date did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Upgraded {
    /// The names of the migrations that ran.
    pub migrations: Vec<String>,
    /// The copy of the database from before.
    pub copy: Option<PathBuf>,
}

/// A database compared to this program.
#[derive(Debug, Default)]
struct Standing {
    /// The migrations that ran on it.
    applied: BTreeSet<String>,
    /// Those that have not run on it.
    pending: Vec<String>,
}

impl Standing {
    fn is_new(&self) -> bool {
        self.applied.is_empty()
    }
}

/// What is done when a program opens a database: nothing where it is up to date, everything where
/// it is new or embedded. A shared one with data in it is left alone, in words.
pub(super) fn on_open(url: &DatabaseUrl) -> Result<()> {
    let standing = look(&mut open(url)?, url)?;
    if standing.pending.is_empty() {
        return Ok(());
    }
    if matches!(url, DatabaseUrl::Postgres(_)) && !standing.is_new() {
        let words = format!(
            "the database {url} belongs to an older version: {} migrations have to run; back it up \
             with pg_dump, then run `cheeseshop migrate` (or start one server with `serve --migrate`)",
            standing.pending.len()
        );
        return Err(Error::new(Kind::Conflict, "The database is of an older version", words));
    }
    migrate(url).map(drop)
}

/// Brings a database up to date, which is made where it is a missing file. Of an embedded one with
/// data in it a copy is left in the folder `backups` beside it. Blocks; processes that do so at
/// the same time wait for each other.
pub fn migrate(url: &DatabaseUrl) -> Result<Upgraded> {
    prepare(url)?;
    let mut conn = open(url)?;
    let upgraded = match (&mut conn, url) {
        (AnyConnection::Postgresql(_), _) => shared(&mut conn, url),
        (AnyConnection::Sqlite(_), DatabaseUrl::Sqlite(path)) => embedded(&mut conn, url, path),
        (AnyConnection::Sqlite(_), DatabaseUrl::Postgres(_)) => Ok(Upgraded::default()),
    }?;
    if !upgraded.migrations.is_empty() {
        let count = upgraded.migrations.len();
        tracing::info!(count, "the database schema was brought up to date");
        if let Some(copy) = &upgraded.copy {
            tracing::info!("a copy of the database from before is {}", copy.display());
        }
    }
    Ok(upgraded)
}

fn open(url: &DatabaseUrl) -> Result<AnyConnection> {
    let failed = |error| Error::internal(format!("opening the database {url}"), error);
    let mut conn = connect(url, Mode::ReadWrite).map_err(failed)?;
    if let AnyConnection::Postgresql(conn) = &mut conn {
        // Migrations of large tables take their time, and so does waiting for those of others.
        conn.batch_execute("SET statement_timeout = 0")?;
    }
    Ok(conn)
}

/// Compares, and refuses a database that this program is too old for.
fn look(conn: &mut AnyConnection, url: &DatabaseUrl) -> Result<Standing> {
    let doing = || format!("looking at the schema of {url}");
    let known = known().map_err(|error| Error::internal(doing(), error))?;
    let applied = applied(conn).map_err(|error| Error::internal(doing(), error))?;
    let is_ahead = applied.iter().any(|version| !known.contains_key(version));
    if is_ahead && applied.contains(level::SINCE) {
        level::check(conn, url, known.keys().next_back().map_or("", String::as_str))?;
    }
    let pending = known.into_iter().filter(|(version, _)| !applied.contains(version));
    let pending = pending.map(|(_, name)| name).collect();
    Ok(Standing { applied, pending })
}

/// The names of the migrations of this program by their versions, which are those of both
/// databases.
fn known() -> diesel::migration::Result<BTreeMap<String, String>> {
    let all: Vec<Box<dyn Migration<diesel::sqlite::Sqlite>>> = SQLITE.migrations()?;
    let names = all.iter().map(Migration::name);
    Ok(names.map(|name| (name.version().to_string(), name.to_string())).collect())
}

/// The versions of the migrations that ran on a database. Asking a blank one would write to it,
/// which several must not do at once.
fn applied(conn: &mut AnyConnection) -> diesel::migration::Result<BTreeSet<String>> {
    if is_blank(conn)? {
        return Ok(BTreeSet::new());
    }
    let versions = match conn {
        AnyConnection::Postgresql(conn) => conn.applied_migrations()?,
        AnyConnection::Sqlite(conn) => conn.applied_migrations()?,
    };
    Ok(versions.iter().map(ToString::to_string).collect())
}

fn is_blank(conn: &mut AnyConnection) -> diesel::QueryResult<bool> {
    let sql = match conn {
        AnyConnection::Postgresql(_) => "to_regclass('__diesel_schema_migrations') IS NULL",
        AnyConnection::Sqlite(_) => {
            "NOT EXISTS (SELECT 1 FROM sqlite_master WHERE name = '__diesel_schema_migrations')"
        }
    };
    diesel::select(diesel::dsl::sql::<Bool>(sql)).get_result(conn)
}

/// Under the lock, and all in one transaction.
fn shared(conn: &mut AnyConnection, url: &DatabaseUrl) -> Result<Upgraded> {
    let held = |conn: &mut AnyConnection, sql: &str| match conn {
        AnyConnection::Postgresql(conn) => conn.batch_execute(&format!("SELECT {sql}({LOCK})")),
        AnyConnection::Sqlite(_) => Ok(()),
    };
    held(conn, "pg_advisory_lock")?;
    // What failed closes the connection, which gives the lock back.
    let standing = look(conn, url)?;
    run(conn, url)?;
    held(conn, "pg_advisory_unlock")?;
    Ok(Upgraded { migrations: standing.pending, copy: None })
}

/// Under a lock beside the copies: two programs that start at once make one copy.
fn embedded(conn: &mut AnyConnection, url: &DatabaseUrl, path: &Path) -> Result<Upgraded> {
    let standing = look(conn, url)?;
    if standing.is_new() || standing.pending.is_empty() {
        // What others have done meanwhile is seen by what runs.
        run(conn, url)?;
        return Ok(Upgraded { migrations: standing.pending, copy: None });
    }
    let folder = path.parent().unwrap_or_else(|| Path::new("")).join(BACKUPS);
    let _lock = lock(&folder)?;
    let standing = look(conn, url)?;
    if standing.pending.is_empty() {
        return Ok(Upgraded::default());
    }
    let copy = folder.join(name_of_copy(path, &standing));
    snapshot(url, &copy)?;
    run(conn, url)?;
    Ok(Upgraded { migrations: standing.pending, copy: Some(copy) })
}

/// `cheeseshop-20261125000006-20261122T061500.123456Z.db`: the schema and the time of the copy.
fn name_of_copy(path: &Path, standing: &Standing) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let schema = standing.applied.last().map_or("", String::as_str);
    format!("{stem}-{schema}-{}.db", time::compact(time::now()))
}

/// Held until it is dropped.
fn lock(folder: &Path) -> Result<File> {
    let doing = || format!("preparing the folder {}", folder.display());
    fs::create_dir_all(folder).doing(doing)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        /// For its owner alone: copies hold what the database holds.
        const PRIVATE: u32 = 0o700;
        fs::set_permissions(folder, fs::Permissions::from_mode(PRIVATE)).doing(doing)?;
    }
    let file = File::create(folder.join("lock")).doing(doing)?;
    file.lock().doing(doing)?;
    Ok(file)
}

fn run(conn: &mut AnyConnection, url: &DatabaseUrl) -> Result<()> {
    let ran = match conn {
        AnyConnection::Postgresql(conn) => conn.transaction(run_postgres),
        AnyConnection::Sqlite(conn) => conn.exclusive_transaction(run_sqlite),
    };
    ran.map_err(|error| Error::internal(format!("bringing the database {url} up to date"), error))
}

fn run_postgres(conn: &mut PgConnection) -> diesel::QueryResult<()> {
    let ran = conn.run_pending_migrations(POSTGRES).map(|ran| ran.len());
    if ran.map_err(diesel::result::Error::QueryBuilderError)? > 0 {
        conn.batch_execute(&level::raise())?;
    }
    Ok(())
}

fn run_sqlite(conn: &mut SqliteConnection) -> diesel::QueryResult<()> {
    let ran = conn.run_pending_migrations(SQLITE).map(|ran| ran.len());
    if ran.map_err(diesel::result::Error::QueryBuilderError)? > 0 {
        conn.batch_execute(&level::raise())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_databases_have_the_same_migrations()
    -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let names = |source: Vec<Box<dyn Migration<diesel::pg::Pg>>>| {
            source.iter().map(|one| one.name().to_string()).collect::<Vec<_>>()
        };
        let lite: Vec<Box<dyn Migration<diesel::sqlite::Sqlite>>> = SQLITE.migrations()?;
        let lite: Vec<_> = lite.iter().map(|one| one.name().to_string()).collect();
        assert_eq!(names(POSTGRES.migrations()?), lite);
        Ok(())
    }

    #[test]
    fn the_oldest_program_knows_a_migration_that_there_is()
    -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        assert!(known()?.contains_key(level::OLDEST));
        Ok(())
    }
}
