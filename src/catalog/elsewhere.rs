//! What the mirror of other indexes must learn of what happens here. Its tables are above this
//! room; these two touch nothing else of them.

use diesel::prelude::*;

use crate::db::Conn;
use crate::db::schema::{mirror_changes, mirror_pages};
use crate::packaging::NormalizedName;

/// Says that it was changed who may use which name, or what of other indexes may be served. Every
/// process looks at it more than twice a second. The row stays locked until the transaction ends.
pub fn rules_changed(c: &mut Conn) -> QueryResult<usize> {
    let serial = mirror_changes::serial.eq(mirror_changes::serial + 1);
    diesel::update(mirror_changes::table).set(serial).execute(c)
}

/// The same of which names of other indexes are listed.
pub fn names_changed(c: &mut Conn) -> QueryResult<usize> {
    let names = mirror_changes::names.eq(mirror_changes::names + 1);
    diesel::update(mirror_changes::table).set(names).execute(c)
}

/// Forgets what another index says about a name: from now on it is one of ours.
pub(super) fn give_way(c: &mut Conn, name: &NormalizedName) -> QueryResult<()> {
    let page = mirror_pages::table.filter(mirror_pages::name.eq(name.as_str()));
    if diesel::delete(page).execute(c)? > 0 {
        names_changed(c)?;
    }
    Ok(())
}
