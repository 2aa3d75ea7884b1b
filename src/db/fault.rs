//! What a failed query means.

use std::error::Error as StdError;

use diesel::result::{DatabaseErrorKind, Error as DieselError};

use crate::error::{Error, Kind};

impl From<DieselError> for Error {
    fn from(error: DieselError) -> Self {
        if is_out_of_space(&error) {
            let words = "The server has no space left to store this.";
            return Self::new(Kind::NoSpace, "Insufficient Storage", words).because(error);
        }
        if matches!(error, DieselError::RollbackTransaction) {
            let words = "Others changed the same thing at the same moment; try again.";
            return Self::unavailable(words).because(error);
        }
        if is_out_of_reach(&error) {
            let words = "The database does not answer; try again in a moment.";
            return Self::unavailable(words).because(error);
        }
        Self::internal("asking the database", error)
    }
}

fn is_out_of_space(error: &DieselError) -> bool {
    let DieselError::DatabaseError(_, information) = error else { return false };
    let message = information.message();
    message.contains("database or disk is full") || message.contains("No space left on device")
}

/// What SQLite says where another connection holds what is needed (`SQLITE_BUSY`).
const LOCKED: &str = "database is locked";

/// What both databases and their client libraries say where the database does not answer, or
/// answers no more; the last one is said by a server that has taken the place of another.
const OUT_OF_REACH: [&str; 8] = [
    LOCKED,
    "due to statement timeout",
    "server closed the connection",
    "could not receive data from server",
    "could not send data to server",
    "no connection to the server",
    "terminating connection",
    "in a read-only transaction",
];

fn is_out_of_reach(error: &DieselError) -> bool {
    match error {
        DieselError::BrokenTransactionManager => true,
        DieselError::DatabaseError(kind, information) => {
            matches!(kind, DatabaseErrorKind::ClosedConnection)
                || OUT_OF_REACH.iter().any(|words| information.message().contains(words))
        }
        _ => false,
    }
}

/// Whether another connection to the same file is in the way.
pub(super) fn is_locked(error: &DieselError) -> bool {
    matches!(error, DieselError::DatabaseError(_, information)
        if information.message().contains(LOCKED))
}

/// Whether the transaction lost against another one and may win when it runs again.
pub(super) fn is_race(error: &Error) -> bool {
    let diesel = error.source().and_then(|source| source.downcast_ref::<DieselError>());
    matches!(
        diesel,
        Some(
            DieselError::RollbackTransaction
                | DieselError::DatabaseError(
                    DatabaseErrorKind::UniqueViolation
                        | DatabaseErrorKind::SerializationFailure
                        | DatabaseErrorKind::ForeignKeyViolation,
                    _
                )
        )
    ) || matches!(diesel, Some(DieselError::DatabaseError(_, information))
        if information.message().contains("deadlock detected"))
}

/// Writes failed connections of the pool to the log.
#[derive(Debug)]
pub(super) struct Logged;

impl diesel::r2d2::HandleError<diesel::r2d2::Error> for Logged {
    fn handle_error(&self, error: diesel::r2d2::Error) {
        tracing::warn!(%error, "a connection to the database failed");
    }
}
