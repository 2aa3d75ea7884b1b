//! How far the index has come.

use diesel::prelude::*;

use crate::db::Conn;
use crate::db::schema::search_state;

/// The serial of the journal up to which the index is made.
pub(super) fn serial(c: &mut Conn) -> QueryResult<i64> {
    search_state::table.select(search_state::serial).first(c)
}

/// Notes that it is made up to another serial; false where it is not at `from` any more: another
/// process was faster, and this one may write nothing. Whoever comes meanwhile waits.
pub(super) fn advance(c: &mut Conn, from: i64, to: i64) -> QueryResult<bool> {
    let here = search_state::table.filter(search_state::serial.eq(from));
    Ok(diesel::update(here).set(search_state::serial.eq(to)).execute(c)? == 1)
}

/// Forgets how far it has come.
pub(super) fn reset(c: &mut Conn) -> QueryResult<usize> {
    diesel::update(search_state::table).set(search_state::serial.eq(0)).execute(c)
}
