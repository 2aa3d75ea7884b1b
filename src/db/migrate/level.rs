//! Which programs may run on a schema that is newer than their own.
//!
//! Migrations of a minor version only add, or change indexes, so programs of before go on, and
//! replicas can be replaced one by one. A migration that breaks them raises [`OLDEST`] to its own version.

use diesel::OptionalExtension;
use diesel::prelude::*;

use crate::config::DatabaseUrl;
use crate::db::conn::AnyConnection;
use crate::db::schema::schema_level::dsl;
use crate::error::{Error, Kind, Result};

/// The migration that made the table of the level.
pub(super) const SINCE: &str = "20261128000001";
/// The migration that a program must know at least to run on the schema of this one.
pub(super) const OLDEST: &str = "20261128000001";
/// The first version of the program that knows it.
const OLDEST_VERSION: &str = "0.1.0";
/// This program.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What is written after migrations ran: a level never sinks.
pub(super) fn raise() -> String {
    format!(
        "UPDATE schema_level SET upgraded_by = '{VERSION}';
         UPDATE schema_level SET oldest = '{OLDEST}', oldest_version = '{OLDEST_VERSION}'
         WHERE oldest < '{OLDEST}'"
    )
}

/// Refuses a schema with migrations that are not known here, unless a program whose last one is
/// `newest` may run on it.
pub(super) fn check(conn: &mut AnyConnection, url: &DatabaseUrl, newest: &str) -> Result<()> {
    let row: Option<(String, String, String)> = dsl::schema_level
        .select((dsl::oldest, dsl::oldest_version, dsl::upgraded_by))
        .first(conn)
        .optional()?;
    let (oldest, needed, by) = row.unwrap_or_default();
    if !oldest.is_empty() && oldest.as_str() <= newest {
        return Ok(());
    }
    let words = format!(
        "the database {url} was brought up to date by cheeseshop {by}, and this is cheeseshop \
         {VERSION}, which is too old for it: it takes {needed} or newer"
    );
    Err(Error::new(Kind::Conflict, "The program is too old for the database", words))
}
