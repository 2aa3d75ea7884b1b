//! Bringing the schema up to date.

use diesel::connection::SimpleConnection;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::conn::{AnyConnection, Mode, connect};
use crate::config::DatabaseUrl;
use crate::error::{Error, Result};

const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// Key of the advisory lock under which one process migrates: "cheese" in ASCII.
const LOCK: i64 = 0x6368_6565_7365;

/// Runs what has not run yet, one process at a time.
pub(super) fn run(url: &DatabaseUrl) -> Result<()> {
    let mut conn = connect(url, Mode::ReadWrite)
        .map_err(|error| Error::internal(format!("opening the database {url}"), error))?;
    let ran = match &mut conn {
        AnyConnection::Postgresql(conn) => {
            locked(conn, &format!("SELECT pg_advisory_lock({LOCK})"), |conn| {
                let ran = conn.run_pending_migrations(POSTGRES).map(|ran| ran.len());
                conn.batch_execute(&format!("SELECT pg_advisory_unlock({LOCK})"))?;
                ran
            })
        }
        AnyConnection::Sqlite(conn) => locked(conn, "", |conn| {
            conn.exclusive_transaction(|conn| {
                conn.run_pending_migrations(SQLITE)
                    .map(|ran| ran.len())
                    .map_err(diesel::result::Error::QueryBuilderError)
            })
            .map_err(Into::into)
        }),
    };
    let count = ran.map_err(|error| {
        let error: Box<dyn std::error::Error + Send + Sync> = error;
        Error::internal(format!("bringing the database {url} up to date"), error)
    })?;
    if count > 0 {
        tracing::info!(count, "the database schema was brought up to date");
    }
    Ok(())
}

fn locked<C: SimpleConnection>(
    conn: &mut C,
    lock: &str,
    work: impl FnOnce(&mut C) -> diesel::migration::Result<usize>,
) -> diesel::migration::Result<usize> {
    conn.batch_execute(lock)?;
    work(conn)
}

#[cfg(test)]
mod tests {
    use diesel::migration::MigrationSource;

    use super::*;

    #[test]
    fn both_databases_have_the_same_migrations()
    -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let names = |source: Vec<Box<dyn diesel::migration::Migration<diesel::pg::Pg>>>| {
            source.iter().map(|one| one.name().to_string()).collect::<Vec<_>>()
        };
        let lite: Vec<Box<dyn diesel::migration::Migration<diesel::sqlite::Sqlite>>> =
            SQLITE.migrations()?;
        let lite: Vec<_> = lite.iter().map(|one| one.name().to_string()).collect();
        assert_eq!(names(POSTGRES.migrations()?), lite);
        Ok(())
    }
}
