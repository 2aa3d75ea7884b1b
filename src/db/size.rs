//! How large the database is.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::Conn;

/// The bytes that it takes on disk: of SQLite without its write-ahead log, of PostgreSQL with
/// indexes.
pub fn bytes(c: &mut Conn) -> QueryResult<i64> {
    let sum = match c {
        Conn::Postgresql(_) => "pg_database_size(current_database())",
        Conn::Sqlite(_) => {
            "(SELECT page_count * page_size FROM pragma_page_count, pragma_page_size)"
        }
    };
    diesel::select(sql::<BigInt>(sum)).get_result(c)
}
