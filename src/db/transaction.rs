//! Transactions on either database, and how each is made durable.

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};

use super::conn::AnyConnection;
use super::fault::is_locked;
use super::statement;
use crate::error::{Error, Result};

/// What a transaction does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Read,
    /// Writes; its end waits until the disk has what was written.
    Write,
    /// Writes, and does not wait for the disk.
    WriteRelaxed,
}

/// The write-ahead log is flushed by the next commit that waits for it, or before it goes into the file:
/// what is lost is lost from its end (<https://www.sqlite.org/pragma.html#pragma_synchronous>).
const RELAX: &str = "PRAGMA synchronous = NORMAL";
const WAIT_AGAIN: &str = "PRAGMA synchronous = FULL";
/// The same on PostgreSQL, until the end of the transaction
/// (<https://www.postgresql.org/docs/current/wal-async-commit.html>).
const BEGIN_RELAXED: &str = "BEGIN; SET LOCAL synchronous_commit = off";

/// Runs `work` in one transaction. A writer on SQLite takes its lock at once: a transaction that
/// begins by reading and writes later would fail where another one wrote in between. A reader on
/// PostgreSQL sees one moment, as a reader on SQLite does by itself.
pub(super) fn run<T>(
    conn: &mut AnyConnection,
    how: How,
    work: impl FnOnce(&mut AnyConnection) -> Result<T>,
) -> Result<T> {
    if how != How::WriteRelaxed || matches!(conn, AnyConnection::Postgresql(_)) {
        return begin_to_end(conn, how, work);
    }
    set_for_sure(conn, RELAX)?;
    let done = begin_to_end(conn, how, work);
    // What was done is done, also where this fails.
    let _ = set_for_sure(conn, WAIT_AGAIN);
    done
}

/// Sets how a connection to a file commits. One where that fails leaves the pool: nobody knows how it does.
fn set_for_sure(conn: &mut AnyConnection, pragma: &str) -> Result<()> {
    let set = conn.batch_execute(pragma);
    if let (Err(_), AnyConnection::Sqlite(inner)) = (&set, conn) {
        AnsiTransactionManager::transaction_manager_status_mut(inner).set_in_error();
    }
    set.map_err(Error::from)
}

fn begin_to_end<T>(
    conn: &mut AnyConnection,
    how: How,
    work: impl FnOnce(&mut AnyConnection) -> Result<T>,
) -> Result<T> {
    begin(conn, how).map_err(Error::from)?;
    // A panic on the way leaves the transaction open; `has_broken` then drops the connection.
    match work(conn) {
        Ok(value) => {
            commit(conn).map_err(Error::from)?;
            Ok(value)
        }
        Err(error) => {
            rollback(conn);
            Err(error)
        }
    }
}

/// On SQLite these are statements like others, prepared once: diesel's own are read anew each time.
fn begin(conn: &mut AnyConnection, how: How) -> diesel::QueryResult<()> {
    let begun = match (&mut *conn, how) {
        (AnyConnection::Sqlite(_), How::Write | How::WriteRelaxed) => {
            statement::execute(conn, || "BEGIN IMMEDIATE", &[])
        }
        (AnyConnection::Sqlite(_), How::Read) => statement::execute(conn, || "BEGIN", &[]),
        (AnyConnection::Postgresql(inner), How::Write) => {
            return AnsiTransactionManager::begin_transaction_sql(inner, "BEGIN");
        }
        (AnyConnection::Postgresql(inner), How::WriteRelaxed) => {
            let begun = AnsiTransactionManager::begin_transaction_sql(inner, BEGIN_RELAXED);
            if begun.is_err() {
                // The first of the two may have been done.
                AnsiTransactionManager::transaction_manager_status_mut(inner).set_in_error();
            }
            return begun;
        }
        (AnyConnection::Postgresql(inner), How::Read) => {
            let sql = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
            return AnsiTransactionManager::begin_transaction_sql(inner, sql);
        }
    };
    if let (Err(error), AnyConnection::Sqlite(inner)) = (&begun, conn)
        && !is_locked(error)
    {
        // Whatever it is, another connection may be sound.
        AnsiTransactionManager::transaction_manager_status_mut(inner).set_in_error();
    }
    begun.map(|_| ())
}

fn commit(conn: &mut AnyConnection) -> diesel::QueryResult<()> {
    if let AnyConnection::Postgresql(inner) = conn {
        return AnsiTransactionManager::commit_transaction(inner);
    }
    let committed = statement::execute(conn, || "COMMIT", &[]);
    if committed.is_err() {
        // Some failures end the transaction and some leave it open.
        rollback(conn);
    }
    committed.map(|_| ())
}

/// Ends a transaction that failed. A connection that cannot even do that is used no more.
fn rollback(conn: &mut AnyConnection) {
    let ended = match conn {
        AnyConnection::Postgresql(inner) => AnsiTransactionManager::rollback_transaction(inner),
        AnyConnection::Sqlite(_) => statement::execute(conn, || "ROLLBACK", &[]).map(|_| ()),
    };
    if let Err(failed) = ended {
        tracing::debug!(error = %failed, "the rollback of a failed transaction failed too");
        if let AnyConnection::Sqlite(inner) = conn {
            AnsiTransactionManager::transaction_manager_status_mut(inner).set_in_error();
        }
    }
}

#[cfg(test)]
mod tests {
    use diesel::r2d2::ManageConnection;

    use super::*;
    use crate::config::DatabaseUrl;
    use crate::db::conn::{Manager, Mode, connect};

    #[test]
    fn a_connection_is_used_again_only_outside_of_transactions()
    -> Result<(), Box<dyn std::error::Error>> {
        fn run(conn: &mut AnyConnection, words: impl statement::Words) -> Result<usize> {
            super::run(conn, How::Write, |c| Ok(statement::execute(c, words, &[])?))
        }
        let folder = tempfile::tempdir()?;
        let url = DatabaseUrl::Sqlite(folder.path().join("x.db"));
        let manager = Manager::new(url.clone(), Mode::ReadWrite);
        let mut conn = connect(&url, Mode::ReadWrite)?;
        assert!(run(&mut conn, || "CREATE TABLE x (y)").is_ok());
        // What fails is rolled back; the next one begins anew.
        assert!(run(&mut conn, || "no SQL").is_err());
        assert!(!manager.has_broken(&mut conn));
        assert_eq!(run(&mut conn, || "INSERT INTO x VALUES (1)").ok(), Some(1));
        // Where nobody knows what is open, the connection goes.
        assert!(run(&mut conn, || "COMMIT").is_err());
        assert!(manager.has_broken(&mut conn));
        let mut open = connect(&url, Mode::ReadWrite)?;
        statement::execute(&mut open, || "BEGIN", &[])?;
        assert!(run(&mut open, || "INSERT INTO x VALUES (2)").is_err());
        assert!(manager.has_broken(&mut open));
        drop(open);
        // That another one writes says nothing about a connection.
        let (mut first, mut second) =
            (connect(&url, Mode::ReadWrite)?, connect(&url, Mode::ReadWrite)?);
        second.batch_execute("PRAGMA busy_timeout = 0")?;
        statement::execute(&mut first, || "BEGIN IMMEDIATE", &[])?;
        assert!(run(&mut second, || "INSERT INTO x VALUES (2)").is_err());
        assert!(!manager.has_broken(&mut second));
        Ok(())
    }
}
