//! The journal for administrators: of all projects, with who did it.

use diesel::prelude::*;

use crate::db::Conn;
use crate::db::schema::journal;
use crate::packaging::NormalizedName;
use crate::time::Time;

/// A row of the journal.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = journal)]
pub struct Row {
    /// Its place in the order of all changes.
    pub serial: i64,
    /// The project as spelled then.
    pub project: String,
    /// The version that it is about.
    pub version: Option<String>,
    /// What happened.
    pub action: String,
    /// Who did it.
    pub actor: Option<String>,
    /// When.
    pub at: Time,
}

/// The latest rows first, of all projects or of one name, before a serial, at most `limit`.
pub fn list(
    c: &mut Conn,
    name: Option<&NormalizedName>,
    before: Option<i64>,
    limit: i64,
) -> QueryResult<Vec<Row>> {
    let mut query = journal::table.select(Row::as_select()).into_boxed();
    if let Some(name) = name {
        query = query.filter(journal::normalized.eq(name.clone()));
    }
    if let Some(before) = before {
        query = query.filter(journal::serial.lt(before));
    }
    query.order(journal::serial.desc()).limit(limit).load(c)
}
