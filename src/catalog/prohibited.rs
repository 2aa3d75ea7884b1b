//! Names that no new project may have, because an administrator says so.

use diesel::prelude::*;

use super::elsewhere;
use crate::db::Conn;
use crate::db::schema::prohibited_names as names;
use crate::packaging::NormalizedName;
use crate::time::Time;

/// Why the name is prohibited, if it is.
pub fn reason(c: &mut Conn, name: &NormalizedName) -> QueryResult<Option<String>> {
    names::table.find(name.as_str()).select(names::reason).first(c).optional()
}

/// All of them, with the reasons.
pub fn all(c: &mut Conn) -> QueryResult<Vec<(NormalizedName, String)>> {
    names::table.order(names::normalized).select((names::normalized, names::reason)).load(c)
}

/// Prohibits a name; says it anew where it is prohibited already.
pub fn add(c: &mut Conn, name: &NormalizedName, reason: &str, now: Time) -> QueryResult<usize> {
    remove(c, name)?;
    elsewhere::rules_changed(c)?;
    let row =
        (names::normalized.eq(name.as_str()), names::reason.eq(reason), names::created_at.eq(now));
    diesel::insert_into(names::table).values(row).execute(c)
}

/// Permits a name again. Returns how many were prohibited: one or none.
pub fn remove(c: &mut Conn, name: &NormalizedName) -> QueryResult<usize> {
    let removed = diesel::delete(names::table.find(name.as_str())).execute(c)?;
    if removed > 0 {
        elsewhere::rules_changed(c)?;
    }
    Ok(removed)
}
