//! Asking for one column of text in SQL of one's own.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;

use crate::db::Conn;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    subject: String,
}

/// The texts of the column `subject`.
pub(super) fn subjects(c: &mut Conn, sql: &str) -> QueryResult<Vec<String>> {
    let rows: Vec<Row> = match c {
        Conn::Postgresql(c) => sql_query(sql).load(c)?,
        Conn::Sqlite(c) => sql_query(sql).load(c)?,
    };
    Ok(rows.into_iter().map(|row| row.subject).collect())
}

/// Runs SQL; how many rows it changed.
pub(super) fn execute(c: &mut Conn, sql: &str) -> QueryResult<usize> {
    match c {
        Conn::Postgresql(c) => sql_query(sql).execute(c),
        Conn::Sqlite(c) => sql_query(sql).execute(c),
    }
}
