//! Names of deleted projects. They stay with the last owners, so that nobody else can bring other
//! files under a name that installers still ask for.

use diesel::prelude::*;

use super::elsewhere;
use crate::db::schema::{former_owners, former_projects};
use crate::db::{Conn, UserId};
use crate::packaging::NormalizedName;
use crate::time::Time;

/// Keeps the name of a project for its owners from now on.
pub(super) fn keep(
    c: &mut Conn,
    name: &NormalizedName,
    owners: &[UserId],
    now: Time,
) -> QueryResult<()> {
    give_up(c, name)?;
    let row = (former_projects::normalized.eq(name.as_str()), former_projects::deleted_at.eq(now));
    diesel::insert_into(former_projects::table).values(row).execute(c)?;
    for owner in owners {
        let row = (former_owners::normalized.eq(name.as_str()), former_owners::user_id.eq(owner));
        diesel::insert_into(former_owners::table).values(row).execute(c)?;
    }
    Ok(())
}

/// Whether the name is kept for others than this account.
pub fn is_kept_from(c: &mut Conn, name: &NormalizedName, user: UserId) -> QueryResult<bool> {
    if !is_kept(c, name)? {
        return Ok(false);
    }
    let own = former_owners::table.find((name.as_str(), user)).select(former_owners::user_id);
    Ok(own.first::<UserId>(c).optional()?.is_none())
}

/// Whether the name is kept for anybody.
pub fn is_kept(c: &mut Conn, name: &NormalizedName) -> QueryResult<bool> {
    let kept = former_projects::table.find(name.as_str()).select(former_projects::normalized);
    Ok(kept.first::<String>(c).optional()?.is_some())
}

/// All names that are kept for others than this account.
pub fn kept_from(c: &mut Conn, user: UserId) -> QueryResult<Vec<NormalizedName>> {
    let own = former_owners::table.filter(former_owners::user_id.eq(user));
    let own = own.select(former_owners::normalized);
    let others = former_projects::table.filter(former_projects::normalized.ne_all(own));
    others.select(former_projects::normalized).load(c)
}

/// Keeps a name no longer: it is in use again, or free for all. Returns how many were kept: one
/// or none.
pub fn give_up(c: &mut Conn, name: &NormalizedName) -> QueryResult<usize> {
    let given = diesel::delete(former_projects::table.find(name.as_str())).execute(c)?;
    if given > 0 {
        elsewhere::rules_changed(c)?;
    }
    Ok(given)
}
